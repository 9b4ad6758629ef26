/**
 * The terminal state handlers of recorded cases.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { State, Transition } from "signalbox"
import type { StateRecord, TerminalHandler } from "./corpus.ts"
import { makeError } from "./errors.ts"
import { matches } from "./handlers.ts"
import type { CaseLog } from "./log.ts"
import { makeState, writeBrief } from "./states.ts"

/** Decides on the final state of a flow. */
export type Decide = (
  subject: Transition.FlowSubject,
  state: State.State,
  referenceStates: ReadonlyArray<State.State>
) => Effect.Effect<State.State | undefined, unknown>

/** The terminal state handler that a description asks for; it writes down its calls. */
export const makeTerminalHandler =
  (handler: TerminalHandler, log: CaseLog): Decide => (subject, state, referenceStates) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      log.run.flow.terminalHandlerCalls.push({
        state: log.write(state),
        referenceStates: inNoOrder([...new Set(referenceStates)].map(writeBrief))
      })
      const isMeant = matches(handler.when, { subject, from: state, to: state })
      return isMeant ? act(handler, state, now, log) : Effect.undefined
    })

/** States of different tasks, of whose order nothing is said, in the order of their texts. */
export const inNoOrder = (states: ReadonlyArray<StateRecord>): ReadonlyArray<StateRecord> =>
  states.toSorted((a, b) => textOf(a) < textOf(b) ? -1 : 1)

const textOf = ({ message = "", type }: StateRecord): string => `${type} ${message}`

const act = (
  handler: TerminalHandler,
  state: State.State,
  now: number,
  log: CaseLog
): Effect.Effect<State.State | undefined, unknown> => {
  const { error, kind, message } = handler
  if (kind === "record") return Effect.undefined
  if (kind === "replace" && handler.with !== undefined) {
    return Effect.succeed(makeState(handler.with, now, state))
  }
  if (kind === "raise" && error !== undefined) {
    return Effect.fail(makeError({ error, ...(message === undefined ? {} : { message }) }))
  }
  return log.refuse("terminal state handler", handler)
}
