/**
 * How a simulation is to be done, checked before it begins.
 *
 * @module
 */
import { Data, DateTime, Duration, Effect, Formatter, Option } from "effect"
import type * as FlowGraph from "../FlowGraph.ts"
import * as FaultPlan from "./FaultPlan.ts"
import * as SimulatedClock from "./SimulatedClock.ts"
import { defaultBound } from "./Trace.ts"

/** How the world is made that a flow runs in. */
export interface WorldOptions {
  /** What the clock shows at the start; `SimulatedClock.defaultStart` unless given. */
  readonly start?: DateTime.DateTime.Input | undefined
  /** When the simulation ends if the flow has not: a duration after the start, or a date. */
  readonly until?: Duration.Input | DateTime.DateTime | undefined
  /**
   * How long, in real time, virtual time may stand still without a change of state, such as for
   * something real: 5 seconds unless given.
   */
  readonly realTimeLimit?: Duration.Input | undefined
  /** How often a fibre gives way to others, a chance for each of its operations. */
  readonly preemption?: number | undefined
  /** After how many changes the simulation gives up on an end: 1,000,000 unless given. */
  readonly maxChanges?: number | undefined
  /** How many changes the trace keeps; `Trace.defaultBound` unless given. */
  readonly traceBound?: number | undefined
  /** The clock to run on, for a driver that wants to hold it; it has a start of its own. */
  readonly clock?: SimulatedClock.SimulatedClock | undefined
}

/** A simulation cannot begin because of an option. */
export class OptionError extends Data.Error<{
  readonly flow: string
  readonly option: string
  readonly message: string
}> {
  readonly _tag = "OptionError"
  override readonly name = "OptionError"
}

/** What a simulation begins with. */
export interface Settings {
  readonly seed: number
  readonly faults: FaultPlan.FaultPlan
  readonly clock: SimulatedClock.SimulatedClock
  /** In milliseconds since 1970; infinite for no end. */
  readonly until: number
  readonly realTimeLimit: Duration.Duration
  readonly preemption: number | undefined
  readonly traceBound: number
  readonly maxChanges: number
}

type Options = WorldOptions & {
  readonly seed?: number | undefined
  readonly faults?: FaultPlan.FaultPlan | undefined
}

const defaultMaxChanges = 1_000_000
const defaultRealTimeLimit = Duration.seconds(5)

/** Checks all options of one run. */
export const check = (
  flow: { readonly name: string; readonly graph: FlowGraph.FlowGraph },
  options: Options
): Effect.Effect<Settings, OptionError | SimulatedClock.ClockError | FaultPlan.FaultPlanError> =>
  Effect.suspend(() => {
    const { clock, faults = [], preemption, seed = 0 } = options
    const { maxChanges = defaultMaxChanges, traceBound = defaultBound } = options
    const limit = Duration.fromInput(options.realTimeLimit ?? defaultRealTimeLimit)
    const realTimeLimit = Option.getOrUndefined(limit)
    const wrong = wrongOption({ ...options, realTimeLimit })
    if (wrong !== undefined) return refuse(flow.name, ...wrong, options[wrong[0]])
    const made = clock === undefined
      ? SimulatedClock.make({ start: options.start })
      : Effect.succeed(clock)
    const planned = faults.length === 0
      ? Effect.succeed(faults)
      : FaultPlan.check(faults, flow.graph)
    return Effect.flatMap(Effect.zip(made, planned), ([clock, faults]) => {
      const until = untilOf(clock.startTime, options.until)
      if (Number.isNaN(until)) {
        return refuse(flow.name, "until", "must be a duration or a date", options.until)
      }
      if (SimulatedClock.instant(options.start ?? clock.startTime) !== clock.startTime) {
        const reason = "must be left to the clock that is given, or be its own"
        return refuse(flow.name, "start", reason, options.start)
      }
      return until >= clock.startTime
        ? Effect.succeed({
          seed,
          faults,
          clock,
          until,
          realTimeLimit: realTimeLimit!,
          preemption,
          traceBound,
          maxChanges
        })
        : refuse(flow.name, "until", "must not be before the start", options.until)
    })
  })

const wrongOption = (
  options: Options & { readonly realTimeLimit: Duration.Duration | undefined }
): [option: keyof Options, reason: string] | undefined => {
  const { maxChanges = 1, preemption = 0, realTimeLimit, seed = 0, traceBound = 0 } = options
  if (!Number.isFinite(seed)) return ["seed", "must be a finite number"]
  if (!(preemption >= 0 && preemption < 1)) {
    return ["preemption", "must be a chance from 0 to below 1"]
  }
  if (!(traceBound >= 0)) return ["traceBound", "must be a number from 0"]
  if (!(maxChanges >= 1)) return ["maxChanges", "must be a number from 1"]
  if (realTimeLimit === undefined || !(Duration.toMillis(realTimeLimit) >= 0)) {
    return ["realTimeLimit", "must be a duration from 0"]
  }
  return undefined
}

const refuse = (flow: string, option: string, reason: string, value: unknown) =>
  Effect.fail(
    new OptionError({
      flow,
      option,
      message: `Cannot simulate flow "${flow}": ${option} ${reason} (${Formatter.format(value)})`
    })
  )

const untilOf = (start: number, until: WorldOptions["until"]): number => {
  if (until === undefined) return Number.POSITIVE_INFINITY
  if (DateTime.isDateTime(until)) return DateTime.toEpochMillis(until)
  return start +
    Option.getOrElse(Option.map(Duration.fromInput(until), Duration.toMillis), () => NaN)
}

/** Checks what a search has besides the options of its runs. */
export const checkSearch = (
  flow: string,
  { check, findings = 1, seeds }: {
    readonly seeds: number | Iterable<number>
    readonly check: unknown
    readonly findings?: number | undefined
  }
): Effect.Effect<void, OptionError> => {
  if (!(typeof seeds === "number" ? Number.isInteger(seeds) && seeds >= 1 : isList(seeds))) {
    return refuseSeeds(flow, seeds)
  }
  if (typeof check !== "function") {
    return refuse(flow, "check", "must be a function of the report", check)
  }
  return findings >= 1 ? Effect.void : refuse(flow, "findings", "must be a number from 1", findings)
}

const isList = (seeds: unknown): boolean =>
  typeof seeds === "object" && seeds !== null && Symbol.iterator in seeds

/** Refuses seeds that are none. */
export const refuseSeeds = (flow: string, seeds: unknown): Effect.Effect<never, OptionError> =>
  refuse(flow, "seeds", "must be a whole number from 1, or a list of seeds", seeds)
