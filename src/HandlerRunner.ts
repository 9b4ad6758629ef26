/**
 * Calls the handlers of one change, in order, and says what the state is from then on.
 *
 * @module
 */
import {
  Cause,
  Clock,
  Context,
  Duration,
  Effect,
  Exit,
  Fiber,
  Formatter,
  Option,
  Predicate,
  Random,
  Scheduler,
  Tracer
} from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import * as FailedState from "./FailedState.ts"
import { RunContext } from "./RunContext.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"
import {
  type Any,
  type Handle,
  HandlerError,
  type Implementation,
  Interceptor,
  isStateHandler,
  type Policy,
  type StateHandler
} from "./StateHandler.ts"
import type { HandlerCall, Subject } from "./Transition.ts"

/** A handler that is ready to be called in one flow run. */
export interface Resolved {
  readonly name: string
  readonly handle: Handle<unknown>
  readonly policy: Policy
  readonly timeout: Duration.Duration
}

// What belongs to the run and never to a handler: a handler built under another clock still lives
// in the time of the run that calls it.
const world: ReadonlyArray<Context.Key<any, any>> = [
  RunContext,
  Clock.Clock,
  Random.Random,
  Scheduler.Scheduler,
  Scheduler.MaxOpsBeforeYield,
  Scheduler.PreventSchedulerYield,
  Tracer.Tracer,
  Tracer.ParentSpan
]

/**
 * Makes a list of handlers ready for one flow run; done once a run, not once a call.
 *
 * @throws DefinitionError for a service that no layer provides; `action` is what was attempted.
 */
export const resolve = (
  handlers: ReadonlyArray<Any>,
  context: Context.Context<never>,
  action: string
): ReadonlyArray<Resolved> => {
  const interceptor = Context.get(context, Interceptor)
  return handlers.map((handler) => {
    const given = isStateHandler(handler) ? handler : implementationOf(handler, context, action)
    const bound = bind(given, context)
    if (interceptor === undefined) return bound
    const handle: Handle<unknown> = (subject, from, to) =>
      interceptor(bound.name, { subject, from, to }, () => bound.handle(subject, from, to))
    return { ...bound, handle }
  })
}

// The compiler asks for the layer; this is for whom it could not ask.
const implementationOf = (
  key: Context.Key<any, Implementation<any>>,
  context: Context.Context<never>,
  action: string
): Implementation => {
  const found = Context.getOption(context as Context.Context<any>, key)
  if (Option.isSome(found)) return found.value as Implementation
  throw definitionError(action, `handler "${key.key}" has no layer in scope`)
}

const bind = (
  handler: StateHandler<any, any, any> & { readonly context?: Context.Context<never> | undefined },
  context: Context.Context<never>
): Resolved => {
  const { name, policy, timeout } = handler
  const handle = handler.handle as Handle<unknown>
  const own = handler.context && Context.merge(context, handler.context)
  return {
    name,
    policy,
    timeout,
    handle: own === undefined ? handle : (subject, oldState, newState) => {
      const answer = handle(subject, oldState, newState)
      if (Exit.isExit(answer) || !Effect.isEffect(answer)) return answer
      return Effect.updateContext(answer, (current) => inWorldOf(own, current))
    }
  }
}

const inWorldOf = (
  own: Context.Context<never>,
  current: Context.Context<never>
): Context.Context<never> => {
  let context = own
  for (const key of world) {
    const value = Context.getOption(current as Context.Context<any>, key)
    if (Option.isSome(value)) context = Context.add(context, key, value.value)
  }
  return context
}

/** What the engine tells {@link settle} of the run. */
export interface Change {
  readonly subject: Subject
  readonly from: State.State
  /** Fills in what only the run knows: a start time of now, the count of the attempt. */
  readonly adopt: (state: State.State) => State.State
  /** The calls so far, for observers; without any, nothing is noted. */
  log: ReadonlyArray<HandlerCall> | undefined
  /** Set when the run is over, whatever steps are left. */
  ended: boolean
}

