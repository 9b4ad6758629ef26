/**
 * What the `signalbox` command does, on whatever platform gives it a `Host`.
 *
 * @module
 */
import { Effect, Layer, Predicate, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Flow from "../Flow.ts"
import * as Graph from "../graph/Graph.ts"
import * as State from "../State.ts"
import * as FaultPlan from "../testing/FaultPlan.ts"
import * as Program from "../testing/Program.ts"
import type * as TraceLine from "../testing/TraceLine.ts"
import { type Asked, read, UsageError } from "./Arguments.ts"
import { Backlog } from "./Backlog.ts"
import { textFor } from "./Help.ts"
import { Host, type HostError } from "./Host.ts"
import { Printer } from "./Printer.ts"
import { redact } from "./Redaction.ts"

/** What a process ends with. */
export const exitCode = {
  succeeded: 0,
  failed: 1,
  notBegun: 2,
  interrupted: 130
} as const

/** Does what the arguments ask for, and gives the exit code. */
export const run = (argv: ReadonlyArray<string>): Effect.Effect<number, never, Host> =>
  read(argv).pipe(
    Effect.flatMap(answer),
    Effect.scoped,
    Effect.catch((error) =>
      Effect.map(Host, ({ err }) => {
        err(error.message)
        if (error._tag === "UsageError") err(`\nsignalbox --help says what there is.`)
        return exitCode.notBegun
      })
    )
  )

type Trouble = UsageError | HostError | Program.ProgramError | FaultPlan.FaultPlanError

const answer = (asked: Asked): Effect.Effect<number, Trouble, Host | Scope.Scope> =>
  Effect.gen(function* () {
    const host = yield* Host
    switch (asked.command) {
      case "help":
        host.out(textFor(asked.about))
        return exitCode.succeeded
      case "version":
        host.out(yield* host.version)
        return exitCode.succeeded
      case "graph":
        return yield* draw(host, asked.file)
      default:
        return yield* runProgram(host, asked)
    }
  })

const draw = (host: Host, file: string) =>
  Effect.gen(function* () {
    const { flow } = yield* Program.find(file, yield* host.load(file))
    host.out(Graph.svg(flow).trimEnd())
    return exitCode.succeeded
  })

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

type ToRun = Extract<Asked, { readonly command: "run" | "simulate" }>

const runProgram = (
  host: Host,
  asked: ToRun
): Effect.Effect<number, Trouble, Host | Scope.Scope> =>
  Effect.gen(function* () {
    const program = yield* findProgram(asked, yield* host.load(asked.file))
    const printer = new Printer(host, asked.quiet)
    const tell = yield* openListeners(host, asked)
    const onLine = (line: TraceLine.TraceLine): void => {
      printer.add(line)
      tell(line)
    }
    const end = asked.command === "run"
      ? yield* runForReal(host, program, onLine)
      : yield* simulate(host, program, asked, onLine)
    const hasBegun = printer.flowChange !== undefined
    if (end.error !== undefined) host.err(hasBegun ? end.error : messageIn(end.error))
    if (hasBegun) printer.finish(end)
    if (asked.page !== undefined && !wasInterrupted(end)) {
      host.err("\nThe run is over; its page stays until Ctrl-C.")
      yield* host.interrupted
    }
    return exitCodeOf(end, printer.flowChange)
  })

/** A flow that is given parameters is run with the layers that the file has for it. */
const findProgram = (
  { command, file, parameters }: ToRun,
  exports: Readonly<Record<string, unknown>>
): Effect.Effect<Program.Program, Trouble> =>
  Effect.gen(function* () {
    const { layer, run, ...others } = exports
    if (parameters === undefined) return yield* Program.find(file, exports)
    const { flow } = yield* Program.find(file, others)
    const running = Flow.run(flow as Flow.Flow<any, unknown, unknown, never>, { parameters })
    if (layer !== undefined && !Layer.isLayer(layer)) {
      return yield* usage(`Cannot ${command} ${file}: what it exports as "layer" is no Layer`)
    }
    if (layer === undefined && Predicate.isNotUndefined(run)) {
      return yield* usage(
        `Cannot ${command} ${file} with --parameters: what it exports as "run" gives the flow ` +
          'parameters of its own; export the layers that the flow needs as "layer" too'
      )
    }
    const provided = layer === undefined
      ? running
      : Effect.provide(running, layer as Layer.Layer<unknown>)
    return { flow, run: provided as Program.Program["run"] }
  })

const usage = (message: string) => Effect.fail(new UsageError({ message }))

/** Everyone who is told of the lines besides the terminal. */
const openListeners = (
  host: Host,
  asked: ToRun
): Effect.Effect<(line: TraceLine.TraceLine) => void, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const listeners: Array<(text: string) => void> = []
    if (asked.trace !== undefined) listeners.push(yield* host.write(asked.trace))
    if (asked.page !== undefined) {
      const backlog = new Backlog()
      listeners.push((text) => backlog.add(text))
      host.err(`Watch it at ${yield* host.serve({ backlog, port: asked.page.port })}\n`)
    }
    return (line) => {
      if (listeners.length === 0) return
      const text = JSON.stringify(asked.redact ? redact(line) : line)
      for (const listener of listeners) listener(text)
    }
  })

