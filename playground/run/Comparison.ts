/**
 * Two runs side by side, and where they part.
 */
import type { Run } from "./Run.ts"

/** What two runs have in common. */
export interface Comparison {
  /** The number of the first change that is not in both, if there is one. */
  readonly first: number | undefined
  /** How many changes the longer one has. */
  readonly length: number
}

/** Compares the changes of two runs, each with the one at the same place of the other. */
export const compare = (one: Run, other: Run): Comparison => {
  const length = Math.max(one.changes.length, other.changes.length)
  for (let index = 0; index < length; index++) {
    if (differAt(one, other, index)) return { first: index, length }
  }
  return { first: undefined, length }
}

/** Whether two runs have different changes at a place, or one has none there. */
export const differAt = (one: Run, other: Run, index: number): boolean =>
  !isEqual(one.changes[index], other.changes[index])

const isEqual = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true
  if (typeof one !== "object" || typeof other !== "object") return false
  if (one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length &&
    keys.every((key) =>
      Object.hasOwn(other, key) &&
      isEqual(one[key as keyof typeof one], other[key as keyof typeof other])
    )
}
