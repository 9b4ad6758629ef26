/**
 * Where two records differ.
 *
 * @module
 */
import { Promised } from "./promises.ts"

/** One place at which what was expected and what came differ; nothing there is `undefined`. */
export interface Difference {
  /** Such as `runs[0].tasks.a.final.message`. */
  readonly path: string
  readonly expected: unknown
  readonly got: unknown
}

/** All differences between what is expected, to the letter or by a promise, and what came. */
export const differences = (
  expected: unknown,
  got: unknown,
  path = ""
): ReadonlyArray<Difference> => {
  if (Object.is(expected, got)) return []
  if (expected instanceof Promised) {
    return expected.isKeptBy(got) ? [] : [{ path, expected, got }]
  }
  if (Array.isArray(expected) && Array.isArray(got)) {
    const length = Math.max(expected.length, got.length)
    return Array.from({ length }, (_, i) => differences(expected[i], got[i], `${path}[${i}]`))
      .flat()
  }
  if (isRecord(expected) && isRecord(got)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)])
    return [...keys].flatMap((key) => differences(expected[key], got[key], join(path, key)))
  }
  return [{ path, expected, got }]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const join = (path: string, key: string): string => {
  if (!/^[\w$]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === "" ? key : `${path}.${key}`
}

/** A difference as a line to read. */
export const printDifference = ({ expected, got, path }: Difference): string =>
  `${path === "" ? "it" : path}: expected ${print(expected)}, got ${print(got)}`

const print = (value: unknown): string => value === undefined ? "nothing" : JSON.stringify(value)
