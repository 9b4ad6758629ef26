import { assert, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Equal, Option, Schema } from "effect"
import { Flow, Signal, State, StateHandler, Task } from "signalbox"
import { signalTable } from "./fixtures/signalTable.ts"
import { watch } from "./fixtures/watch.ts"

class EqualInputs extends Signal.Fail<EqualInputs>()("EqualInputs", {
  flag: Schema.Boolean,
  value: Schema.Number
}) {}

class Throttled extends Signal.Retry<Throttled>()("Throttled", {
  since: Schema.DateTimeUtc,
  attempts: Schema.optionalKey(Schema.Number)
}) {}

class Done extends Signal.Success<Done>()("Done", { result: Schema.Number }) {}

/** The last state of a task whose body raises a signal. */
const endOf = (signal: Signal.Signal | Signal.EndRun) =>
  Effect.map(
    watch(Flow.run(Flow.make("flow", function* () {
      yield* Task.make("task", { run: () => Effect.fail(signal) })()
    }))),
    ({ run }) => run.stateOf("task-1")
  )

/** Through the Schema of a class to a JSON text and back. */
const thereAndBack = <S extends Signal.AnyClass>(signalClass: S, signal: S["Type"]): S["Type"] => {
  const codec = Schema.toCodecJson(signalClass)
  const text = JSON.stringify(Schema.encodeUnknownSync(codec)(signal))
  return Schema.decodeUnknownSync(codec)(JSON.parse(text))
}

it("2.1 each kind of signal stands for its state", () => {
  for (const { Typed, kind, state, untyped } of signalTable) {
    assert.strictEqual(Signal.kind(untyped()), kind)
    assert.strictEqual(Signal.stateTag(kind), state)
    assert.strictEqual(String(Signal.toState(untyped({ message: "m" }))), `${state}("m")`)
    assert.strictEqual(String(Signal.toState(new Typed({ message: "m" }))), `${state}("m")`)
    assert.strictEqual(String(Signal.toState(untyped())), `${state}()`)
  }
})

it("2.2 an untyped signal takes a message, or a message and more", () => {
  for (const { name, untyped } of signalTable) {
    const short = (untyped as (message: string) => Signal.Signal & { readonly message: string })(
      "m"
    )
    assert.strictEqual(short.message, "m", name)
    assert.strictEqual(untyped({ message: "m", result: 1 }).result, 1, name)
    assert.strictEqual(short.name, name)
  }
})

it.effect("2.3 a handler reads the payload off the state", () =>
  Effect.gen(function* () {
    const read: Array<unknown> = []
    const reader = StateHandler.make((_subject, _oldState, newState) =>
      Effect.sync(() => {
        const signal = State.signal(newState, EqualInputs)
        if (Option.isSome(signal)) read.push([signal.value.flag, signal.value.value])
      })
    )
    const task = Task.make("task", {
      handlers: [reader],
      run: () => Effect.fail(new EqualInputs({ message: "a equaled b!", flag: true, value: 1 }))
    })
    const { changes } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    assert.deepStrictEqual(read, [[true, 1]])
    assert.deepStrictEqual(changes("task").slice(1), [
      'Running("Starting task run.") → Failed("a equaled b!")'
    ])
  }))

it("2.4 a typed signal goes to JSON and back", () => {
  const failed = new EqualInputs({ message: "a equaled b!", flag: true, value: 1 })
  const back = thereAndBack(EqualInputs, failed)
  assert.instanceOf(back, EqualInputs)
  assert.isTrue(Signal.isSignal(back))
  assert.strictEqual(Signal.kind(back), "Fail")
  assert.deepStrictEqual([back.message, back.flag, back.value], ["a equaled b!", true, 1])
  assert.isTrue(Equal.equals(back, failed))

  const throttled = new Throttled({
    since: DateTime.makeUnsafe("2026-01-01"),
    startTime: DateTime.makeUnsafe("2026-01-02")
  })
  const late = thereAndBack(Throttled, throttled)
  assert.strictEqual(DateTime.formatIso(late.since), "2026-01-01T00:00:00.000Z")
  assert.strictEqual(State.dueTime(Signal.toState(late)), Date.UTC(2026, 0, 2))
  assert.isUndefined(late.attempts)
})

it("2.4 untyped signals go to JSON and back", () => {
  for (const { kind, untyped } of signalTable) {
    const signal = untyped({ message: "m", result: [1, "two"] })
    const back = thereAndBack(Signal.untyped[kind], signal)
    assert.strictEqual(Signal.kind(back), kind)
    assert.strictEqual(back.message, "m")
    assert.deepStrictEqual(back.result, [1, "two"])
  }
})

it("2.5 a payload that does not fit is refused by the constructor", () => {
  const payload = { flag: "yes", value: 1 } as never
  try {
    assert.fail(`accepted: ${new EqualInputs(payload)}`)
  } catch (error) {
    assert.instanceOf(error, Signal.PayloadError)
    assert.strictEqual(error._tag, "PayloadError")
    assert.strictEqual(error.signal, "EqualInputs")
    assert.strictEqual(error.payload, payload)
    assert.strictEqual(
      error.message,
      'Cannot raise signal "EqualInputs": its payload does not fit: ' +
        'Expected boolean at ["flag"], got {"flag":"yes","value":1}'
    )
  }
})

