import { assert, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Layer } from "effect"
import { Flow, Signal, State, StateHandler, Task, Trigger } from "signalbox"
import {
  plainTable,
  plainTriggers,
  type Row,
  someFailedTable,
  someFailedTriggers,
  someSuccessfulTable,
  someSuccessfulTriggers
} from "./fixtures/triggerTable.ts"
import { watch } from "./fixtures/watch.ts"

const symbols: Readonly<Record<string, string>> = {
  TriggerFailed: "T",
  Skipped: "S",
  Paused: "P"
}

/** What a trigger says, as the tables write it, and the message of a refusal. */
const answerOf = (
  trigger: Trigger.BuiltIn,
  upstream: ReadonlyArray<State.State>,
  edges: number,
  resume = false
): readonly [symbol: string, message: string | undefined] => {
  const answer = trigger(upstream, { edges, resume })
  const exit = Effect.isEffect(answer) ? Effect.runSyncExit(answer) : Exit.succeed(answer)
  if (Exit.isSuccess(exit)) return [exit.value ? "+" : "?", undefined]
  const signal = Signal.raised(exit.cause)
  assert.isTrue(Signal.isSignal(signal))
  const state = Signal.toState(signal as Signal.Signal)
  return [symbols[state._tag] ?? state._tag, state.message]
}

const assertTable = (
  triggers: ReadonlyArray<Trigger.BuiltIn>,
  table: ReadonlyArray<Row>
) => {
  for (const { answers, edges, title, upstream } of table) {
    const found = triggers.map((trigger) => answerOf(trigger, upstream, edges)[0])
    assert.deepStrictEqual(found, answers, title)
  }
}

it("5.1 each built-in trigger answers as in the table", () => {
  assertTable(plainTriggers, plainTable)
})

it("5.1 manualOnly runs a task that goes on after a pause", () => {
  for (const { edges, upstream } of plainTable) {
    assert.deepStrictEqual(answerOf(Trigger.manualOnly, upstream, edges, true), ["+", undefined])
  }
})

it("5.1 a refusal names the trigger and the reason", () => {
  const messageOf = (trigger: Trigger.BuiltIn, ...upstream: ReadonlyArray<State.State>) =>
    answerOf(trigger, upstream, upstream.length)[1]
  const [success, failed, skipped] = [State.success(), State.failed(), State.skipped()]
  assert.deepStrictEqual(
    [
      messageOf(Trigger.allSuccessful, failed),
      messageOf(Trigger.allFailed, success),
      messageOf(Trigger.anySuccessful, failed),
      messageOf(Trigger.anyFailed, success),
      messageOf(Trigger.allFinished, State.running()),
      messageOf(Trigger.manualOnly),
      messageOf(Trigger.notAllSkipped, skipped),
      messageOf(Trigger.notAllSkipped, failed),
      messageOf(Trigger.someFailed({ atLeast: 1 }), success),
      messageOf(Trigger.someSuccessful({ atLeast: 1 }), failed)
    ],
    [
      'Trigger was "all_successful" but some of the upstream tasks failed.',
      'Trigger was "all_failed" but some of the upstream tasks succeeded.',
      'Trigger was "any_successful" but none of the upstream tasks succeeded.',
      'Trigger was "any_failed" but none of the upstream tasks failed.',
      'Trigger was "all_finished" but some of the upstream tasks were not finished.',
      'Trigger function is "manual_only"',
      "All upstreams were skipped",
      'Trigger was "not_all_skipped" but some of the upstream tasks failed.',
      'Trigger was "some_failed" but thresholds were not met.',
      'Trigger was "some_successful" but thresholds were not met.'
    ]
  )
})

it("5.2 someFailed and someSuccessful count against bounds", () => {
  assertTable(someFailedTriggers, someFailedTable)
  assertTable(someSuccessfulTriggers, someSuccessfulTable)
})

