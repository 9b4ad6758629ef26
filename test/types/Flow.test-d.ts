import { Context, Effect, Layer, Option, Schema } from "effect"
import { Flow, Parameter, Signal, State, StateHandler, Task } from "signalbox"
import { expectTypeOf, test } from "vitest"

class Database extends Context.Service<Database, { readonly rows: number }>()("types/Database") {}
class PostToSlack extends StateHandler.Service<PostToSlack>()("types/PostToSlack") {}
class FlowAlert extends StateHandler.Service<FlowAlert>()("types/FlowAlert") {}
class EqualInputs extends Signal.Fail<EqualInputs>()("EqualInputs", { value: Schema.Number }) {}

const divide = Task.make("divide", {
  handlers: [PostToSlack],
  run: ({ a, b }: { readonly a: number; readonly b: number }) =>
    a === b ? Effect.fail(new EqualInputs({ value: a })) : Effect.succeed(1 / (b - a))
})

const load = Task.make("load", {
  run: () => Effect.map(Database, ({ rows }) => ({ rows }))
})

test("a flow has the result, the errors and the needs of what it yields", () => {
  const flow = Flow.make("flow", function* () {
    yield* load()
    return yield* divide({ a: 1, b: 2 })
  })
  expectTypeOf(flow).toEqualTypeOf<Flow.Flow<{}, number, EqualInputs, PostToSlack | Database>>()
})

test("the error channel is empty without parameters", () => {
  const flow = Flow.make("flow", function* () {
    return yield* divide({ a: 1, b: 2 })
  })
  expectTypeOf(Flow.run(flow)).toEqualTypeOf<
    Effect.Effect<Flow.Run<number, EqualInputs>, never, PostToSlack>
  >()
  const empty = Flow.make("empty", function* () {})
  expectTypeOf(Flow.run(empty)).toEqualTypeOf<Effect.Effect<Flow.Run<void, never>>>()
})

test("a missing layer is refused", () => {
  const flow = Flow.make("flow", { handlers: [FlowAlert] }, function* () {
    return yield* divide({ a: 1, b: 2 })
  })
  const run = Flow.run(flow)
  expectTypeOf<Effect.Services<typeof run>>().toEqualTypeOf<PostToSlack | FlowAlert>()
  // @ts-expect-error both handlers are missing
  Effect.runPromise(run)
  // @ts-expect-error the handler of the flow is missing
  Effect.runPromise(Effect.provide(run, PostToSlack.layerNoop))
  Effect.runPromise(
    Effect.provide(run, Layer.mergeAll(PostToSlack.layerNoop, FlowAlert.layerRecording))
  )
})

test("the needs of a layer are the layer's", () => {
  const live = PostToSlack.layer(() => Effect.asVoid(Database))
  expectTypeOf(live).toEqualTypeOf<Layer.Layer<PostToSlack, never, Database>>()
  expectTypeOf(StateHandler.layer(PostToSlack)).toEqualTypeOf<
    Layer.Layer<never, never, PostToSlack>
  >()
})

const etl = Flow.make("etl", {
  parameters: {
    day: Parameter.required(Schema.String),
    at: Parameter.withDefault(Schema.NumberFromString, 5),
    note: Parameter.optional(Schema.String)
  }
}, function* ({ at, day, note }) {
  yield* load()
  expectTypeOf(day).toEqualTypeOf<Task.Ref<string, never>>()
  expectTypeOf(at).toEqualTypeOf<Task.Ref<number, never>>()
  expectTypeOf(note).toEqualTypeOf<Task.Ref<string | undefined, never>>()
  return { day, at, list: 5 }
})

