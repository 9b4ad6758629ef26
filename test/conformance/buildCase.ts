/**
 * Cases of definitions: each step is done through the public API, until one is refused.
 *
 * A flow is defined at once here, so after each step that adds to it, it is built anew from all
 * steps so far.
 *
 * @module
 */
import { Cause, ConfigProvider, DateTime, Duration, Effect, Exit, Redacted } from "effect"
import { Flow, type Parameter, State, StateHandler, Task } from "signalbox"
import type { BuildCase, BuildOp, Json, JsonObject, TaskText } from "./corpus.ts"
import { errorClass, makeError, reasonOf } from "./errors.ts"
import { parameterOf, provideSecrets, secret } from "./flow.ts"
import { clockOf } from "./schedule.ts"
import { writeState, type Written } from "./states.ts"
import { validatorOf } from "./tasks.ts"
import { offsetFrom, record } from "./values.ts"

/** What came of the steps of a case. */
export interface BuildReport {
  /** The step that was refused, and why. */
  readonly error: { readonly op: number; readonly message: string } | null
  /** Without the task's name, that warnings begin with. */
  readonly warnings?: ReadonlyArray<string>
  readonly task?: Json
  readonly parameter?: Json
  readonly slugs?: ReadonlyArray<string>
  readonly final?: Written
  readonly value?: Json
  readonly handlerCounts?: ReadonlyArray<number>
  /** The step that the API has no way to write, so that it cannot go wrong either. */
  readonly cannotBeWritten?: string
}

/** Does the steps of a case; to be compared with its expected report. */
export const runBuildCase = (test: BuildCase, epoch: number): Effect.Effect<BuildReport> =>
  Effect.gen(function* () {
    const building = new Building(epoch)
    for (const [op, step] of test.ops.entries()) {
      const done = yield* Effect.exit(Effect.suspend(() => building.step(step)))
      if (Exit.isSuccess(done)) continue
      const error = Cause.squash(done.cause)
      if (error instanceof CannotBeWritten) {
        return { ...building.report, error: null, cannotBeWritten: error.message }
      }
      const message = error instanceof Error ? reasonOf(error) : String(error)
      return { ...building.report, error: { op, message } }
    }
    return building.report
  })

class CannotBeWritten extends Error {}

/** Steps that the API has no words for, or that the compiler refuses. */
const wordless = new Set([
  "bindOutsideFlow",
  "setDependenciesOutsideFlow",
  "iterate",
  "copyWith",
  "replace",
  "mergeWithSkip"
])

/** Whether there is no way to write a step. */
export const cannotBeWritten = (op: BuildOp): boolean => {
  const args = op.arguments as ReadonlyArray<string> | undefined
  return wordless.has(op.op) || op.returnTasks !== undefined || op.insideFlowContext === true ||
    op.whileBuilding === true || (args?.some(isReserved) ?? false)
}

/** What the arguments of a body cannot be called; a body here takes one object. */
const isReserved = (name: string): boolean =>
  /^[*/]/.test(name) || ["upstream_tasks", "mapped", "task_args", "flow"].includes(name)

type Any = Effect.Effect<unknown, unknown>

interface Declared {
  readonly name: string
  readonly parameter: Parameter.Any
}

class Building {
  report: BuildReport = { error: null }
  private readonly epoch: number
  private flowName: string | undefined
  private readonly tasks = new Map<string, Task.Any>()
  /** The parameters by what the case calls them, and those that the flow has by their own names. */
  private readonly declared = new Map<string, Declared>()
  private readonly parameters = new Map<string, Parameter.Any>()
  /** The steps so far that add to the flow. */
  private readonly added: Array<BuildOp> = []

  constructor(epoch: number) {
    this.epoch = epoch
  }

  /** Does one step; what refuses it is thrown or is the error of the effect. */
  step(op: BuildOp): Any {
    if (cannotBeWritten(op)) throw new CannotBeWritten(op.op)
    switch (op.op) {
      case "flow":
        this.flowName = String(op.name)
        this.build()
        return Effect.void
      case "task":
        return this.task(op)
      case "parameter":
        return this.parameter(op)
      case "addTask":
      case "edge":
      case "referenceTasks":
      case "validate":
        for (const name of [op.task, op.from, op.to]) this.take(String(name))
        this.added.push(op)
        this.build()
        return Effect.void
      case "slugs":
        this.report = {
          ...this.report,
          slugs: this.build().graph.nodes.map(({ slug }) => slug)
        }
        return Effect.void
      case "run":
        return this.run(op)
      case "edgesTo": {
        const task = this.tasks.get(String(op.task))!
        return Effect.map(Flow.run(this.build()), (run) => run.stateOf(task as never))
      }
      case "mapOverNumber": {
        const task = this.tasks.get(String(op.task))!
        Flow.make("map", function* () {
          yield* Task.map(task, { x: 5 } as never)
        })
        return Effect.void
      }
      case "caseWithTaskValue": {
        const value = this.tasks.get(String(op.task))!
        Flow.make("case", function* () {
          const condition = yield* value()
          yield* Flow.case(condition, value, function* () {})
        })
        return Effect.void
      }
      case "clock":
        clockOf(op.clock as never, DateTime.formatIso(DateTime.makeUnsafe(this.epoch)))
        return Effect.void
      case "secret":
        return this.secret(op)
      case "sharedHandlerList":
        this.report = { ...this.report, handlerCounts: handlerCounts() }
        return Effect.void
      default:
        throw new Error(`Unknown step: ${op.op}`)
    }
  }