/** A task that ends in the state given, whatever it is. */
const endingIn = (state: State.State) =>
  Task.make("before", { run: () => Effect.fail(Signal.endRun(state)) })

/** A flow of one task with a trigger, after tasks that end in the states given. */
const after = <E>(upstream: ReadonlyArray<State.State>, trigger: Trigger.Trigger<E>) =>
  Flow.make("flow", function* () {
    const refs: Array<Task.Ref<any, any>> = []
    for (const state of upstream) refs.push(yield* endingIn(state)())
    const task = Task.make("task", { trigger, skipOnUpstreamSkip: false, run: () => Effect.void })
    yield* task({}, { after: refs })
  })

it.effect("5.3 in a flow each trigger decides by the final states before the task", () =>
  Effect.gen(function* () {
    const kinds: ReadonlyArray<State.Tag> = [
      "Success",
      "Skipped",
      "Cached",
      "Failed",
      "TimedOut",
      "TriggerFailed",
      "ValidationFailed",
      "Cancelled"
    ]
    const pairs = kinds.flatMap((one) => kinds.map((other) => [one, other]))
    for (const tags of [[], ...kinds.map((kind) => [kind]), ...pairs]) {
      const states = tags.map((tag) => State.make(tag))
      for (const trigger of plainTriggers) {
        const run = yield* Flow.run(after(states, trigger))
        const [symbol, message] = answerOf(trigger, states, states.length)
        const state = run.stateOf("task-1")
        const title = `${trigger.name} after ${tags.join(" and ")}`
        assert.strictEqual(symbols[state._tag] ?? "+", symbol, title)
        assert.strictEqual(state.message, message ?? "Task run succeeded.", title)
      }
    }
  }))

const failing = Task.make("failing", { run: () => Effect.fail("no") })
const fine = Task.make("fine", { run: () => Effect.succeed(1) })

/** A task that runs if exactly one of the runs before it failed. */
const oneFailed = Task.make("task", {
  trigger: Trigger.someFailed({ atLeast: 1, atMost: 1 }),
  run: (inputs: { readonly a?: unknown; readonly b?: unknown }) => Effect.succeed(inputs)
})

it.effect("5.4 a task that is depended on twice counts once", () =>
  Effect.gen(function* () {
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      const ref = yield* failing()
      yield* oneFailed({ a: ref, b: [ref, ref] }, { after: [ref] })
    })))
    assert.strictEqual(run.stateOf(oneFailed)._tag, "Success")
  }))

it.effect("5.4 a constant input counts as a success", () =>
  Effect.gen(function* () {
    const task = (trigger: Trigger.BuiltIn) =>
      Task.make("task", { trigger, run: ({ a }: { readonly a: number }) => Effect.succeed(a) })
    const endWith = (trigger: Trigger.BuiltIn) =>
      Effect.map(
        Flow.run(Flow.make("flow", function* () {
          yield* task(trigger)({ a: 1 }, { after: [yield* failing()] })
        })),
        (run) => run.stateOf("task-1")._tag
      )
    assert.strictEqual(yield* endWith(Trigger.anySuccessful), "Success")
    assert.strictEqual(yield* endWith(Trigger.allFailed), "TriggerFailed")
    assert.strictEqual(yield* endWith(Trigger.someFailed({ atLeast: 0.5 })), "Success")
    assert.strictEqual(yield* endWith(Trigger.someFailed({ atLeast: 0.6 })), "TriggerFailed")
  }))

/** What becomes of a task with a trigger: its changes and its last state. */
const runWith = <E, R = never>(
  trigger: Trigger.Trigger<E, R>,
  options: { readonly maxRetries?: number } = {}
) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const note = StateHandler.make((_subject, _oldState, newState) =>
      Effect.sync(() => void asked.push(newState._tag))
    )
    const retries = options.maxRetries === undefined ? {} : { ...options, retryDelay: "1 hour" }
    const task = Task.make("task", {
      trigger,
      handlers: [note],
      run: () => Effect.void,
      ...retries as {}
    })
    const { changes, run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* fine()
      yield* task({}, { after: [] })
    })))
    return { asked, changes: changes("task"), state: run.stateOf(task) as State.State }
  })

