/**
 * A flow on a simulated clock: the real engine, with time that jumps to whatever is due next, and
 * with whatever goes wrong that a fault plan says.
 *
 * @module
 */
import { Cause, Clock, Context, Duration, Effect, Exit, Fiber, Formatter, Option } from "effect"
import type * as Flow from "../Flow.ts"
import { run as runFlow } from "../Flow.ts"
import * as Transition from "../Transition.ts"
import * as FaultPlan from "./FaultPlan.ts"
import * as Faults from "./Faults.ts"
import * as Report from "./Report.ts"
import * as SeededRandom from "./SeededRandom.ts"
import { shrink } from "./Shrink.ts"
import type { ClockError } from "./SimulatedClock.ts"
import * as SimulatedWorld from "./SimulatedWorld.ts"
import * as Settings from "./SimulationSettings.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** How one simulated run is to be done. */
export interface RunOptions<P, R = never> extends Flow.RunOptions<P, R>, Settings.WorldOptions {
  /** What fixes all chance of the run: the same seed, the same run. 0 unless given. */
  readonly seed?: number | undefined
  /** What goes wrong; nothing unless given. */
  readonly faults?: FaultPlan.FaultPlan | undefined
}

/** The arguments of {@link run} after the flow: to be left out where no parameter is required. */
export type RunArguments<P, R = never> = {} extends P ? [options?: RunOptions<P, R>]
  : [options: RunOptions<P, R> & { readonly parameters: P }]

/** What keeps a simulation from beginning, besides what keeps the flow from it. */
export type BeginError = Settings.OptionError | ClockError | FaultPlan.FaultPlanError

/** What a simulation can fail with, besides what keeps the flow from beginning. */
export type SimulationError = BeginError | SimulatedWorld.StandstillError

/** How seeds and fault plans are searched. */
export interface ExploreOptions<P, A, E, R, CheckE, CheckR>
  extends Flow.RunOptions<P, R>, Omit<Settings.WorldOptions, "clock"> {
  /** Which seeds are tried: those from 0 up to a number, or these. */
  readonly seeds: number | Iterable<number>
  /** What goes wrong: always the same, or drawn for each seed. */
  readonly faults?: FaultPlan.FaultPlan | FaultPlan.Generator | undefined
  /** Fails, or dies, if the report is not as it must be. */
  readonly check: (report: Report.Report<A, E>) => Effect.Effect<unknown, CheckE, CheckR>
  /** After how many findings the search ends: 1 unless given. */
  readonly findings?: number | undefined
  /** Told every two seconds how far the search is; a line in the log unless given. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** How far a search is. */
export interface Progress {
  readonly flow: string
  /** How many seeds were tried. */
  readonly tried: number
  /** Of how many, where that is known. */
  readonly of: number | undefined
  readonly findings: number
}

/** A run that is not as it must be. */
export interface Finding {
  /** The seed with which it was found, or 0 where any seed will do. */
  readonly seed: number
  /** The simplest plan that still does it. */
  readonly plan: FaultPlan.FaultPlan
  /** The slugs of the tasks that the faults of this plan struck. */
  readonly tasks: ReadonlyArray<string>
  /** The seed and the plan with which it was found. */
  readonly found: { readonly seed: number; readonly plan: FaultPlan.FaultPlan }
  /** What the check failed with, or why the simulation could not go on. */
  readonly cause: Cause.Cause<unknown>
  /** The line that {@link replay} takes: `seed=7, plan=[…]`. */
  readonly line: string
  /** The line, what is wrong, and the tasks that were struck if the line does not name them. */
  toString(): string
}

/** What a search came to. */
export interface Exploration {
  /** How many seeds were tried. */
  readonly tried: number
  readonly findings: ReadonlyArray<Finding>
}

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
): Effect.Effect<Report.Report<A, E>, Flow.ErrorFor<P> | SimulationError, R | NoInfer<R2>> =>
  Effect.flatMap(Settings.check(flow, options), (settings) => simulate(flow, options, settings))