const interruption = "The run was interrupted."

const wasInterrupted = ({ error }: TraceLine.End): boolean => error === interruption

const runForReal = (
  host: Host,
  program: Program.Program,
  onLine: (line: TraceLine.TraceLine) => void
): Effect.Effect<TraceLine.End> =>
  Effect.gen(function* () {
    let last = 0
    let hasEnded = false
    const tell = (line: TraceLine.TraceLine): void => {
      if (hasEnded) return
      if ("at" in line) last = line.at
      hasEnded = "end" in line
      onLine(line)
    }
    const running = Program.run(program, { onLine: tell })
    const interrupted = Effect.as(host.interrupted, undefined)
    const end = yield* Effect.raceFirst(interrupted, running)
    if (end !== undefined) return end
    const line: TraceLine.End = { at: last, end: "failed", error: interruption }
    tell(line)
    return line
  })

const simulate = (
  host: Host,
  program: Program.Program,
  { faults, network, seed, until }: Extract<ToRun, { readonly command: "simulate" }>,
  onLine: (line: TraceLine.TraceLine) => void
): Effect.Effect<TraceLine.End, FaultPlan.FaultPlanError> =>
  Effect.gen(function* () {
    yield* FaultPlan.check(faults, program.flow.graph)
    const answered = network
      ? program.run
      : Effect.provideService(program.run, FetchHttpClient.Fetch, inPlaceOfNetwork(host))
    return yield* Program.simulate({ ...program, run: answered }, { seed, faults, until, onLine })
  })

/** In simulated time nothing real is to happen, unless it is asked for. */
const inPlaceOfNetwork = (host: Host): typeof globalThis.fetch => async (input, init) => {
  const { method, url } = new Request(input, init)
  host.err(`[not sent] ${method} ${url}`)
  return new Response("ok")
}

// -----------------------------------------------------------------------------
// Ending
// -----------------------------------------------------------------------------

/** What kept a flow from beginning is no matter of where the engine noticed it. */
const messageIn = (error: string): string =>
  error.replace(/\n\s+at .*$/s, "").replace(/^\w*Error: /, "")

const exitCodeOf = (end: TraceLine.End, last: TraceLine.Change | undefined): number => {
  if (wasInterrupted(end)) return exitCode.interrupted
  if (end.end === "until") return exitCode.succeeded
  if (end.end === "failed" && last === undefined) return exitCode.notBegun
  const tag = last?.to.tag as State.Tag | undefined
  const isSuccess = tag === "Success" || (tag !== undefined && isBelowSuccess(tag))
  return end.end === "ended" && isSuccess ? exitCode.succeeded : exitCode.failed
}

const isBelowSuccess = (tag: State.Tag): boolean => State.parents(tag).includes("Success")
