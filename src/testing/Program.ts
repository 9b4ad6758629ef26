/**
 * A file that holds a flow, and one run of it as lines: what the terminal, the playground and a
 * server of traces have in common.
 *
 * A program exports its flow as `flow`, as its default, or as its only flow. Where the flow needs
 * layers or parameters, the program exports `run` too, an effect such as `Flow.run(flow)` with its
 * layers around it.
 *
 * @module
 */
import { Cause, Console, Context, Data, Effect, Fiber, Formatter, Option } from "effect"
import * as Flow from "../Flow.ts"
import { RunContext } from "../RunContext.ts"
import * as Transition from "../Transition.ts"
import type { FaultPlan } from "./FaultPlan.ts"
import { journalFault } from "./Faults.ts"
import type { Report } from "./Report.ts"
import * as SimulatedClock from "./SimulatedClock.ts"
import * as Simulation from "./Simulation.ts"
import { defaultBound } from "./Trace.ts"
import * as TraceLine from "./TraceLine.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** A flow and what runs it. */
export interface Program {
  readonly flow: Flow.Any
  readonly run: Effect.Effect<Flow.Run<unknown, unknown>, unknown>
}

/** A file is no program. */
export class ProgramError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "ProgramError"
  override readonly name = "ProgramError"
}

/** How a program is run. */
export interface Options {
  /** Told of each line, at once. */
  readonly onLine: (line: TraceLine.TraceLine) => void
  /** How many lines it is told of at most besides the first and the last; 100,000 unless given. */
  readonly maxLines?: number | undefined
}

/** How a program is simulated. */
export interface SimulateOptions extends Options, Omit<Simulation.RunEffectOptions, "onEnd"> {}

// -----------------------------------------------------------------------------
// Finding
// -----------------------------------------------------------------------------

/** The program in what a file exports, called `name` in messages. */
export const find = (
  name: string,
  exports: Readonly<Record<string, unknown>>
): Effect.Effect<Program, ProgramError> =>
  Effect.suspend(() => {
    const refuse = (reason: string) =>
      Effect.fail(new ProgramError({ message: `Cannot run ${name}: ${reason}` }))
    const flows = new Set(Object.values(exports).filter(Flow.isFlow))
    const named = [exports["flow"], exports["default"]].find(Flow.isFlow)
    const flow = named ?? (flows.size === 1 ? [...flows][0] : undefined)
    if (flow === undefined) {
      return refuse(
        flows.size === 0
          ? 'it exports no flow; write "export const flow = Flow.make(…)"'
          : `it exports ${flows.size} flows; call the one to run "flow"`
      )
    }
    const { run } = exports
    if (run === undefined) return Effect.succeed({ flow, run: Flow.run(flow as never) })
    return Effect.isEffect(run)
      ? Effect.succeed({ flow, run: run as Program["run"] })
      : refuse(`what it exports as "run" is no Effect (${Formatter.format(run)})`)
  })

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/**
 * Runs a program in simulated time and tells of each line; a run that could not go on has its reason
 * in the last one.
 */
export const simulate = (
  program: Program,
  options: SimulateOptions
): Effect.Effect<TraceLine.End> =>
  Effect.gen(function* () {
    const { faults = [], seed = 0 } = options
    const clock = options.clock ?? (yield* SimulatedClock.make({ start: options.start }))
    const lines = new Lines(options, clock.startTime, () => clock.currentTimeMillisUnsafe())
    lines.begin(program, { seed, faults })
    const listening = lines.listen(program.run)
    const onEnd = () => lines.stop()
    return yield* Simulation.runEffect(program.flow, listening, { ...options, clock, onEnd }).pipe(
      Effect.map((report) => lines.end(endOf(report, faults))),
      Effect.catchCause((cause) => Effect.sync(() => lines.end("failed", cause)))
    )
  }).pipe(Effect.orDie)

