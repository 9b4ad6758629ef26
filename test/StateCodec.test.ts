import { assert, it } from "@effect/vitest"
import { Cause, Schema } from "effect"
import { Signal, State, StateCodec } from "signalbox"

class QuotaExceeded extends Signal.Fail<QuotaExceeded>()("QuotaExceeded", {
  used: Schema.Number
}) {}

const roundTrip = (codec: Schema.Codec<State.State, Schema.Json>, state: State.State) => {
  const json = JSON.stringify(Schema.encodeSync(codec)(state))
  return Schema.decodeSync(codec)(JSON.parse(json))
}

const states: ReadonlyArray<State.State> = [
  ...State.tags.map((tag) => State.make(tag, { message: `a ${tag}` })),
  State.pending(),
  State.success({ result: { rows: [1, 2, 3] } }),
  State.retrying({ startTime: "2026-01-01T00:00:00Z", runCount: 2 }),
  State.scheduled({ startTime: null }),
  State.looped({ result: 4, loopCount: 7 }),
  State.cached({
    result: 5,
    expiration: 1000,
    hashedInputs: { a: "1" },
    parameters: { day: "x" }
  }),
  State.mapped({ mapStates: [State.success({ result: 1 }), State.skipped()], result: [1, null] }),
  State.queued({ state: State.retrying({ startTime: 0, runCount: 1 }), startTime: 5 })
]

it("1.20 every state goes through its codec to JSON and back", () => {
  const codec = StateCodec.make()
  for (const state of states) {
    const again = roundTrip(codec, state)
    assert.strictEqual(String(again), String(state))
    assert.deepStrictEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(state)))
  }
})

it("1.21 the signal that made a state comes back as an instance of its class", () => {
  const codec = StateCodec.make({ signals: [QuotaExceeded] })
  const signal = new QuotaExceeded({ message: "too much", used: 7 })
  const again = roundTrip(codec, Signal.toState(signal, Cause.fail(signal)))
  assert.instanceOf(again.result, QuotaExceeded)
  assert.strictEqual((again.signal as QuotaExceeded).used, 7)
  assert.strictEqual(String(again), 'Failed("too much")')

  const skipped = roundTrip(codec, Signal.toState(Signal.skip("not today")))
  assert.isTrue(Signal.isSignal(skipped.signal) && Signal.kind(skipped.signal) === "Skip")
})

it("1.22 what a run died of keeps its name and message", () => {
  const error = new RangeError("b is zero")
  const again = roundTrip(
    StateCodec.make(),
    State.failed({ message: "no", result: error, cause: Cause.die(error) })
  )
  assert.instanceOf(again.result, Error)
  assert.strictEqual((again.result as Error).message, "b is zero")
  assert.isTrue(State.isFailed(again) && Cause.hasDies(again.cause!))
})

it("1.23 a payload that is no longer what its Schema says is refused", () => {
  const codec = StateCodec.make({ signals: [QuotaExceeded] })
  const json = Schema.encodeSync(codec)(Signal.toState(new QuotaExceeded({ used: 7 })))
  const wrong = JSON.parse(JSON.stringify(json).replaceAll("7", '"seven"'))
  assert.throws(() => Schema.decodeSync(codec)(wrong))
})
