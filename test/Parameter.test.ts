import { assert, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Schema } from "effect"
import { Flow, Parameter, StateHandler, Task, Transition } from "signalbox"
import { watch } from "./fixtures/watch.ts"

const echo = Task.make("echo", {
  run: ({ value }: { readonly value: unknown }) => Effect.succeed(value)
})

const etl = Flow.make("etl", {
  parameters: {
    day: Parameter.required(Schema.String),
    limit: Parameter.withDefault(Schema.Number, 100)
  }
}, function* ({ day, limit }) {
  return yield* echo({ value: [day, limit] })
})

/** The error of a run that cannot begin, with parameters that the compiler would not let pass. */
const refusal = <P>(flow: Flow.Flow<P, unknown>, parameters: object) =>
  Effect.flip(
    Flow.run(flow as Flow.Flow<{ readonly some?: unknown }, unknown>, {
      parameters: parameters as { readonly some?: unknown }
    })
  )

it.effect("6.1 a required parameter without a value keeps the run from beginning", () =>
  Effect.gen(function* () {
    for (const parameters of [{}, { limit: 1 }, { day: undefined }]) {
      const error = yield* refusal(etl, parameters)
      assert.strictEqual(error._tag, "ParameterError")
      assert.strictEqual(error.flow, "etl")
      assert.deepStrictEqual(error.parameters, ["day"])
      assert.strictEqual(error.message, 'Cannot run flow "etl": parameter "day" has no value')
    }
  }))

it.effect("6.1 all that have no value are named", () =>
  Effect.gen(function* () {
    const flow = Flow.make("two", {
      parameters: { a: Parameter.required(Schema.String), b: Parameter.required(Schema.String) }
    }, function* () {})
    const error = yield* refusal(flow, {})
    assert.deepStrictEqual(error.parameters, ["a", "b"])
    assert.strictEqual(
      error.message,
      'Cannot run flow "two": parameters "a", "b" have no value'
    )
  }))

it.effect("6.2 an unknown parameter keeps the run from beginning", () =>
  Effect.gen(function* () {
    const error = yield* refusal(etl, { day: "2026-01-01", limits: 1 })
    assert.deepStrictEqual(error.parameters, ["limits"])
    assert.strictEqual(
      error.message,
      'Cannot run flow "etl": there is no parameter "limits"; its parameters are "day", "limit"'
    )
    const bare = Flow.make("bare", function* () {
      yield* echo({ value: 1 })
    })
    assert.strictEqual(
      (yield* refusal(bare, { day: 1 })).message,
      'Cannot run flow "bare": there is no parameter "day"; it has none'
    )
    assert.strictEqual(
      (yield* refusal(bare, { toString: 1, b: 2 })).message,
      'Cannot run flow "bare": there is no parameter "toString" or "b"; it has none'
    )
  }))

it.effect("6.3 a value that does not fit its Schema keeps the run from beginning", () =>
  Effect.gen(function* () {
    const error = yield* refusal(etl, { day: "2026-01-01", limit: "ten" })
    assert.strictEqual(error._tag, "ParameterError")
    assert.deepStrictEqual(error.parameters, ["limit"])
    assert.strictEqual(
      error.message,
      'Cannot run flow "etl": parameter "limit" does not fit: Expected number, got "ten"'
    )
    const typed = Flow.make("typed", {
      parameters: { range: Parameter.required(Schema.Struct({ from: Schema.Int })) }
    }, function* () {})
    assert.strictEqual(
      (yield* refusal(typed, { range: { from: 1.5 } })).message,
      'Cannot run flow "typed": parameter "range" does not fit: Expected an integer at ["from"], ' +
        'got {"from":1.5}'
    )
  }))

it.effect("6.4 a value is decoded by its Schema before a task sees it", () =>
  Effect.gen(function* () {
    const flow = Flow.make("dated", {
      parameters: { at: Parameter.required(Schema.DateTimeUtcFromString) }
    }, function* ({ at }) {
      return yield* echo({ value: at })
    })
    const run = yield* Flow.run(flow, { parameters: { at: "2026-01-01T00:00:00Z" } })
    assert.isTrue(DateTime.isDateTime(run.state.result))
  }))