it.effect("5.5 a custom trigger that answers no refuses", () =>
  Effect.gen(function* () {
    for (const trigger of [() => false, () => Effect.succeed(false)]) {
      const { changes } = yield* runWith(trigger)
      assert.deepStrictEqual(changes, ['Pending() → TriggerFailed("Trigger failed")'])
    }
    const { state } = yield* runWith(() => true)
    assert.strictEqual(state._tag, "Success")
  }))

it.effect("5.6 a signal raised in a trigger gives the task its state", () =>
  Effect.gen(function* () {
    const skip = Signal.skip("not today")
    assert.deepStrictEqual((yield* runWith(() => Effect.fail(skip))).changes, [
      'Pending() → Skipped("not today")'
    ])
    const success = Signal.success({ message: "known", result: 4 })
    const { changes, state } = yield* runWith(() => Effect.fail(success))
    assert.deepStrictEqual(changes, ['Pending() → Success("known")'])
    assert.strictEqual(state.result, 4)
    const thrown = yield* runWith(() => {
      throw Signal.fail("thrown")
    })
    assert.deepStrictEqual(thrown.changes, ['Pending() → Failed("thrown")'])
    const ended = yield* runWith(() => Effect.fail(Signal.endRun(State.cancelled())))
    assert.deepStrictEqual(ended.changes, ["Pending() → Cancelled()"])
  }))

it.effect("5.7 a trigger that fails, dies or throws refuses with what went wrong", () =>
  Effect.gen(function* () {
    const error = new RangeError("no such table")
    const triggers: ReadonlyArray<Trigger.Trigger<RangeError>> = [
      () => Effect.fail(error),
      () => Effect.die(error),
      () => {
        throw error
      }
    ]
    for (const trigger of triggers) {
      const { changes, state } = yield* runWith(trigger)
      assert.deepStrictEqual(changes, [
        'Pending() → TriggerFailed("Unexpected error while checking task trigger: ' +
        "RangeError('no such table')\")"
      ])
      assert.strictEqual(state.result, error)
      assert.isTrue(State.isFailed(state) && Cause.squash(state.cause!) === error)
    }
  }))

it.effect("5.8 a refusal passes the handlers once and is not retried", () =>
  Effect.gen(function* () {
    for (const trigger of [() => false, () => Effect.fail(Signal.fail("no")), Trigger.anyFailed]) {
      const task = after([State.success()], trigger as Trigger.BuiltIn)
      assert.strictEqual((yield* watch(Flow.run(task))).changes("task").length, 1)
      const { asked } = yield* runWith(() => false, { maxRetries: 3 })
      assert.deepStrictEqual(asked, ["TriggerFailed"])
    }
  }))

class Gate extends Context.Service<Gate, { readonly open: boolean }>()("test/Gate") {}

it.effect("5.9 a trigger may take time and need services", () =>
  Effect.gen(function* () {
    const trigger = () => Effect.map(Effect.delay(Gate, "1 hour"), (gate) => gate.open)
    const ends: Array<string> = []
    for (const open of [true, false]) {
      const { state } = yield* Effect.provide(runWith(trigger), Layer.succeed(Gate, { open }))
      ends.push(state._tag)
    }
    assert.deepStrictEqual(ends, ["Success", "TriggerFailed"])
  }))

it("5.10 bounds that are no share and no count are refused", () => {
  assert.throws(
    () => Trigger.someFailed({ atLeast: -1 }),
    'Cannot define trigger "some_failed": atLeast must be a share below 1 or a count, ' +
      "not below zero (-1)"
  )
  assert.throws(
    () => Trigger.someSuccessful({ atMost: Number.NaN }),
    'Cannot define trigger "some_successful": atMost must be a share below 1 or a count, ' +
      "not below zero (NaN)"
  )
})
