/**
 * Moments of a run that one wants to go to, each as the cursor after its change.
 */
import type { Run } from "./Run.ts"
import { lookOf } from "./StateLook.ts"
import { firstAtLeast } from "./TimeAxis.ts"

/** The next change of a subject after a cursor, if there is one. */
export const nextChangeOf = ({ subjects }: Run, id: number, cursor: number): number | undefined => {
  const changes = subjects[id]?.changes ?? []
  const next = changes[firstAtLeast(changes, cursor)]
  return next === undefined ? undefined : next + 1
}

/** The next change to a failed state after a cursor, if there is one. */
export const nextFailure = (run: Run, cursor: number): number | undefined => {
  const failures = failuresOf(run)
  const next = failures[firstAtLeast(failures, cursor)]
  return next === undefined ? undefined : next + 1
}

/** The last change to a failed state before the one that a cursor is after, if there is one. */
export const previousFailure = (run: Run, cursor: number): number | undefined => {
  const failures = failuresOf(run)
  const previous = failures[firstAtLeast(failures, cursor - 1) - 1]
  return previous === undefined ? undefined : previous + 1
}

// -----------------------------------------------------------------------------
// Failures
// -----------------------------------------------------------------------------

interface Known {
  readonly failures: Array<number>
  seen: number
}

const known = new WeakMap<Run, Known>()

/** The numbers of the changes to failed states, in order; only new changes are looked at. */
export const failuresOf = (run: Run): ReadonlyArray<number> => {
  const entry = known.get(run) ?? { failures: [], seen: 0 }
  known.set(run, entry)
  for (; entry.seen < run.changes.length; entry.seen++) {
    if (lookOf(run.changes[entry.seen]!.to.tag).family === "failed") entry.failures.push(entry.seen)
  }
  return entry.failures
}
