/**
 * The signals that recorded cases raise.
 *
 * @module
 */
import { DateTime, Schema } from "effect"
import { Signal, type State } from "signalbox"
import type { Json, JsonObject, SignalText } from "./corpus.ts"

interface Fields {
  readonly message?: string
  readonly result?: Json
  readonly startTime?: State.StartTime
}

const factories: Readonly<Record<string, Signal.Factory<any, Signal.BaseFields>>> = {
  FAIL: Signal.Fail,
  TRIGGERFAIL: Signal.TriggerFail,
  VALIDATIONFAIL: Signal.ValidationFail,
  SUCCESS: Signal.Success,
  SKIP: Signal.Skip,
  RETRY: Signal.Retry,
  PAUSE: Signal.Pause,
  LOOP: Signal.Loop
}

const untyped: Readonly<Record<string, (fields: Fields) => Signal.Signal>> = {
  FAIL: Signal.fail,
  TRIGGERFAIL: Signal.triggerFail,
  VALIDATIONFAIL: Signal.validationFail,
  SUCCESS: Signal.success,
  SKIP: Signal.skip,
  RETRY: Signal.retry,
  PAUSE: Signal.pause,
  LOOP: Signal.loop
}

/** The names of all signals. */
export const signalNames: ReadonlyArray<string> = Object.keys(untyped)

/** The signal that a description asks for, made at a time in milliseconds since 1970. */
export const makeSignal = (
  { message, payload, signal, startInSeconds, ...rest }: SignalText,
  now: number
): Signal.Signal => {
  const make = untyped[signal]
  if (make === undefined) throw new Error(`Unknown signal: ${signal}`)
  const fields: Fields = {
    ...(message === undefined || message === null ? {} : { message }),
    ...("result" in rest ? { result: rest.result as Json } : {}),
    ...(typeof startInSeconds === "number" ? { startTime: now + startInSeconds * 1000 } : {})
  }
  return payload === undefined ? make(fields) : withPayload(signal, payload, fields)
}

const withPayload = (
  name: string,
  payload: JsonObject,
  { startTime, ...fields }: Fields
): Signal.Signal => {
  const schema = Object.fromEntries(Object.keys(payload).map((key) => [key, Schema.Unknown]))
  const SignalClass = factories[name]!<Signal.Signal>()(name, schema) as unknown as new (
    fields: object
  ) => Signal.Signal
  const time = typeof startTime === "number" ? { startTime: DateTime.makeUnsafe(startTime) } : {}
  return new SignalClass({ ...fields, ...time, ...payload })
}
