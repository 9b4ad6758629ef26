/**
 * How an error reads inside the message of a state.
 *
 * @module
 */
import { type Cause, Formatter } from "effect"

/**
 * The short printed form of an error: `Name('message')`, or `Name()` without a message.
 *
 * Double quotes are used when the message holds a single quote and no double quote. What is no
 * error is printed as Effect prints it.
 */
export const print = (error: unknown): string => {
  if (!(error instanceof Error)) return Formatter.format(error)
  const name = error.name === "Error" ? error.constructor.name : error.name
  return `${name}(${error.message === "" ? "" : quote(error.message)})`
}

const quote = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll(mark, `\\${mark}`)
  return `${mark}${escaped}${mark}`
}

/** The errors and the defects that a cause tells of, in order. */
export const errorsIn = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.map((reason) =>
    reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined
  )
