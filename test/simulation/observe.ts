/**
 * Runs a flow on the simulated clock and looks which rules the run breaks.
 */
import { Clock, Effect, References } from "effect"
import { type Flow, StateHandler, Transition } from "signalbox"
import { type FaultPlan, type SeededRandom, Simulation } from "signalbox/testing"
import { invariants, type Observed, show, type Told } from "./invariants.ts"

/** What came of one run. */
export interface Outcome {
  /** The rules that it broke; none is good. */
  readonly broken: ReadonlyArray<string>
  readonly faults: FaultPlan.FaultPlan
  /** The run, unless it broke altogether. */
  readonly run: Observed | undefined
}

/** What is to be run. */
export interface Made {
  readonly flow: Flow.Flow<{}, unknown, unknown>
  readonly seed: number
  readonly concurrency: number
  readonly faults: FaultPlan.FaultPlan
  readonly isMeddled: boolean
  /** Whether the handler for everything may take a second. */
  readonly isSlow?: boolean
  readonly start?: number
  readonly values?: Readonly<Record<string, unknown>>
}

const maxChanges = 10_000

/** Runs what was made; `random` decides whether the handler for everything suspends. */
export const observe = (
  { flow, isMeddled, isSlow = false, ...options }: Made,
  random: SeededRandom.SeededRandom,
  further: (run: Observed) => ReadonlyArray<string>
): Effect.Effect<Outcome> => {
  const told: Array<Told> = []
  // Observers must answer at once to see the changes in their order, so the first call gets it them.
  let clock: Clock.Clock | undefined
  const tell: StateHandler.Handle = (subject, from, to) => {
    told.push({ subject, from, to })
    if (clock === undefined) return Effect.map(Clock.Clock, (found) => void (clock = found))
    if (random.below(2) === 0) return Effect.void
    return isSlow ? Effect.sleep("1 second") : Effect.yieldNow
  }
  const late: Array<string> = []
  const look = Transition.layer((change) => {
    const now = clock?.currentTimeMillisUnsafe()
    if (now !== change.at) late.push(`told of at ${now}: ${show(change)}`)
    return Effect.void
  })
  const { concurrency, faults } = options
  return Simulation.run(flow, { ...options, maxChanges }).pipe(
    // Trouble of handlers that is to be ignored is logged.
    Effect.provideService(References.MinimumLogLevel, "None"),
    Effect.provide([StateHandler.layer(StateHandler.make(tell, { name: "tell" })), look]),
    Effect.map((report) => {
      const run = { graph: flow.graph, faults, concurrency, report, told, isMeddled }
      const broken = [...invariants.flatMap((rule) => rule(run)), ...late, ...further(run)]
      return { broken, faults, run }
    }),
    Effect.catchCause((cause) =>
      Effect.succeed({ broken: [`the run broke: ${String(cause)}`], faults, run: undefined })
    )
  )
}
