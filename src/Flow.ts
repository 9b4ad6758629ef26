/**
 * What a user holds: a flow is made from a body that builds it, and run with its parameters.
 *
 * @module
 */
import {
  Clock,
  Config,
  Context,
  Data,
  DateTime,
  Effect,
  Formatter,
  Option,
  Predicate,
  Redacted,
  Schema
} from "effect"
import { make as definitionError, refused } from "./DefinitionError.ts"
import * as FlowBuilder from "./FlowBuilder.ts"
import type * as FlowGraph from "./FlowGraph.ts"
import * as FlowRunner from "./FlowRunner.ts"
import type { FlowSchedule } from "./FlowSchedule.ts"
import * as Parameter from "./Parameter.ts"
import { RunContext } from "./RunContext.ts"
import * as State from "./State.ts"
import * as StateHandler from "./StateHandler.ts"
import * as Task from "./Task.ts"
import * as TaskPolicies from "./TaskPolicies.ts"
import type { Subject } from "./Transition.ts"

const TypeId = "~signalbox/Flow" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** Tasks and what depends on what: takes parameters `P`, gives `A`, may fail with `E`, needs `R`. */
export interface Flow<in P, out A, out E = never, out R = never> {
  readonly [TypeId]: {
    readonly _P: (_: P) => void
    readonly _A: (_: never) => A
    readonly _E: (_: never) => E
    readonly _R: (_: never) => R
  }
  readonly name: string
  readonly graph: FlowGraph.FlowGraph
  readonly parameters: Readonly<Record<string, Parameter.Any>>
  readonly handlers: ReadonlyArray<StateHandler.Any>
  readonly terminalStateHandler: FlowRunner.TerminalStateHandler<any, any> | undefined
  toString(): string
}

/** Any flow. */
export type Any = Flow<never, unknown, unknown, unknown>

/** What became of one run of a flow. */
export interface Run<out A, out E = never> {
  /** The name of the flow. */
  readonly flow: string
  readonly flowRunId: string
  /** The flow's final state; its result is what the flow's body returned. */
  readonly state: State.State<A, E>
  /** All tasks with their final states, in the order they were written. */
  readonly tasks: ReadonlyArray<TaskOutcome>
  /**
   * The final state of a task: given its reference, its slug, or a task or name that the flow uses
   * once.
   *
   * @throws DefinitionError for a task that the flow does not have, or has several times.
   */
  readonly stateOf: <B, E2>(
    task: Task.Ref<B, E2> | Task.Calling<B, E2> | string
  ) => State.State<B, E2>
}

/** What became of one task of a flow. */
export interface TaskOutcome {
  readonly name: string
  readonly slug: string
  readonly state: State.State
}

/** A run cannot begin because of a parameter. */
export class ParameterError extends Data.Error<{
  readonly flow: string
  /** The parameters that are missing, unknown or ill-typed. */
  readonly parameters: ReadonlyArray<string>
  readonly reason: string
  readonly message: string
}> {
  readonly _tag = "ParameterError"
  override readonly name = "ParameterError"
}

/** What a flow with parameters `P` can fail with before it begins: one without cannot. */
export type ErrorFor<P> = [keyof P] extends [never] ? never : ParameterError

/** How one run is to be done. */
export interface RunOptions<P, R = never> {
  /** A value for each parameter, as its Schema has it on the wire. */
  readonly parameters?:
    | ([keyof P] extends [never] ? Readonly<Record<string, never>> : P)
    | undefined
  /** How many bodies may run at the same time: one unless given. */
  readonly concurrency?: number | "unbounded" | undefined
  /** What bodies and handlers find as `values` in their run context. */
  readonly values?: Readonly<Record<string, unknown>> | undefined
  /** The date of the run and of `today` in it: when it begins, unless given. */
  readonly date?: DateTime.DateTime.Input | undefined
  /** Whether results are written at their locations; false unless given. */
  readonly checkpointing?: boolean | undefined
  /** The state that the flow begins with; one that is scheduled begins at its start time. */
  readonly initialState?: State.State | undefined
  /** The states that tasks begin with, by slug or, where one task has it, by name. */
  readonly initialTaskStates?: Readonly<Record<string, State.State>> | undefined
  /**
   * Told of every run that is paused: `resume` approves it. The flow waits as long as this effect
   * runs; a run that nobody approves, and that has no start time, ends the flow as stalled.
   */
  readonly onPause?: ((pause: FlowRunner.Pause) => Effect.Effect<unknown, never, R>) | undefined
}

// What a caller expects of the effect, such as the items of a list, must not decide on what the
// options need: hence `NoInfer` in what {@link run} and the like give.

