/**
 * What an error that nobody signalled makes of a run.
 *
 * @module
 */
import { Cause, Data } from "effect"
import * as PrintedError from "./PrintedError.ts"
import * as State from "./State.ts"

/** A body took longer than the timeout of its task; the result of its `TimedOut` state. */
export class TaskTimeout extends Data.Error<{ readonly message: string }> {
  readonly _tag = "TaskTimeout"
  override readonly name = "TaskTimeoutSignal"
}

/**
 * The state of what failed with a cause; `what` is said before the error. A failure that was being
 * announced stays in the cause.
 */
export const from = (
  what: string,
  cause: Cause.Cause<unknown>,
  announced?: State.State
): State.State => {
  const error = Cause.squash(cause)
  const before = announced !== undefined && State.isFailed(announced) ? announced.cause : undefined
  return State.failed({
    message: `${what}: ${PrintedError.print(error)}`,
    result: error,
    cause: before === undefined ? cause : Cause.combine(before, cause)
  })
}
