/**
 * One step of a pipeline, and who is asked about the change of state that it makes.
 *
 * @module
 */
import type { Handler, When } from "../corpus.ts"
import { raise } from "./behaviours.ts"
import { type Context, type Log, making, push } from "./run.ts"
import { brief, checkOf, full, given, isA, isFailed, type ModelState } from "./states.ts"
import { failed, Raised, RaisedEnd, RaisedSignal } from "./thrown.ts"

/** Whose state changes. */
export interface Subject {
  readonly context: Context
  readonly log: Log
  readonly printed: string
  readonly mapIndex: number | undefined
  readonly handlers: ReadonlyArray<Handler>
  readonly tellsFailure: boolean
  readonly runnerHandlers: ReadonlyArray<Handler>
}

/** Takes a step; the handlers are asked if that gives another state. Throws the end of the run. */
export const step = (
  subject: Subject,
  state: ModelState,
  take: (state: ModelState) => ModelState
): ModelState => {
  let proposed: ModelState
  let ends = false
  try {
    proposed = take(state)
  } catch (thrown) {
    ends = thrown instanceof RaisedEnd
    if (thrown instanceof Raised) proposed = failed("Unexpected error", thrown)
    else if (thrown instanceof RaisedEnd || thrown instanceof RaisedSignal) proposed = thrown.state
    else throw thrown
  }
  const settled = proposed === state ? state : change(subject, state, proposed)
  if (ends) throw new RaisedEnd(settled)
  return settled
}

/** Asks the handlers about a change, and gives the state that they leave. */
export const change = (subject: Subject, old: ModelState, proposed: ModelState): ModelState => {
  const { handlers, log, runnerHandlers, tellsFailure } = subject
  push(log, "transitions", { old: brief(old), new: full(proposed) })
  let state = proposed
  const askAll = (list: ReadonlyArray<Handler>, under: "handlerCalls" | "runnerHandlerCalls") =>
    list.forEach((handler, place) => {
      if (handler.kind === "callback") {
        const fires = checkOf(handler.check)(state)
        if (fires) push(log, "callbackCalls", { handler: place, state: full(state) })
        return
      }
      push(log, under, { handler: place, old: brief(old), new: full(state) })
      state = answer(handler, subject, old, state) ?? state
    })
  try {
    askAll(handlers, "handlerCalls")
    if (tellsFailure && isFailed(state)) push(log, "onFailureCalls", full(state))
    askAll(runnerHandlers, "runnerHandlerCalls")
    return state
  } catch (thrown) {
    if (thrown instanceof Raised) {
      throw new RaisedEnd(failed("Unexpected error while calling state handlers", thrown))
    }
    if (thrown instanceof RaisedSignal && thrown.name !== "PAUSE") return thrown.state
    throw thrown
  }
}

/** Whether a handler is meant for a change. */
export const isMeant = (
  when: When | undefined,
  old: ModelState,
  state: ModelState,
  mapIndex: number | undefined
): boolean => {
  if (when === undefined) return true
  if (typeof when === "string") return isA(state, when)
  return (when.new === undefined || isA(state, when.new)) &&
    (when.newExact === undefined || state.type === when.newExact) &&
    (when.old === undefined || isA(old, when.old)) &&
    (when.mapIndex === undefined || when.mapIndex === (mapIndex ?? null))
}

const answer = (
  handler: Handler,
  { context, log, mapIndex, printed }: Subject,
  old: ModelState,
  state: ModelState
): ModelState | undefined => {
  const { times } = handler
  if (!isMeant(handler.when, old, state, mapIndex)) return undefined
  if (times !== undefined && context.world.count(handler, context.key) >= times) return undefined
  switch (handler.kind) {
    case "returnNew":
      return state
    case "returnOld":
      return old
    case "replace":
      return given(handler.with, making(context), state)
    case "raise":
      throw new Raised(handler)
    case "raiseSignal":
      throw raise(handler, context)
    case "raiseEndrun":
      throw new RaisedEnd(given(handler.with, making(context), state))
    case "print": {
      const forms = [printed, print(old), print(state)]
      const text = handler.template.replaceAll(/\{(\d)\}/g, (_text, place) => forms[place]!)
      push(log, "printed", text)
      return state
    }
    default:
      return undefined
  }
}

const print = ({ message, type }: ModelState): string =>
  message === undefined ? `<${type}>` : `<${type}: "${message}">`