/** The arguments of {@link run} after the flow: to be left out where no parameter is required. */
export type RunArguments<P, R = never> = {} extends P ? [options?: RunOptions<P, R>]
  : [options: RunOptions<P, R> & { readonly parameters: P }]

/** What {@link make} takes besides the body. */
export interface Options<
  Parameters extends Readonly<Record<string, Parameter.Any>>,
  Handlers extends ReadonlyArray<StateHandler.Any>,
  TellE,
  TellR
> {
  readonly parameters?: Parameters | undefined
  /** Who every change of the flow's own state passes, in order. */
  readonly handlers?: Handlers | undefined
  /** Called when the flow has failed. */
  readonly onFailure?:
    | ((subject: Subject, state: State.AnyFailed) => Effect.Effect<unknown, TellE, TellR>)
    | undefined
  /** Decides on the flow's final state from those of its reference tasks, before the handlers. */
  readonly terminalStateHandler?: FlowRunner.TerminalStateHandler<TellE, TellR> | undefined
}

/** The references that the body of a flow gets, one for each parameter. */
export type RefsOf<Parameters> = {
  readonly [K in keyof Parameters]: Parameters[K] extends Parameter.Parameter<infer A, any, boolean>
    ? Task.Ref<A, never>
    : never
}

/**
 * What a flow gives, from what its body returns: references stand for their results, at any depth
 * of lists and records.
 */
export type ResultOf<T> = 0 extends 1 & T ? T
  : T extends Task.Ref<infer A, any> ? A
  : T extends WithoutRefs<T> ? T
  : T extends object ? Task.ShapeOf<T> extends "List" ? ReadonlyArray<ResultOf<T[keyof T & number]>>
    : { readonly [K in keyof T]: ResultOf<T[K]> }
  : T

/** The same type, except that no reference fits into it. */
type WithoutRefs<T> = 0 extends 1 & T ? T
  : T extends Task.Ref<any, any> ? never
  : T extends object
    ? Task.ShapeOf<T> extends "List" ? ReadonlyArray<WithoutRefs<T[keyof T & number]>>
    : Task.ShapeOf<T> extends "Record" ? { readonly [K in keyof T]: WithoutRefs<T[K]> }
    : T
  : T

/** What the steps of a body can fail with. */
export type ErrorsOf<I> = I extends Task.Instruction<any, infer E, any> ? E : never

/** What the steps of a body need. */
export type ServicesOf<I> = I extends Task.Instruction<any, any, infer R> ? R : never

/** Stands between the engine and whoever is told of pauses: `ask` is what `onPause` does. */
export type PauseInterceptor = (
  pause: FlowRunner.Pause,
  ask: Effect.Effect<unknown>
) => Effect.Effect<unknown>

/** The interceptor in scope, for a simulation that answers pauses itself; nothing by default. */
export const PauseInterceptor: Context.Reference<PauseInterceptor | undefined> = Context.Reference<
  PauseInterceptor | undefined
>("signalbox/Flow/PauseInterceptor", { defaultValue: () => undefined })

// -----------------------------------------------------------------------------
// Making
// -----------------------------------------------------------------------------

/**
 * Defines a flow from a body that builds it: each `yield* task(inputs)` adds a task and gives a
 * reference to its result. The body runs once, here.
 *
 * @throws DefinitionError for an empty name, a slug that is used twice, a cycle, and whatever else
 * can be told to be wrong before anything runs.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Flow, Parameter, Task } from "signalbox"
 *
 * const double = Task.make("double", {
 *   run: ({ n }: { readonly n: number }) => Effect.succeed(n * 2)
 * })
 *
 * const flow = Flow.make("twice", {
 *   parameters: { n: Parameter.withDefault(Schema.Number, 21) }
 * }, function*({ n }) {
 *   return yield* double({ n })
 * })
 *
 * const run = await Effect.runPromise(Flow.run(flow))
 * console.log(run.state.result) // 42
 * ```
 */
