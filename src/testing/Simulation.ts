/**
 * A flow on a simulated clock: the real engine, with time that jumps to whatever is due next.
 *
 * @module
 */
import { Context, Data, DateTime, Duration, Effect, Exit, Fiber, Formatter, Option } from "effect"
import type * as Flow from "../Flow.ts"
import { run as runFlow } from "../Flow.ts"
import * as Transition from "../Transition.ts"
import * as Report from "./Report.ts"
import * as SimulatedClock from "./SimulatedClock.ts"
import * as SimulatedWorld from "./SimulatedWorld.ts"
import * as Trace from "./Trace.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** How one simulated run is to be done. */
export interface RunOptions<P, R = never> extends Flow.RunOptions<P, R>, WorldOptions {}

/** How the world is made that a flow runs in. */
export interface WorldOptions {
  /** What fixes all chance of the run: the same seed, the same run. 0 unless given. */
  readonly seed?: number | undefined
  /** What the clock shows at the start; `SimulatedClock.defaultStart` unless given. */
  readonly start?: DateTime.DateTime.Input | undefined
  /** When the simulation ends if the flow has not: a duration after the start, or a date. */
  readonly until?: Duration.Input | DateTime.DateTime | undefined
  /** How long, in real time, virtual time may wait for something real: 5 seconds unless given. */
  readonly realTimeLimit?: Duration.Input | undefined
  /** How often a fibre gives way to others, a chance for each of its operations. */
  readonly preemption?: number | undefined
  /** How many changes the trace keeps; `Trace.defaultBound` unless given. */
  readonly traceBound?: number | undefined
  /** The clock to run on, for a driver that wants to hold it; it has a start of its own. */
  readonly clock?: SimulatedClock.SimulatedClock | undefined
}

/** The arguments of {@link run} after the flow: to be left out where no parameter is required. */
export type RunArguments<P, R = never> = {} extends P ? [options?: RunOptions<P, R>]
  : [options: RunOptions<P, R> & { readonly parameters: P }]

/** A simulation cannot begin because of an option. */
export class OptionError extends Data.Error<{
  readonly flow: string
  readonly option: string
  readonly message: string
}> {
  readonly _tag = "OptionError"
  override readonly name = "OptionError"
}

/** What a simulation can fail with besides what keeps the flow from beginning. */
export type SimulationError =
  | OptionError
  | SimulatedClock.ClockError
  | SimulatedWorld.StandstillError

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/**
 * Runs a flow in simulated time, and reports what became of it.
 *
 * Retries, pauses, timeouts and schedules of days take milliseconds; the same seed gives the same
 * run on every runtime. While a body waits for something real, time stands still.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Flow, Task } from "signalbox"
 * import { Simulation } from "signalbox/testing"
 *
 * const wait = Task.make("wait", { run: () => Effect.sleep("30 days") })
 * const flow = Flow.make("patience", function*() {
 *   yield* wait()
 * })
 *
 * const report = await Effect.runPromise(Simulation.run(flow, { seed: 7 }))
 * console.log(report.transitions("wait").at(-1))
 * // 720:00:00 Running("Starting task run.") → Success("Task run succeeded.")
 * ```
 */
export const run = <P, A, E, R, R2 = never>(
  flow: Flow.Flow<P, A, E, R>,
  ...[options = {} as RunOptions<P, R2>]: RunArguments<P, R2>
): Effect.Effect<Report.Report<A, E>, Flow.ErrorFor<P> | SimulationError, R | R2> =>
  Effect.flatMap(
    settingsOf(flow.name, options),
    (settings) => simulate(flow, options, settings)
  )

interface Settings {
  readonly seed: number
  readonly clock: SimulatedClock.SimulatedClock
  readonly until: number
  readonly realTimeLimit: Duration.Duration
  readonly preemption: number | undefined
  readonly traceBound: number
}

// One observer for all simulations, which finds the one whose fibre it is called on: so a simulation
// within another takes down its own changes only.
const Current = Context.Reference<Report.Recording | undefined>("signalbox/testing/Recording", {
  defaultValue: () => undefined
})

const recorder = Transition.layer((change) => {
  Fiber.getCurrent()?.getRef(Current)?.add(change)
  return Exit.void
})

const simulate = <P, A, E, R, R2>(
  flow: Flow.Flow<P, A, E, R>,
  options: Flow.RunOptions<P, R2>,
  settings: Settings
): Effect.Effect<Report.Report<A, E>, Flow.ErrorFor<P> | SimulationError, R | R2> => {
  const { clock, seed } = settings
  const recording = Report.record(clock.startTime, settings.traceBound)
  let elapsed = Duration.zero
  const running = runFlow<P, A, E, R, R2>(flow, ...[options] as Flow.RunArguments<P, R2>).pipe(
    Effect.provide(recorder),
    Effect.provideService(Current, recording)
  )
  const outcome = SimulatedWorld.run(running, {
    ...settings,
    name: flow.name,
    changes: recording.changes,
    underWay: recording.underWay,
    onEnd: () => {
      elapsed = clock.elapsed()
      recording.stop()
    }
  })
  return Effect.map(outcome, (run) =>
    Report.make(flow as never, recording, {
      seed,
      elapsed: Option.isSome(run) ? elapsed : Duration.millis(settings.until - clock.startTime),
      run: Option.getOrUndefined(run)
    }) as Report.Report<A, E>)
}

// -----------------------------------------------------------------------------
// Options
// -----------------------------------------------------------------------------

const defaultRealTimeLimit = Duration.seconds(5)

const settingsOf = (
  flow: string,
  options: WorldOptions
): Effect.Effect<Settings, OptionError | SimulatedClock.ClockError> =>
  Effect.gen(function* () {
    const refuse = (option: keyof WorldOptions, reason: string) => {
      const value = Formatter.format(options[option])
      const message = `Cannot simulate flow "${flow}": ${option} ${reason} (${value})`
      return Effect.fail(new OptionError({ flow, option, message }))
    }
    const { preemption, seed = 0, traceBound = Trace.defaultBound } = options
    if (!Number.isFinite(seed)) return yield* refuse("seed", "must be a finite number")
    if (preemption !== undefined && !(preemption >= 0 && preemption < 1)) {
      return yield* refuse("preemption", "must be a chance from 0 to below 1")
    }
    if (!(traceBound >= 0)) return yield* refuse("traceBound", "must be a number from 0")
    const limit = Duration.fromInput(options.realTimeLimit ?? defaultRealTimeLimit)
    if (Option.isNone(limit) || !(Duration.toMillis(limit.value) >= 0)) {
      return yield* refuse("realTimeLimit", "must be a duration from 0")
    }
    const clock = options.clock ?? (yield* SimulatedClock.make({ start: options.start }))
    const until = untilOf(clock.startTime, options.until)
    if (!(until >= clock.startTime)) return yield* refuse("until", "must not be before the start")
    return { seed, clock, until, realTimeLimit: limit.value, preemption, traceBound }
  })

const untilOf = (start: number, until: WorldOptions["until"]): number => {
  if (until === undefined) return Number.POSITIVE_INFINITY
  if (DateTime.isDateTime(until)) return DateTime.toEpochMillis(until)
  return start + (SimulatedClock.millisFrom(until) ?? Number.NaN)
}
