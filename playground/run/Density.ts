/**
 * How much happened where: the changes in each of many columns of the axis.
 */
import { failuresOf } from "./Jumps.ts"
import type { Run } from "./Run.ts"
import { firstAtLeast, type TimeAxis } from "./TimeAxis.ts"

/** The changes of each column. */
export interface Density {
  readonly changes: ReadonlyArray<number>
  readonly failures: ReadonlyArray<number>
  /** How many changes the fullest column has. */
  readonly most: number
}

/** Counts the changes in each of so many columns, which share the whole axis. */
export const densityOf = (run: Run, axis: TimeAxis, columns: number): Density => {
  const failed = failuresOf(run)
  const density = {
    changes: new Array<number>(columns),
    failures: new Array<number>(columns),
    most: 0
  }
  let [before, failedBefore] = [0, 0]
  for (let column = 0; column < columns; column++) {
    const isLast = column === columns - 1
    const until = isLast
      ? run.changes.length
      : axis.firstChange(axis.length * (column + 1) / columns)
    const failedUntil = firstAtLeast(failed, until)
    density.changes[column] = until - before
    density.failures[column] = failedUntil - failedBefore
    density.most = Math.max(density.most, until - before)
    before = until
    failedBefore = failedUntil
  }
  return density
}