export const make: {
  <I extends Task.Instruction<any, any, any>, Returned>(
    name: string,
    body: () => Generator<I, Returned, any>
  ): Flow<{}, ResultOf<Returned>, ErrorsOf<I>, ServicesOf<I>>
  <
    I extends Task.Instruction<any, any, any>,
    Returned,
    Parameters extends Readonly<Record<string, Parameter.Any>> = {},
    const Handlers extends ReadonlyArray<StateHandler.Any> = [],
    TellE = never,
    TellR = never
  >(
    name: string,
    options: Options<Parameters, Handlers, TellE, TellR>,
    body: (parameters: RefsOf<Parameters>) => Generator<I, Returned, any>
  ): Flow<
    Parameter.InputOf<Parameters>,
    ResultOf<Returned>,
    ErrorsOf<I> | Task.ErrorsOf<TellE, Handlers>,
    ServicesOf<I> | Task.ServicesOf<TellR, Handlers>
  >
} = (
  name: string,
  ...rest: [body: any] | [options: Options<any, any, any, any>, body: any]
): Flow<any, any, any, any> => {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] as const : rest
  if (!Predicate.isString(name) || name === "") {
    throw refused("Cannot define flow", "A name must be provided for the flow.", name)
  }
  const action = `Cannot define flow "${name}"`
  if (!Predicate.isFunction(body)) {
    throw refused(action, "its body must be a generator function", body)
  }
  const { parameters = {} } = options
  for (const key of Object.keys(parameters)) {
    if (Parameter.isParameter(parameters[key])) continue
    throw definitionError(
      action,
      "a parameter must be made by Parameter.required, withDefault or optional",
      key
    )
  }
  return {
    [TypeId]: TypeId as never,
    name,
    parameters,
    terminalStateHandler: options.terminalStateHandler,
    handlers: TaskPolicies.handlersWith(action, options),
    graph: FlowBuilder.build(name, parameters, parameterTask, body),
    toString: () => `<Flow: name=${name}>`
  }
}

/** A parameter is a task of the flow whose body gives the value of the run. */
const parameterTask = (name: string): Task.Any =>
  Task.make(name, {
    slug: name,
    run: () => Effect.map(RunContext, ({ parameters }) => parameters[name])
  })

/** Whether a value is a flow. */
export const isFlow = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

// -----------------------------------------------------------------------------
// Building
// -----------------------------------------------------------------------------

/** Names the tasks whose states decide the flow's; without, those that nothing depends on. */
export const referenceTasks = (
  ...refs: ReadonlyArray<Task.Ref<any, any>>
): Task.Instruction<void> => Task.instruction({ _tag: "ReferenceTasks", refs })

export { FlowStalled } from "./FlowOutcome.ts"
export { type Pause, type TerminalStateHandler } from "./FlowRunner.ts"
export { TaskTimeout } from "./FailedState.ts"
export {
  caseOf as case,
  edge,
  type EdgeOptions,
  filter,
  ifElse,
  merge,
  switchOn as switch
} from "./ControlFlow.ts"
export { type Options as ResourceOptions, resource } from "./Resource.ts"

/**
 * Reads a secret from the `Config` of the scope when the flow runs; it stays redacted in states,
 * traces and messages.
 */
export const secret = <A = string>(
  name: string,
  schema?: Schema.Codec<A, string>
): Task.Call<Redacted.Redacted<A>, SecretError> => {
  const text = Effect.mapError(Config.String(name), () => secretError(name, "was not found."))
  const read = Effect.flatMap(
    text,
    (text): Effect.Effect<A, SecretError> =>
      schema === undefined
        ? Effect.succeed(text as A)
        // The error of a Schema would show the text.
        : Effect.mapError(
          Schema.decodeUnknownEffect(schema)(text),
          () => secretError(name, "does not fit.")
        )
  ).pipe(Effect.map((value) => Redacted.make(value)))
  return Task.make(name, { slug: name, checkpoint: false, run: () => read })()
}

/** A secret is missing, or is not what was expected; its text is never shown. */
export class SecretError extends Data.Error<{
  readonly secret: string
  readonly message: string
}> {
  readonly _tag = "SecretError"
  override readonly name = "SecretError"
}

const secretError = (secret: string, reason: string): SecretError =>
  new SecretError({ secret, message: `Local Secret "${secret}" ${reason}` })

/**
 * A flow as a task of another flow: its parameters are the inputs, its result is the result, and
 * it fails with all that the flow failed with.
 */
export const task = <P, A, E, R>(flow: Flow<P, A, E, R>): Task.Task<P, A, E | ErrorFor<P>, R> =>
  Task.make(flow.name, {
    run: (parameters: P) =>
      Effect.flatMap(
        run(flow as Flow<any, A, E, R>, { parameters } as RunOptions<any>),
        ({ state }) => resultOf(flow.name, state)
      )
  }) as unknown as Task.Task<P, A, E | ErrorFor<P>, R>

