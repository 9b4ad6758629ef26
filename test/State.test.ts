import { assert, it } from "@effect/vitest"
import { Cause, DateTime, Equal, Hash, Option } from "effect"
import { Signal, State } from "signalbox"
import { guards, stateTable } from "./fixtures/stateTable.ts"

class Disk extends Signal.Fail<Disk>()("Disk") {}
class Net extends Signal.Fail<Net>()("Net") {}

const atTen: State.Taker = { now: () => 10, runCount: 3, loopCount: 2 }

it("1.1 each kind of state has its colour and its parents", () => {
  assert.sameMembers([...State.tags], stateTable.map(({ kind }) => kind))
  for (const { color, kind, parents } of stateTable) {
    const state = State.make(kind)
    assert.strictEqual(state._tag, kind)
    assert.strictEqual(State.color(kind), color, kind)
    assert.strictEqual(State.color(state), color, kind)
    assert.deepStrictEqual(State.parents(kind), parents, kind)
    assert.deepStrictEqual(State.parents(state), parents, kind)
    const above = State.tags.filter((tag) => State.isKind(state, tag))
    assert.sameMembers(above, [kind, ...parents])
  }
})

it("1.2 each guard holds for exactly the kinds of its family", () => {
  for (const { families, kind } of stateTable) {
    const holding = Object.entries(guards).filter(([, guard]) => guard(State.make(kind)))
    assert.sameMembers(holding.map(([name]) => name), [...families], kind)
  }
})

it("1.2 a guard of a single kind holds for that kind alone", () => {
  const kindsThatPass = (guard: (state: State.State) => boolean) =>
    State.tags.filter((tag) => guard(State.make(tag)))
  assert.deepStrictEqual(kindsThatPass(State.isPaused), ["Paused"])
  assert.deepStrictEqual(kindsThatPass(State.isResume), ["Resume"])
  assert.deepStrictEqual(kindsThatPass(State.isCancelled), ["Cancelled"])
  assert.deepStrictEqual(kindsThatPass(State.isTimedOut), ["TimedOut"])
  assert.deepStrictEqual(kindsThatPass(State.isTriggerFailed), ["TriggerFailed"])
  assert.isTrue(State.isState(State.success()))
  assert.isFalse(State.isState({ _tag: "Success", message: undefined, result: 1 }))
})

it("1.3 a state prints its kind and its message", () => {
  for (const kind of State.tags) {
    assert.strictEqual(String(State.make(kind)), `${kind}()`)
    assert.strictEqual(`${State.make(kind, { message: "hello" })}`, `${kind}("hello")`)
  }
  assert.strictEqual(
    String(State.running({ message: "Running flow." })),
    'Running("Running flow.")'
  )
  assert.strictEqual(String(State.failed({ message: "" })), 'Failed("")')
})

it("1.4 the message makes no difference, the kind and every other field do", () => {
  const state = State.success({ message: "one", result: { rows: [1, 2] } })
  const same = State.success({ message: "two", result: { rows: [1, 2] } })
  assert.isTrue(Equal.equals(state, same))
  assert.strictEqual(Hash.hash(state), Hash.hash(same))
  assert.isFalse(Equal.equals(state, State.success({ result: { rows: [1] } })))
  assert.isFalse(Equal.equals(state, State.finished({ result: { rows: [1, 2] } })))
  assert.isFalse(Equal.equals(State.retrying({ runCount: 1 }), State.retrying({ runCount: 2 })))
  assert.isTrue(Equal.equals(State.retrying({ startTime: 5 }), State.retrying({ startTime: 5 })))
  assert.isFalse(Equal.equals(State.retrying({ startTime: 5 }), State.retrying({ startTime: 6 })))
})

it("1.5 the JSON of a state has the fields that are set", () => {
  assert.deepStrictEqual(JSON.parse(JSON.stringify(State.pending())), { _tag: "Pending" })
  assert.deepStrictEqual(JSON.parse(JSON.stringify(State.success({ message: "m", result: 1 }))), {
    _tag: "Success",
    message: "m",
    result: 1
  })
  const retrying = State.retrying({ message: "again", startTime: 0, runCount: 2 })
  assert.deepStrictEqual(JSON.parse(JSON.stringify(retrying)), {
    _tag: "Retrying",
    message: "again",
    startTime: "1970-01-01T00:00:00.000Z",
    runCount: 2
  })
})

it("1.6 a start time is an instant, however it is given", () => {
  const text = "2026-01-01T10:00:00.000Z"
  const inputs = [text, new Date(text), Date.parse(text), DateTime.makeUnsafe(text)]
  for (const startTime of inputs) {
    const state = State.retrying({ startTime })
    assert.strictEqual(State.dueTime(state), Date.parse(text))
    assert.strictEqual(`retrying at ${state.startTime}`, `retrying at ${text}`)
  }
  assert.isNull(State.scheduled({ startTime: null }).startTime)
  assert.isUndefined(State.dueTime(State.scheduled({ startTime: null })))
  assert.isUndefined(State.dueTime(State.success()))
})

