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
import { Context, Data, Duration, Effect, Layer, Option, Predicate, Schedule } from "effect"
import * as Ambient from "./Ambient.ts"
import * as DefinitionError from "./DefinitionError.ts"
import { RunContext } from "./RunContext.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"
import type { Subject } from "./Transition.ts"

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
  checkFunction(options, handle, "it must be a function (subject, oldState, newState)")
  return {
    [TypeId]: variance,
    name: options.name ?? (handle.name === "" ? "handler" : handle.name),
    handle,
    policy: policyOf(options),
    timeout: timeoutOf(options)
  }
}

const refuse = (options: Options, reason: string, value: unknown) =>
  DefinitionError.refused(`Cannot define handler "${options.name ?? "handler"}"`, reason, value)

const checkFunction = (options: Options, value: unknown, reason: string): void => {
  if (!Predicate.isFunction(value)) throw refuse(options, reason, value)
}

const policyOf = (options: Options): Policy => {
  const { policy = "fail" } = options
  const isRetry = Predicate.isObject(policy) && Schedule.isSchedule(policy.retry)
  if (policy === "fail" || policy === "ignore" || isRetry) return policy
  throw refuse(options, 'its policy must be "fail", "ignore" or { retry: a schedule }', policy)
}

const timeoutOf = (options: Options): Duration.Duration => {
  if (options.timeout === undefined) return defaultTimeout
  const timeout = Duration.fromInput(options.timeout)
  if (Option.isSome(timeout) && Duration.isGreaterThan(timeout.value, Duration.zero)) {
    return timeout.value
  }
  throw refuse(options, "its timeout must be a duration above zero", options.timeout)
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
): StateHandler<E, R, S> => {
  const named = { name: `onSignal(${signalClass.name})`, ...options }
  checkFunction(named, handle, "it must be a function (signal, subject, newState)")
  return build(
    (subject, _oldState, newState) =>
      Option.match(State.signal(newState, signalClass), {
        onNone: () => Effect.void,
        onSome: (signal) => handle(signal, subject, newState)
      }),
    named
  )
}

/**
 * Makes a handler that calls `tell` for the new states that pass `check`, and lets every state
 * stand.
 */
export const callback = <S extends State.State, E = never, R = never>(
  tell: (subject: Subject, newState: S) => Effect.Effect<unknown, E, R>,
  check: ((state: State.State) => state is S) | ((state: State.State) => boolean),
  options: Options = {}
): StateHandler<E, R> => {
  const named = { name: "callback", ...options }
  checkFunction(named, tell, "it must be a function (subject, newState)")
  return build(
    (subject, _oldState, newState) =>
      check(newState) ? Effect.asVoid(tell(subject, newState as S)) : Effect.void,
    named
  )
}

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