it.effect("6.5 a default and an optional parameter", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(etl, { parameters: { day: "2026-01-01" } })
    assert.deepStrictEqual(run.state.result, ["2026-01-01", 100])
    const given = yield* Flow.run(etl, { parameters: { day: "2026-01-01", limit: 7 } })
    assert.deepStrictEqual(given.state.result, ["2026-01-01", 7])

    const flow = Flow.make("maybe", {
      parameters: { tag: Parameter.optional(Schema.String) }
    }, function* ({ tag }) {
      return yield* echo({ value: tag })
    })
    assert.isUndefined((yield* Flow.run(flow)).state.result)
    assert.strictEqual((yield* Flow.run(flow, { parameters: { tag: "x" } })).state.result, "x")
  }))

it.effect("6.5 a default of null or false is a default", () =>
  Effect.gen(function* () {
    const flow = Flow.make("falsy", {
      parameters: {
        none: Parameter.withDefault(Schema.NullOr(Schema.String), null),
        off: Parameter.withDefault(Schema.Boolean, false)
      }
    }, function* ({ none, off }) {
      return yield* echo({ value: [none, off] })
    })
    assert.deepStrictEqual((yield* Flow.run(flow)).state.result, [null, false])
  }))

it.effect("6.6 a parameter is a task without dependencies, and its changes pass the handlers", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const handler = StateHandler.make((subject, _oldState, newState) =>
      Effect.sync(() => void told.push(`${subject} ${newState}`))
    )
    const { changes, run } = yield* watch(
      Flow.run(etl, { parameters: { day: "2026-01-01" } }).pipe(
        Effect.provide(StateHandler.layer(handler))
      )
    )
    assert.deepStrictEqual(changes("day"), [
      'Pending() → Running("Starting task run.")',
      'Running("Starting task run.") → Success("Task run succeeded.")'
    ])
    assert.strictEqual(run.stateOf("day").result, "2026-01-01")
    assert.deepStrictEqual(run.tasks.map(({ name, slug }) => [name, slug]), [
      ["day", "day"],
      ["limit", "limit"],
      ["echo", "echo-1"]
    ])
    assert.include(told, '<Task: limit> Running("Starting task run.")')
  }))

it.effect("6.7 before the parameters fit, nothing runs and nobody is told", () =>
  Effect.gen(function* () {
    let calls = 0
    const count = () => Effect.sync(() => void calls++)
    const handler = StateHandler.make(count)
    const flow = Flow.make("guarded", {
      parameters: { n: Parameter.required(Schema.Number) },
      handlers: [handler]
    }, function* () {
      yield* Task.make("task", { handlers: [handler], run: count })()
    })
    const scope = Layer.mergeAll(StateHandler.layer(handler), Transition.layer(count))
    yield* Effect.provide(refusal(flow, { n: "one" }), scope)
    yield* Effect.provide(refusal(flow, {}), scope)
    assert.strictEqual(calls, 0)
  }))

it("6.8 a parameter shares its name with no other task", () => {
  assert.throws(
    () =>
      Flow.make("clash", { parameters: { n: Parameter.required(Schema.Number) } }, function* () {
        yield* echo({ value: 1 }, { slug: "n" })
      }),
    'Cannot build flow "clash": A task with the slug "n" already exists in this flow.'
  )
})

it("6.8 a parameter takes no dependency", () => {
  assert.throws(
    () =>
      Flow.make("backwards", {
        parameters: { n: Parameter.required(Schema.Number) }
      }, function* ({ n }) {
        yield* Flow.edge(yield* echo({ value: 1 }), n)
      }),
    'Cannot build flow "backwards": Parameters must be root tasks and can not have upstream ' +
      "dependencies. (n)"
  )
})
