/**
 * What the command says of itself.
 *
 * @module
 */
import type { CommandName } from "./Arguments.ts"

/** The texts that `--help` prints, for the command as a whole and for each of its parts. */
export const textFor = (about: CommandName | undefined): string =>
  about === undefined ? overview : details[about]

const overview = `Runs flows of tasks, for real or on a simulated clock.

  signalbox run FILE        runs the flow that a file exports
  signalbox simulate FILE   runs it on a simulated clock, where days take milliseconds
  signalbox graph FILE      draws it as SVG: signalbox graph flow.ts > flow.svg
  signalbox help COMMAND    says what a command can be told
  signalbox --version

A file exports its flow as "flow", as its default, or as its only flow. Where the flow needs
layers, the file exports "run" too, an effect such as Flow.run(flow) with its layers around it.

The exit code is 0 when the flow succeeded, 1 when it did not, and 2 when it could not begin.`

const common =
  `  --parameters JSON   values for the flow's parameters, as '{"day":"2026-01-01"}'; the
                      layers that the flow needs are then those that the file exports
                      as "layer"
  --trace FILE        writes the run to a file of JSON lines, which the page can open
  --ui                shows the run on a page, on this machine only, until Ctrl-C
  --port NUMBER       where the page is; any free port unless given
  --redact            keeps what the program may have written out of the trace and the
                      page: messages, results, payloads, causes and what it prints. Names,
                      tags, kinds of state, attempts and times stay.
  --quiet, -q         prints only what the program prints`

const details: Readonly<Record<CommandName, string>> = {
  run: `Runs the flow that a file exports.

  signalbox run FILE [options]

${common}

The trace and the page have the first 100,000 changes and printed lines.`,

  simulate:
    `Runs the flow that a file exports on a simulated clock. The same seed gives the same run.

  signalbox simulate FILE [options]

  --seed NUMBER       what fixes all chance of the run; 0 unless given
  --faults JSON       what goes wrong, as '[{"kind":"Fail","task":"extract","attempt":1}]'
  --until DURATION    when to stop in simulated time, as "2 hours"
  --network           sends HTTP requests for real; without it each is answered "ok"
${common}

The trace and the page have the first 100,000 changes and printed lines.`,

  graph: `Draws the flow that a file exports, and prints it as SVG.

  signalbox graph FILE > flow.svg`
}
