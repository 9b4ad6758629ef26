/**
 * States to JSON and back, so that they survive storage and wire.
 *
 * @module
 */
import { Schema, SchemaTransformation } from "effect"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"

/** What a codec must know of a task or flow to bring back its states whole. */
export interface Options<A, E> {
  /** The result of a run that ended well; anything that is JSON unless given. */
  readonly result?: Schema.Codec<A, any> | undefined
  /** What it may fail with besides signals; name and message of an error unless given. */
  readonly error?: Schema.Codec<E, any> | undefined
  /** The classes of its typed signals; the untyped ones are always known. */
  readonly signals?: ReadonlyArray<Signal.AnyClass> | undefined
}

/**
 * Makes the codec between states and JSON.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Signal, State, StateCodec } from "signalbox"
 *
 * class QuotaExceeded extends Signal.Fail<QuotaExceeded>()("QuotaExceeded", {
 *   used: Schema.Number
 * }) {}
 *
 * const codec = StateCodec.make({ signals: [QuotaExceeded] })
 * const state = Signal.toState(new QuotaExceeded({ message: "too much", used: 7 }))
 * const json = Schema.encodeSync(codec)(state)
 * const again = Schema.decodeSync(codec)(json)
 * console.log(String(again), State.signal(again, QuotaExceeded))
 * ```
 */
export const make = <A = unknown, E = unknown>(
  options: Options<A, E> = {}
): Schema.Codec<State.State<A, E>, Schema.Json> => {
  const signal = Schema.Union([...(options.signals ?? []), ...Object.values(Signal.untyped)])
  const failure = Schema.Union([
    signal,
    ...(options.error === undefined ? [] : [options.error]),
    Schema.Defect()
  ])
  const nested: Schema.Codec<State.State, any> = Schema.suspend(() => codec)
  const fields = Schema.Struct({
    _tag: Schema.Literals(State.tags),
    message: Schema.optionalKey(Schema.String),
    result: Schema.optionalKey(options.result ?? Schema.Unknown),
    failure: Schema.optionalKey(failure),
    signal: Schema.optionalKey(signal),
    cause: Schema.optionalKey(Schema.Cause(failure, failure)),
    startTime: Schema.optionalKey(Schema.NullOr(Schema.DateTimeUtc)),
    runCount: Schema.optionalKey(Schema.Number),
    loopCount: Schema.optionalKey(Schema.Number),
    expiration: Schema.optionalKey(Schema.DateTimeUtc),
    hashedInputs: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    nMapStates: Schema.optionalKey(Schema.Number),
    mapStates: Schema.optionalKey(Schema.Array(nested)),
    state: Schema.optionalKey(nested)
  })
  const codec: Schema.Codec<State.State, any> = fields.pipe(
    Schema.decodeTo(
      Schema.declare(State.isState),
      SchemaTransformation.transform({
        decode: (plain: any) => State.make(plain._tag, restore(plain)),
        encode: (state: State.State): any => flatten(state)
      })
    )
  ) as any
  return Schema.toCodecJson(codec) as any
}

/** The fields that are set; the result of a failure is the failure, or the signal that is there. */
const flatten = (state: State.State): Record<string, unknown> => {
  const { result, ...rest } = state.toJSON() as Record<string, unknown>
  if (result === undefined || (result === rest.signal && State.isFailed(state))) return rest
  return { ...rest, [State.isFailed(state) ? "failure" : "result"]: result }
}

const restore = (plain: Record<string, unknown>): State.Fields => {
  const { failure, ...rest } = plain
  return State.isKind(plain as any, "Failed") ? { ...rest, result: failure ?? rest.signal } : rest
}
