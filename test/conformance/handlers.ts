/**
 * The state handlers of recorded cases: each writes down its call, and then does its thing.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { Signal, type State, StateHandler, type Transition } from "signalbox"
import type { Handler, When } from "./corpus.ts"
import { makeError } from "./errors.ts"
import type { CaseLog } from "./log.ts"
import { guardOf } from "./guards.ts"

import { makeSignal } from "./signals.ts"
import { isNamed, makeState } from "./states.ts"

type AnyHandler = StateHandler.StateHandler<unknown>
type Handle = StateHandler.Handle<unknown>

/** Writes down every change of state as it was proposed; to be put before all other handlers. */
export const silent = (log: CaseLog): StateHandler.StateHandler =>
  StateHandler.make((subject, from, to) =>
    Effect.sync(() => {
      log.of(subject).transitions.push(log.transition(from, to))
    })
  )

/** Writes down the failures that it is told of. */
export const tellFailure =
  (log: CaseLog) => (subject: Transition.Subject, state: State.State): Effect.Effect<void> =>
    Effect.sync(() => {
      log.of(subject).onFailureCalls.push(log.write(state))
    })

/** The handlers of a list, whose calls are written down under a name. */
export const makeHandlers = (
  list: ReadonlyArray<Handler> = [],
  log: CaseLog,
  under: "handlerCalls" | "runnerHandlerCalls" = "handlerCalls"
): ReadonlyArray<AnyHandler> =>
  list.map((handler, index) =>
    handler.kind === "callback"
      ? callback(handler.check, index, log)
      : recording(handler, index, log, under)
  )

/** A handler that is asked about some subjects only. */
export const only = (
  isMeant: (subject: Transition.Subject) => boolean,
  handler: AnyHandler
): AnyHandler =>
  StateHandler.make((subject, from, to) =>
    isMeant(subject) ? (handler.handle as Handle)(subject, from, to) : Effect.void
  )

const callback = (check: string, index: number, log: CaseLog): AnyHandler =>
  StateHandler.callback((subject, state) =>
    Effect.sync(() => {
      log.of(subject).callbackCalls.push({ handler: index, state: log.write(state) })
    }), guardOf(check))

const recording = (
  handler: Handler,
  index: number,
  log: CaseLog,
  under: "handlerCalls" | "runnerHandlerCalls"
): AnyHandler =>
  StateHandler.make<unknown>((subject, from, to) =>
    Effect.gen(function* () {
      log.of(subject)[under].push({ handler: index, ...log.transition(from, to) })
      if (!matches(handler.when, { subject, from, to })) return undefined
      const { times } = handler
      if (times !== undefined && log.count(handler, keyOf(subject)) >= times) return undefined
      const now = yield* Clock.currentTimeMillis
      return yield* act(handler, { subject, from, to, log, now })
    })
  )

const keyOf = (subject: Transition.Subject): string =>
  subject._tag === "Flow" ? "" : `${subject.slug}[${subject.mapIndex}]`

interface Change {
  readonly subject: Transition.Subject
  readonly from: State.State
  readonly to: State.State
}

/** Whether a handler is meant for a change. */
export const matches = (when: When | undefined, { from, subject, to }: Change): boolean => {
  if (when === undefined) return true
  if (typeof when === "string") return isNamed(to, when)
  const mapIndex = subject._tag === "Task" ? subject.mapIndex ?? null : null
  return (when.new === undefined || isNamed(to, when.new)) &&
    (when.newExact === undefined || to._tag === when.newExact) &&
    (when.old === undefined || isNamed(from, when.old)) &&
    (when.mapIndex === undefined || when.mapIndex === mapIndex)
}

interface Asked extends Change {
  readonly log: CaseLog
  readonly now: number
}

const act = (
  handler: Handler,
  { from, log, now, subject, to }: Asked
): Effect.Effect<State.State | undefined, unknown> => {
  switch (handler.kind) {
    case "record":
    case "returnNone":
      return Effect.undefined
    case "returnNew":
      return Effect.succeed(to)
    case "returnOld":
      return Effect.succeed(from)
    case "replace":
      return Effect.succeed(makeState(handler.with, now, to))
    case "raise":
      return Effect.fail(makeError(handler))
    case "raiseSignal":
      return Effect.fail(makeSignal(handler, now))
    case "raiseEndrun":
      return Effect.fail(Signal.endRun(makeState(handler.with, now, to)))
    case "print": {
      const forms = [subject, from, to].map(String)
      const text = handler.template.replaceAll(/\{(\d)\}/g, (_text, place) => forms[place]!)
      log.of(subject).printed.push(text)
      return Effect.succeed(to)
    }
    default:
      return log.refuse("handler", handler)
  }
}
