/**
 * A named body with its policies: when it runs, how often it is tried, how long it may take, and
 * which handlers its changes of state pass.
 *
 * A task is called while a flow is built: `yield* task({ a, b })` adds it to the flow and gives a
 * reference to its result, which other tasks take as an input.
 *
 * @module
 */
import { Effect, Predicate } from "effect"
import { refused } from "./DefinitionError.ts"
import { RunContext } from "./RunContext.ts"
import * as Signal from "./Signal.ts"
import type * as StateHandler from "./StateHandler.ts"
import * as TaskPolicies from "./TaskPolicies.ts"

const TypeId = "~signalbox/Task" as const
const RefTypeId = "~signalbox/Task/Ref" as const
const AnnotationTypeId = "~signalbox/Task/Annotation" as const
const InstructionTypeId = "~signalbox/Task/Instruction" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** A named body that takes `In`, gives `A`, may fail with `E` and needs `R`. */
export interface Task<In, out A, out E = never, out R = never> {
  (...args: Arguments<In>): Call<A, E, R>
  readonly [TypeId]: typeof TypeId
  readonly name: string
  readonly policies: TaskPolicies.TaskPolicies
  /** The body. */
  readonly run: (inputs: In) => Effect.Effect<A, any, any>
  toString(): string
}

/** Any task. */
export type Any = Task<any, any, any, any>

/** A task, as far as what it gives. */
export interface Calling<out B, out E2> {
  (...args: any): Call<B, E2, any>
  readonly policies: TaskPolicies.TaskPolicies
}

/** The result of a task that a flow will have when it runs; stands for it while it is built. */
export interface Ref<out A, out E = unknown> {
  readonly [RefTypeId]: { readonly _A: (_: never) => A; readonly _E: (_: never) => E }
  /** Unique in the flow. */
  readonly slug: string
  /** The place of the task in the flow. */
  readonly index: number
  /** The flow that it belongs to, by identity. */
  readonly graph: object
  toString(): string
}

/** What a task takes when it is called: for each input what may stand for its value. */
export type Inputs<In> = { readonly [K in keyof In]: Input<In[K]> }

/** A value, a reference to one, or a list or record with references among its values, at any depth. */
export type Input<T> = T | Ref<T> | WithInputs<T>

type WithInputs<T> = T extends object
  ? ShapeOf<T> extends "List" ? ReadonlyArray<Input<T[keyof T & number]>>
  : ShapeOf<T> extends "Record" ? { readonly [K in keyof T]: Input<T[K]> }
  : never
  : never

/** What references may stand in: lists of one type of item, and records, of which tuples are. */
export type ShapeOf<T extends object> = T extends ReadonlyArray<infer Item>
  ? Array<Item> extends T ? "List" : "Record"
  // What a class makes has members that are private, or symbols as keys; a function has no parts.
  : [Extract<keyof T, symbol>, { [K in keyof T]: T[K] }] extends [never, T] ? "Record"
  : "Other"

/**
 * What a task takes when it is mapped: for each input a list or a reference to one, of which every
 * run gets one item, or what {@link unmapped} and {@link flatten} were given.
 */
export type MapInputs<In> = {
  readonly [K in keyof In]:
    | ReadonlyArray<Input<In[K]>>
    | Ref<ReadonlyArray<In[K]>>
    | (string extends In[K] ? string : never)
    | Unmapped<In[K]>
    | Flattened<In[K]>
}

/** An input that every run of a mapped task gets whole. */
export interface Unmapped<out T> {
  readonly [AnnotationTypeId]: { readonly mapped: false; readonly _T?: T }
}

/** A list of lists, of whose items the inner ones count. */
export interface Flattened<out T> {
  readonly [AnnotationTypeId]: { readonly flatten: true; readonly _T?: T }
}

