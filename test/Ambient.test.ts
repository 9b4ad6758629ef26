import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Flow, StateHandler, Task, Transition } from "signalbox"
import * as Ambient from "../src/Ambient.ts"

const family = Ambient.make<string>("Test.Word")
const word = (...words: ReadonlyArray<string>) => family.layer(Effect.succeed(words))
const words = Effect.map(Effect.context<never>(), family.all)

it.effect("4.1 merged layers all count, in the order of the arguments", () =>
  Effect.gen(function* () {
    const scope = Layer.mergeAll(word("a", "b"), word("c"), word("d"))
    assert.deepStrictEqual(yield* Effect.provide(words, scope), ["a", "b", "c", "d"])
    const nested = Layer.merge(Layer.merge(word("a"), word("b")), word("c"))
    assert.deepStrictEqual(yield* Effect.provide(words, nested), ["a", "b", "c"])
    assert.deepStrictEqual(yield* words, [])
  }))

it.effect("4.1 more layers than ten keep their order", () =>
  Effect.gen(function* () {
    const names = Array.from({ length: 25 }, (_, i) => `w${i}`)
    const [first, ...rest] = names.map((name) => word(name))
    const scope = Layer.mergeAll(first!, ...rest)
    assert.deepStrictEqual(yield* Effect.provide(words, scope), names)
  }))

it.effect("4.2 layers provided one inside the other count outermost first", () =>
  Effect.gen(function* () {
    const found = yield* words.pipe(
      Effect.provide(word("inner")),
      Effect.provide(word("middle")),
      Effect.provide(word("outer"))
    )
    assert.deepStrictEqual(found, ["outer", "middle", "inner"])
  }))

it.effect("4.2 a layer made first and provided outside comes first all the same", () =>
  Effect.gen(function* () {
    const outer = word("outer")
    const inner = word("inner")
    const both = yield* words.pipe(Effect.provide(inner), Effect.provide(outer))
    const swapped = yield* words.pipe(Effect.provide(outer), Effect.provide(inner))
    assert.deepStrictEqual([both, swapped], [["outer", "inner"], ["inner", "outer"]])
  }))

it.effect("4.3 layers combined with provideMerge all count, the one provided first", () =>
  Effect.gen(function* () {
    const scope = word("dependent").pipe(Layer.provideMerge(word("provided")))
    assert.deepStrictEqual(yield* Effect.provide(words, scope), ["provided", "dependent"])
  }))

it.effect("4.4 the same layer twice counts once", () =>
  Effect.gen(function* () {
    const one = word("one")
    assert.deepStrictEqual(yield* Effect.provide(words, Layer.mergeAll(one, one)), ["one"])
    const nested = yield* words.pipe(Effect.provide(one), Effect.provide(one))
    assert.deepStrictEqual(nested, ["one"])
    const diamond = Layer.mergeAll(
      word("left").pipe(Layer.provideMerge(one)),
      word("right").pipe(Layer.provideMerge(one))
    )
    assert.deepStrictEqual(yield* Effect.provide(words, diamond), ["one", "left", "right"])
  }))

it.effect("4.4 two layers of the same value count twice", () =>
  Effect.gen(function* () {
    const scope = Layer.mergeAll(word("same"), word("same"))
    assert.deepStrictEqual(yield* Effect.provide(words, scope), ["same", "same"])
  }))

it.effect("4.5 layers that are built from effects keep the order of the layers", () =>
  Effect.gen(function* () {
    const slow = family.layer(
      Effect.as(Effect.andThen(Effect.yieldNow, Effect.yieldNow), ["slow"])
    )
    const scope = Layer.mergeAll(slow, word("fast"))
    assert.deepStrictEqual(yield* Effect.provide(words, scope), ["slow", "fast"])
  }))

it.effect("4.6 families do not see each other's values", () =>
  Effect.gen(function* () {
    const longer = Ambient.make<string>("Test.Word/More")
    const scope = Layer.mergeAll(word("mine"), longer.layer(Effect.succeed(["other"])))
    const context = yield* Effect.provide(Effect.context<never>(), scope)
    assert.deepStrictEqual(family.all(context), ["mine"])
    assert.deepStrictEqual(longer.all(context), ["other"])
  }))

it.effect("4.1, 4.2, 4.4 handlers and observers in scope add up in that order", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const tell = (name: string) => () => Effect.sync(() => void told.push(name))
    const handler = (name: string) => StateHandler.layer(StateHandler.make(tell(name)))
    const both = handler("both")
    const flow = Flow.make("flow", function* () {
      yield* Task.make("task", { run: () => Effect.void })()
    })
    yield* Flow.run(flow).pipe(
      Effect.provide(Layer.mergeAll(handler("inner 1"), both, handler("inner 2"), both)),
      Effect.provide(Layer.mergeAll(handler("outer"), Transition.layer(tell("observer"))))
    )
    const change = ["outer", "inner 1", "both", "inner 2", "observer"]
    assert.deepStrictEqual(told, [...change, ...change, ...change, ...change])
  }))
