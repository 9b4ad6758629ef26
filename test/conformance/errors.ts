/**
 * The errors that recorded cases raise, as classes with the recorded parents.
 *
 * @module
 */
import { Flow } from "signalbox"
import type { ErrorText } from "./corpus.ts"

class Exception extends Error {
  constructor(message?: string) {
    super(message)
    this.name = new.target.name
    // One made without a message is told from one with an empty message.
    if (message === undefined) Object.assign(this, { hasMessage: false })
  }
}
class ValueError extends Exception {}
class TypeError extends Exception {}
class RuntimeError extends Exception {}
class ArithmeticError extends Exception {}
class ZeroDivisionError extends ArithmeticError {}
class LookupError extends Exception {}
class KeyError extends LookupError {}
class IndexError extends LookupError {}

const classes: Readonly<Record<string, new (message?: string) => Exception>> = {
  Exception,
  ValueError,
  TypeError,
  RuntimeError,
  ArithmeticError,
  ZeroDivisionError,
  LookupError,
  KeyError,
  IndexError
}

/** The class of a recorded name. */
export const errorClass = (name: string): new (message?: string) => Error => {
  const found = classes[name]
  if (found === undefined) throw new Error(`Unknown class of errors: ${name}`)
  return found
}

/** The error that a description asks for. */
export const makeError = ({ error, message }: ErrorText): Error =>
  new (errorClass(error))(message ?? undefined)

/** The message of an error, or nothing if it was made without one. */
export const messageOf = (error: Error): string | null =>
  Object.hasOwn(error, "hasMessage") ? null : error.message

// Where the recorded engine raised an error of Python, this one has a class that says what happened.
const ownClasses: Readonly<Record<string, string>> = {
  [Flow.SecretError.name]: "ValueError",
  [Flow.ParameterError.name]: "ValueError",
  [Flow.NoScheduledRuns.name]: "ValueError"
}

/** The recorded name for the class of an error. */
export const recordedName = (error: Error): string => ownClasses[error.name] ?? error.name

const ownNames = new RegExp(`\\b(${Object.keys(ownClasses).join("|")})\\(`, "g")

/** A message with the recorded names for the engine's own classes of errors. */
export const recordedMessage = (message: string): string =>
  message.replaceAll(ownNames, (_text, name: string) => `${ownClasses[name]}(`)

/** What is wrong, without what was attempted: messages begin with `Cannot run flow "etl": `. */
export const reasonOf = (error: Error): string =>
  "reason" in error && typeof error.reason === "string"
    ? error.reason
    : recordedMessage(error.message).replace(/^Cannot [^:]*: /, "")