/** How an effect is simulated that runs a flow: the flow's own options are the effect's business. */
export type RunEffectOptions = Omit<RunOptions<never>, keyof Flow.RunOptions<never>> & {
  /** Called when the run is over, before what is left of it is cleaned up. */
  readonly onEnd?: (() => void) | undefined
}

/**
 * Simulates an effect that runs a flow, such as `Flow.run(flow)` with its layers around it.
 *
 * The report is about the first flow that the effect runs, which must be the given one.
 */
export const runEffect = <P, A, E, R, E2, R2>(
  flow: Flow.Flow<P, A, E, R>,
  effect: Effect.Effect<Flow.Run<A, E>, E2, R2>,
  options: RunEffectOptions = {}
): Effect.Effect<Report.Report<A, E>, E2 | SimulationError, R2> =>
  Effect.flatMap(Settings.check(flow, options), (settings) => {
    const recording = recordingOf(settings)
    const stop = () => {
      recording.stop()
      options.onEnd?.()
    }
    return simulateEffect(flow, effect, settings, { ...recording, stop })
  })

// One observer for all simulations, which finds the one whose fibre it is called on: so a simulation
// within another takes down its own changes only.
const Current = Context.Reference<Transition.Observer | undefined>("signalbox/testing/Observer", {
  defaultValue: () => undefined
})

const observer = Transition.layer((change) =>
  Fiber.getCurrent()?.getRef(Current)?.(change) ?? Exit.void
)

const observerOf = (
  flow: string,
  { faults, maxChanges }: Settings.Settings,
  recording: Report.Recording
): Transition.Observer =>
(change) => {
  const fault = Faults.journalFault(faults, recording.changes())
  if (fault !== undefined) {
    recording.strike(fault)
    return Exit.die(Faults.journalError(fault))
  }
  // A run that changes without ever suspending can only be ended from within.
  if (recording.changes() >= maxChanges) {
    return Exit.die(SimulatedWorld.standstill(flow, "Endless", [], 0))
  }
  recording.add(change)
  return Exit.void
}

/** What a run comes to that was ended from within: a crash is no result, and no error. */
const endOf = <E>(
  cause: Cause.Cause<E>
): Effect.Effect<undefined, E | SimulatedWorld.StandstillError> => {
  const error = Cause.squash(cause)
  if (isStandstill(error)) return Effect.fail(error)
  return Faults.isJournalFault(error) ? Effect.undefined : Effect.failCause(cause)
}

const simulate = <P, A, E, R, R2>(
  flow: Flow.Flow<P, A, E, R>,
  options: Flow.RunOptions<P, R2>,
  settings: Settings.Settings,
  recording?: Report.Recording
): Effect.Effect<Report.Report<A, E>, Flow.ErrorFor<P> | SimulationError, R | R2> =>
  simulateEffect(
    flow,
    runFlow<P, A, E, R, R2>(flow, ...[options] as Flow.RunArguments<P, R2>),
    settings,
    recording
  )

const recordingOf = ({ clock, traceBound }: Settings.Settings): Report.Recording =>
  Report.record(clock.startTime, traceBound)

const simulateEffect = <P, A, E, R, E2, R2>(
  flow: Flow.Flow<P, A, E, R>,
  effect: Effect.Effect<Flow.Run<A, E>, E2, R2>,
  settings: Settings.Settings,
  recording = recordingOf(settings)
): Effect.Effect<Report.Report<A, E>, E2 | SimulationError, R2> =>
  Effect.suspend(() => {
    const { clock, faults, seed, until } = settings
    const { changes, strike: onStrike } = recording
    let elapsed = Duration.zero
    const running = effect.pipe(
      Effect.provide(observer),
      Effect.provideService(Current, observerOf(flow.name, settings, recording)),
      (running) => Faults.inject(running, faults, { seed, clock, changes, onStrike }),
      Effect.catchCause(endOf)
    )
    const outcome = SimulatedWorld.run(running, {
      ...settings,
      name: flow.name,
      changes,
      underWay: recording.underWay,
      whenBegun: recording.whenBegun,
      onEnd: () => {
        elapsed = clock.elapsed()
        recording.stop()
      }
    })
    return Effect.map(outcome, (run) => {
      const took = Option.isSome(run) ? elapsed : Duration.millis(until - clock.startTime)
      const given = { seed, faults, elapsed: took, run: Option.getOrUndefined(run) }
      return Report.make(flow as never, recording, given) as Report.Report<A, E>
    })
  })