/** How one call of a task differs from others. */
export interface CallOptions {
  /** Tasks that must end first although none of their results is taken; one named by itself must be in the flow once. */
  readonly after?: ReadonlyArray<Ref<any, any> | Calling<any, any>> | undefined
  /** What the flow tells this call from others by; must be unique in the flow. */
  readonly slug?: string | undefined
  /** What this call is called instead of the task's name. */
  readonly name?: string | undefined
}

// The inputs of a body that takes none; a reference in their place would be taken for a record.
type NotTaken = object & { readonly [RefTypeId]?: never }

// What is no record of inputs.
type ByPlace = ReadonlyArray<unknown> | string | number | bigint | boolean | symbol | null

/** The arguments of a call: the inputs may be left out where the body takes none. */
export type Arguments<In> = unknown extends In
  ? [inputs?: NotTaken | undefined, options?: CallOptions]
  : [In] extends [void] ? [inputs?: NotTaken | undefined, options?: CallOptions]
  : [In] extends [ByPlace]
    ? [inputs: "The body of a task takes its inputs by name: ({ a, b }) => …"]
  : {} extends In ? [inputs?: Inputs<In>, options?: CallOptions]
  : [inputs: Inputs<In>, options?: CallOptions]

/**
 * One step of building a flow; `yield*` it in the flow's body to get its `A`.
 *
 * It carries what the step adds to the errors and needs of the flow.
 */
export interface Instruction<out A, out E = never, out R = never> {
  readonly [InstructionTypeId]: { readonly _E: (_: never) => E; readonly _R: (_: never) => R }
  readonly step: Step
  [Symbol.iterator](): Iterator<Instruction<A, E, R>, A, any>
}

/** A call of a task, to be added to the flow that is being built. */
export interface Call<out A, out E = never, out R = never> extends Instruction<Ref<A, E>, E, R> {}

/** The tasks that were added in a block, parameters and literals aside. */
export interface BlockTasks {
  readonly tasks: ReadonlyArray<Ref<any, any>>
  /** Those that depend on no other task of the block. */
  readonly first: ReadonlyArray<Ref<any, any>>
  /** Those that no other task of the block depends on. */
  readonly last: ReadonlyArray<Ref<any, any>>
  readonly dependsOn: (task: Ref<any, any>, upstream: Ref<any, any>) => boolean
}

/** What an instruction asks of the flow that is being built. */
export type Step =
  | {
    readonly _tag: "Call"
    readonly task: Any
    readonly inputs: Readonly<Record<string, unknown>> | undefined
    readonly options: CallOptions
    /** Whether the task runs once per item of its inputs. */
    readonly mapped: boolean
    /** What the task does for a resource; such tasks do not decide on the flow's state. */
    readonly role?: "init" | "cleanup" | undefined
  }
  | {
    readonly _tag: "Block"
    readonly body: () => Iterator<Instruction<any, any, any>, unknown, unknown>
    /** What is added around the tasks of the block when they are known; without, it is no block. */
    readonly close:
      | ((block: BlockTasks) => Iterator<Instruction<any, any, any>, unknown, unknown>)
      | undefined
  }
  | { readonly _tag: "ReferenceTasks"; readonly refs: ReadonlyArray<Ref<any, any>> }
  | {
    readonly _tag: "Edge"
    readonly upstream: Ref<any, any>
    readonly downstream: Ref<any, any>
    readonly key: string | undefined
    readonly mapped: boolean
    readonly flatten: boolean
  }

// -----------------------------------------------------------------------------
// Options
// -----------------------------------------------------------------------------

/** What {@link make} takes. */
export interface Options<
  In,
  A,
  E,
  R,
  Handlers extends ReadonlyArray<StateHandler.Any>,
  TriggerE,
  TriggerR,
  TellE,
  TellR
> extends TaskPolicies.Options<A, Handlers, TriggerE, TriggerR, TellE, TellR> {
  /** The body; its one argument is an object of inputs. */
  readonly run: (inputs: In) => Effect.Effect<A, E, R>
}

