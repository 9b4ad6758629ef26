/**
 * One text for each value, the same on every runtime.
 *
 * JSON with the keys of objects in the order of their characters. What JSON does not have: dates are
 * ISO texts in UTC, `undefined` is left out of objects, `NaN`, infinities and whole numbers of any
 * size are texts (`"12n"`), errors are `{"error", "message"}` with their own fields and without a
 * stack, maps and sets are lists of their items, functions and symbols are their names.
 *
 * Bounds: texts of 10,000 characters, lists and objects of 1,000 items, 12 levels; what is beyond is
 * cut off and says so with `…`.
 *
 * @module
 */
import { Cause, DateTime, Predicate } from "effect"
import * as State from "../State.ts"

const maxText = 10_000
const maxItems = 1000
const maxDepth = 12

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | {
  readonly [key: string]: Json
}

/** The canonical JSON of a value. */
export const encode = (value: unknown): string => JSON.stringify(toJson(value, 0))

/** A value as what {@link encode} writes. */
export const toJson = (value: unknown, depth = 0): Json => {
  switch (typeof value) {
    case "string":
      return cut(value)
    case "number":
      return Number.isFinite(value) ? value + 0 : String(value)
    case "boolean":
      return value
    case "bigint":
      return `${value}n`
    case "undefined":
      return null
    case "function":
      return `[function ${value.name}]`
    case "symbol":
      return `[${value.description ?? "symbol"}]`
    case "object":
      return value === null ? null : depth >= maxDepth ? "…" : objectToJson(value, depth + 1)
  }
}

const cut = (text: string): string =>
  text.length <= maxText ? text : `${text.slice(0, maxText)}… (${text.length} characters)`

const objectToJson = (value: object, depth: number): Json => {
  if (State.isState(value)) return stateToJson(value, depth)
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Error) return errorToJson(value, depth)
  if (Cause.isCause(value)) return value.reasons.map((reason) => reasonToJson(reason, depth))
  if (value instanceof Map) return { map: listToJson(value, depth) }
  if (value instanceof Set) return { set: listToJson(value, depth) }
  if (Array.isArray(value) || isBytes(value)) return listToJson(value, depth)
  if (Predicate.hasProperty(value, "toJSON") && Predicate.isFunction(value.toJSON)) {
    return toJson(value.toJSON(), depth)
  }
  return fieldsToJson(value, depth)
}

const isBytes = (value: object): value is Uint8Array => ArrayBuffer.isView(value)

const listToJson = (items: Iterable<unknown>, depth: number): ReadonlyArray<Json> => {
  const list: Array<Json> = []
  for (const item of items) {
    if (list.length === maxItems) return [...list, "…"]
    list.push(toJson(item, depth))
  }
  return list
}

const fieldsToJson = (value: object, depth: number): Json =>
  putFields({}, value, Object.keys(value), depth)

/** Adds those fields of a value that have one of the keys. */
const putFields = (
  fields: { [key: string]: Json },
  value: object,
  keys: Array<string>,
  depth: number
): { [key: string]: Json } => {
  if (keys.length > 1) keys.sort(byCharacters)
  const shown = keys.length > maxItems ? keys.slice(0, maxItems) : keys
  for (const key of shown) {
    const field: unknown = (value as Record<string, unknown>)[key]
    if (field !== undefined) fields[key] = toJson(field, depth)
  }
  if (keys.length > maxItems) fields["…"] = keys.length
  return fields
}

const byCharacters = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** Where an error was made, its stack, is no part of what it says. */
const errorToJson = (error: Error, depth: number): Json => {
  const { cause, message, name } = error
  const fields: Record<string, Json> = {
    error: name === "Error" ? error.constructor.name : name,
    message: cut(message)
  }
  if (cause !== undefined) fields.cause = toJson(cause, depth)
  return putFields(fields, error, Object.keys(error).filter(isOwnOfError), depth)
}

const isOwnOfError = (key: string): boolean =>
  key !== "cause" && key !== "message" && key !== "name"

// Fibres are numbered through a whole process, so who interrupted is no part of a trace.
const reasonToJson = (reason: Cause.Reason<unknown>, depth: number): Json => {
  switch (reason._tag) {
    case "Fail":
      return { fail: toJson(reason.error, depth) }
    case "Die":
      return { die: toJson(reason.defect, depth) }
    case "Interrupt":
      return "interrupt"
  }
}

/** The kind and the message first, then what the state has, in a fixed order. */
const stateToJson = (state: State.State, depth: number): Json => {
  const { _tag, message, result } = state
  const fields: Record<string, Json> = { tag: _tag }
  if (message !== undefined) fields.message = cut(message)
  if (result !== undefined) fields.result = toJson(result, depth)
  return putFields(fields, state, Object.keys(state).filter(isOwnOfState), depth)
}

const isOwnOfState = (key: string): boolean =>
  key !== "_tag" && key !== "message" && key !== "result"
