import { assert, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { CachePolicy, Flow, Parameter, Signal, State, Task } from "signalbox"
import { hour, inVirtualTime } from "./fixtures/virtualTime.ts"

type Inputs = Readonly<Record<string, unknown>>

/** A task that counts how often its body ran, in a flow of two parameters. */
const counting = (policies: {
  readonly cacheValidator?: CachePolicy.Validator
  readonly cacheKey?: string
}) => {
  const bodies: Array<Inputs> = []
  const task = Task.make("load", {
    cacheFor: "2 hours",
    ...policies,
    run: (inputs: { readonly a: unknown; readonly b: unknown }) =>
      Effect.sync(() => bodies.push(inputs))
  })
  const parameters = {
    a: Parameter.withDefault(Schema.Unknown, 1),
    b: Parameter.withDefault(Schema.Unknown, 1)
  }
  const flow = (name = "flow") =>
    Flow.make(name, { parameters }, function* ({ a, b }) {
      return yield* task({ a, b })
    })
  return { bodies, flow, task }
}

const cached = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  inVirtualTime(Effect.provide(effect, CachePolicy.layerMemory))

it.effect("21.1 a result is used again until it expires", () =>
  Effect.gen(function* () {
    const { flow } = counting({})
    const results = yield* cached(Effect.gen(function* () {
      const seen: Array<unknown> = []
      // Kept at 0, expired at two hours exactly, and not kept for longer because it was used.
      for (const wait of [0, 1, 1, 1]) {
        yield* Effect.sleep(wait * hour)
        const { state } = yield* Flow.run(flow())
        seen.push(state.result)
      }
      return seen
    }))
    assert.deepStrictEqual(results, [1, 1, 2, 2])
  }))

const bodiesWith = (
  cacheValidator: CachePolicy.Validator,
  ...runs: ReadonlyArray<{ readonly a?: unknown; readonly b?: unknown }>
) => {
  const { bodies, flow } = counting({ cacheValidator })
  const run = flow()
  const all = Effect.forEach(runs, (parameters) => Flow.run(run, { parameters }))
  return Effect.map(cached(all), () => bodies.length)
}

it.effect("21.2 a validator decides by inputs or parameters", () =>
  Effect.gen(function* () {
    const runs = [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 1 }, { a: 1, b: 1 }]
    const { allInputs, allParameters, durationOnly, neverUse } = CachePolicy
    assert.strictEqual(yield* bodiesWith(neverUse, ...runs), 4)
    assert.strictEqual(yield* bodiesWith(durationOnly, ...runs), 1)
    assert.strictEqual(yield* bodiesWith(allInputs, ...runs), 3)
    assert.strictEqual(yield* bodiesWith(allParameters, ...runs), 3)
    assert.strictEqual(yield* bodiesWith(CachePolicy.partialInputsOnly(["a"]), ...runs), 2)
    assert.strictEqual(yield* bodiesWith(CachePolicy.partialInputsOnly(), ...runs), 1)
    assert.strictEqual(yield* bodiesWith(CachePolicy.partialParametersOnly(["b"]), ...runs), 2)
    assert.strictEqual(yield* bodiesWith(({ result }) => result !== 1, ...runs), 2)
  }))

it.effect("21.3 results are kept for the task of a flow, or under a key", () =>
  Effect.gen(function* () {
    const own = counting({})
    yield* cached(Effect.andThen(Flow.run(own.flow("one")), Flow.run(own.flow("two"))))
    assert.lengthOf(own.bodies, 2)
    const shared = counting({ cacheKey: "shared" })
    yield* cached(Effect.andThen(Flow.run(shared.flow("one")), Flow.run(shared.flow("two"))))
    assert.lengthOf(shared.bodies, 1)
  }))

it.effect("21.3 caches in different scopes share nothing", () =>
  Effect.gen(function* () {
    const { bodies, flow } = counting({})
    yield* cached(Flow.run(flow()))
    yield* cached(Flow.run(flow()))
    assert.lengthOf(bodies, 2)
  }))

