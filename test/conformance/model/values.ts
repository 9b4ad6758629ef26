/**
 * Values as the recorded engine has them: what counts as a list, as equal, and how errors print.
 *
 * @module
 */
import type { Json, JsonObject } from "../corpus.ts"

/** An error or a signal as a value. */
export type Thrown = {
  readonly [kind in "$error" | "$signal"]?: {
    readonly name: string
    readonly message: string | null
    readonly payload?: JsonObject
  }
}

/** The printed form of an error or a signal: `Name('message')`. */
export const printThrown = ({ $error, $signal }: Thrown): string => {
  const { message, name } = ($error ?? $signal)!
  return message === null ? `${name}()` : `${name}(${quote(message)})`
}

const quote = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
  return `${mark}${escaped.replaceAll(mark, `\\${mark}`)}${mark}`
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a value is an error, or a signal. */
export const isThrown = (value: Json | undefined): boolean =>
  isObject(value) && ("$error" in value || "$signal" in value)

/** Whether a value is an error, as signals are not. */
export const isError = (value: Json | undefined): value is JsonObject & Thrown =>
  isObject(value) && "$error" in value

/** Whether the items of a value can be gone through one by one. */
export const isList = (value: Json): value is ReadonlyArray<Json> | string =>
  Array.isArray(value) || typeof value === "string"

/** Whether a value has items at places or under keys. */
export const hasItems = (value: Json): boolean =>
  isList(value) || (isObject(value) && !isThrown(value))

/** How many items a value has. */
export const lengthOf = (value: Json): number =>
  isList(value) ? value.length : Object.keys(value as JsonObject).length

/** One level of lists less, if all items are lists. */
export const flattened = (value: Json): Json => {
  if (!isList(value)) return value
  const items = [...value]
  return items.every(isList) ? items.flatMap((item) => [...item]) : value
}

/** Whether a value counts as true. */
export const isTruthy = (value: Json | undefined): boolean =>
  hasItems(value ?? null) ? lengthOf(value!) > 0 : Boolean(value)

/** A text that is the same for equal values; errors and signals equal nothing, not even themselves. */
export const fingerprint = (value: Json | undefined): string | symbol =>
  holdsThrown(value) ? Symbol("thrown") : JSON.stringify(sorted(value ?? null))

const holdsThrown = (value: Json | undefined): boolean => {
  if (isThrown(value)) return true
  if (Array.isArray(value)) return value.some(holdsThrown)
  return isObject(value) && Object.values(value).some(holdsThrown)
}

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).toSorted().map((key) => [key, sorted(value[key]!)]))
}

/** Whether two values are equal. */
export const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  fingerprint(a) === fingerprint(b)
