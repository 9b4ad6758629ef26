/**
 * Runs the examples in a terminal, on Node and on Deno.
 *
 * Their output goes to standard output, and so do progress and tables. What the stand-in for Slack
 * has to tell goes to the error output: it is another program's.
 */
import { Cause, Console, Data, Effect, Exit, Layer, Runtime } from "effect"
import { readFileSync } from "node:fs"
import process from "node:process"
import type { Flow } from "signalbox"
import { State, Transition } from "signalbox"
import { aboutIn, type Example, fileOf, firstSentence } from "../playground/example.ts"
import { examples, inNoTime, tour } from "../playground/examples.ts"
import { Approver } from "../playground/examples/approval.ts"
import { textConsole } from "../playground/text-console.ts"
import { answersFrom, approverAt } from "./approvals.ts"
import { slackServer } from "./slack_server.ts"
import { openTerminal } from "./terminal.ts"
import { textTable } from "./text_table.ts"

class UsageError extends Data.Error<{ readonly message: string }> {}

const usage =
  `npm start              the first ${tour.length} examples, and what became of their tasks
npm start -- NAME      one example, with its progress
npm start -- --list    the names of all examples`

const terminal = openTerminal()

/** What an example finds around it here. */
const surroundings = Layer.mergeAll(
  slackServer(terminal.err),
  Layer.succeed(Approver, approverAt(terminal, answersFrom(process.stdin))),
  Layer.succeed(Console.Console, textConsole(terminal))
)

// -----------------------------------------------------------------------------
// What can be asked for
// -----------------------------------------------------------------------------

const command = ([asked, ...rest]: ReadonlyArray<string>): Effect.Effect<void, UsageError> => {
  if (asked === undefined) return runTour
  if (rest.length > 0) return refuse(`Cannot run ${rest.length + 1} things at once`)
  if (asked === "--list") return list
  if (asked === "--help") return Effect.sync(() => terminal.out(usage))
  const example = examples.find(({ name }) => name === asked)
  if (example !== undefined) return runOne(example)
  return refuse(`Cannot run "${asked}": there is no such example`)
}

const refuse = (reason: string): Effect.Effect<never, UsageError> => {
  const names = examples.map(({ name }) => `  ${name}`).join("\n")
  return Effect.fail(new UsageError({ message: `${reason}.\n\n${usage}\n\nExamples:\n${names}` }))
}

const list = Effect.sync(() => {
  const width = Math.max(...examples.map(({ name }) => name.length))
  for (const example of examples) {
    terminal.out(`${example.name.padEnd(width)}  ${firstSentence(aboutOf(example))}`)
  }
})

const playground = new URL("../playground/", import.meta.url)

const aboutOf = (example: Example): string =>
  aboutIn(readFileSync(new URL(fileOf(example), playground), "utf8"))

const runTour = Effect.gen(function* () {
  const runs = yield* Effect.forEach(tour, ({ run }) => run)
  const rows = runs.flatMap((run, index) =>
    run.tasks.map(({ name, state }) => [tour[index]!.name, name, String(state)])
  )
  terminal.out(`\n${textTable(["example", "task", "state"], rows)}`)
}).pipe(Effect.provide(surroundings))

const runOne = (example: Example): Effect.Effect<void> =>
  inNoTime(example).pipe(
    Effect.provide(Transition.layer(showProgress(example.flow.graph.nodes.length))),
    Effect.ensuring(Effect.sync(terminal.clear)),
    Effect.map(showResult),
    Effect.provide(surroundings)
  )

// -----------------------------------------------------------------------------
// What is shown
// -----------------------------------------------------------------------------

const showProgress = (tasks: number): Transition.Observer => {
  const ended = new Set<string>()
  return ({ from, subject, to }) =>
    Effect.sync(() => {
      if (subject._tag === "Task") {
        if (State.isFinished(to)) ended.add(subject.slug)
        else ended.delete(subject.slug)
      }
      terminal.progress(`[${ended.size}/${tasks}] ${subject} ${from._tag} → ${to._tag}`)
    })
}

const showResult = (run: Flow.Run<unknown, unknown>): void => {
  const rows = run.tasks.map(({ name, state }) => [name, String(state)])
  terminal.out(`\n${textTable(["task", "state"], [...rows, ["(the flow)", String(run.state)]])}`)
}

/** What keeps the examples from running, as opposed to what goes wrong in them. */
const showTrouble = (cause: Cause.Cause<UsageError>): void => {
  if (Cause.hasInterruptsOnly(cause)) return terminal.err("Interrupted.")
  const error = Cause.squash(cause)
  terminal.err(error instanceof UsageError ? error.message : Cause.pretty(cause))
}

// -----------------------------------------------------------------------------
// The process
// -----------------------------------------------------------------------------

/** Ctrl-C interrupts the flow, whose handlers hear of it; a second one ends the process. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  const interrupt = () => fiber.interruptUnsafe()
  process.once("SIGINT", interrupt)
  fiber.addObserver((exit) => {
    process.off("SIGINT", interrupt)
    if (Exit.isFailure(exit)) showTrouble(exit.cause as Cause.Cause<UsageError>)
    teardown(exit, (code) => {
      process.exitCode = code
    })
  })
})

runMain(command(process.argv.slice(2)), { disableErrorReporting: true })