// -----------------------------------------------------------------------------
// Searching
// -----------------------------------------------------------------------------

/**
 * Runs a flow with many seeds and fault plans in search of a run that fails `check`, and simplifies
 * the plan of what it finds.
 *
 * A simulation that cannot go on is a finding too.
 */
export const explore = <P, A, E, R, CheckE, CheckR, R2 = never>(
  flow: Flow.Flow<P, A, E, R>,
  options:
    & ExploreOptions<P, A, E, R2, CheckE, CheckR>
    & ({} extends P ? unknown : { readonly parameters: P })
): Effect.Effect<Exploration, Flow.ErrorFor<P> | BeginError, R | NoInfer<R2> | CheckR> =>
  Effect.gen(function* () {
    const { findings: wanted = 1, seeds } = options
    yield* Settings.checkSearch(flow.name, options)
    const search = new Search(flow, options)
    const findings: Array<Finding> = []
    const count = typeof seeds === "number" ? seeds : undefined
    let shownAt = realClock.currentTimeMillisUnsafe()
    let tried = 0
    for (const seed of typeof seeds === "number" ? Array(seeds).keys() : seeds) {
      const finding = yield* search.at(seed)
      tried++
      if (finding !== undefined) findings.push(finding)
      if (findings.length >= wanted) break
      const now = realClock.currentTimeMillisUnsafe()
      if (now - shownAt < progressEvery) continue
      shownAt = now
      yield* (options.onProgress ?? showProgress)({
        flow: flow.name,
        tried,
        of: count,
        findings: findings.length
      })
      yield* Effect.yieldNow
    }
    return tried === 0 ? yield* Settings.refuseSeeds(flow.name, seeds) : { tried, findings }
  })

const realClock = Context.get(Context.empty(), Clock.Clock)
const progressEvery = 2000

const showProgress = ({ findings, flow, of, tried }: Progress): Effect.Effect<void> =>
  Effect.logInfo(
    `Simulated flow "${flow}" with ${tried} seeds${of === undefined ? "" : ` of ${of}`}: ` +
      `${findings} findings`
  )

class Search<P, A, E, R, R2, CheckE, CheckR> {
  private readonly flow: Flow.Flow<P, A, E, R>
  private readonly options: ExploreOptions<P, A, E, R2, CheckE, CheckR>

  constructor(
    flow: Flow.Flow<P, A, E, R>,
    options: ExploreOptions<P, A, E, R2, CheckE, CheckR>
  ) {
    this.flow = flow
    this.options = options
  }

  /** What there is to find with a seed, if anything. */
  at(
    seed: number
  ): Effect.Effect<Finding | undefined, Flow.ErrorFor<P> | BeginError, R | R2 | CheckR> {
    const { faults = [] } = this.options
    const plan = typeof faults === "function"
      ? faults(this.flow.graph, SeededRandom.make(seed, "plan"))
      : faults
    return Effect.flatMap(
      this.attempt(seed, plan),
      (broken) => broken === undefined ? Effect.undefined : this.simplify({ seed, plan }, broken)
    )
  }

  private simplify(found: Finding["found"], first: Broken) {
    const holds = (seed: number) => (plan: FaultPlan.FaultPlan) =>
      Effect.map(this.attempt(seed, plan), (again) =>
        // Simplifying must not end with a plan that shows something else.
        again !== undefined && kindOf(again.cause) === kindOf(first.cause) ? again : undefined)
    return Effect.gen(function* () {
      const { broken, plan } = yield* shrink({ plan: found.plan, broken: first }, holds(found.seed))
      const again = yield* Effect.forEach(fewSeeds, (seed) => holds(seed)(plan))
      return again.includes(undefined)
        ? findingOf(found, found.seed, plan, broken)
        : findingOf(found, 0, plan, again[0]!)
    })
  }

