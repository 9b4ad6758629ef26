/**
 * Where results are written, and looked for before a task runs at all.
 *
 * @module
 */
import { Context, Data, Effect, Layer, Option } from "effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"

/** Reads and writes results as JSON, each at a location. */
export interface ResultStore {
  /** The result at a location, if there is one. */
  readonly read: (location: string) => Effect.Effect<Option.Option<unknown>, ResultStoreError>
  /** Writes a result that is JSON, over what was there. */
  readonly write: (location: string, result: unknown) => Effect.Effect<void, ResultStoreError>
}

/** A result could not be read or written. */
export class ResultStoreError extends Data.Error<{
  readonly location: string
  readonly message: string
  readonly cause?: unknown
}> {
  readonly _tag = "ResultStoreError"
  override readonly name = "ResultStoreError"
}

/** A store in memory, with what it holds at the start. */
export const makeMemory = (initial: Readonly<Record<string, unknown>> = {}): ResultStore => {
  const results = new Map(Object.entries(initial))
  return {
    read: (location) => Effect.succeed(Option.fromUndefinedOr(results.get(location))),
    write: (location, result) =>
      Effect.sync(() => {
        results.set(location, result)
      })
  }
}

/** The store in scope; unless another is provided, the memory of this process. */
export const ResultStore: Context.Reference<ResultStore> = Context.Reference(
  "signalbox/ResultStore",
  { defaultValue: makeMemory }
)

/** An empty store in memory. */
export const layerMemory: Layer.Layer<never> = Layer.sync(ResultStore, makeMemory)

/** Keeps results in the `KeyValueStore` of the scope: files, a browser's storage, SQL, Redis. */
export const layerKeyValueStore: Layer.Layer<never, never, KeyValueStore.KeyValueStore> = Layer
  .effect(
    ResultStore,
    Effect.map(KeyValueStore.KeyValueStore, (store): ResultStore => ({
      read: (location) =>
        Effect.flatMap(
          Effect.mapError(store.get(location), (cause) => failure("read", location, cause)),
          (text) =>
            text === undefined ? Effect.succeedNone : Effect.try({
              try: () => Option.some<unknown>(JSON.parse(text)),
              catch: (cause) => failure("read", location, cause)
            })
        ),
      write: (location, result) =>
        Effect.suspend(() => store.set(location, JSON.stringify(result))).pipe(
          Effect.catchDefect(Effect.fail),
          Effect.mapError((cause) => failure("write", location, cause))
        )
    }))
  )

const failure = (action: string, location: string, cause: unknown): ResultStoreError =>
  new ResultStoreError({
    location,
    cause,
    message: `Cannot ${action} result "${location}": ${
      cause instanceof Error ? cause.message : String(cause)
    }`
  })