/**
 * Calls the handlers in order and gives the state that they leave.
 *
 * Answers at once, without an `Effect`, when every handler did.
 */
export const settle = (
  handlers: ReadonlyArray<Resolved>,
  change: Change,
  proposed: State.State,
  first = 0
): State.State | Effect.Effect<State.State> => {
  let current = proposed
  for (let i = first; i < handlers.length; i++) {
    const handler = handlers[i]!
    const given = call(handler, change, current)
    // Most handlers answer at once and well.
    if (isSuccess(given) && isAnswer(given.value)) {
      current = accept(handler, change, current, given.value)
      continue
    }
    const answer = persist(handler, change, current, check(handler, change, given))
    if (!Exit.isExit(answer)) return goOnAfter(answer, current, handlers, change, i)
    const verdict = judge(handler, change, current, answer)
    if (!State.isState(verdict)) return goOn(verdict, handlers, change, i)
    current = verdict
  }
  return current
}

// A function with a closure in it pays for one at each call: those that every call passes have none.

const goOnAfter = (
  answer: Asked,
  shown: State.State,
  handlers: ReadonlyArray<Resolved>,
  change: Change,
  index: number
): Effect.Effect<State.State> =>
  Effect.flatMap(
    Effect.exit(answer),
    (exit) => goOn(judge(handlers[index]!, change, shown, exit), handlers, change, index)
  )

const success: unknown = Object.getPrototypeOf(Exit.void)

/** Whether a value is the exit of a success: its prototype tells it faster than the general question. */
export const isSuccess = (effect: unknown): effect is Exit.Success<any> =>
  typeof effect === "object" && effect !== null && Object.getPrototypeOf(effect) === success

// What one handler made of the change: the state it left, or what its trouble made of it.
type Verdict = State.State | Troubled

class Troubled {
  readonly state: State.State
  /** The trouble, where the policy of the handler ignores it; else the other handlers are not asked. */
  readonly ignored: Cause.Cause<unknown> | undefined
  constructor(state: State.State, ignored?: Cause.Cause<unknown>) {
    this.state = state
    this.ignored = ignored
  }
}

const goOn = (
  verdict: Verdict,
  handlers: ReadonlyArray<Resolved>,
  change: Change,
  index: number
): Effect.Effect<State.State> => {
  if (verdict instanceof Troubled) {
    const { ignored, state } = verdict
    if (ignored === undefined) return Effect.succeed(state)
    const text = `Ignored the trouble of handler "${handlers[index]!.name}" with ${change.subject}`
    return Effect.flatMap(
      Effect.logWarning(text, ignored),
      () => goOn(state, handlers, change, index)
    )
  }
  const rest = settle(handlers, change, verdict, index + 1)
  return State.isState(rest) ? Effect.succeed(rest) : rest
}

type Answer = State.State | void
type Asked = Effect.Effect<Answer, unknown> | Exit.Exit<Answer, unknown>

/** Lets a handler that did not answer well at once have its time, and what its policy grants it. */
const persist = (handler: Resolved, change: Change, proposed: State.State, first: Asked): Asked => {
  const { policy } = handler
  if (Predicate.isString(policy)) return within(handler, change, first)
  let answer: Asked | undefined = first
  const attempt = Effect.suspend(() => {
    const now = answer ?? check(handler, change, call(handler, change, proposed))
    answer = undefined
    return Effect.catchDefect(within(handler, change, now), Effect.fail)
  })
  return Effect.retry(attempt, { schedule: policy.retry, while: isTrouble })
}

const isTrouble = (error: unknown): boolean => !Signal.isSignal(error) && !Signal.isEndRun(error)

/** What the function of a handler gives, whatever that is. */
const call = (handler: Resolved, change: Change, proposed: State.State): unknown => {
  try {
    return handler.handle(change.subject, change.from, proposed)
  } catch (thrown) {
    return Exit.die(thrown)
  }
}