/** The type of a task's name: a text that says so where a handler wants signals that the body cannot raise. */
export type NameFor<Handlers extends ReadonlyArray<StateHandler.Any>, E> =
  CanRaise<E, StateHandler.WantsOf<Handlers[number]>> extends true ? string
    : "A handler is meant for signals that this task cannot raise"

// Beside an error of a wider type, a signal is no longer told apart in `E`: then it may be among it.
type CanRaise<E, Wants> = [Wants] extends [never] ? true
  : [Extract<E, Wants>] extends [never] ? [Wants] extends [E] ? true : false
  : true

/** What a task of body and handlers can fail with: signals that are no failures are left out. */
export type ErrorsOf<E, Handlers extends ReadonlyArray<StateHandler.Any>> = Signal.FailureOf<
  E | StateHandler.ErrorOf<Handlers[number]>
>

/** What a task of body and handlers needs: its own run is always there. */
export type ServicesOf<R, Handlers extends ReadonlyArray<StateHandler.Any>> =
  | Exclude<R, RunContext>
  | StateHandler.ServicesOf<Handlers[number]>

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

/**
 * Defines a task.
 *
 * @throws DefinitionError for an empty name, retries without a delay, a delay or `retryOn` without
 * retries, a timeout that is no duration above zero, and other policies that cannot hold.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Task } from "signalbox"
 *
 * export const divide = Task.make("divide", {
 *   maxRetries: 3,
 *   retryDelay: "10 minutes",
 *   run: ({ a, b }: { readonly a: number; readonly b: number }) =>
 *     b === 0 ? Effect.fail(new RangeError("b is zero")) : Effect.succeed(a / b)
 * })
 * ```
 */
export const make = <
  In = unknown,
  A = never,
  // Unknown, not never, so that handlers which want signals are not refused before it is inferred.
  E = unknown,
  R = never,
  const Handlers extends ReadonlyArray<StateHandler.Any> = [],
  TriggerE = never,
  TriggerR = never,
  TellE = never,
  TellR = never
>(
  name: NameFor<Handlers, E>,
  options: Options<In, A, E, R, Handlers, TriggerE, TriggerR, TellE, TellR>
): Task<
  In,
  A | Signal.ResultOf<E>,
  ErrorsOf<E | TriggerE | TellE, Handlers>,
  ServicesOf<R | TriggerR | TellR, Handlers>
> => {
  if (!Predicate.isString(name) || name === "") {
    throw refused("Cannot define task", "a name must be provided", name)
  }
  const action = `Cannot define task "${name}"`
  if (!Predicate.isFunction(options?.run)) {
    throw refused(action, "`run` must be a function", options?.run)
  }
  return fromPolicies(name, options.run as never, TaskPolicies.make(action, options)) as never
}

/** Wraps a body and complete policies as a task. */
export const fromPolicies = (
  name: string,
  run: (inputs: any) => Effect.Effect<unknown, unknown, any>,
  policies: TaskPolicies.TaskPolicies
): Any => {
  const task = (inputs?: Readonly<Record<string, unknown>>, options: CallOptions = {}) =>
    instruction({ _tag: "Call", task: self, inputs, options, mapped: false })
  const self = Object.defineProperties(task, {
    [TypeId]: { value: TypeId },
    name: { value: name, enumerable: true },
    policies: { value: policies, enumerable: true },
    run: { value: run, enumerable: true },
    toString: { value: () => `<Task: ${name}>` }
  }) as unknown as Any
  return self
}

/** Makes an instruction of a step; `A` is what the flow's body gets from it. */
export const instruction = <A, E, R>(step: Step): Instruction<A, E, R> => new InstructionImpl(step)

class InstructionImpl implements Instruction<any, any, any> {
  declare readonly [InstructionTypeId]: any
  readonly step: Step
  constructor(step: Step) {
    this.step = step
  }
  [Symbol.iterator](): Iterator<any, any, any> {
    let asked = false
    return {
      next: (answer) => {
        if (asked) return { done: true, value: answer }
        asked = true
        return { done: false, value: this }
      }
    }
  }
}

