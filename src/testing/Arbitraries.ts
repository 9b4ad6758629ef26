/**
 * States, signals, fault plans and small flows to test properties with.
 *
 * @module
 */
import { Arbitrary, Data, Effect, Schema } from "effect"
import * as Flow from "../Flow.ts"
import { RunContext } from "../RunContext.ts"
import * as Signal from "../Signal.ts"
import * as State from "../State.ts"
import * as Task from "../Task.ts"
import * as Trigger from "../Trigger.ts"
import * as FaultPlan from "./FaultPlan.ts"

// -----------------------------------------------------------------------------
// States and signals
// -----------------------------------------------------------------------------

const message = Schema.UndefinedOr(Schema.String)
const result = Schema.Union([Schema.Undefined, Schema.Int, Schema.String, Schema.Null])
const instant = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4_102_444_800_000 }))
const count = Schema.UndefinedOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))

const fields = Arbitrary.schema(Schema.Struct({
  tag: Schema.Literals(State.tags),
  message,
  result,
  startTime: Schema.Union([Schema.Undefined, Schema.Null, instant]),
  expiration: Schema.UndefinedOr(instant),
  runCount: count,
  loopCount: count
}))

/** States of every kind, with and without what a constructor may leave open. */
export const state: Arbitrary.Arbitrary<State.State> = Arbitrary.map(
  fields,
  ({ tag, ...fields }) => State.make(tag, fields)
)

const kinds = Object.keys(Signal.untyped) as ReadonlyArray<Signal.Kind>

const constructors = {
  Fail: Signal.fail,
  TriggerFail: Signal.triggerFail,
  ValidationFail: Signal.validationFail,
  Success: Signal.success,
  Skip: Signal.skip,
  Retry: Signal.retry,
  Pause: Signal.pause,
  Loop: Signal.loop
} as unknown as Readonly<Record<Signal.Kind, (input: unknown) => Signal.Signal>>

/** Untyped signals of every kind. */
export const signal: Arbitrary.Arbitrary<Signal.Signal> = Arbitrary.map(
  Arbitrary.schema(Schema.Struct({ kind: Schema.Literals(kinds), message, result })),
  ({ kind, ...options }) => constructors[kind](options)
)

/** Fault plans for any flow: they name no task. */
export const faultPlan: Arbitrary.Arbitrary<FaultPlan.FaultPlan> = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(FaultPlan.Fault), { maxLength: 4 }),
  (plan) =>
    plan.map((fault) => {
      if (!("task" in fault)) return fault
      const { task, ...anywhere } = fault
      void task
      return anywhere as FaultPlan.Fault
    })
)

// -----------------------------------------------------------------------------
// Flows
// -----------------------------------------------------------------------------

/** What one task of a small flow does, as data. */
export interface TaskShape {
  /** Which earlier tasks it depends on, by their place; places that are none do not count. */
  readonly upstream: ReadonlyArray<number>
  /** How long its body sleeps, in milliseconds. */
  readonly millis: number
  /** How it ends, once it does not fail any more. */
  readonly end: "Return" | "Skip" | "Fail" | "Die" | "Loop"
  /** How many attempts fail before that. */
  readonly failures: number
  readonly maxRetries: number
  readonly retryMillis: number
  readonly timeoutMillis: number | undefined
  readonly trigger: TriggerName
  readonly skipOnUpstreamSkip: boolean
}

type TriggerName = "allSuccessful" | "allFinished" | "anySuccessful" | "anyFailed" | "notAllSkipped"

const triggers: Readonly<Record<TriggerName, Trigger.BuiltIn>> = {
  allSuccessful: Trigger.allSuccessful,
  allFinished: Trigger.allFinished,
  anySuccessful: Trigger.anySuccessful,
  anyFailed: Trigger.anyFailed,
  notAllSkipped: Trigger.notAllSkipped
}

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

/** The Schema of the shape of a task. */
export const TaskShape: Schema.Codec<TaskShape> = Schema.Struct({
  upstream: Schema.Array(upTo(11)),
  millis: upTo(100_000),
  end: Schema.Literals(["Return", "Return", "Return", "Skip", "Fail", "Die", "Loop"]),
  failures: upTo(3),
  maxRetries: upTo(3),
  retryMillis: upTo(10_000_000),
  timeoutMillis: Schema.UndefinedOr(Schema.Int.check(Schema.isBetween({
    minimum: 1,
    maximum: 200_000
  }))),
  trigger: Schema.Literals(Object.keys(triggers) as Array<TriggerName>),
  skipOnUpstreamSkip: Schema.Boolean
})

const maxTasks = 12

/** Flows of up to 12 tasks with retries, timeouts, triggers and every kind of end. */
export const flow: Arbitrary.Arbitrary<Flow.Flow<{}, unknown, unknown>> = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(TaskShape), { minLength: 1, maxLength: maxTasks }),
  (shapes) => flowOf("arbitrary", shapes)
)

/** The flow of a shape: its tasks are named `t0`, `t1` and so on, and give their names. */
export const flowOf = (
  name: string,
  shapes: ReadonlyArray<TaskShape>
): Flow.Flow<{}, unknown, unknown> =>
  Flow.make(name, function* () {
    const refs: Array<Task.Ref<unknown, unknown>> = []
    for (const [index, shape] of shapes.entries()) {
      const places = [...new Set(shape.upstream)].filter((place) => place < index)
      const ref: Task.Ref<unknown, unknown> = yield* taskOf(`t${index}`, shape)(
        {},
        { after: places.map((place) => refs[place]!) }
      )
      refs.push(ref)
    }
  }) as Flow.Flow<{}, unknown, unknown>

const taskOf = (name: string, shape: TaskShape): Task.Task<any, unknown, unknown, never> => {
  const { maxRetries, retryMillis, skipOnUpstreamSkip, timeoutMillis } = shape
  return Task.make(name, {
    ...maxRetries === 0 ? {} : { maxRetries, retryDelay: retryMillis },
    timeout: timeoutMillis,
    trigger: triggers[shape.trigger],
    skipOnUpstreamSkip,
    run: () => bodyOf(name, shape)
  }) as unknown as Task.Task<any, unknown, unknown, never>
}

/** What the first attempts of a task fail with, where its shape says so. */
export class AttemptFailed extends Data.Error<{ readonly message: string }> {
  readonly _tag = "AttemptFailed"
  override readonly name = "AttemptFailed"
}

/** Decided by the attempt alone, so that a flow can be run any number of times. */
const bodyOf = (name: string, { end, failures, millis }: TaskShape) =>
  Effect.flatMap(RunContext, ({ loopCount, runCount }) =>
    Effect.andThen(
      millis === 0 ? Effect.void : Effect.sleep(millis),
      runCount <= failures
        ? Effect.fail(new AttemptFailed({ message: `attempt ${runCount} fails` }))
        : endOf(name, end, loopCount ?? 1)
    ))

const rounds = 3

const endOf = (
  name: string,
  end: TaskShape["end"],
  round: number
): Effect.Effect<string, unknown> => {
  switch (end) {
    case "Return":
      return Effect.succeed(name)
    case "Skip":
      return Effect.fail(Signal.skip())
    case "Fail":
      return Effect.fail(Signal.fail())
    case "Die":
      return Effect.die(new Error(`${name} dies`))
    case "Loop":
      return round < rounds ? Effect.fail(Signal.loop({ result: round })) : Effect.succeed(name)
  }
}
