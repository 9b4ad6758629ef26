/** Who is asked about paused tasks, and what becomes of the answers. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { PassThrough } from "node:stream"
import { Flow, type Signal, Task } from "signalbox"
import { answersFrom, approverAt } from "../../scripts/approvals.ts"
import { inVirtualTime } from "../fixtures/virtualTime.ts"

/** What is shown, and how many questions are open at a time. */
const makeTerminal = () => {
  const shown: Array<string> = []
  let open = 0
  return {
    shown,
    out: (text: string) => void shown.push(text),
    question: (text: string) => {
      shown.push(text)
      open++
      assert.strictEqual(open, 1, "one question at a time")
      return () => void open--
    }
  }
}

const given = (...lines: ReadonlyArray<string>) => {
  const left = [...lines]
  return { next: Effect.sync(() => left.shift()) }
}

const gates = (pauses: Readonly<Record<string, Signal.PauseOptions>>) =>
  Flow.make("flow", function* () {
    for (const [name, options] of Object.entries(pauses)) {
      yield* Task.make(name, { run: () => Task.awaitApproval(options) })()
    }
  })

const prompt = (name: string) => `<Task: ${name}> is currently Paused; enter 'y' to resume:`

it.effect("several tasks are asked about one after the other", () =>
  Effect.gen(function* () {
    const terminal = makeTerminal()
    const onPause = approverAt(terminal, given("y", "no", "Y\t"))
    const run = yield* inVirtualTime(Flow.run(gates({ a: {}, b: {} }), { onPause }))
    assert.strictEqual(run.state._tag, "Success")
    assert.deepStrictEqual(terminal.shown, [prompt("a"), prompt("b"), prompt("b")])
  }))

it.effect("a task with a time is not asked about again, and goes on by itself", () =>
  Effect.gen(function* () {
    const terminal = makeTerminal()
    const onPause = approverAt(terminal, given("no"))
    const flow = gates({ a: { startTime: new Date(3_600_000) } })
    const run = yield* inVirtualTime(Flow.run(flow, { onPause }))
    assert.strictEqual(run.state._tag, "Success")
    assert.deepStrictEqual(terminal.shown, [
      prompt("a"),
      "<Task: a> stays Paused until 1970-01-01T01:00:00.000Z: the answer was not 'y'."
    ])
  }))

it.effect("a question is given up when the task goes on by itself", () =>
  Effect.gen(function* () {
    const terminal = makeTerminal()
    const onPause = approverAt(terminal, { next: Effect.never })
    const flow = gates({ a: { startTime: new Date(3_600_000) } })
    const run = yield* inVirtualTime(Flow.run(flow, { onPause }))
    assert.strictEqual(run.state._tag, "Success")
    // The next question can be asked.
    terminal.question("free?")()
  }))

it.effect("a task that no one is left to ask about stays paused", () =>
  Effect.gen(function* () {
    const terminal = makeTerminal()
    const onPause = approverAt(terminal, given())
    const run = yield* inVirtualTime(Flow.run(gates({ a: {} }), { onPause }))
    assert.instanceOf(run.state.result, Flow.FlowStalled)
    assert.deepStrictEqual(terminal.shown, [
      prompt("a"),
      "<Task: a> stays Paused as it is: there is no one to ask."
    ])
  }))

it.effect("lines are kept for the questions to come, and the end is an answer", () =>
  Effect.gen(function* () {
    const input = new PassThrough()
    input.end("one\ntwo\nthree")
    const { next } = answersFrom(Object.assign(input, { isTTY: true }))
    const lines = [yield* next, yield* next, yield* next, yield* next]
    assert.deepStrictEqual(lines, ["one", "two", "three", undefined])
  }))

it.effect("an input that says nothing is waited for in front of a terminal alone", () =>
  Effect.gen(function* () {
    for (const isTTY of [false, true]) {
      const { next } = answersFrom(Object.assign(new PassThrough(), { isTTY }))
      const asked = yield* Effect.forkChild(next, { startImmediately: true })
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(asked.pollUnsafe() === undefined, isTTY)
      yield* Fiber.interrupt(asked)
    }
  }))

it.effect("an input rests while no one waits for it", () =>
  Effect.gen(function* () {
    const input = new PassThrough()
    const { next } = answersFrom(Object.assign(input, { isTTY: true }))
    input.write("one\n")
    assert.strictEqual(yield* next, "one")
    assert.isTrue(input.isPaused())
  }))
