/**
 * The simplest fault plan that still does what was found: fewer faults, earlier times.
 *
 * @module
 */
import { Effect } from "effect"
import type { Fault, FaultPlan } from "./FaultPlan.ts"

/** How many plans are tried at most. */
export const maxAttempts = 500

/** Simplifies a plan step by step for as long as `holds` says that it does what was found. */
export const shrink = <E, R>(
  plan: FaultPlan,
  holds: (plan: FaultPlan) => Effect.Effect<boolean, E, R>
): Effect.Effect<FaultPlan, E, R> =>
  Effect.gen(function* () {
    let simplest = plan
    let attempts = 0
    for (let isSimpler = true; isSimpler;) {
      isSimpler = false
      for (const simpler of simplerThan(simplest)) {
        if (++attempts > maxAttempts) return simplest
        if (!(yield* holds(simpler))) continue
        simplest = simpler
        isSimpler = true
        break
      }
    }
    return simplest
  })

/** Plans that are simpler than one, the simplest first. */
const simplerThan = function* (plan: FaultPlan): Generator<FaultPlan> {
  for (let size = plan.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < plan.length; at += size) yield plan.toSpliced(at, size)
  }
  for (const [index, fault] of plan.entries()) {
    for (const simpler of simplerFaults(fault)) yield plan.with(index, simpler)
  }
}

const simplerFaults = function* (fault: Fault): Generator<Fault> {
  for (const [key, value] of Object.entries(fault)) {
    switch (key) {
      case "probability": {
        const { probability, ...always } = fault as Fault & { readonly probability: number }
        void probability
        yield always as Fault
        break
      }
      case "attempt":
        if (value > 1) yield { ...fault, attempt: value - 1 } as Fault
        break
      case "transition":
      case "millis":
      case "at":
      case "by":
        yield* smallerNumbers(value).map((smaller) => ({ ...fault, [key]: smaller }) as Fault)
        break
      default:
    }
  }
}

/** Nothing, half, one less; and round numbers of seconds, minutes and hours, which read well. */
const smallerNumbers = (value: number): ReadonlyArray<number> => {
  const round = [3_600_000, 60_000, 1000].map((unit) => Math.trunc(value / unit) * unit)
  const smaller = [0, Math.trunc(value / 2), ...round, value - Math.sign(value)]
  return [...new Set(smaller)].filter((each) => Math.abs(each) < Math.abs(value))
}
