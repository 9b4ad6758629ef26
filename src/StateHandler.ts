/**
 * The hook that every change of state passes: it may watch, tell someone, or replace the new state.
 *
 * A handler is `(subject, oldState, newState) => Effect<State | void>`. What it returns is the new
 * state for the next handler and in the end for the run; nothing means "as proposed".
 *
 * Order: the handlers of the task or flow in list order, then its `onFailure`, then those of the
 * scope ({@link layer}), outermost scope first.
 *
 * @module
 */
import {
  Cause,
  Clock,
  Context,
  Data,
  Duration,
  Effect,
  Exit,
  Fiber,
  Formatter,
  Layer,
  Option,
  Predicate,
  Random,
  Schedule,
  Scheduler,
  Tracer
} from "effect"
import * as PrintedError from "./PrintedError.ts"
import * as Ambient from "./Ambient.ts"
import * as DefinitionError from "./DefinitionError.ts"
import { RunContext } from "./RunContext.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"
import type { HandlerCall, Subject } from "./Transition.ts"

const TypeId = "~signalbox/StateHandler" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** The function of a handler. */
export type Handle<E = never, R = never> = (
  subject: Subject,
  oldState: State.State,
  newState: State.State
) => Effect.Effect<State.State | void, E, R>

/**
 * What happens when a handler itself fails, dies, hangs or returns nonsense.
 *
 * `"fail"`: the run ends as failed, and keeps in its cause the failure that was being announced.
 * `"ignore"`: the state stands as proposed and a warning is logged. `{ retry }`: the handler is
 * asked again by the schedule, and then `otherwise` (`"fail"` unless given) applies.
 */
export type Policy = "fail" | "ignore" | {
  readonly retry: Schedule.Schedule<unknown, unknown>
  readonly otherwise?: "fail" | "ignore"
}