const resultOf = <A, E>(flow: string, state: State.State<A, E>): Effect.Effect<A, E> => {
  if (State.isFailed(state) && state.cause !== undefined) return Effect.failCause(state.cause)
  if (State.isSuccessful(state) && !State.isSkipped(state)) return Effect.succeed(state.result)
  return Effect.die(new Error(`Flow "${flow}" ended as ${state}`))
}

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/**
 * Runs a flow, and gives what became of it.
 *
 * What goes wrong in tasks and handlers is in the states of the run; the error channel has only
 * what keeps a run from beginning.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Flow, Task } from "signalbox"
 *
 * const hello = Task.make("hello", { run: () => Effect.succeed("world") })
 * const flow = Flow.make("greeting", function*() {
 *   return yield* hello()
 * })
 *
 * const run = await Effect.runPromise(Flow.run(flow))
 * console.log(String(run.state)) // Success("All reference tasks succeeded.")
 * ```
 */
export const run = <P, A, E, R, R2 = never>(
  flow: Flow<P, A, E, R>,
  ...[options]: RunArguments<NoInfer<P>, R2>
): Effect.Effect<Run<A, E>, ErrorFor<P>, R | NoInfer<R2>> =>
  Effect.flatMap(
    settingsOf(flow as never, (options ?? {}) as RunOptions<unknown>),
    (settings) => Effect.map(FlowRunner.run(settings), (outcome) => runOf(flow.graph, outcome))
  ) as Effect.Effect<Run<any, any>, any, any>

/** What {@link serve} takes besides what {@link run} does. */
export interface ServeOptions<P, A, E, R> extends Omit<RunOptions<P, R>, "initialState"> {
  /** Told of every run when it has ended. */
  readonly onRun?: ((run: Run<A, E>) => Effect.Effect<unknown, never, R>) | undefined
}

/** A schedule has no moment left at which a flow could run. */
export class NoScheduledRuns extends Data.Error<{
  readonly flow: string
  readonly message: string
}> {
  readonly _tag = "NoScheduledRuns"
  override readonly name = "NoScheduledRuns"
}

/**
 * Runs a flow at every moment of a schedule, one run after the other, and gives the last run when
 * the schedule has come to its end. A failed run does not stop it; parameters that the schedule
 * gives go before those of the caller, and given states of tasks are those of the first run.
 */
export const serve = <P, A, E, R, R2 = never>(
  flow: Flow<P, A, E, R>,
  schedule: FlowSchedule,
  options: ServeOptions<P, A, E, R2> = {}
): Effect.Effect<Run<A, E>, ErrorFor<P> | NoScheduledRuns, R | NoInfer<R2>> =>
  Effect.suspend(() => {
    let last: Run<A, E> | undefined
    let moment = -Infinity
    const goOn: Effect.Effect<Run<A, E>, unknown, any> = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => {
        // A timer may end a little early by the clock: the moment it ended for has had its run.
        const next = schedule.nextAfter(Math.max(now, moment))
        if (next === undefined) {
          return last === undefined ? Effect.fail(noScheduledRuns(flow.name)) : Effect.succeed(last)
        }
        moment = next.at.epochMilliseconds
        const running = run(flow as Flow<any, A, E, R>, {
          ...options,
          initialTaskStates: last === undefined ? options.initialTaskStates : undefined,
          parameters: { ...options.parameters, ...next.parameters },
          initialState: State.scheduled({ startTime: next.at })
        } as RunOptions<any, R2>)
        return Effect.flatMap(running, (ended: Run<A, E>) => {
          last = ended
          return Effect.andThen(options.onRun?.(ended) ?? Effect.void, goOn)
        })
      }
    )
    return goOn
  }) as Effect.Effect<Run<A, E>, ErrorFor<P> | NoScheduledRuns, R | R2>

const noScheduledRuns = (flow: string): NoScheduledRuns =>
  new NoScheduledRuns({
    flow,
    message: `Cannot serve flow "${flow}": Flow has no more scheduled runs.`
  })

const settingsOf = (
  flow: Any,
  options: RunOptions<unknown>
): Effect.Effect<FlowRunner.Settings, ParameterError> =>
  Effect.withFiber((fiber) => {
    const { concurrency = 1, initialTaskStates = {}, parameters = {}, values = {} } = options
    const limit = concurrency === "unbounded" ? Number.POSITIVE_INFINITY : concurrency
    if (!(limit >= 1)) {
      const reason = 'concurrency must be a number above zero or "unbounded"'
      return Effect.die(refused(`Cannot run flow "${flow.name}"`, reason, concurrency))
    }
    const interceptor = fiber.getRef(PauseInterceptor)
    return Effect.map(checkParameters(flow, parameters as Given), (checked) => ({
      graph: flow.graph,
      handlers: flow.handlers,
      parameters: checked,
      values,
      concurrency: limit,
      state: options.initialState,
      states: new Map(
        Object.entries(initialTaskStates).map(([task, state]) => [placeOf(flow.graph, task), state])
      ),
      date: options.date === undefined ? undefined : dateOf(flow, options.date),
      checkpointing: options.checkpointing ?? false,
      // What it needs is in the context of the run.
      terminalStateHandler: flow.terminalStateHandler as
        | FlowRunner.TerminalStateHandler
        | undefined,
      onPause: interceptor === undefined
        ? options.onPause
        : (pause) =>
          interceptor(pause, Effect.suspend(() => options.onPause?.(pause) ?? Effect.void))
    }))
  })