const endOf = (
  { ended, trace }: Report<unknown, unknown>,
  faults: FaultPlan
): TraceLine.End["end"] => {
  if (ended) return "ended"
  const written = trace.changes.length + trace.dropped
  return journalFault(faults, written) === undefined ? "until" : "crashed"
}

/** Runs a program as it is, on the clock in scope, and tells of each line. */
export const run = (program: Program, options: Options): Effect.Effect<TraceLine.End> =>
  Effect.clockWith((clock) => {
    const start = clock.currentTimeMillisUnsafe()
    const lines = new Lines(options, start, () => clock.currentTimeMillisUnsafe())
    lines.begin(program, {})
    return lines.listen(program.run).pipe(
      Effect.matchCause({
        onSuccess: () => lines.end("ended"),
        onFailure: (cause) => lines.end("failed", cause)
      })
    )
  })

// -----------------------------------------------------------------------------
// Telling
// -----------------------------------------------------------------------------

class Lines {
  private readonly onLine: Options["onLine"]
  private readonly start: number
  private readonly now: () => number
  private left: number
  private dropped = 0
  private hasEnded = false

  constructor({ maxLines = defaultBound, onLine }: Options, start: number, now: () => number) {
    this.onLine = onLine
    this.start = start
    this.now = now
    this.left = maxLines
  }

  begin({ flow }: Program, how: Pick<TraceLine.Header, "seed" | "faults">): void {
    this.onLine(TraceLine.header(flow.graph, { start: this.start, ...how }))
  }

  listen<A, E, R>(running: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const lineOf = TraceLine.changes(this.start)
    const observer: Transition.Observer = (change) => {
      this.tell(() => lineOf(change))
      return Effect.void
    }
    return running.pipe(
      Effect.provide(Transition.layer(observer)),
      Effect.provideService(Console.Console, this.console())
    )
  }

  private console(): Console.Console {
    return lineConsole(() => this.now() - this.start, (line) => this.tell(line))
  }

  private tell(line: () => TraceLine.TraceLine): void {
    if (this.hasEnded) return
    if (this.left-- > 0) this.onLine(line())
    else this.dropped++
  }

  /** What happens from now on is not of the run. */
  stop(): void {
    this.hasEnded = true
  }

  end(end: TraceLine.End["end"], cause?: Cause.Cause<unknown>): TraceLine.End {
    this.stop()
    const line: TraceLine.End = {
      at: this.now() - this.start,
      end,
      ...cause === undefined ? {} : { error: Cause.pretty(cause) },
      ...this.dropped === 0 ? {} : { dropped: this.dropped }
    }
    this.onLine(line)
    return line
  }
}

/**
 * A console that makes a line of what is printed, with its time and the task whose fibre prints it.
 *
 * The rarer methods stay those of the platform.
 */
export const lineConsole = (
  elapsed: () => number,
  tell: (line: () => TraceLine.Log) => void
): Console.Console => {
  const to = (level: TraceLine.Log["level"]) => (...values: ReadonlyArray<unknown>): void =>
    tell(() => ({
      at: elapsed(),
      log: values.map(print).join(" "),
      level,
      ...placeOf(Fiber.getCurrent())
    }))
  const [out, err] = [to("out"), to("err")]
  return Object.assign(Object.create(platformConsole) as Console.Console, {
    debug: out,
    info: out,
    log: out,
    warn: err,
    error: err
  })
}

const platformConsole = Context.get(Context.empty(), Console.Console)

const print = (value: unknown): string =>
  typeof value === "string" ? value : Formatter.format(value)

/** The task that a fibre runs. */
const placeOf = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined
): Pick<TraceLine.Log, "task" | "index"> => {
  const run = fiber && Option.getOrUndefined(Context.getOption(fiber.context, RunContext))
  if (run?.taskSlug === undefined) return {}
  return { task: run.taskSlug, ...run.mapIndex === undefined ? {} : { index: run.mapIndex } }
}