/** How a handler is called. */
export interface Options {
  /** What traces and messages call it. */
  readonly name?: string | undefined
  /** What its own trouble does to the run; `"fail"` unless given. */
  readonly policy?: Policy | undefined
  /** How long one call may take; one minute unless given, `Duration.infinity` for no limit. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * A handler that may fail with `E`, needs `R`, and is meant for tasks that can raise the signals
 * `Wants` (`never`: for any task and flow).
 */
export interface StateHandler<out E = never, out R = never, out Wants = never> {
  readonly [TypeId]: {
    readonly _E: (_: never) => E
    readonly _R: (_: never) => R
    readonly _Wants: (_: never) => Wants
  }
  readonly name: string
  readonly handle: Handle<any, any>
  readonly policy: Policy
  readonly timeout: Duration.Duration
}

/** What {@link Service} classes stand for: a handler whose needs are met. */
export interface Implementation<out Wants = never> extends StateHandler<any, never, Wants> {
  /** What it needs, taken from where its layer was built. */
  readonly context: Context.Context<never> | undefined
  /** The calls so far, if the layer records them. */
  readonly calls: ReadonlyArray<Call>
}

/** What a recording handler was told. */
export interface Call {
  readonly subject: Subject
  readonly oldState: State.State
  readonly newState: State.State
}

/** Anything that can stand in a list of handlers. */
export type Any = StateHandler<any, any, any> | Context.Key<any, Implementation<any>>

/** The errors of a handler. */
export type ErrorOf<H> = H extends StateHandler<infer E, any, any> ? E : never

/** What a handler needs: the services of an inline one, or itself when it is a service. */
export type ServicesOf<H> = H extends Context.Key<infer I, Implementation<any>> ? I
  : H extends StateHandler<any, infer R, any> ? Exclude<R, RunContext>
  : never

/** The signals that a handler is meant for. */
export type WantsOf<H> = H extends Context.Key<any, Implementation<infer Wants>> ? Wants
  : H extends StateHandler<any, any, infer Wants> ? Wants
  : never

/** A handler did not do what a handler must; its run fails with this, or ignores it. */
export class HandlerError extends Data.Error<{
  readonly handler: string
  readonly message: string
}> {
  readonly _tag = "HandlerError"
  override readonly name = "HandlerError"
}

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

const defaultTimeout = Duration.minutes(1)

const variance = { _E: Predicate.isNever, _R: Predicate.isNever, _Wants: Predicate.isNever } as any

// Types of errors and needs end where handlers are kept in lists; what goes wrong in a handler is
// read off its exit, and what it needs is in the context of the run or in its own.
const build = (handle: Handle<any, any>, options: Options): StateHandler<never, never, never> => {
  if (!Predicate.isFunction(handle)) {
    throw DefinitionError.make(
      `Cannot define handler "${options.name ?? "handler"}"`,
      "it must be a function (subject, oldState, newState)",
      Formatter.format(handle)
    )
  }
  return {
    [TypeId]: variance,
    name: options.name ?? (handle.name === "" ? "handler" : handle.name),
    handle,
    policy: options.policy ?? "fail",
    timeout: timeoutOf(options)
  }
}

const timeoutOf = (options: Options): Duration.Duration => {
  if (options.timeout === undefined) return defaultTimeout
  const timeout = Duration.fromInput(options.timeout)
  if (Option.isSome(timeout) && Duration.isGreaterThan(timeout.value, Duration.zero)) {
    return timeout.value
  }
  throw DefinitionError.make(
    `Cannot define handler "${options.name ?? "handler"}"`,
    "its timeout must be a duration above zero",
    Formatter.format(options.timeout)
  )
}

/**
 * Makes a handler from a function.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { State, StateHandler } from "signalbox"
 *
 * export const neverSkip = StateHandler.make((_subject, oldState, newState) =>
 *   Effect.succeed(State.isSkipped(newState) ? State.success() : newState)
 * )
 * ```
 */
export const make = <E = never, R = never>(
  handle: Handle<E, R>,
  options: Options = {}
): StateHandler<E, R> => build(handle, options)

/**
 * Makes a handler that is called only for states that signals of one class made; attaching it to a
 * task that cannot raise them is a compile error.
 */
export const onSignal = <S extends Signal.Signal, E = never, R = never>(
  signalClass: abstract new (...args: Array<never>) => S,
  handle: (
    signal: S,
    subject: Subject,
    newState: State.State
  ) => Effect.Effect<State.State | void, E, R>,
  options: Options = {}
): StateHandler<E, R, S> =>
  build(
    (subject, _oldState, newState) =>
      Option.match(State.signal(newState, signalClass), {
        onNone: () => Effect.void,
        onSome: (signal) => handle(signal, subject, newState)
      }),
    { name: `onSignal(${signalClass.name})`, ...options }
  )

/**
 * Makes a handler that calls `tell` for the new states that pass `check`, and lets every state
 * stand.
 */
export const callback = <S extends State.State, E = never, R = never>(
  tell: (subject: Subject, newState: S) => Effect.Effect<unknown, E, R>,
  check: ((state: State.State) => state is S) | ((state: State.State) => boolean),
  options: Options = {}
): StateHandler<E, R> =>
  build(
    (subject, _oldState, newState) =>
      check(newState) ? Effect.asVoid(tell(subject, newState as S)) : Effect.void,
    { name: "callback", ...options }
  )

/** Whether a value is the class of a handler that is a service. */
export const isService = (u: unknown): u is Context.Key<any, Implementation<any>> =>
  Context.isKey(u) && Predicate.hasProperty(u, "layerRecording")

/** Whether a value is a handler that is no service. */
export const isStateHandler = (u: unknown): u is StateHandler<any, any, any> =>
  Predicate.hasProperty(u, TypeId)

// -----------------------------------------------------------------------------
// Services
// -----------------------------------------------------------------------------

/** The class of a handler that is a service, with the layers that give it something to do. */
export interface ServiceClass<Self, Id extends string, Wants>
  extends Context.ServiceClass<Self, Id, Implementation<Wants>> {
  /** Gives the handler its function, and with it that function's needs. */
  readonly layer: <E = never, R = never>(
    handle: Handle<E, R>,
    options?: Options
  ) => Layer.Layer<Self, never, Exclude<R, RunContext>>
  /** Keeps what the handler is told, the last 100,000 calls; read it with `calls`. */
  readonly layerRecording: Layer.Layer<Self>
  /** Does nothing. */
  readonly layerNoop: Layer.Layer<Self>
  /** What the handler was told so far, where `layerRecording` is provided. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>, never, Self>
}

const recordingBound = 100_000

/**
 * Makes the class of a handler that is a service: tasks and flows name it, and what it does is
 * chosen by a layer where the flow is run.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { StateHandler } from "signalbox"
 *
 * class Audit extends StateHandler.Service<Audit>()("app/Audit") {}
 *
 * const AuditLive = Audit.layer((subject, oldState, newState) =>
 *   Effect.log(`${subject}: ${oldState} to ${newState}`)
 * )
 * ```
 */
export const Service =
  <Self, Wants = never>() => <const Id extends string>(id: Id): ServiceClass<Self, Id, Wants> => {
    const key = Context.Service<Self, Implementation<Wants>>()(id)
    const statics = {
      layer: (handle: Handle<any, any>, options: Options = {}) =>
        Layer.effect(key, implement(build(handle, { name: id, ...options }))),
      layerRecording: Layer.effect(key, Effect.sync(() => recording(id))),
      layerNoop: Layer.succeed(key, noop(id)),
      calls: Effect.map(key, (implementation) => implementation.calls.slice())
    }
    return Object.assign(key, statics) as any
  }

const implement = (handler: StateHandler<any, any, any>): Effect.Effect<Implementation> =>
  Effect.map(Effect.context<never>(), (context) => ({
    ...handler as StateHandler,
    context,
    calls: []
  }))

const noop = (name: string): Implementation => ({
  ...build(() => Effect.void, { name }),
  context: undefined,
  calls: []
})

const recording = (name: string): Implementation => {
  const calls: Array<Call> = []
  const handle: Handle = (subject, oldState, newState) => {
    if (calls.length === recordingBound) calls.shift()
    calls.push({ subject, oldState, newState })
    return Effect.void
  }
  return { ...build(handle, { name }), context: undefined, calls }
}

const scope = Ambient.make<Implementation>("StateHandler")

/**
 * Adds handlers for every task and every flow in the scope, after their own.
 *
 * Layers add up, merged or nested: outermost scope first, within `Layer.mergeAll` in the order of
 * its arguments.
 */
export const layer = <const Handlers extends ReadonlyArray<Any>>(
  ...handlers: Handlers
): Layer.Layer<never, never, ServicesOf<Handlers[number]>> =>
  scope.layer(
    Effect.forEach(handlers, (handler: Any): Effect.Effect<Implementation, never, any> =>
      isStateHandler(handler) ? implement(handler) : handler as Context.Key<any, Implementation>)
  )

/** The handlers for everything in the scope of a context, in the order of {@link layer}. */
export const inScope = (context: Context.Context<never>): ReadonlyArray<Implementation> =>
  scope.all(context)

// -----------------------------------------------------------------------------
// Calling
// -----------------------------------------------------------------------------

/** A handler that is ready to be called in one flow run. */
export interface Resolved {
  readonly name: string
  readonly handle: Handle<unknown>
  readonly policy: Policy
  readonly timeout: Duration.Duration
}

/** Stands between the engine and every handler: `call` is the handler's answer to the change. */
export type Interceptor = (
  handler: string,
  change: { readonly subject: Subject; readonly from: State.State; readonly to: State.State },
  call: () => Effect.Effect<State.State | void, unknown>
) => Effect.Effect<State.State | void, unknown>

/** The interceptor in scope, for a simulation that lets handlers fail; nothing by default. */
export const Interceptor: Context.Reference<Interceptor | undefined> = Context.Reference<
  Interceptor | undefined
>("signalbox/StateHandler/Interceptor", { defaultValue: () => undefined })

// What belongs to the run and never to a handler: a handler built under another clock still lives
// in the time of the run that calls it.
const world: ReadonlyArray<Context.Key<any, any>> = [
  RunContext,
  Clock.Clock,
  Random.Random,
  Scheduler.Scheduler,
  Scheduler.MaxOpsBeforeYield,
  Scheduler.PreventSchedulerYield,
  Tracer.Tracer
]

/** Makes a list of handlers ready for one flow run; done once a run, not once a call. */
export const resolve = (
  handlers: ReadonlyArray<Any>,
  context: Context.Context<never>
): ReadonlyArray<Resolved> => {
  const interceptor = Context.get(context, Interceptor)
  return handlers.map((handler) => {
    const given = isStateHandler(handler) ? handler : Context.getUnsafe(context, handler)
    const bound = bind(given, context)
    if (interceptor === undefined) return bound
    const handle: Handle<unknown> = (subject, from, to) =>
      interceptor(bound.name, { subject, from, to }, () => bound.handle(subject, from, to))
    return { ...bound, handle }
  })
}

const bind = (
  handler: StateHandler<any, any, any> & { readonly context?: Context.Context<never> | undefined },
  context: Context.Context<never>
): Resolved => {
  const { name, policy, timeout } = handler
  const handle = handler.handle as Handle<unknown>
  if (handler.context === undefined) return { name, handle, policy, timeout }
  const own = Context.merge(context, handler.context)
  return {
    name,
    policy,
    timeout,
    handle: (subject, oldState, newState) => {
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

/** What a run goes on with after its handlers: a state, or one to end with at once. */
export type Settled = State.State | Ended

/** The run is over, whatever steps are left. */
export class Ended {
  readonly state: State.State
  constructor(state: State.State) {
    this.state = state
  }
}

/** What the engine tells {@link settle} of the run. */
export interface Change {
  readonly subject: Subject
  readonly from: State.State
  /** Fills in what only the run knows: a start time of now, the count of the attempt. */
  readonly adopt: (state: State.State) => State.State
  /** Where the calls are noted for observers; without any, nothing is noted. */
  readonly log: Array<HandlerCall> | undefined
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
): Settled | Effect.Effect<Settled> => {
  let current = proposed
  for (let i = first; i < handlers.length; i++) {
    const handler = handlers[i]!
    const answer = ask(handler, change, current)
    if (!Exit.isExit(answer)) {
      const shown = current
      return Effect.flatMap(
        Effect.exit(answer),
        (exit) => goOn(judge(handler, change, shown, exit), handlers, change, i)
      )
    }
    const verdict = judge(handler, change, current, answer)
    if (!State.isState(verdict)) return goOn(verdict, handlers, change, i)
    current = verdict
  }
  return current
}

// What one handler made of the change: the state it left, the end of the round of handlers, or
// trouble that its policy ignores.
type Verdict = State.State | Stop | Ignored

class Stop {
  readonly settled: Settled
  constructor(settled: Settled) {
    this.settled = settled
  }
}

class Ignored {
  readonly state: State.State
  readonly trouble: Cause.Cause<unknown>
  constructor(state: State.State, trouble: Cause.Cause<unknown>) {
    this.state = state
    this.trouble = trouble
  }
}

const goOn = (
  verdict: Verdict,
  handlers: ReadonlyArray<Resolved>,
  change: Change,
  index: number
): Effect.Effect<Settled> => {
  if (verdict instanceof Stop) return Effect.succeed(verdict.settled)
  if (verdict instanceof Ignored) {
    const text = `Ignored the trouble of handler "${handlers[index]!.name}" with ${change.subject}`
    return Effect.flatMap(
      Effect.logWarning(text, verdict.trouble),
      () => goOn(verdict.state, handlers, change, index)
    )
  }
  const rest = settle(handlers, change, verdict, index + 1)
  return Effect.isEffect(rest) ? rest : Effect.succeed(rest)
}

type Answer = State.State | void
type Asked = Effect.Effect<Answer, unknown> | Exit.Exit<Answer, unknown>

const ask = (handler: Resolved, change: Change, proposed: State.State): Asked => {
  let answer: Asked | undefined = call(handler, change, proposed)
  const { policy } = handler
  if (Predicate.isString(policy)) return within(handler, change, answer)
  if (Exit.isExit(answer) && Exit.isSuccess(answer)) return answer
  const attempt = Effect.suspend(() => {
    const now = answer ?? call(handler, change, proposed)
    answer = undefined
    return Effect.catchDefect(within(handler, change, now), Effect.fail)
  })
  return Effect.retry(attempt, { schedule: policy.retry, while: isTrouble })
}

const isTrouble = (error: unknown): boolean => !Signal.isSignal(error) && !Signal.isEndRun(error)

/** Calls the function, and turns what is no Effect of a state or nothing into an error. */
const call = (handler: Resolved, change: Change, proposed: State.State): Asked => {
  let answer: unknown
  try {
    answer = handler.handle(change.subject, change.from, proposed)
  } catch (thrown) {
    return Exit.die(thrown)
  }
  if (!Effect.isEffect(answer)) return Exit.fail(nonsense(handler, change, answer, "an Effect"))
  const effect = answer as Effect.Effect<unknown, unknown> | Exit.Exit<unknown, unknown>
  if (!Exit.isExit(effect)) {
    return Effect.flatMap(effect, (value) => answerOf(handler, change, value))
  }
  return Exit.isSuccess(effect)
    ? answerOf(handler, change, effect.value)
    : effect as Exit.Exit<never, unknown>
}

const answerOf = (
  handler: Resolved,
  change: Change,
  value: unknown
): Exit.Exit<Answer, HandlerError> => {
  if (value === undefined || value === null) return Exit.void
  if (State.isState(value)) return Exit.succeed(value)
  return Exit.fail(nonsense(handler, change, value, "a State or nothing"))
}

const nonsense = (handler: Resolved, change: Change, value: unknown, expected: string) =>
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
  if (Exit.isSuccess(exit)) {
    const decided = exit.value === undefined ? proposed : change.adopt(exit.value)
    change.log?.push({ handler: handler.name, proposed, decided, error: undefined })
    return decided
  }
  const verdict = judgeFailure(handler, change, proposed, exit.cause)
  if (change.log !== undefined) {
    const decided = verdict instanceof Stop ? stateOf(verdict.settled) : proposed
    change.log.push({ handler: handler.name, proposed, decided, error: Cause.squash(exit.cause) })
  }
  return verdict
}

/** The state that was left, whether or not it ends the run. */
export const stateOf = (settled: Settled): State.State =>
  settled instanceof Ended ? settled.state : settled

const judgeFailure = (
  handler: Resolved,
  change: Change,
  proposed: State.State,
  cause: Cause.Cause<unknown>
): Stop | Ignored => {
  const raised = Signal.raised(cause)
  if (Signal.isEndRun(raised)) return new Stop(new Ended(change.adopt(raised.state)))
  if (Signal.isSignal(raised)) {
    const state = change.adopt(Signal.toState(raised, cause))
    return new Stop(State.isPaused(state) ? new Ended(state) : state)
  }
  const { policy } = handler
  const last = Predicate.isString(policy) ? policy : policy.otherwise ?? "fail"
  if (last === "ignore") return new Ignored(proposed, cause)
  return new Stop(new Ended(broken(proposed, cause)))
}

/** The failure of a run whose handler broke, with the failure that was being announced. */
const broken = (proposed: State.State, cause: Cause.Cause<unknown>): State.State => {
  const error = Cause.squash(cause)
  return State.failed({
    message: `Unexpected error while calling state handlers: ${PrintedError.print(error)}`,
    result: error,
    cause: State.isFailed(proposed) && proposed.cause !== undefined
      ? Cause.combine(proposed.cause, cause)
      : cause
  })
}