it.effect("21.4 the items of a mapped task are told apart", () =>
  Effect.gen(function* () {
    const bodies: Array<number> = []
    const square = Task.make("square", {
      cacheFor: "1 hour",
      run: ({ n }: { readonly n: number }) =>
        Effect.sync(() => {
          bodies.push(n)
          return n * n
        })
    })
    const flowOf = (...n: ReadonlyArray<number>) =>
      Flow.make("flow", function* () {
        return yield* Task.map(square, { n })
      })
    const [first, second] = yield* cached(
      Effect.all([Flow.run(flowOf(1, 2)), Flow.run(flowOf(2, 3, 1))])
    )
    assert.deepStrictEqual(first.state.result, [1, 4])
    assert.deepStrictEqual(second.state.result, [4, 9, 1])
    assert.deepStrictEqual(bodies, [1, 2, 3])
  }))

it.effect("21.5 failed and skipped runs keep nothing", () =>
  Effect.gen(function* () {
    let bodies = 0
    const flowOf = (error: unknown) =>
      Flow.make("flow", function* () {
        yield* Task.make("task", {
          cacheFor: "1 hour",
          run: () => Effect.andThen(Effect.sync(() => bodies++), Effect.fail(error))
        })()
      })
    for (const error of ["no", Signal.skip("not today")]) {
      bodies = 0
      const flow = flowOf(error)
      yield* cached(Effect.andThen(Flow.run(flow), Flow.run(flow)))
      assert.strictEqual(bodies, 2)
    }
  }))

it.effect("21.5 a run does not use its own results", () =>
  Effect.gen(function* () {
    const { bodies, task } = counting({ cacheKey: "shared" })
    const flow = Flow.make("flow", function* () {
      const first = yield* task({ a: 1, b: 1 })
      yield* task({ a: first, b: 2 })
    })
    yield* cached(Flow.run(flow))
    assert.lengthOf(bodies, 2)
  }))

it.effect("21.6 the memory keeps 1,000 results a key, and none twice", () =>
  cached(Effect.gen(function* () {
    const cache = yield* CachePolicy.Cache
    const results = Array.from({ length: 1001 }, (_, result) => State.cached({ result }))
    for (const result of results) yield* cache.keep("key", result, 0)
    yield* cache.keep("key", results[1000]!, 0)
    const kept = yield* cache.kept("key")
    assert.lengthOf(kept, 1000)
    assert.strictEqual(kept[0], results[1])
    assert.strictEqual(kept[999], results[1000])
    assert.deepStrictEqual(yield* cache.kept("other"), [])
  })))

it.effect("21.7 values are equal whatever the order of their keys", () =>
  Effect.gen(function* () {
    const runs = [{ a: { x: 1, y: { z: 2 } } }, { a: { y: { z: 2 }, x: 1 } }]
    assert.strictEqual(yield* bodiesWith(CachePolicy.allInputs, ...runs), 1)
    const big = [{ a: { x: 1, y: [2n] } }, { a: { y: [2n], x: 1 } }]
    assert.strictEqual(yield* bodiesWith(CachePolicy.allInputs, ...big), 1)
  }))

it.effect("21.7 values that JSON cannot tell apart are not equal", () =>
  Effect.gen(function* () {
    const unequal: ReadonlyArray<readonly [unknown, unknown]> = [
      [new Map([["a", 1]]), new Map([["a", 2]])],
      [new Set([1]), new Set([2])],
      [Redacted.make("one"), Redacted.make("two")],
      [[Number.NaN], [null]],
      [/a/, /b/]
    ]
    const mistaken: Array<string> = []
    for (const [one, other] of unequal) {
      const bodies = yield* bodiesWith(CachePolicy.allInputs, { a: one }, { a: other })
      if (bodies !== 2) mistaken.push(Object.prototype.toString.call(one))
    }
    assert.deepStrictEqual(mistaken, [])
  }))

it.effect("21.7 errors and signals are equal to themselves alone", () =>
  Effect.gen(function* () {
    const same = new Error("no")
    const pairs = [[same, same], [new Error("no"), new Error("no")], [
      Signal.triggerFail("no"),
      Signal.triggerFail("no")
    ]]
    const counts: Array<number> = []
    for (const [one, other] of pairs) {
      counts.push(yield* bodiesWith(CachePolicy.allInputs, { a: one }, { a: other }))
      counts.push(yield* bodiesWith(CachePolicy.allInputs, { a: [one] }, { a: [other] }))
    }
    assert.deepStrictEqual(counts, [1, 1, 2, 2, 2, 2])
  }))
