/**
 * When the result of an earlier run may stand in for a new one.
 *
 * A task with `cacheFor` keeps its results in the {@link Cache} of the scope at the end of each
 * flow run; the next run asks the task's validator about each kept result, oldest first.
 *
 * @module
 */
import { Context, Effect, Formatter, Layer } from "effect"
import type * as State from "./State.ts"

/** What a validator compares a kept result with. */
export interface Asked {
  /** The time, in milliseconds since 1970. */
  readonly now: number
  /** The inputs of the run, as {@link fingerprint}s by name. */
  readonly hashedInputs: Readonly<Record<string, string>>
  /** The parameters of the flow run. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Decides whether a kept result may be used. */
export type Validator = (kept: State.Cached, asked: Asked) => boolean

/** Never uses a kept result. */
export const neverUse: Validator = () => false

/** Uses a kept result until it expires; this is the default of tasks with `cacheFor`. */
export const durationOnly: Validator = ({ expiration }, { now }) =>
  expiration === undefined || expiration.epochMilliseconds > now

/** Uses a kept result until it expires, if all inputs are the same. */
export const allInputs: Validator = (kept, asked) =>
  durationOnly(kept, asked) && sameTexts(kept.hashedInputs ?? {}, asked.hashedInputs)

/** Uses a kept result until it expires, if all parameters of the flow are the same. */
export const allParameters: Validator = (kept, asked) =>
  durationOnly(kept, asked) &&
  sameTexts(fingerprints(kept.parameters ?? {}), fingerprints(asked.parameters))

/** Uses a kept result until it expires, if the named inputs are the same. */
export const partialInputsOnly = (names: ReadonlyArray<string> = []): Validator => (kept, asked) =>
  durationOnly(kept, asked) &&
  names.every((name) => kept.hashedInputs?.[name] === asked.hashedInputs[name])

/** Uses a kept result until it expires, if the named parameters of the flow are the same. */
export const partialParametersOnly =
  (names: ReadonlyArray<string> = []): Validator => (kept, asked) =>
    durationOnly(kept, asked) &&
    names.every((name) =>
      fingerprint(kept.parameters?.[name]) === fingerprint(asked.parameters[name])
    )

const sameTexts = (
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>
): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** A text that is the same for equal values, whatever the order of their keys. */
export const fingerprint = (value: unknown): string => {
  try {
    return JSON.stringify(value, sortKeys) ?? Formatter.format(value)
  } catch {
    // Neither cycles nor big integers are JSON.
    return Formatter.format(value)
  }
}

const sortKeys = (_key: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0))
}

/** The {@link fingerprint} of each value of a record. */
export const fingerprints = (
  values: Readonly<Record<string, unknown>>
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fingerprint(value)]))

/** Keeps results between flow runs. */
export interface Cache {
  /** The results kept under a key, oldest first. */
  readonly kept: (key: string) => Effect.Effect<ReadonlyArray<State.Cached>>
  /** Keeps a result under a key, and may drop those that expired by `now`. */
  readonly keep: (key: string, result: State.Cached, now: number) => Effect.Effect<void>
}

// How many results the memory keeps under one key; the oldest go first.
const maxKept = 1000

const makeMemory = (): Cache => {
  const byKey = new Map<string, ReadonlyArray<State.Cached>>()
  return {
    kept: (key) => Effect.succeed(byKey.get(key) ?? []),
    keep: (key, result, now) => {
      const valid = (byKey.get(key) ?? []).filter(({ expiration }) =>
        expiration === undefined || expiration.epochMilliseconds > now
      )
      // A result that was only read is not kept twice.
      if (!valid.includes(result)) byKey.set(key, [...valid, result].slice(-maxKept))
      return Effect.void
    }
  }
}

/** The cache in scope; unless another is provided, the memory of this process. */
export const Cache: Context.Reference<Cache> = Context.Reference("signalbox/CachePolicy/Cache", {
  defaultValue: makeMemory
})

/** An empty cache in memory: 1,000 results a key, the oldest dropped first. */
export const layerMemory: Layer.Layer<never> = Layer.sync(Cache, makeMemory)