// -----------------------------------------------------------------------------
// Bodies
// -----------------------------------------------------------------------------

/**
 * Pauses the task whose body yields this, and lets it pass once the pause is over: a body begins
 * again from its start then.
 */
export const awaitApproval = (
  options?: Signal.PauseOptions
): Effect.Effect<void, Signal.Signal<"Pause">, RunContext> =>
  Effect.flatMap(
    RunContext,
    ({ resume }) =>
      resume ? Effect.void : Effect.fail(Signal.pause({ message: paused, ...options }))
  )

const paused = "Pause signal raised during task execution."

// -----------------------------------------------------------------------------
// Mapping
// -----------------------------------------------------------------------------

/**
 * Calls a task once per item of its inputs; the shortest list decides how often. Its result is the
 * list of results, in the order of the items.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Flow, Task } from "signalbox"
 *
 * const list = Task.make("list", { run: () => Effect.succeed([1, 2, 3]) })
 * const times = Task.make("times", {
 *   run: ({ n, by }: { readonly n: number; readonly by: number }) => Effect.succeed(n * by)
 * })
 *
 * const flow = Flow.make("products", function*() {
 *   return yield* Task.map(times, { n: yield* list(), by: Task.unmapped(10) })
 * })
 *
 * const run = await Effect.runPromise(Flow.run(flow))
 * console.log(run.state.result) // [ 10, 20, 30 ]
 * ```
 */
export const map = <In, A, E, R>(
  task: Task<In, A, E, R>,
  inputs: MapInputs<In>,
  options: CallOptions = {}
): Call<ReadonlyArray<A>, E, R> =>
  instruction({ _tag: "Call", task, inputs, options, mapped: true })

/** Gives an input of a mapped task to every run whole. */
export const unmapped = <T>(value: T | Ref<T>): Unmapped<T> =>
  ({ [AnnotationTypeId]: { mapped: false }, value }) as Unmapped<T>

/** Maps over the items of the lists in a list. */
export const flatten = <T>(
  value: ReadonlyArray<ReadonlyArray<T>> | Ref<ReadonlyArray<ReadonlyArray<T>>>
): Flattened<T> => ({ [AnnotationTypeId]: { flatten: true }, value }) as Flattened<T>

/** What an input was annotated with, and the input itself. */
export const annotationOf = (input: unknown): {
  readonly value: unknown
  readonly mapped: boolean | undefined
  readonly flatten: boolean
} => {
  if (!Predicate.hasProperty(input, AnnotationTypeId)) {
    return { value: input, mapped: undefined, flatten: false }
  }
  const { [AnnotationTypeId]: annotation, value } = input as any
  return { value, mapped: annotation.mapped, flatten: annotation.flatten === true }
}

// -----------------------------------------------------------------------------
// Guards
// -----------------------------------------------------------------------------

/** Whether a value is a task. */
export const isTask = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)

/** Whether a value stands for the result of a task. */
export const isRef = (u: unknown): u is Ref<unknown> => Predicate.hasProperty(u, RefTypeId)

/** Whether a value is a step of building a flow. */
export const isInstruction = (u: unknown): u is Instruction<any, any, any> =>
  u instanceof InstructionImpl

/** Makes the reference to the result of the task at a place of a flow. */
export const ref = (fields: {
  readonly slug: string
  readonly index: number
  readonly graph: object
}): Ref<any, any> => new RefImpl(fields) as Ref<any, any>

class RefImpl {
  declare readonly slug: string
  declare readonly index: number
  declare readonly graph: object

  constructor({ graph, index, slug }: Parameters<typeof ref>[0]) {
    this.slug = slug
    this.index = index
    this.graph = graph
  }

  get [RefTypeId](): unknown {
    return RefTypeId
  }

  toString(): string {
    return `<Result: ${this.slug}>`
  }
}
