/**
 * Edges and branches: tasks that compare a result and let the tasks behind them be skipped, and tasks that
 * bring branches together again.
 *
 * Users find these in the `Flow` namespace.
 *
 * @module
 */
import { Effect, Equal, Formatter } from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import * as FlowGraph from "./FlowGraph.ts"
import * as PrintedError from "./PrintedError.ts"
import * as Signal from "./Signal.ts"
import * as Task from "./Task.ts"
import * as Trigger from "./Trigger.ts"

/** The instructions of the body of a block. */
export type BlockBody<I, Returned> = () => Generator<I, Returned, any>

type ErrorsOf<I> = I extends Task.Instruction<any, infer E, any> ? E : never
type ServicesOf<I> = I extends Task.Instruction<any, any, infer R> ? R : never

const printed = (value: unknown): string =>
  typeof value === "object" ? Formatter.format(value) : String(value)

const compare = (name: string, expected: unknown) =>
  Task.make(name, {
    run: ({ value }: { readonly value: unknown }) =>
      Equal.equals(value, expected) ? Effect.void : Effect.fail(
        Signal.skip(`Provided value "${printed(value)}" did not match "${printed(expected)}"`)
      )
  })

/** How one task depends on another; see {@link edge}. */
export interface EdgeOptions {
  /** The name under which the body gets the result; without one, it does not get it. */
  readonly key?: string | undefined
  /** Whether the downstream task runs once per item of the result. */
  readonly mapped?: boolean | undefined
  /** Whether the items of the lists in the result count instead of the lists. */
  readonly flatten?: boolean | undefined
}

/** Makes one task depend on another that is already in the flow. */
export const edge = (
  upstream: Task.Ref<any, any>,
  downstream: Task.Ref<any, any>,
  { flatten = false, key, mapped = false }: EdgeOptions = {}
): Task.Instruction<void> =>
  Task.instruction({ _tag: "Edge", upstream, downstream, key, mapped, flatten })

/** Does several steps as one. */
const block = <A, E, R>(
  body: () => Iterator<Task.Instruction<any, any, any>, any, any>,
  close: (tasks: Task.BlockTasks) => Iterator<Task.Instruction<any, any, any>, any, any>
): Task.Instruction<A, E, R> => Task.instruction({ _tag: "Block", body, close })

function* nothing(): Generator<never, void> {}

/**
 * Adds the tasks of a block that run only if a result equals a value; otherwise they are skipped.
 */
export const caseOf = <A, E, I extends Task.Instruction<any, any, any>, Returned>(
  condition: Task.Ref<A, E>,
  value: NoInfer<A>,
  body: BlockBody<I, Returned>
): Task.Instruction<Returned, ErrorsOf<I>, ServicesOf<I>> => {
  if (Task.isRef(value) || Task.isTask(value)) {
    throw definitionError("Cannot add a case", "`value` cannot be a task", String(value))
  }
  return block(body, function* ({ first, tasks }) {
    if (tasks.length === 0) return
    const matches = yield* compare(`case(${printed(value)})`, value)({ value: condition })
    for (const task of first) yield* edge(matches, task)
  })
}

/** Lets only the task run whose value equals a result; the tasks of other values are skipped. */
export const switchOn = <A, E>(
  condition: Task.Ref<A, E>,
  cases: ReadonlyArray<readonly [value: NoInfer<A>, task: Task.Ref<any, any>]>
): Task.Instruction<void> =>
  block(nothing, function* () {
    for (const [value, task] of cases) {
      const matches = yield* compare(`CompareValue: "${printed(value)}"`, value)({
        value: condition
      })
      yield* edge(matches, task)
    }
  })

const asBoolean = Task.make("as_bool", {
  run: ({ x }: { readonly x: unknown }) => Effect.succeed(isSomething(x))
})

const isSomething = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map || value instanceof Set) return value.size > 0
  return FlowGraph.isRecord(value) ? Object.keys(value).length > 0 : Boolean(value)
}

/**
 * Lets one task run if a result is true and the other one if it is not: false are `false`, zero,
 * nothing, and what is empty, be it a text, a list or a record.
 */
export const ifElse = (
  condition: Task.Ref<any, any>,
  branches: {
    readonly ifTrue?: Task.Ref<any, any> | undefined
    readonly ifFalse?: Task.Ref<any, any> | undefined
  }
): Task.Instruction<void> =>
  block(nothing, function* () {
    const decision = yield* asBoolean({ x: condition })
    const cases: Array<readonly [boolean, Task.Ref<any, any>]> = []
    if (branches.ifTrue !== undefined) cases.push([true, branches.ifTrue])
    if (branches.ifFalse !== undefined) cases.push([false, branches.ifFalse])
    yield* switchOn(decision, cases)
  })

const mergeTask = Task.make("Merge", {
  trigger: Trigger.notAllSkipped,
  skipOnUpstreamSkip: false,
  run: (inputs: Readonly<Record<string, unknown>>) =>
    Effect.succeed(Object.values(inputs).find((value) => value !== undefined && value !== null))
})

/** Brings branches together: the first result, in the order given, that there is. */
export const merge = <A, E>(
  ...branches: ReadonlyArray<Task.Ref<A, E>>
): Task.Call<A | undefined> =>
  mergeTask(
    Object.fromEntries(branches.map((branch, i) => [`task_${i + 1}`, branch]))
  ) as Task.Call<any>

const isResult = (value: unknown): boolean =>
  value !== undefined && value !== null && !(value instanceof Error)

/**
 * Keeps the items of a list that pass a test: unless another is given, those that are neither
 * nothing nor an error or signal, so that what is mapped may fail in part.
 */
export const filter = <A, E>(
  list: Task.Ref<ReadonlyArray<A>, E>,
  keep: (item: A) => boolean = isResult
): Task.Call<ReadonlyArray<A>> =>
  Task.make("FilterTask", {
    trigger: Trigger.allFinished,
    skipOnUpstreamSkip: false,
    run: ({ task_results }: { readonly task_results: ReadonlyArray<A> }) =>
      Array.isArray(task_results)
        ? Effect.succeed(task_results.filter((item: A) => keep(item)))
        : Effect.die(
          new TypeError(`Cannot filter ${PrintedError.print(task_results)}: it is no list`)
        )
  })({ task_results: list }) as Task.Call<any>
