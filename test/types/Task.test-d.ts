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

const connect = Task.make("connect", {
  run: ({ to }: {
    readonly to: {
      readonly host: string
      readonly port: number
      readonly mode?: "read" | "write"
      readonly tags?: Readonly<Record<string, ReadonlyArray<string>>>
      readonly span?: readonly [from: number, to: { readonly at: number }]
      readonly onEnd?: (reason: string) => void
    }
  }) => Effect.succeed(to.host)
})

test("a record takes references at any depth", () => {
  const text = Task.make("text", { run: () => Effect.succeed("text") })
  const target = Task.make("target", { run: () => Effect.succeed({ host: "x", port: 1 }) })
  Flow.make("flow", function* () {
    const port = yield* load({ day: "monday" })
    const host = yield* text()
    yield* connect({ to: yield* target() })
    expectTypeOf(yield* connect({ to: { host, port } })).toEqualTypeOf<Task.Ref<string, never>>()
    yield* connect({ to: { host: "x", port, mode: "read", tags: { a: [host, "b"], b: [] } } })
    yield* connect({ to: { host, port: 1, span: [port, { at: port }] } })
    yield* connect({ to: { host, port, onEnd: (reason) => void reason.length } })
    // @ts-expect-error the reference is to a text
    yield* connect({ to: { host: "x", port: host } })
    // @ts-expect-error a value is missing
    yield* connect({ to: { host } })
    // @ts-expect-error there is no such value
    yield* connect({ to: { host, port, user: "me" } })
    // @ts-expect-error no such mode
    yield* connect({ to: { host, port, mode: "append" } })
    // @ts-expect-error a number among texts
    yield* connect({ to: { host, port, tags: { a: [port] } } })
    // @ts-expect-error the second of two is missing
    yield* connect({ to: { host, port, span: [port] } })
  })
})

test("an object of a class is given whole", () => {
  class Secret {
    readonly #text = "text"
    readonly length = this.#text.length
  }
  const task = Task.make("task", {
    run: ({ secret }: {
      readonly secret?: Secret
      readonly at?: Date
      readonly names?: ReadonlyMap<string, number>
      readonly any?: any
      readonly unknown?: unknown
    }) => Effect.succeed(secret?.length ?? 0)
  })
  Flow.make("flow", function* () {
    const ref = yield* task({ secret: new Secret(), at: new Date(0), names: new Map() })
    expectTypeOf(ref).toEqualTypeOf<Task.Ref<number, never>>()
    yield* task({ any: { ref }, unknown: [ref] })
    // @ts-expect-error this is no Secret
    yield* task({ secret: { length: ref } })
    // @ts-expect-error nor is this
    yield* task({ secret: { length: 1 } })
    // @ts-expect-error references are not looked for in a Map
    yield* task({ names: new Map([["a", ref]]) })
  })
})

test("an input may be of a type that holds itself", () => {
  type Json = string | number | ReadonlyArray<Json> | { readonly [key: string]: Json }
  interface Tree {
    readonly value: number
    readonly children: ReadonlyArray<Tree>
  }
  const task = Task.make("task", {
    run: ({ json }: { readonly json: Json; readonly tree: Tree }) => Effect.succeed(json)
  })
  Flow.make("flow", function* () {
    const one = yield* load({ day: "monday" })
    const leaf = { value: one, children: [] }
    const ref = yield* task({ json: [{ a: one }], tree: { value: 1, children: [leaf] } })
    expectTypeOf(ref).toEqualTypeOf<Task.Ref<Json, never>>()
    yield* task({ json: { a: [ref, { b: one }] }, tree: leaf })
    // @ts-expect-error a leaf is no number
    yield* task({ json: 1, tree: { value: leaf, children: [] } })
  })
})

test("who does not know the type of an input can give it all the same", () => {
  const call = <A, B>(task: Task.Task<{ readonly a: A }, B>, a: A, ref: Task.Ref<A>) => {
    task({ a: ref })
    return task({ a })
  }
  const identity = <A>() =>
    Task.make("identity", { run: ({ a }: { readonly a: A }) => Effect.succeed(a) })
  expectTypeOf(call(identity<number>(), 1, {} as Task.Ref<number>)).toEqualTypeOf<
    Task.Call<number, never, never>
  >()
  expectTypeOf(identity<{ readonly b: number }>()({ a: { b: {} as Task.Ref<number> } }))
    .toEqualTypeOf<Task.Call<{ readonly b: number }, never, never>>()
})

test("the items of a mapped input take references at any depth", () => {
  Flow.make("flow", function* () {
    const port = yield* load({ day: "monday" })
    const ref = yield* Task.map(connect, { to: [{ host: "x", port }, { host: "y", port: 2 }] })
    expectTypeOf(ref).toEqualTypeOf<Task.Ref<ReadonlyArray<string>, never>>()
    // @ts-expect-error a text is no port
    yield* Task.map(connect, { to: [{ host: "x", port }, { host: "y", port: "2" }] })
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

test("a body takes its inputs by name", () => {
  Flow.make("flow", function* () {
    const ref = yield* Task.make("one", { run: () => Effect.succeed(1) })()
    const after = Task.make("after", { run: () => Effect.void })
    yield* after()
    yield* after({}, { after: [ref] })
    // @ts-expect-error a dependency is an option, or an input with a name
    yield* after(ref)
    const double = Task.make("double", { run: (n: number) => Effect.succeed(2 * n) })
    // @ts-expect-error a number has no names
    yield* double(5)
    const sum = Task.make("sum", { run: (xs: ReadonlyArray<number>) => Effect.succeed(xs.length) })
    // @ts-expect-error a list has none either
    yield* sum([1, 2])
    expectTypeOf(after).parameter(0).not.toBeAny()
  })
})