  // ---------------------------------------------------------------------------
  // Definitions
  // ---------------------------------------------------------------------------

  private task(op: BuildOp): Any {
    const name = String(op.name ?? "task")
    const task = Task.make(name, taskOptions(op))
    this.tasks.set(name, task)
    const { maxRetries, retryDelay, timeout, warnings } = task.policies
    if (warnings.length > 0) {
      this.report = { ...this.report, warnings: warnings.map((text) => text.replace(/^.*?: /, "")) }
    }
    if (op.report === true) {
      const seconds = timeout === undefined ? null : Duration.toSeconds(timeout)
      const retryDelaySeconds = maxRetries === 0 ? null : retryDelay / 1000
      this.report = { ...this.report, task: { timeout: seconds, maxRetries, retryDelaySeconds } }
    }
    return Effect.void
  }

  private parameter(op: BuildOp): Any {
    const name = String(op.name)
    const parameter = parameterOf(op as Pick<TaskText, "default" | "required">)
    this.declared.set(String(op.as ?? name), { name, parameter })
    if (op.report === true) {
      const { defaultValue, required } = parameter
      this.report = { ...this.report, parameter: { required, default: defaultValue ?? null } }
    }
    return Effect.void
  }

  /** Makes a parameter one of the flow's: a record, which has one of a name. */
  private take(called: string): void {
    const declared = this.declared.get(called)
    if (declared === undefined) return
    const { name, parameter } = declared
    const known = this.parameters.get(name)
    if (known !== undefined && known !== parameter) throw new CannotBeWritten("parameter")
    this.parameters.set(name, parameter)
  }

  private build(): Flow.Flow<any, any, any, never> {
    const { added, declared, parameters, tasks } = this
    const stranger = this.strangers()
    return Flow.make(this.flowName ?? "flow", {
      parameters: Object.fromEntries(parameters)
    }, function* (given) {
      const refs = new Map<string, Task.Ref<any, any>>()
      for (const [called, { name }] of declared) if (given[name]) refs.set(called, given[name])
      const add = function* (name: string) {
        const ref: Task.Ref<any, any> = refs.get(name) ?? (yield* tasks.get(name)!())
        refs.set(name, ref)
        return ref
      }
      for (const op of added) {
        if (op.notATask === true) yield 5 as never
        else if (op.op === "addTask") yield* add(String(op.task))
        else if (op.op === "edge") {
          const from = yield* add(String(op.from))
          const to = yield* add(String(op.to))
          yield* Flow.edge(from, to, op.key === undefined ? {} : { key: String(op.key) })
        } else if (op.op === "referenceTasks") {
          const names = op.tasks as ReadonlyArray<string>
          yield* Flow.referenceTasks(...names.map((name) => refs.get(name) ?? stranger(name)))
        }
      }
    }) as never
  }

  /** The results of tasks that are in another flow. */
  private strangers(): (name: string) => Task.Ref<any, any> {
    return (name) => {
      let ref: Task.Ref<any, any> | undefined
      const task = this.tasks.get(name)!
      Flow.make("another", function* () {
        ref = yield* task()
      })
      return ref!
    }
  }

  // ---------------------------------------------------------------------------
  // Runs
  // ---------------------------------------------------------------------------

  private run(op: BuildOp): Any {
    const run = Flow.run(this.build(), { parameters: op.parameters ?? {} })
    return Effect.map(run, ({ state }) => {
      this.report = { ...this.report, final: writeState(state, offsetFrom(this.epoch)) }
    })
  }

  private secret(op: BuildOp): Any {
    const flow = Flow.make("secret", function* () {
      return yield* secret(String(op.name))
    })
    const provider = provideSecrets(op.secrets as JsonObject | undefined)
    return Flow.run(flow).pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, provider),
      Effect.flatMap(({ state }): Any => {
        if (State.isFailed(state)) return Effect.fail(state.result)
        const value = Redacted.value(state.result as Redacted.Redacted<Json>)
        this.report = { ...this.report, value: record(value, offsetFrom(this.epoch)) }
        return Effect.void
      })
    )
  }
}

// The options are as wrong as the case wants them: what the compiler would refuse included.
const taskOptions = (op: BuildOp): never => {
  const { maxRetries, retryDelaySeconds, slug, stateHandlers, tags } = op
  return {
    run: () => Effect.void,
    maxRetries,
    retryDelay: durationOf(retryDelaySeconds),
    retryOn: retryOnOf(op),
    timeout: durationOf(op.timeoutSeconds) ?? op.timeoutDurationMillis,
    tags,
    slug,
    handlers: stateHandlers,
    cacheValidator: op.cacheValidator === undefined
      ? undefined
      : validatorOf(op.cacheValidator as string)
  } as never
}

const durationOf = (seconds: Json | undefined): unknown =>
  typeof seconds === "number" ? Duration.seconds(seconds) : seconds

const retryOnOf = (op: BuildOp): unknown => {
  if (op.retryOnInstance !== undefined) return [makeError(op.retryOnInstance as never)]
  if (op.retryOnNotAnError === true) return [5]
  return (op.retryOn as ReadonlyArray<string> | undefined)?.map(errorClass)
}

/** How many handlers two tasks have that are given one list, the first with `onFailure` too. */
const handlerCounts = (): ReadonlyArray<number> => {
  const handlers = [StateHandler.make(() => Effect.void)]
  const run = () => Effect.void
  const tasks = [
    Task.make("first", { handlers, run, onFailure: () => Effect.void }),
    Task.make("second", { handlers, run })
  ]
  return tasks.map(({ policies }) => policies.handlers.length)
}
