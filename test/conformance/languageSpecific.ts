/**
 * Recorded texts that belong to Python: what one says is not compared, only that there is one.
 *
 * @module
 */
import { someText, textFrom } from "./promises.ts"

/** What a case expects, with any text in place of those that errors of Python print. */
export const loosened = (expected: unknown): unknown => {
  if (Array.isArray(expected)) return expected.map(loosened)
  if (typeof expected !== "object" || expected === null) return expected
  return Object.fromEntries(
    Object.entries(expected).map(([key, part]) => [key, loosenedAt(key, part)])
  )
}

const loosenedAt = (key: string, part: unknown): unknown => {
  if (key === "message" && typeof part === "string") return loosenedText(part)
  if (isError(key, part)) {
    return typeof part.message === "string" ? { ...part, message: someText } : part
  }
  return loosened(part)
}

interface ErrorRecord {
  readonly message?: unknown
}

const isError = (key: string, part: unknown): part is ErrorRecord =>
  (key === "$error" || key === "error") && typeof part === "object" && part !== null

/** Up to the printed form of an error, a message is the engine's own. */
const loosenedText = (text: string): unknown => {
  const own = /^.*?: \w+(?=\()/s.exec(text)?.[0]
  return own === undefined ? text : textFrom(`${own}(`)
}