  /** Why a run is not as it must be, and where faults struck it; nothing if it is. */
  private attempt(seed: number, faults: FaultPlan.FaultPlan) {
    const options = { ...this.options, seed, faults }
    return Effect.flatMap(Settings.check(this.flow, options), (settings) => {
      const recording = recordingOf(settings)
      return simulate(this.flow, options, settings, recording).pipe(
        Effect.flatMap((report) => this.check(report)),
        Effect.catchIf(isStandstill, (error) => Effect.succeed(Cause.fail<unknown>(error))),
        Effect.map((cause): Broken | undefined => cause && { cause, strikes: recording.strikes })
      )
    })
  }

  private check(
    report: Report.Report<A, E>
  ): Effect.Effect<Cause.Cause<unknown> | undefined, never, CheckR> {
    const checked = Effect.suspend(() => {
      const answer: unknown = this.options.check(report)
      if (Effect.isEffect(answer)) return answer as Effect.Effect<unknown, CheckE, CheckR>
      return Effect.die(new TypeError("Cannot use a check that does not return an Effect"))
    })
    return Effect.matchCause(checked, { onSuccess: () => undefined, onFailure: (cause) => cause })
  }
}

const isStandstill = (u: unknown): u is SimulatedWorld.StandstillError =>
  u instanceof SimulatedWorld.StandstillError

/** What was wrong with a run. */
interface Broken {
  readonly cause: Cause.Cause<unknown>
  readonly strikes: ReadonlyArray<FaultPlan.Strike>
}

/** What goes wrong with all of these is no matter of chance. */
const fewSeeds = [0, 1, 2, 3]

const kindOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  if (isStandstill(error)) return `${error.name} ${error.reason}`
  return error instanceof Error ? error.name : typeof error
}

const findingOf = (
  found: Finding["found"],
  seed: number,
  plan: FaultPlan.FaultPlan,
  { cause, strikes }: Broken
): Finding => {
  const tasks = [...new Set(strikes.flatMap(({ task }) => task ?? []))]
  const line = `seed=${seed}, plan=${FaultPlan.format(plan)}`
  const error = Cause.squash(cause)
  const text = error instanceof Error ? error.message : print(error)
  const reason = text.trim().replaceAll(/\s*\n\s*/g, " ")
  const areNamed = tasks.every((task) => line.includes(JSON.stringify(task)))
  const struck = areNamed ? "" : ` (struck: ${tasks.join(", ")})`
  const toString = () => `${line}: ${reason}${struck}`
  return { seed, plan, tasks, found, cause, line, toString }
}

const print = (error: unknown): string =>
  typeof error === "string" ? error : Formatter.format(error)

// -----------------------------------------------------------------------------
// Replaying
// -----------------------------------------------------------------------------

/** A plan is a list of flat objects, so its first closing bracket outside of a text is its end. */
const findingLine = /seed=([-+\d.e]+), plan=(\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])/

/** Runs a flow as a finding has it: `seed=7, plan=[…]`, and whatever follows the plan. */
export const replay = <P, A, E, R, R2 = never>(
  flow: Flow.Flow<P, A, E, R>,
  line: string,
  ...[options = {} as RunOptions<P, R2>]: RunArguments<P, R2>
): Effect.Effect<Report.Report<A, E>, Flow.ErrorFor<P> | SimulationError, R | NoInfer<R2>> => {
  const [, seed, plan] = findingLine.exec(line) ?? []
  if (seed === undefined || plan === undefined) {
    const message = `Cannot replay "${line}": it is not of the form seed=7, plan=[…]`
    return Effect.fail(new FaultPlan.FaultPlanError({ message }))
  }
  return Effect.flatMap(FaultPlan.parse(plan), (faults) => {
    const all = { ...options, seed: Number(seed), faults }
    return Effect.flatMap(
      Settings.check(flow, all),
      (settings) => simulate(flow, all, settings)
    )
  })
}
