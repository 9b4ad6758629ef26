import { type Cause, Effect, Option, Schema } from "effect"
import { Signal, State } from "signalbox"
import { expectTypeOf, test } from "vitest"

class Quota extends Signal.Fail<Quota>()("Quota", {
  used: Schema.Number,
  at: Schema.optionalKey(Schema.String)
}) {}

test("a typed signal takes its payload, a message and a result", () => {
  const quota = new Quota({ used: 1, message: "full", result: [] })
  expectTypeOf(quota.used).toEqualTypeOf<number>()
  expectTypeOf(quota._tag).toEqualTypeOf<"Quota">()
  expectTypeOf(Effect.flip(quota)).toExtend<Effect.Effect<Quota>>()
  expectTypeOf<Quota>().toExtend<Cause.YieldableError>()
  expectTypeOf(
    // @ts-expect-error the payload is missing
    new Quota({ message: "full" })
  ).toEqualTypeOf<Quota>()
  expectTypeOf(
    // @ts-expect-error a text is no number
    new Quota({ used: "1" })
  ).toEqualTypeOf<Quota>()
  expectTypeOf(
    // @ts-expect-error there is no such field
    new Quota({ used: 1, users: 2 })
  ).toEqualTypeOf<Quota>()
})

test("only Retry and Pause take a time", () => {
  class Busy extends Signal.Retry<Busy>()("Busy") {}
  class Wait extends Signal.Pause<Wait>()("Wait") {}
  expectTypeOf<Busy>().toHaveProperty("startTime")
  expectTypeOf<Busy>().toHaveProperty("runCount")
  expectTypeOf<Wait>().toHaveProperty("startTime")
  expectTypeOf<Quota>().not.toHaveProperty("startTime")
  Signal.retry({ message: "later", startTime: "2026-01-01", runCount: 2 })
  // @ts-expect-error a failure has no time
  Signal.fail({ startTime: 5 })
})

test("the signal of a class is read with its type", () => {
  expectTypeOf(State.signal(State.failed(), Quota)).toEqualTypeOf<Option.Option<Quota>>()
})

test("an untyped success has the type of its result", () => {
  expectTypeOf(Signal.success({ result: 5 }).result).toEqualTypeOf<number>()
  expectTypeOf(Signal.success("enough").result).toEqualTypeOf<undefined>()
})