test("parameters are asked for as their Schemas have them on the wire", () => {
  const run = Flow.run(etl, { parameters: { day: "monday", at: "5" } })
  expectTypeOf<Effect.Error<typeof run>>().toEqualTypeOf<Flow.ParameterError>()
  Flow.run(etl, { parameters: { day: "monday" }, concurrency: "unbounded" })
  // @ts-expect-error required parameters are missing
  Flow.run(etl)
  // @ts-expect-error required parameters are missing
  Flow.run(etl, {})
  // @ts-expect-error a required parameter is missing
  Flow.run(etl, { parameters: {} })
  // @ts-expect-error a number is no text
  Flow.run(etl, { parameters: { day: 5 } })
  // @ts-expect-error on the wire it is a text
  Flow.run(etl, { parameters: { day: "monday", at: 5 } })
  // @ts-expect-error there is no such parameter
  Flow.run(etl, { parameters: { day: "monday", days: 1 } })
})

test("a flow without parameters takes none", () => {
  const flow = Flow.make("flow", function* () {
    yield* load()
  })
  expectTypeOf(Flow.run(flow, { concurrency: 3 })).toEqualTypeOf<
    Effect.Effect<Flow.Run<void>, never, Database>
  >()
  // @ts-expect-error there is no such parameter
  Flow.run(flow, { parameters: { day: 1 } })
  // @ts-expect-error a concurrency is a number or "unbounded"
  Flow.run(flow, { concurrency: "all" })
})

test("a default is of the type of its Schema", () => {
  const limit = Parameter.withDefault(Schema.Number, 5)
  expectTypeOf(limit).toEqualTypeOf<Parameter.Parameter<number, number, false>>()
  // @ts-expect-error a text is no number
  Parameter.withDefault(Schema.Number, "five")
})

test("references stand for their results in what the body returns", () => {
  expectTypeOf<Flow.ResultOf<Task.Ref<number>>>().toEqualTypeOf<number>()
  const flow = Flow.make("flow", function* () {
    const a = yield* divide({ a: 1, b: 2 })
    return { a, pair: "text" }
  })
  expectTypeOf(flow).toEqualTypeOf<
    Flow.Flow<{}, { readonly a: number; readonly pair: string }, EqualInputs, PostToSlack>
  >()
})

test("references stand for their results at any depth of lists and records", () => {
  const flow = Flow.make("flow", function* () {
    const ref = yield* divide({ a: 1, b: 2 })
    return { a: { b: ref }, c: [[ref]], d: { none: [1] } }
  })
  expectTypeOf(flow).toEqualTypeOf<
    Flow.Flow<
      {},
      {
        readonly a: { readonly b: number }
        readonly c: ReadonlyArray<ReadonlyArray<number>>
        readonly d: { none: Array<number> }
      },
      EqualInputs,
      PostToSlack
    >
  >()
  type Ref<A> = Task.Ref<A, never>
  expectTypeOf<Flow.ResultOf<readonly [Ref<1>, [Ref<"a">, 2]]>>().toEqualTypeOf<
    readonly [1, readonly ["a", 2]]
  >()
  expectTypeOf<Flow.ResultOf<{ a?: Ref<1>; b: Ref<2> | [Ref<3>] | undefined }>>().toEqualTypeOf<
    { readonly a?: 1; readonly b: 2 | readonly [3] | undefined }
  >()
  expectTypeOf<Flow.ResultOf<{ a: { b: Ref<unknown>; c: Ref<any>; d: Ref<{}> } }>>().toEqualTypeOf<
    { readonly a: { readonly b: unknown; readonly c: any; readonly d: {} } }
  >()
  expectTypeOf<Flow.ResultOf<readonly [Ref<1>, ...Array<Ref<2>>]>>().toEqualTypeOf<
    readonly [1, ...Array<2>]
  >()
  type Tree = number | Ref<number> | ReadonlyArray<Tree>
  type Grown = number | ReadonlyArray<Grown>
  expectTypeOf<Flow.ResultOf<Tree>>().toExtend<Grown>()
  interface Node {
    readonly value: Ref<number>
    readonly next: Node | undefined
  }
  expectTypeOf<NonNullable<Flow.ResultOf<Node>["next"]>["value"]>().toEqualTypeOf<number>()
  expectTypeOf<Flow.ResultOf<Record<string, Array<Ref<boolean>>>>>().toEqualTypeOf<
    { readonly [key: string]: ReadonlyArray<boolean> }
  >()
})