it.effect("2.5 a payload that does not fit fails the run of the body", () =>
  Effect.gen(function* () {
    const task = Task.make("task", {
      run: Effect.fnUntraced(function* () {
        return yield* new EqualInputs({ flag: true } as never)
      })
    })
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    const state = run.stateOf(task)
    assert.strictEqual(state._tag, "Failed")
    assert.instanceOf(state.result, Signal.PayloadError)
    assert.strictEqual(
      state.message,
      'Error during execution of task: PayloadError(\'Cannot raise signal "EqualInputs": ' +
        'its payload does not fit: Missing key at ["value"], got {"flag":true}\')'
    )
    assert.isTrue(State.isFailed(state) && Cause.hasDies(state.cause!))
  }))

it("2.6 a result of its own is the result of the state, and the payload is still there", () => {
  const signal = new EqualInputs({ flag: true, value: 1, result: "instead" })
  const state = Signal.toState(signal)
  assert.strictEqual(state.result, "instead")
  assert.deepStrictEqual(State.signal(state, EqualInputs), Option.some(signal))
})

it("2.7 what a signal without a result gives", () => {
  const resultOf = (signal: Signal.Signal) => Signal.toState(signal).result
  for (const make of [Signal.fail, Signal.triggerFail, Signal.validationFail]) {
    const signal = make("m")
    assert.strictEqual(resultOf(signal), signal)
  }
  for (const make of [Signal.success, Signal.skip, Signal.retry, Signal.pause]) {
    assert.isUndefined(resultOf(make("m")))
  }
  assert.strictEqual(resultOf(Signal.loop("again")), "LOOP('again')")
  assert.strictEqual(resultOf(Signal.loop({ result: 3 })), 3)
  assert.strictEqual(resultOf(Signal.success({ result: undefined })), undefined)
})

it.effect("2.7 a success raised without a result gives no data to the next task", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const early = Task.make("early", { run: () => Effect.fail(Signal.success("enough")) })
    const next = Task.make("next", {
      run: ({ value }: { readonly value: unknown }) => Effect.sync(() => void seen.push(value))
    })
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* next({ value: yield* early() })
    })))
    assert.strictEqual(String(run.stateOf(early)), 'Success("enough")')
    assert.deepStrictEqual(seen, [undefined])
  }))

it("2.8 the time and the attempt are those of the state", () => {
  const at = (signal: Signal.Signal) => State.dueTime(Signal.toState(signal))
  assert.strictEqual(at(Signal.retry({ startTime: 5000 })), 5000)
  assert.strictEqual(at(Signal.pause({ startTime: "2026-01-01" })), Date.UTC(2026, 0, 1))
  assert.isUndefined(at(Signal.pause()))
  assert.propertyVal(Signal.toState(Signal.retry({ runCount: 4 })), "runCount", 4)
  assert.strictEqual(at(new Throttled({ since: DateTime.makeUnsafe(0) })), undefined)
})

it("2.9 a state of exactly the kind of a signal is turned back into one", () => {
  for (const { kind, untyped } of signalTable) {
    const state = Signal.toState(untyped({ message: "m", result: 1 }))
    const back = Signal.fromState(state)
    assert.strictEqual(Signal.kind(back), kind)
    assert.strictEqual(back.message, "m")
    assert.strictEqual(back.result, 1)
  }
  const timed = State.retrying({ startTime: 5000 })
  assert.strictEqual(State.dueTime(Signal.toState(Signal.fromState(timed))), 5000)
})

it("2.9 a state that no signal stands for is refused", () => {
  const tags = signalTable.map(({ state }) => state)
  for (const tag of State.tags.filter((tag) => !tags.includes(tag))) {
    assert.throws(
      () => Signal.fromState(State.make(tag, { message: "m" })),
      Signal.NoSignalError,
      `No signal matches the provided state: ${tag}("m")`
    )
  }
})

it.effect("2.10 endRun ends the run at once with the state given", () =>
  Effect.gen(function* () {
    for (const state of [State.success({ result: 1 }), State.failed(), State.cancelled()]) {
      assert.strictEqual(yield* endOf(Signal.endRun(state)), state)
      assert.strictEqual(Signal.toState(Signal.endRun(state)), state)
    }
  }))

it("2.11 a signal is told from an ordinary error, and found in a cause", () => {
  const signal = new EqualInputs({ flag: true, value: 1 })
  const end = Signal.endRun(State.success())
  assert.isTrue(Signal.isSignal(signal) && Signal.isSignal(Signal.skip()))
  assert.isFalse(Signal.isSignal(new Error("m")) || Signal.isSignal(end))
  assert.isTrue(Signal.isEndRun(end))
  assert.isFalse(Signal.isEndRun(signal))
  assert.strictEqual(Signal.raised(Cause.fail(signal)), signal)
  assert.strictEqual(Signal.raised(Cause.die(signal)), signal)
  assert.strictEqual(Signal.raised(Cause.combine(Cause.die(1), Cause.fail(end))), end)
  assert.isUndefined(Signal.raised(Cause.fail(new Error("m"))))
  assert.isUndefined(Signal.raised(Cause.interrupt()))
})

it.effect("2.12 a payload may give a field of the signal a type of its own", () =>
  Effect.gen(function* () {
    const state = yield* endOf(new Done({ result: 5 }))
    assert.strictEqual(state._tag, "Success")
    assert.strictEqual(state.result, 5)
    assert.throws(() => new Done({ result: "five" as never }), Signal.PayloadError)
    assert.strictEqual(thereAndBack(Done, new Done({ result: 5 })).result, 5)
  }))