const isAnswer = (value: unknown): value is State.State | undefined =>
  value === undefined || State.isState(value)

// What an error names.
type Named = Pick<Resolved, "name">
type Told = Pick<Change, "subject">

/** Turns what is no Effect of a state or nothing into an error. */
export const check = (handler: Named, change: Told, given: unknown): Asked => {
  if (!Effect.isEffect(given)) return Exit.fail(nonsense(handler, change, given, "an Effect"))
  if (!Exit.isExit(given)) {
    return Effect.flatMap(given as Asked, (value) => answerOf(handler, change, value))
  }
  return isSuccess(given) ? answerOf(handler, change, given.value) : given as Asked
}

const answerOf = (
  handler: Named,
  change: Told,
  value: unknown
): Exit.Exit<Answer, HandlerError> => {
  if (isAnswer(value)) return Exit.succeed<Answer>(value)
  if (value === null) return Exit.void
  return Exit.fail(nonsense(handler, change, value, "a State or nothing"))
}

const nonsense = (handler: Named, change: Told, value: unknown, expected: string) =>
  new HandlerError({
    handler: handler.name,
    message: `Cannot use what handler "${handler.name}" returned for ${change.subject}: ` +
      `expected ${expected}, got ${Formatter.format(value)}`
  })

/** Ends the effect with an error when it takes too long; one that ends at once pays no timer. */
const within = (handler: Resolved, change: Change, effect: Asked): Asked => {
  if (Exit.isExit(effect) || !Duration.isFinite(handler.timeout)) return effect
  return Effect.flatMap(Effect.forkChild(effect, { startImmediately: true }), (fiber) => {
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return exit
    return Effect.timeoutOrElse(
      Effect.onInterrupt(Fiber.join(fiber), () => Fiber.interrupt(fiber)),
      {
        duration: handler.timeout,
        orElse: () => Effect.fail(tooLate(handler, change))
      }
    )
  })
}

const tooLate = (handler: Resolved, change: Change): HandlerError =>
  new HandlerError({
    handler: handler.name,
    message: `Cannot wait any longer for handler "${handler.name}" on ${change.subject}: ` +
      `it took more than ${Duration.format(handler.timeout)}`
  })

const judge = (
  handler: Resolved,
  change: Change,
  proposed: State.State,
  exit: Exit.Exit<Answer, unknown>
): Verdict => {
  if (Exit.isSuccess(exit)) return accept(handler, change, proposed, exit.value)
  const verdict = judgeFailure(handler, change, proposed, exit.cause)
  note(handler, change, proposed, verdict.state, Cause.squash(exit.cause))
  return verdict
}

const accept = (
  handler: Resolved,
  change: Change,
  proposed: State.State,
  answer: Answer
): State.State => {
  const decided = answer === undefined || answer === proposed ? proposed : change.adopt(answer)
  note(handler, change, proposed, decided, undefined)
  return decided
}

const note = (
  { name }: Resolved,
  change: Change,
  proposed: State.State,
  decided: State.State,
  error: unknown
): void => {
  if (change.log === undefined) return
  const call: HandlerCall = { handler: name, proposed, decided, error }
  // An array that begins empty and grows would keep room for many more.
  change.log = change.log.length === 0 ? [call] : [...change.log, call]
}

const judgeFailure = (
  handler: Resolved,
  change: Change,
  proposed: State.State,
  cause: Cause.Cause<unknown>
): Troubled => {
  const raised = Signal.raised(cause)
  if (raised !== undefined) {
    const state = change.adopt(Signal.toState(raised, cause))
    if (Signal.isEndRun(raised) || State.isPaused(state)) change.ended = true
    return new Troubled(state)
  }
  const { policy } = handler
  const last = Predicate.isString(policy) ? policy : policy.otherwise ?? "fail"
  if (last === "ignore") return new Troubled(proposed, cause)
  change.ended = true
  return new Troubled(
    FailedState.from("Unexpected error while calling state handlers", cause, proposed)
  )
}
