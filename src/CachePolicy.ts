/**
 * When the result of an earlier run may stand in for a new one.
 *
 * A task with `cacheFor` keeps its results in the {@link Cache} of the scope at the end of each
 * flow run; the next run asks the task's validator about each kept result, oldest first.
 *
 * @module
 */
import { Context, Effect, Layer, Predicate, Redacted } from "effect"
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

/**
 * A text that is the same for equal values, whatever the order of their keys, and differs for
 * others. What cannot be looked into, as a secret or a function, is equal to itself alone, and so is
 * an error: two of one text need not have gone wrong in one way.
 */
export const fingerprint = (value: unknown): string => print(value, new Set())

const print = (value: unknown, around: ReadonlySet<unknown>): string => {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "symbol") return value.toString()
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return String(value)
  }
  if (isOpaque(value) || around.has(value)) return identityOf(value)
  const within = new Set(around).add(value)
  const each = (items: Iterable<unknown>) => Array.from(items, (item) => print(item, within))
  if (Array.isArray(value)) return `[${each(value).join(",")}]`
  if (value instanceof Set) return `Set{${each(value).toSorted().join(",")}}`
  if (value instanceof Map) return `Map{${each(value).toSorted().join(",")}}`
  if (value instanceof RegExp) return String(value)
  return printObject(value, within)
}

const isOpaque = (value: object): boolean =>
  typeof value === "function" || value instanceof Error || Redacted.isRedacted(value)

const printObject = (value: object, within: ReadonlySet<unknown>): string => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    const fields = Object.entries(value)
      .map(([key, field]) => `${JSON.stringify(key)}:${print(field, within)}`)
    return `{${fields.toSorted().join(",")}}`
  }
  // Dates, options and others that know how to become data.
  if (Predicate.hasProperty(value, "toJSON") && Predicate.isFunction(value.toJSON)) {
    return `${value.constructor.name}(${print(value.toJSON(), within)})`
  }
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    return `${value.constructor.name}[${Array.from(value as Uint8Array).join(",")}]`
  }
  return identityOf(value)
}

const identities = new WeakMap<object, number>()
let count = 0

const identityOf = (value: object): string => {
  const known = identities.get(value)
  if (known !== undefined) return `#${known}`
  identities.set(value, ++count)
  return `#${count}`
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
