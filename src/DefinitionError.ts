/**
 * What is wrong with a definition, told before anything runs.
 *
 * @module
 */
import { Data, Formatter } from "effect"

/**
 * A task, flow, parameter or handler cannot be defined as asked.
 *
 * `action` says what was attempted, `reason` what is wrong and `detail` with which value; `message`
 * is the three in one sentence.
 */
export class DefinitionError extends Data.Error<{
  readonly action: string
  readonly reason: string
  readonly detail?: string | undefined
  readonly message: string
}> {
  readonly _tag = "DefinitionError"
  override readonly name = "DefinitionError"
}

/** Builds the error whose message is `action: reason (detail)`. */
export const make = (action: string, reason: string, detail?: string): DefinitionError =>
  new DefinitionError({
    action,
    reason,
    detail,
    message: `${action}: ${reason}${detail === undefined ? "" : ` (${detail})`}`
  })

/** Builds the error for a value that does not fit, which is its detail. */
export const refused = (action: string, reason: string, value: unknown): DefinitionError =>
  make(action, reason, Formatter.format(value))