test("what holds no reference is what the body returned", () => {
  class Secret {
    readonly #text = "text"
    readonly length = this.#text.length
  }
  interface Tree {
    children: Array<Tree>
  }
  type Json = string | number | Array<Json> | { [key: string]: Json }
  interface Growing<A> {
    next?: Growing<Array<A>>
    value: A
  }
  interface Kept {
    secret: Secret
    at: Date
    names: Map<string, Task.Ref<number>>
    call: (ref: Task.Ref<number>) => Task.Ref<number>
    tree: Tree
    growing: Growing<number>
    json: Json
    any: any
    unknown: unknown
    never: never
    pair?: [number, "a" | undefined]
  }
  expectTypeOf<Flow.ResultOf<Kept>>().toEqualTypeOf<Kept>()
  expectTypeOf<Flow.ResultOf<{ kept: Kept; one: Task.Ref<1> }>>().toEqualTypeOf<
    { readonly kept: Kept; readonly one: 1 }
  >()
  expectTypeOf<Flow.ResultOf<Option.Option<Task.Ref<1>>>>().toEqualTypeOf<
    Option.Option<Task.Ref<1>>
  >()
  expectTypeOf<Flow.ResultOf<any>>().toEqualTypeOf<any>()
  expectTypeOf<Flow.ResultOf<unknown>>().toEqualTypeOf<unknown>()
  expectTypeOf<Flow.ResultOf<never>>().toEqualTypeOf<never>()
  expectTypeOf<Flow.ResultOf<"a" | 1 | undefined>>().toEqualTypeOf<"a" | 1 | undefined>()
})

test("the states of a run have the types of their tasks", () => {
  Effect.gen(function* () {
    let ref!: Task.Ref<number, EqualInputs>
    const flow = Flow.make("flow", function* () {
      ref = yield* divide({ a: 1, b: 2 })
    })
    const run = yield* Flow.run(flow)
    expectTypeOf(run.stateOf(ref)).toEqualTypeOf<State.State<number, EqualInputs>>()
    expectTypeOf(run.stateOf(divide)).toEqualTypeOf<State.State<number, EqualInputs>>()
    const state = run.stateOf(ref)
    if (State.isSuccessful(state) && !State.isSkipped(state)) {
      expectTypeOf(state.result).toEqualTypeOf<number>()
    }
    if (State.isRetrying(state)) expectTypeOf(state._tag).toEqualTypeOf<"Retrying">()
    if (State.isFailed(state)) {
      expectTypeOf(State.failure(state)).toEqualTypeOf<
        ReturnType<typeof State.failure<number, EqualInputs>>
      >()
    }
  })
})

test("a flow is built from tasks alone", () => {
  expectTypeOf(Flow.make("empty", function* () {})).toExtend<Flow.Any>()
  // @ts-expect-error an Effect is no call of a task
  Flow.make("flow", function* () {
    yield* Effect.succeed(1)
  })
  // @ts-expect-error a body is a generator function
  Flow.make("flow", () => 5)
})

test("runs side by side need what each of them needs, and nothing more", () => {
  const bare = Flow.make("bare", function* () {
    return yield* Task.make("one", { run: () => Effect.succeed(1) })()
  })
  const needy = Flow.make("needy", function* () {
    return yield* load()
  })
  const both = Effect.all([Flow.run(bare), Flow.run(bare)])
  expectTypeOf<Effect.Services<typeof both>>().toEqualTypeOf<never>()
  Effect.runPromise(Effect.all([Flow.run(bare), Flow.run(bare)]))
  Effect.runPromise(Effect.all({ a: Flow.run(bare), b: Flow.run(bare) }))
  // @ts-expect-error the database is missing
  Effect.runPromise(Effect.all([Flow.run(bare), Flow.run(needy)]))
  const onPause = () => Effect.asVoid(Database)
  expectTypeOf(Flow.run(bare, { onPause })).toEqualTypeOf<
    Effect.Effect<Flow.Run<number, never>, never, Database>
  >()
})
