/**
 * One simulated run of the engine for each seed: a random flow, with random faults for every other.
 */
import { Effect } from "effect"
import { StateHandler } from "signalbox"
import { Arbitraries, FaultPlan, SeededRandom, Simulation } from "signalbox/testing"
import { broken, type Observed, type Told } from "./invariants.ts"
import { drawShapes } from "./model.ts"

/** What came of a seed. */
export interface Outcome {
  readonly seed: number
  /** The rules that the run broke; none is good. */
  readonly broken: ReadonlyArray<string>
  readonly run: Observed | undefined
}

const maxChanges = 10_000
const generator = FaultPlan.random()

/** Runs the engine with a seed, and looks which rules the run breaks. */
export const simulate = (seed: number): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    const random = SeededRandom.make(seed, "flow")
    const shapes = drawShapes(random)
    const flow = Arbitraries.flowOf("simulated", shapes)
    const concurrency = [1, 2, 100][random.below(3)]!
    const faults = seed % 2 === 0 ? [] : generator(flow.graph, random)
    const told: Array<Told> = []
    const tell: StateHandler.Handle = (subject, from, to) => {
      told.push({ subject: subject._tag === "Flow" ? "the flow" : subject.slug, from, to })
      return random.below(2) === 0 ? Effect.void : Effect.yieldNow
    }
    return Simulation.run(flow, { seed, concurrency, faults, maxChanges }).pipe(
      Effect.provide(StateHandler.layer(StateHandler.make(tell, { name: "tell" }))),
      Effect.map((report) => {
        const run: Observed = { shapes, faults, concurrency, report, told }
        return { seed, broken: broken(run), run }
      }),
      Effect.catchCause((cause) =>
        Effect.succeed({ seed, broken: [`the run broke: ${String(cause)}`], run: undefined })
      )
    )
  })
