/**
 * What bodies take and give, as recorded cases write it.
 *
 * @module
 */
import { DateTime, Redacted } from "effect"
import { Signal } from "signalbox"
import type { Json, JsonObject } from "./corpus.ts"
import { messageOf, recordedMessage, recordedName } from "./errors.ts"

/** The object that a resource's class makes; only its class is recorded. */
export class Made {
  readonly className: string
  constructor(className: string) {
    this.className = className
  }
}

/** Seconds since the epoch of the corpus. */
export type Offset = (millis: number) => number

/** Reads times as seconds since an epoch, in milliseconds since 1970. */
export const offsetFrom = (epoch: number): Offset => (millis) => Math.floor((millis - epoch) / 1000)

/** A value as cases write it. */
export const record = (value: unknown, offset: Offset): Json => {
  if (value === undefined || value === null) return null
  if (Redacted.isRedacted(value)) return record(Redacted.value(value), offset)
  if (DateTime.isDateTime(value)) return { $offset: offset(DateTime.toEpochMillis(value)) }
  if (value instanceof Made) return { $repr: value.className }
  if (Signal.isSignal(value) || isTimeout(value)) return recordSignal(value, offset)
  if (value instanceof Error) {
    const message = messageOf(value)
    return {
      $error: {
        name: recordedName(value),
        message: message === null ? null : recordedMessage(message)
      }
    }
  }
  if (Array.isArray(value)) return value.map((item) => record(item, offset))
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, record(item, offset)])
    )
  }
  return value as Json
}

/** The inputs of a body as cases write them. */
export const recordInputs = (
  inputs: Readonly<Record<string, unknown>>,
  offset: Offset
): JsonObject => record(inputs, offset) as JsonObject

const isTimeout = (value: unknown): value is Error =>
  value instanceof Error && value.name === "TaskTimeoutSignal"

// What every signal has; all else is its payload.
const signalFields = new Set([
  "_tag",
  "message",
  "result",
  "startTime",
  "runCount",
  "name",
  "cause"
])

const recordSignal = (signal: Error, offset: Offset): Json => {
  const payload = Object.entries(signal).filter(([key]) => !signalFields.has(key))
  return {
    $signal: {
      name: signal.name,
      message: signal.message === "" ? null : signal.message,
      ...(payload.length === 0 ? {} : { payload: record(Object.fromEntries(payload), offset) })
    }
  }
}
