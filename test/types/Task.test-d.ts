import { Context, Effect, Schema } from "effect"
import { Flow, Signal, State, StateHandler, Task } from "signalbox"
import { expectTypeOf, test } from "vitest"

class Database extends Context.Service<Database, { readonly rows: number }>()("types/Database") {}
class Pager extends Context.Service<Pager, { readonly page: string }>()("types/Pager") {}
class Audit extends StateHandler.Service<Audit>()("types/Audit") {}
class Quota extends Signal.Fail<Quota>()("Quota", { used: Schema.Number }) {}
class Busy extends Signal.Retry<Busy>()("Busy") {}
class Weekend extends Signal.Skip<Weekend>()("Weekend") {}
class Known extends Signal.Success<Known>()("Known", { result: Schema.String }) {}

type ErrorOf<T> = T extends Task.Task<any, any, infer E, any> ? E : never
type NeedsOf<T> = T extends Task.Task<any, any, any, infer R> ? R : never
type ResultOf<T> = T extends Task.Task<any, infer A, any, any> ? A : never

const load = Task.make("load", {
  run: ({ day }: { readonly day: string; readonly limit?: number }) =>
    Effect.flatMap(
      Database,
      ({ rows }) => day === "" ? Effect.fail(new RangeError("no day")) : Effect.succeed(rows)
    )
})

test("a task has the result, the errors and the needs of its body", () => {
  expectTypeOf<ResultOf<typeof load>>().toEqualTypeOf<number>()
  expectTypeOf<ErrorOf<typeof load>>().toEqualTypeOf<RangeError>()
  expectTypeOf<NeedsOf<typeof load>>().toEqualTypeOf<Database>()
})

test("a task has the errors and the needs of handlers, trigger and onFailure too", () => {
  const task = Task.make("task", {
    handlers: [
      Audit,
      StateHandler.make(() => Effect.flatMap(Pager, () => Effect.fail("down" as const)))
    ],
    trigger: () => Effect.flatMap(Database, () => Effect.fail(new TypeError())),
    run: () => Effect.succeed(1)
  })
  expectTypeOf<ErrorOf<typeof task>>().toEqualTypeOf<"down" | TypeError>()
  expectTypeOf<NeedsOf<typeof task>>().toEqualTypeOf<Audit | Pager | Database>()

  const told = Task.make("task", {
    onFailure: (_subject, state) => Effect.map(Pager, () => state.message),
    run: () => Effect.succeed(1)
  })
  expectTypeOf<NeedsOf<typeof told>>().toEqualTypeOf<Pager>()
})

test("of its signals only the failures are errors; a success is a result", () => {
  const task = Task.make("task", {
    run: ({ n }: { readonly n: number }) =>
      Effect.gen(function* () {
        if (n === 1) return yield* new Quota({ used: n })
        if (n === 2) return yield* new Busy()
        if (n === 3) return yield* new Weekend()
        if (n === 4) return yield* new Known({ result: "four" })
        if (n === 5) return yield* Signal.endRun(State.success())
        return n
      })
  })
  expectTypeOf<ErrorOf<typeof task>>().toEqualTypeOf<Quota>()
  expectTypeOf<ResultOf<typeof task>>().toEqualTypeOf<number | string>()
})

test("the state of an untyped signal is typed too", () => {
  const task = Task.make("task", { run: () => Effect.fail(Signal.skip("not today")) })
  expectTypeOf<ErrorOf<typeof task>>().toEqualTypeOf<never>()
})

test("wrong inputs are refused", () => {
  Flow.make("flow", function* () {
    const rows = yield* load({ day: "monday" })
    expectTypeOf(rows).toEqualTypeOf<Task.Ref<number, RangeError>>()
    yield* load({ day: "monday", limit: rows })
    // @ts-expect-error a required input is missing
    yield* load({})
    // @ts-expect-error the inputs are missing
    yield* load()
    // @ts-expect-error a number is no text
    yield* load({ day: 5 })
    // @ts-expect-error the reference is to a number
    yield* load({ day: rows })
    // @ts-expect-error there is no such input
    yield* load({ day: "monday", days: 1 })
    // @ts-expect-error what comes before is named by references
    yield* load({ day: "monday" }, { after: ["load"] })
  })
})

test("a list takes references among its items", () => {
  const sum = Task.make("sum", {
    run: ({ values }: { readonly values: ReadonlyArray<number> }) => Effect.succeed(values.length)
  })
  const text = Task.make("text", { run: () => Effect.succeed("text") })
  Flow.make("flow", function* () {
    const one = yield* load({ day: "monday" })
    expectTypeOf(yield* sum({ values: [1, one] })).toEqualTypeOf<Task.Ref<number, never>>()
    yield* sum({ values: [] })
    // @ts-expect-error a text among numbers
    yield* sum({ values: [1, yield* text()] })
  })
})

test("a task without inputs is called without any", () => {
  const task = Task.make("task", { run: () => Effect.succeed(1) })
  const optional = Task.make("task", {
    run: ({ limit = 1 }: { readonly limit?: number }) => Effect.succeed(limit)
  })
  Flow.make("flow", function* () {
    const ref = yield* task()
    yield* task({}, { after: [ref], slug: "second" })
    yield* optional()
    expectTypeOf(yield* optional({ limit: ref })).toEqualTypeOf<Task.Ref<number, never>>()
  })
})

test("a handler for signals that the task cannot raise is refused", () => {
  const onQuota = StateHandler.onSignal(Quota, () => Effect.void)
  Task.make("task", { handlers: [onQuota], run: () => Effect.fail(new Quota({ used: 1 })) })
  // @ts-expect-error the body cannot raise Quota
  Task.make("task", {
    handlers: [onQuota],
    run: () => Effect.succeed(1)
  })
  // @ts-expect-error the body raises another signal
  Task.make("task", {
    handlers: [onQuota],
    run: () => Effect.fail(new Weekend())
  })
  expectTypeOf<StateHandler.WantsOf<typeof onQuota>>().toEqualTypeOf<Quota>()
  class OnQuota extends StateHandler.Service<OnQuota, Quota>()("types/OnQuota") {}
  Task.make("task", { handlers: [OnQuota], run: () => Effect.fail(new Quota({ used: 1 })) })
  // @ts-expect-error a service may be meant for signals too
  Task.make("task", {
    handlers: [OnQuota],
    run: () => Effect.succeed(1)
  })
})

test("what is no body, handler or trigger is refused", () => {
  expectTypeOf(Task.make).toBeFunction()
  // @ts-expect-error a body is a function
  Task.make("task", { run: 5 })
  // @ts-expect-error a body gives an Effect
  Task.make("task", { run: () => 5 })
  // @ts-expect-error a plain function is no handler
  Task.make("task", { handlers: [() => Effect.void], run: () => Effect.void })
  // @ts-expect-error a trigger gives a boolean
  Task.make("task", { trigger: () => 5, run: () => Effect.void })
  // @ts-expect-error there is no such option
  Task.make("task", { retries: 5, run: () => Effect.void })
})