it("1.7 a wrapping state wraps what is innermost", () => {
  const inner = State.retrying({ runCount: 2 })
  const wrapped = State.submitted({ state: State.queued({ state: inner }) })
  assert.strictEqual(wrapped.state, inner)
  assert.strictEqual(State.unwrap(wrapped), inner)
  assert.strictEqual(State.unwrap(inner), inner)
  assert.strictEqual(State.unwrap(State.clientFailed())._tag, "Pending")
})

it("1.8 a run fills in what a state left open", () => {
  const taken = (state: State.State) => State.takeOver(state, atTen)
  for (const state of [State.scheduled(), State.resume(), State.retrying()]) {
    assert.strictEqual(State.dueTime(taken(state)), 10, state._tag)
    assert.propertyVal(taken(state), "runCount", 3)
  }
  assert.isUndefined(State.dueTime(taken(State.paused())))
  assert.propertyVal(taken(State.paused()), "runCount", 3)
  assert.propertyVal(taken(State.looped({ result: 7 })), "loopCount", 2)
  assert.propertyVal(taken(State.looped({ result: 7 })), "result", 7)
  assert.strictEqual(taken(State.queued())._tag, "Queued")
})

it("1.8 a run keeps what a state has", () => {
  const taken = (state: State.State) => State.takeOver(state, atTen)
  const never = State.scheduled({ startTime: null, runCount: 1 })
  const later = State.retrying({ startTime: 99, runCount: 1, message: "m", result: "r" })
  for (const state of [never, later, State.pending(), State.success(), State.failed()]) {
    assert.strictEqual(taken(state), state)
  }
  const timed = taken(State.retrying({ startTime: 99, message: "m", result: "r" }))
  assert.isTrue(Equal.equals(timed, State.retrying({ startTime: 99, runCount: 3, result: "r" })))
  assert.strictEqual(timed.message, "m")
})

it("1.8 a state that a signal made keeps its signal when a run takes it over", () => {
  const signal = Signal.retry("again")
  const taken = State.takeOver(Signal.toState(signal), atTen)
  assert.strictEqual(taken.signal, signal)
})

it("1.9 the signal of a class is found in what made the state, in its result or in its cause", () => {
  const disk = new Disk({ message: "full" })
  const found = (state: State.State) => State.signal(state, Disk)
  assert.deepStrictEqual(found(Signal.toState(disk)), Option.some(disk))
  assert.deepStrictEqual(found(State.success({ result: disk })), Option.some(disk))
  assert.deepStrictEqual(found(State.failed({ cause: Cause.fail(disk) })), Option.some(disk))
  assert.deepStrictEqual(found(State.failed({ cause: Cause.die(disk) })), Option.some(disk))
  assert.deepStrictEqual(
    found(State.failed({ result: "else", cause: Cause.combine(Cause.fail(disk), Cause.die(1)) })),
    Option.some(disk)
  )
  assert.deepStrictEqual(State.signal(Signal.toState(disk), Net), Option.none())
  assert.deepStrictEqual(found(State.failed()), Option.none())
  assert.deepStrictEqual(found(State.pending()), Option.none())
})

it("1.10 a value is there for what ended well, a failure for an expected error", () => {
  assert.deepStrictEqual(State.value(State.success({ result: 1 })), Option.some(1))
  assert.deepStrictEqual(State.value(State.cached({ result: 1 })), Option.some(1))
  assert.deepStrictEqual(State.value(State.mapped({ result: [1] })), Option.some([1]))
  assert.deepStrictEqual(State.value(State.skipped()), Option.none())
  assert.deepStrictEqual(State.value(State.failed()), Option.none())
  assert.deepStrictEqual(
    State.failure(State.failed({ cause: Cause.fail("expected") })),
    Option.some("expected")
  )
  assert.deepStrictEqual(State.failure(State.failed({ cause: Cause.die("bug") })), Option.none())
  assert.deepStrictEqual(State.failure(State.success({ result: 1 })), Option.none())
})

it("1.12 a name that no kind has is refused", () => {
  assert.throws(
    () => State.make("toString" as State.Tag),
    /Cannot make a state: there is no kind "toString" \(Pending, Scheduled, /
  )
})

it("1.12 a state is built from the name of its kind, without fields that are not its own", () => {
  const fields: State.Fields = {
    message: "m",
    result: 1,
    startTime: 5,
    runCount: 2,
    loopCount: 4,
    nMapStates: 3,
    cause: Cause.die("bug"),
    state: State.running()
  }
  const keys = (tag: State.Tag) => Object.keys(State.make(tag, fields)).toSorted()
  const common = ["_tag", "message", "result", "signal"]
  assert.deepStrictEqual(keys("Success"), common)
  assert.deepStrictEqual(keys("Retrying"), [...common, "runCount", "startTime"].toSorted())
  assert.deepStrictEqual(keys("Failed"), [...common, "cause"].toSorted())
  assert.deepStrictEqual(keys("Looped"), [...common, "loopCount"].toSorted())
  assert.deepStrictEqual(keys("Submitted"), [...common, "state"].toSorted())
  assert.strictEqual(State.mapped({ mapStates: [State.success(), State.failed()] }).nMapStates, 2)
  assert.strictEqual(State.mapped().nMapStates, 0)
})