const dateOf = (flow: Any, date: DateTime.DateTime.Input): DateTime.Utc => {
  const known = DateTime.make(date)
  if (Option.isSome(known)) return DateTime.toUtc(known.value)
  const action = `Cannot run flow "${flow.name}"`
  throw refused(action, "date must be a point in time", date)
}

type Given = Readonly<Record<string, unknown>>

const checkParameters = (flow: Any, given: Given): Effect.Effect<Given, ParameterError> => {
  const known = Object.keys(flow.parameters)
  const unknown = Object.keys(given).filter((name) => !known.includes(name))
  if (unknown.length > 0) return Effect.fail(unknownParameters(flow, unknown))
  const missing = known.filter((name) =>
    flow.parameters[name]!.required && given[name] === undefined
  )
  if (missing.length > 0) return Effect.fail(missingParameters(flow, missing))
  if (known.length === 0) return Effect.succeed({})
  const checked = Effect.forEach(
    known,
    (name) => Effect.map(checkParameter(flow, name, given[name]), (value) => [name, value] as const)
  )
  return Effect.map(checked, Object.fromEntries)
}

const checkParameter = (
  flow: Any,
  name: string,
  value: unknown
): Effect.Effect<unknown, ParameterError> => {
  const { defaultValue, schema } = flow.parameters[name]!
  if (value === undefined) return Effect.succeed(defaultValue)
  return Effect.mapError(Schema.decodeUnknownEffect(schema)(value), (error) => {
    const reason = error.message.replaceAll(/\s*\n\s*/g, " ")
    const text = `parameter "${name}" does not fit: ${reason}, got ${Formatter.format(value)}`
    return parameterError(flow, [name], text, text)
  })
}

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

const unknownParameters = (flow: Any, names: ReadonlyArray<string>): ParameterError => {
  const known = Object.keys(flow.parameters)
  const has = known.length === 0 ? "it has none" : `its parameters are ${quoted(known)}`
  return parameterError(
    flow,
    names,
    `Flow.run received the following unexpected parameters: ${names.join(", ")}`,
    `there is no parameter ${names.map((name) => `"${name}"`).join(" or ")}; ${has}`
  )
}

const missingParameters = (flow: Any, names: ReadonlyArray<string>): ParameterError =>
  parameterError(
    flow,
    names,
    `Flow.run did not receive the following required parameters: ${names.join(", ")}`,
    names.length === 1
      ? `parameter ${quoted(names)} has no value`
      : `parameters ${quoted(names)} have no value`
  )

const parameterError = (
  flow: Any,
  parameters: ReadonlyArray<string>,
  reason: string,
  text: string
): ParameterError =>
  new ParameterError({
    flow: flow.name,
    parameters,
    reason,
    message: `Cannot run flow "${flow.name}": ${text}`
  })

const runOf = (
  graph: FlowGraph.FlowGraph,
  { flowRunId, state, states }: FlowRunner.Outcome
): Run<any, any> => {
  return {
    flow: graph.flow,
    flowRunId,
    state: state as State.State<any, any>,
    get tasks() {
      return graph.nodes.map(({ index, slug, subject }) => ({
        name: subject.name,
        slug,
        state: states[index]!
      }))
    },
    stateOf: (task) => states[placeOf(graph, task)] as State.State<any, any>
  }
}

const placeOf = (graph: FlowGraph.FlowGraph, task: unknown): number => {
  const action = `Cannot read a state of flow "${graph.flow}"`
  if (Task.isRef(task)) {
    if (task.graph === graph.builder) return task.index
    throw definitionError(action, `${task} is the result of another flow's task`)
  }
  const bySlug = Predicate.isString(task) ? graph.indexBySlug.get(task) : undefined
  if (bySlug !== undefined) return bySlug
  const found = graph.nodes.filter((node) => node.task === task || node.subject.name === task)
  if (found.length === 1) return found[0]!.index
  throw definitionError(
    action,
    found.length === 0
      ? `Task ${task} was not found in Flow <Flow: name=${graph.flow}>`
      : `it has ${found.length} tasks ${task}; name one by its slug`,
    found.map((node) => node.slug).join(", ") || undefined
  )
}
