/**
 * Simulated runs of the engine for each seed, of random flows of several kinds.
 */
import { Effect } from "effect"
import { simulateCached } from "./cached.ts"
import { simulateDescribed } from "./described.ts"
import type { Outcome } from "./observe.ts"
import { simulateShaped } from "./shaped.ts"

const simulations = {
  shaped: simulateShaped,
  described: simulateDescribed,
  cached: simulateCached
}

/** The kinds of random flows. */
export type Kind = keyof typeof simulations

/** All kinds of random flows. */
export const kinds = Object.keys(simulations) as ReadonlyArray<Kind>

/** Runs a flow of one kind, and looks which rules the run breaks. */
export const simulateKind = (kind: Kind, seed: number): Effect.Effect<Outcome> =>
  simulations[kind](seed)

/** What came of one kind of flow. */
export interface OutcomeOfKind extends Outcome {
  readonly kind: Kind
}

/** Runs a flow of each kind with a seed. */
export const simulate = (seed: number): Effect.Effect<ReadonlyArray<OutcomeOfKind>> =>
  Effect.forEach(
    kinds,
    (kind) => Effect.map(simulateKind(kind, seed), (outcome) => ({ ...outcome, kind }))
  )
