import { assert, it } from "@effect/vitest"
import { Cause, Clock, Context, Effect, Layer, Logger, Random, Schedule, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Flow, RunContext, Signal, State, StateHandler, Task, Trigger } from "signalbox"
import { hour } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const running = 'Running("Starting task run.")'
const succeeded = 'Success("Task run succeeded.")'

/** A handler that answers, for new states of one kind, with something else. */
const replacing = (
  kind: State.Tag,
  replacement: (newState: State.State, oldState: State.State) => State.State,
  times = Number.POSITIVE_INFINITY
) => {
  let left = times
  return StateHandler.make((_subject, oldState, newState) =>
    Effect.sync(() =>
      newState._tag === kind && left-- > 0 ? replacement(newState, oldState) : undefined
    )
  )
}

/** A handler that raises something for new states of one kind. */
const raising = <E>(kind: State.Tag, error: E, options: StateHandler.Options = {}) =>
  StateHandler.make(
    (_subject, _oldState, newState) => newState._tag === kind ? Effect.fail(error) : Effect.void,
    options
  )

/** A handler that notes what it is told, and lets it stand. */
const noting = () => {
  const told: Array<string> = []
  const handler = StateHandler.make((subject, oldState, newState) =>
    Effect.sync(() => void told.push(`${subject} ${oldState} to ${newState}`))
  )
  return { told, handler }
}

/** Runs one task alone, and gives its changes and its last state. */
const runTask = <A, E, R>(task: Task.Task<void, A, E, R>) =>
  Effect.map(
    watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    }))),
    ({ changes, run, timed }) => ({
      changes: changes(task.name),
      timed: timed(task.name),
      state: run.stateOf(`${task.name}-1`) as State.State,
      flow: run.state as State.State
    })
  )

// -----------------------------------------------------------------------------
// Calls and order
// -----------------------------------------------------------------------------

it.effect("3.1 a handler is called with subject, old and new state, once for each change", () =>
  Effect.gen(function* () {
    const { handler, told } = noting()
    yield* runTask(Task.make("task", { handlers: [handler], run: () => Effect.void }))
    assert.deepStrictEqual(told, [
      `<Task: task> Pending() to ${running}`,
      `<Task: task> ${running} to ${succeeded}`
    ])
  }))

it.effect("3.1 the handler of a task with retries hears each failure and each retry", () =>
  Effect.gen(function* () {
    const { handler, told } = noting()
    const task = Task.make("task", {
      handlers: [handler],
      maxRetries: 1,
      retryDelay: 0,
      run: () => Effect.fail(new Error("no"))
    })
    yield* runTask(task)
    const failed = "Failed(\"Error during execution of task: Error('no')\")"
    const retrying = 'Retrying("Retrying Task (after attempt 1 of 2)")'
    assert.deepStrictEqual(told, [
      `<Task: task> Pending() to ${running}`,
      `<Task: task> ${running} to ${failed}`,
      `<Task: task> ${failed} to ${retrying}`,
      `<Task: task> ${retrying} to ${running}`,
      `<Task: task> ${running} to ${failed}`
    ])
  }))

it.effect("3.2 own handlers as listed, then onFailure, then those of the scope", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const named = (name: string) =>
      StateHandler.make((_subject, _oldState, newState) =>
        Effect.sync(() => void (State.isFailed(newState) && order.push(name)))
      )
    const task = Task.make("task", {
      handlers: [named("first"), named("second")],
      onFailure: () => Effect.sync(() => void order.push("onFailure")),
      run: () => Effect.fail("no")
    })
    const flow = Flow.make("flow", function* () {
      const ref = yield* task()
      const end = yield* Task.make("end", { trigger: Trigger.anyFailed, run: () => Effect.void })(
        {},
        { after: [ref] }
      )
      yield* Flow.referenceTasks(end)
    })
    yield* Flow.run(flow).pipe(
      Effect.provide(StateHandler.layer(named("inner 1"), named("inner 2"))),
      Effect.provide(StateHandler.layer(named("outer")))
    )
    assert.deepStrictEqual(order, [
      "first",
      "second",
      "onFailure",
      "outer",
      "inner 1",
      "inner 2"
    ])
  }))

it.effect("3.3, 3.4 each sees what the one before returned, and the same old state", () =>
  Effect.gen(function* () {
    const one = State.success({ message: "one" })
    const two = State.success({ message: "two" })
    const seen: Array<readonly [string, string]> = []
    const answering = (answer: State.State | undefined) =>
      StateHandler.make((_subject, oldState, newState) =>
        Effect.sync(() => {
          if (!State.isSuccessful(newState)) return undefined
          seen.push([String(oldState), String(newState)])
          return answer
        })
      )
    const { changes, state } = yield* runTask(Task.make("task", {
      handlers: [answering(one), answering(undefined), answering(two), answering(two)],
      run: () => Effect.succeed(1)
    }))
    assert.deepStrictEqual(seen, [
      [running, succeeded],
      [running, 'Success("one")'],
      [running, 'Success("one")'],
      [running, 'Success("two")']
    ])
    assert.deepStrictEqual(changes, [`Pending() → ${running}`, `${running} → Success("two")`])
    assert.strictEqual(state, two)
  }))

it.effect("3.4 a replacement is not announced again; the next change begins from it", () =>
  Effect.gen(function* () {
    const { handler, told } = noting()
    const renamed = replacing("Running", () => State.running({ message: "On my way." }))
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [handler, renamed],
      run: () => Effect.void
    }))
    assert.deepStrictEqual(told, [
      `<Task: task> Pending() to ${running}`,
      `<Task: task> Running("On my way.") to ${succeeded}`
    ])
    assert.deepStrictEqual(changes, [
      'Pending() → Running("On my way.")',
      `Running("On my way.") → ${succeeded}`
    ])
  }))

// -----------------------------------------------------------------------------
// Replacements
// -----------------------------------------------------------------------------

it.effect("3.5 Running replaced by what does not run: no body, no retry", () =>
  Effect.gen(function* () {
    const replacements = [
      State.failed({ message: "no" }),
      State.success({ result: 1 }),
      State.skipped(),
      State.cancelled(),
      State.finished()
    ]
    for (const replacement of replacements) {
      let bodies = 0
      const { changes, state } = yield* runTask(Task.make("task", {
        handlers: [replacing("Running", () => replacement)],
        maxRetries: 3,
        retryDelay: 0,
        run: () => Effect.sync(() => bodies++)
      }))
      assert.strictEqual(state, replacement)
      assert.strictEqual(bodies, 0)
      assert.strictEqual(changes.length, 1)
    }
  }))

it.effect("3.5 Running replaced by Cancelling runs", () =>
  Effect.gen(function* () {
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [replacing("Running", () => State.cancelling())],
      run: () => Effect.void
    }))
    assert.deepStrictEqual(changes, ["Pending() → Cancelling()", `Cancelling() → ${succeeded}`])
  }))

it.effect("3.6 a start that is vetoed is tried again", () =>
  Effect.gen(function* () {
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [replacing("Running", (_newState, oldState) => oldState, 3)],
      run: () => Effect.void
    }))
    assert.deepStrictEqual(changes.slice(-2), [
      `Pending() → ${running}`,
      `${running} → ${succeeded}`
    ])
    assert.strictEqual(changes.filter((change) => change === "Pending() → Pending()").length, 3)
  }))

it.effect("3.6 a run that is sent to wait goes on when its time has come", () =>
  Effect.gen(function* () {
    const { timed } = yield* runTask(Task.make("task", {
      handlers: [replacing("Running", () => State.scheduled({ startTime: 2 * hour }), 1)],
      run: () => Effect.void
    }))
    assert.deepStrictEqual(timed, [
      "0s Pending() → Scheduled()",
      `7200s Scheduled() → ${running}`,
      `7200s ${running} → ${succeeded}`
    ])
  }))

it.effect("3.6 an end that is replaced by Pending or Scheduled runs the task again", () =>
  Effect.gen(function* () {
    const again = [State.pending(), State.scheduled(), State.scheduled({ startTime: hour })]
    for (const state of again) {
      let bodies = 0
      const task = Task.make("task", {
        handlers: [replacing("Success", () => state, 1)],
        run: () => Effect.sync(() => ++bodies)
      })
      assert.strictEqual((yield* runTask(task)).state.result, 2, String(state))
    }
  }))

it.effect("3.7 a failure that is replaced by a success is one", () =>
  Effect.gen(function* () {
    const { flow, state } = yield* runTask(Task.make("task", {
      handlers: [replacing("Failed", () => State.success({ result: "default" }))],
      maxRetries: 3,
      retryDelay: 0,
      run: () => Effect.fail("no")
    }))
    assert.deepStrictEqual([state._tag, state.result, flow._tag], ["Success", "default", "Success"])
  }))

it.effect("3.7 a success that is replaced by a failure is retried as any", () =>
  Effect.gen(function* () {
    let bodies = 0
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [replacing("Success", () => State.failed({ message: "not good enough" }), 1)],
      maxRetries: 1,
      retryDelay: "1 hour",
      run: () => Effect.sync(() => bodies++)
    }))
    assert.strictEqual(bodies, 2)
    assert.deepStrictEqual(changes.slice(1, 3), [
      `${running} → Failed("not good enough")`,
      'Failed("not good enough") → Retrying("Retrying Task (after attempt 1 of 2)")'
    ])
  }))

it.effect("3.8 a state that is replaced by Skipped skips what depends on it", () =>
  Effect.gen(function* () {
    const skipper = Task.make("skipper", {
      handlers: [replacing("Success", () => State.skipped({ message: "of no use" }))],
      run: () => Effect.void
    })
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      const ref = yield* skipper()
      yield* Task.make("next", { run: () => Effect.void })({}, { after: [ref] })
    })))
    assert.deepStrictEqual(run.tasks.map(({ state }) => state._tag), ["Skipped", "Skipped"])
  }))

const failing = (handlers: ReadonlyArray<StateHandler.StateHandler>) => {
  let bodies = 0
  return Task.make("task", {
    handlers,
    maxRetries: 2,
    retryDelay: "1 hour",
    run: () => Effect.suspend(() => Effect.fail(++bodies))
  })
}

it.effect("3.9 Retrying that is replaced by a failure ends the attempts", () =>
  Effect.gen(function* () {
    const enough = State.failed({ message: "enough" })
    const { changes, state } = yield* runTask(failing([replacing("Retrying", () => enough)]))
    assert.strictEqual(state, enough)
    assert.strictEqual(changes.length, 3)
  }))

it.effect("3.9 Retrying that is replaced by another: its time and its count hold", () =>
  Effect.gen(function* () {
    const stretched = replacing("Retrying", () => State.retrying({ startTime: 60 * hour }), 1)
    const last = replacing("Retrying", () => State.retrying({ startTime: 61 * hour, runCount: 9 }))
    const { state, timed } = yield* runTask(failing([stretched, last].slice(0, 1)))
    assert.include(timed, `216000s Retrying() → ${running}`)
    assert.strictEqual(state.result, 3)
    const counted = yield* runTask(failing([last]))
    assert.include(counted.timed, `219600s Retrying() → ${running}`)
    assert.strictEqual(counted.state.result, 2)
  }))

it.effect("3.9 a Retrying without a time or a count gets those of the run", () =>
  Effect.gen(function* () {
    const now = replacing("Retrying", () => State.retrying())
    const { state, timed } = yield* runTask(failing([now]))
    assert.isTrue(timed.every((line) => line.startsWith("0s ")))
    assert.strictEqual(state.result, 3)
  }))

it.effect("3.10 what replaces TriggerFailed or Skipped is final", () =>
  Effect.gen(function* () {
    let bodies = 0
    const rescued = State.success({ message: "rescued", result: "default" })
    for (const [signal, kind] of [[Signal.fail(), "TriggerFailed"], [Signal.skip(), "Skipped"]]) {
      const task = Task.make("task", {
        handlers: [replacing(kind as State.Tag, () => rescued)],
        run: () => Effect.sync(() => bodies++)
      })
      const { changes, run } = yield* watch(Flow.run(Flow.make("flow", function* () {
        const before = Task.make("before", { run: () => Effect.fail(signal as Signal.Signal) })
        yield* task({}, { after: [yield* before()] })
      })))
      assert.strictEqual(run.stateOf("task-1"), rescued)
      assert.deepStrictEqual(changes("task"), ['Pending() → Success("rescued")'])
    }
    assert.strictEqual(bodies, 0)
  }))

// -----------------------------------------------------------------------------
// Trouble
// -----------------------------------------------------------------------------

const troubles: ReadonlyArray<
  readonly [name: string, trouble: () => Effect.Effect<void, unknown>]
> = [
  ["fails", () => Effect.fail(new RangeError("no line"))],
  ["dies", () => Effect.die(new RangeError("no line"))],
  ["throws", () => {
    throw new RangeError("no line")
  }],
  ["fails later", () => Effect.delay(Effect.fail(new RangeError("no line")), "1 second")]
]

it.effect("3.11 a handler that fails, dies or throws fails the run", () =>
  Effect.gen(function* () {
    for (const [name, trouble] of troubles) {
      const { handler, told } = noting()
      const broken = StateHandler.make((_subject, _oldState, newState) =>
        State.isRunning(newState) ? Effect.void : trouble()
      )
      const { changes, state } = yield* runTask(Task.make("task", {
        handlers: [broken, handler],
        onFailure: () => Effect.sync(() => void told.push("onFailure")),
        maxRetries: 3,
        retryDelay: 0,
        run: () => Effect.succeed(1)
      }))
      assert.deepStrictEqual(changes.slice(1), [
        `${running} → Failed("Unexpected error while calling state handlers: ` +
        "RangeError('no line')\")"
      ], name)
      assert.instanceOf(state.result, RangeError)
      assert.deepStrictEqual(told, [`<Task: task> Pending() to ${running}`], name)
    }
  }))

it.effect("3.11 a handler that fails at the start keeps the body from running", () =>
  Effect.gen(function* () {
    let bodies = 0
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [raising("Running", "no")],
      run: () => Effect.sync(() => bodies++)
    }))
    assert.strictEqual(bodies, 0)
    assert.deepStrictEqual(changes, [
      'Pending() → Failed("Unexpected error while calling state handlers: "no"")'
    ])
  }))

it.effect("3.12 the failure that was being announced stays in the cause", () =>
  Effect.gen(function* () {
    const original = new RangeError("disk full")
    const { state } = yield* runTask(Task.make("task", {
      handlers: [raising("Failed", new TypeError("no network"))],
      run: () => Effect.fail(original)
    }))
    assert.strictEqual(
      state.message,
      "Unexpected error while calling state handlers: TypeError('no network')"
    )
    assert.isTrue(State.isFailed(state))
    const found = Cause.prettyErrors((state as State.Failed).cause!).map(({ message }) => message)
    assert.deepStrictEqual(found, ["disk full", "no network"])
    assert.deepStrictEqual(
      State.failure(state),
      State.failure(State.failed({
        cause: Cause.fail(original)
      }))
    )
  }))

it.effect("3.12 a signal that was being announced to a handler that broke is still found", () =>
  Effect.gen(function* () {
    const { state } = yield* runTask(Task.make("task", {
      handlers: [raising("Failed", new TypeError("no network"))],
      run: () => Effect.fail(new Quota({ used: 7 }))
    }))
    const signal = State.signal(state, Quota)
    assert.strictEqual(signal._tag === "Some" && signal.value.used, 7)
  }))

/** A handler that answers with what the compiler would not let pass. */
const nonsense = (answer: unknown) => StateHandler.make((() => answer) as never, { name: "broken" })

it.effect("3.13 a handler that returns no Effect fails the run", () =>
  Effect.gen(function* () {
    for (const [answer, printed] of [[undefined, "undefined"], [5, "5"], [{ a: 1 }, '{"a":1}']]) {
      const { state } = yield* runTask(
        Task.make("task", { handlers: [nonsense(answer)], run: () => Effect.void })
      )
      assert.instanceOf(state.result, StateHandler.HandlerError)
      const { handler, message } = state.result
      assert.strictEqual(handler, "broken")
      assert.strictEqual(
        message,
        'Cannot use what handler "broken" returned for <Task: task>: expected an Effect, got ' +
          printed
      )
    }
  }))

it.effect("3.13 a handler that gives neither a state nor nothing fails the run", () =>
  Effect.gen(function* () {
    for (const [answer, printed] of [[true, "true"], ["Success", '"Success"'], [0, "0"]]) {
      const { state } = yield* runTask(
        Task.make("task", {
          handlers: [nonsense(Effect.succeed(answer))],
          run: () => Effect.void
        })
      )
      assert.strictEqual(state._tag, "Failed")
      assert.instanceOf(state.result, StateHandler.HandlerError)
      assert.strictEqual(
        state.result.message,
        'Cannot use what handler "broken" returned for <Task: task>: expected a State or ' +
          `nothing, got ${printed}`
      )
    }
    const { state } = yield* runTask(
      Task.make("task", { handlers: [nonsense(Effect.succeed(null))], run: () => Effect.void })
    )
    assert.strictEqual(state._tag, "Success")
  }))

it.effect("3.14 a handler that never ends fails the run after its timeout", () =>
  Effect.gen(function* () {
    let interrupted = 0
    const hanging = (options: StateHandler.Options) =>
      Task.make("task", {
        handlers: [
          StateHandler.make(
            () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++)),
            { name: "pager", ...options }
          )
        ],
        run: () => Effect.void
      })
    const byDefault = yield* runTask(hanging({}))
    assert.deepStrictEqual(byDefault.timed, [
      "60s Pending() → Failed(\"Unexpected error while calling state handlers: HandlerError('" +
      'Cannot wait any longer for handler "pager" on <Task: task>: it took more than 1m\')")'
    ])
    const shorter = yield* runTask(hanging({ timeout: "2 seconds" }))
    assert.match(shorter.timed[0]!, /^2s .*it took more than 2s/)
    assert.instanceOf(shorter.state.result, StateHandler.HandlerError)
    assert.strictEqual(interrupted, 2)
  }))

it.effect("3.14 a handler without a limit may take its time", () =>
  Effect.gen(function* () {
    const slow = StateHandler.make(() => Effect.sleep("3 hours"), {
      timeout: Number.POSITIVE_INFINITY
    })
    const { timed } = yield* runTask(
      Task.make("task", { handlers: [slow], run: () => Effect.void })
    )
    assert.deepStrictEqual(timed, [
      `10800s Pending() → ${running}`,
      `21600s ${running} → ${succeeded}`
    ])
  }))

/** Collects the messages that are logged. */
const logging = () => {
  const logged: Array<string> = []
  const layer = Logger.layer([
    Logger.make(({ logLevel, message }) => void logged.push(`${logLevel} ${[message].flat()[0]}`))
  ])
  return { logged, layer }
}

it.effect("3.15 policy ignore: the state stands, a warning is logged, the next is asked", () =>
  Effect.gen(function* () {
    for (const [name, trouble] of troubles) {
      const { handler, told } = noting()
      const { layer, logged } = logging()
      const broken = StateHandler.make(
        (_subject, _oldState, newState) => State.isRunning(newState) ? Effect.void : trouble(),
        { name: "notify", policy: "ignore" }
      )
      const { changes } = yield* Effect.provide(
        runTask(Task.make("task", { handlers: [broken, handler], run: () => Effect.void })),
        layer
      )
      assert.deepStrictEqual(changes, [`Pending() → ${running}`, `${running} → ${succeeded}`], name)
      assert.strictEqual(told.length, 2, name)
      assert.deepStrictEqual(
        logged,
        ['Warn Ignored the trouble of handler "notify" with <Task: task>'],
        name
      )
    }
  }))

it.effect("3.15 policy ignore holds for one that hangs and for nonsense, and not for signals", () =>
  Effect.gen(function* () {
    const silent = Logger.layer([])
    const ignoring = (handle: StateHandler.Handle<any>) =>
      Effect.provide(
        runTask(Task.make("task", {
          handlers: [StateHandler.make(handle, { policy: "ignore" })],
          run: () => Effect.succeed(1)
        })),
        silent
      )
    assert.strictEqual((yield* ignoring(() => Effect.never)).state._tag, "Success")
    assert.strictEqual((yield* ignoring(() => Effect.succeed(5 as never))).state._tag, "Success")
    const { changes } = yield* ignoring((_subject, _oldState, newState) =>
      State.isSuccessful(newState) ? Effect.fail(Signal.fail("meant")) : Effect.void
    )
    assert.deepStrictEqual(changes.slice(1), [`${running} → Failed("meant")`])
  }))

/** A handler that breaks so many times at the end of a task. */
const breaking = (times: number, policy: StateHandler.Policy) => {
  let calls = 0
  const task = Task.make("task", {
    handlers: [
      StateHandler.make(
        (_subject, _oldState, newState) => {
          if (State.isRunning(newState)) return Effect.void
          return calls++ < times ? Effect.fail(new Error("busy")) : Effect.succeed(State.skipped())
        },
        { policy, timeout: "1 minute" }
      )
    ],
    run: () => Effect.void
  })
  return Effect.map(runTask(task), (outcome) => ({ ...outcome, calls }))
}

it.effect("3.16 policy retry: the handler is asked again by the schedule", () =>
  Effect.gen(function* () {
    const retry = Schedule.upTo(Schedule.spaced("1 hour"), { times: 2 })
    const { calls, timed } = yield* breaking(2, { retry })
    assert.strictEqual(calls, 3)
    assert.strictEqual(timed.at(-1), `7200s ${running} → Skipped()`)
  }))

it.effect("3.16 policy retry: when the schedule is over, otherwise applies", () =>
  Effect.gen(function* () {
    const retry = Schedule.recurs(2)
    const failed = yield* breaking(9, { retry })
    assert.strictEqual(failed.calls, 3)
    assert.strictEqual(
      failed.state.message,
      "Unexpected error while calling state handlers: Error('busy')"
    )
    const ignored = yield* Effect.provide(
      breaking(9, { retry, otherwise: "ignore" }),
      Logger.layer([])
    )
    assert.strictEqual(ignored.state._tag, "Success")
    assert.strictEqual(ignored.calls, 3)
  }))

it.effect("3.16 policy retry: each call has its own timeout, and signals are not retried", () =>
  Effect.gen(function* () {
    let calls = 0
    const policy: StateHandler.Policy = { retry: Schedule.recurs(2) }
    const hanging = StateHandler.make(
      () => Effect.suspend(() => ++calls < 3 ? Effect.never : Effect.void),
      { policy, timeout: "1 minute" }
    )
    const slow = yield* runTask(Task.make("task", { handlers: [hanging], run: () => Effect.void }))
    assert.strictEqual(slow.timed[0], `120s Pending() → ${running}`)

    calls = 0
    const signalling = StateHandler.make(
      () => Effect.suspend(() => Effect.fail(Signal.skip(String(++calls)))),
      { policy }
    )
    const { state } = yield* runTask(
      Task.make("task", { handlers: [signalling], run: () => Effect.void })
    )
    assert.strictEqual(String(state), 'Skipped("1")')
  }))

// -----------------------------------------------------------------------------
// Signals
// -----------------------------------------------------------------------------

class Quota extends Signal.Fail<Quota>()("Quota", { used: Schema.Number }) {}

it.effect("3.17 a signal raised in a handler replaces the new state", () =>
  Effect.gen(function* () {
    const { handler, told } = noting()
    const signals = [
      Signal.fail("f"),
      Signal.skip("s"),
      Signal.success("w"),
      Signal.triggerFail("t")
    ]
    const ends: Array<string> = []
    for (const signal of signals) {
      const { changes } = yield* runTask(Task.make("task", {
        handlers: [raising("Success", signal), handler],
        run: () => Effect.succeed(1)
      }))
      ends.push(...changes.slice(1))
    }
    assert.deepStrictEqual(ends, [
      `${running} → Failed("f")`,
      `${running} → Skipped("s")`,
      `${running} → Success("w")`,
      `${running} → TriggerFailed("t")`
    ])
    assert.isTrue(told.every((line) => line.endsWith(running)))
  }))

it.effect("3.17 the run goes on from the signal: it fails and retries, retries, loops", () =>
  Effect.gen(function* () {
    const once = (signal: Signal.Signal, options: object) => {
      let left = 1
      const handler = StateHandler.make((_subject, _oldState, newState) =>
        State.isSuccessful(newState) && left-- > 0 ? Effect.fail(signal) : Effect.void
      )
      return Effect.map(
        runTask(Task.make("task", { handlers: [handler], run: () => Effect.void, ...options })),
        ({ timed }) => timed.slice(1, -1)
      )
    }
    assert.deepStrictEqual(yield* once(Signal.fail("f"), { maxRetries: 1, retryDelay: "1 hour" }), [
      `0s ${running} → Failed("f")`,
      '0s Failed("f") → Retrying("Retrying Task (after attempt 1 of 2)")',
      `3600s Retrying("Retrying Task (after attempt 1 of 2)") → ${running}`
    ])
    assert.deepStrictEqual(yield* once(Signal.retry({ message: "r", startTime: hour }), {}), [
      `0s ${running} → Retrying("r")`,
      `3600s Retrying("r") → ${running}`
    ])
    assert.deepStrictEqual(yield* once(Signal.loop({ message: "l", result: 1 }), {}), [
      `0s ${running} → Looped("l")`,
      `0s Pending("Looping task (on loop index 1)") → ${running}`
    ])
  }))

it.effect("3.17 a signal raised at the start keeps the body from running", () =>
  Effect.gen(function* () {
    let bodies = 0
    const { changes } = yield* runTask(Task.make("task", {
      handlers: [raising("Running", Signal.fail("not now"))],
      maxRetries: 1,
      retryDelay: 0,
      run: () => Effect.sync(() => bodies++)
    }))
    assert.deepStrictEqual(changes, ['Pending() → Failed("not now")'])
    assert.strictEqual(bodies, 0)
  }))

it.effect("3.18 Pause and endRun raised in a handler end the run at once", () =>
  Effect.gen(function* () {
    let pauses = 0
    const pausing = StateHandler.make((_subject, _oldState, newState) =>
      State.isRunning(newState) && pauses++ === 0
        ? Effect.fail(Signal.pause({ message: "wait", startTime: hour }))
        : Effect.void
    )
    const paused = yield* runTask(
      Task.make("task", { handlers: [pausing], run: () => Effect.void })
    )
    assert.deepStrictEqual(paused.timed, [
      '0s Pending() → Paused("wait")',
      `3600s Paused("wait") → ${running}`,
      `3600s ${running} → ${succeeded}`
    ])

    const ended = yield* runTask(Task.make("task", {
      handlers: [raising("Failed", Signal.endRun(State.failed({ message: "for good" })))],
      maxRetries: 5,
      retryDelay: 0,
      run: () => Effect.fail("no")
    }))
    assert.deepStrictEqual(ended.changes.slice(1), [`${running} → Failed("for good")`])
  }))

// -----------------------------------------------------------------------------
// Callbacks
// -----------------------------------------------------------------------------

it.effect("3.19 a callback is called for the states that pass its check, and lets all stand", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const callback = StateHandler.callback(
      (subject, newState) => Effect.sync(() => told.push(`${subject} ${newState.startTime}`)),
      State.isRetrying
    )
    let bodies = 0
    const { state } = yield* runTask(Task.make("task", {
      handlers: [callback],
      maxRetries: 1,
      retryDelay: "1 hour",
      run: () => Effect.suspend(() => bodies++ === 0 ? Effect.fail("no") : Effect.succeed(1))
    }))
    assert.deepStrictEqual(told, ["<Task: task> 1970-01-01T01:00:00.000Z"])
    assert.strictEqual(state._tag, "Success")
  }))

it.effect("3.20 onFailure hears every failed state, before another attempt too", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const onFailure = (_subject: unknown, state: State.AnyFailed) =>
      Effect.sync(() => void heard.push(String(state)))
    yield* runTask(Task.make("retried", {
      onFailure,
      maxRetries: 1,
      retryDelay: 0,
      timeout: "1 second",
      run: () => Effect.never
    }))
    yield* runTask(
      Task.make("refused", { onFailure, trigger: () => false, run: () => Effect.void })
    )
    assert.deepStrictEqual(heard, [
      'TimedOut("Task timed out during execution.")',
      'TimedOut("Task timed out during execution.")',
      'TriggerFailed("Trigger failed")'
    ])
  }))

it.effect("3.20 onFailure does not hear the failure that a broken handler made", () =>
  Effect.gen(function* () {
    let heard = 0
    yield* runTask(Task.make("task", {
      handlers: [raising("Success", "no")],
      onFailure: () => Effect.sync(() => void heard++),
      run: () => Effect.void
    }))
    assert.strictEqual(heard, 0)
  }))

class Disk extends Signal.Fail<Disk>()("Disk") {}

it.effect("3.21 onSignal hears only states that signals of its class made", () =>
  Effect.gen(function* () {
    const heard: Array<unknown> = []
    const onQuota = StateHandler.onSignal(
      Quota,
      (signal, subject, newState) =>
        Effect.sync(() => void heard.push([signal.used, String(subject), String(newState)]))
    )
    let bodies = 0
    const task = Task.make("task", {
      handlers: [onQuota],
      maxRetries: 2,
      retryDelay: 0,
      run: Effect.fnUntraced(function* () {
        bodies++
        if (bodies === 1) return yield* new Disk()
        if (bodies === 2) return yield* new Quota({ message: "full", used: 7 })
        return yield* Effect.fail(new Error("other"))
      })
    })
    yield* runTask(task)
    assert.deepStrictEqual(heard, [[7, "<Task: task>", 'Failed("full")']])
    assert.strictEqual(onQuota.name, "onSignal(Quota)")
  }))

it.effect("3.21 what onSignal returns replaces the state", () =>
  Effect.gen(function* () {
    const skipOver = StateHandler.onSignal(Quota, () => Effect.succeed(State.skipped()))
    const { state } = yield* runTask(Task.make("task", {
      handlers: [skipOver],
      run: () => Effect.fail(new Quota({ used: 1 }))
    }))
    assert.strictEqual(state._tag, "Skipped")
  }))

// -----------------------------------------------------------------------------
// Services
// -----------------------------------------------------------------------------

class Audit extends StateHandler.Service<Audit>()("test/Audit") {}

class Channel extends Context.Service<Channel, {
  readonly send: (text: string) => Effect.Effect<void>
}>()("test/Channel") {}

const audited = Task.make("task", { handlers: [Audit], run: () => Effect.succeed(1) })

it.effect("3.22 a handler that is a service does what its layer says, with its needs", () =>
  Effect.gen(function* () {
    const sent: Array<string> = []
    const live = Audit.layer((subject, _oldState, newState) =>
      Effect.flatMap(Channel, (channel) => channel.send(`${subject} ${newState._tag}`))
    )
    const channel = Layer.succeed(Channel, {
      send: (text) => Effect.sync(() => void sent.push(text))
    })
    yield* runTask(audited).pipe(Effect.provide(Layer.provide(live, channel)))
    assert.deepStrictEqual(sent, ["<Task: task> Running", "<Task: task> Success"])
  }))

it.effect("3.22 a service handler may replace, and has its own policy, timeout and name", () =>
  Effect.gen(function* () {
    const skipping = Audit.layer((_subject, _oldState, newState) =>
      Effect.succeed(State.isSuccessful(newState) ? State.skipped() : undefined)
    )
    const skipped = yield* Effect.provide(runTask(audited), skipping)
    assert.strictEqual(skipped.state._tag, "Skipped")

    const ignored = Audit.layer(() => Effect.fail("down"), { policy: "ignore" })
    const { layer, logged } = logging()
    const { state } = yield* Effect.provide(runTask(audited), Layer.mergeAll(ignored, layer))
    assert.strictEqual(state._tag, "Success")
    assert.strictEqual(
      logged[0],
      'Warn Ignored the trouble of handler "test/Audit" with <Task: task>'
    )

    const hanging = Audit.layer(() => Effect.never, { timeout: "1 second" })
    const late = yield* Effect.provide(runTask(audited), hanging)
    assert.match(String(late.state), /handler "test\/Audit" on <Task: task>: it took more than 1s/)
  }))

it.effect("3.22 a service stands in the scope for everything", () =>
  Effect.gen(function* () {
    const plain = Task.make("task", { run: () => Effect.void })
    const calls = yield* Effect.andThen(runTask(plain), Audit.calls).pipe(
      Effect.provide(
        StateHandler.layer(Audit).pipe(Layer.provideMerge(Audit.layerRecording))
      )
    )
    assert.deepStrictEqual(calls.map(({ subject }) => String(subject)), [
      "<Flow: name=flow>",
      "<Task: task>",
      "<Task: task>",
      "<Flow: name=flow>"
    ])
  }))

it.effect("3.22 a handler that is a service in one scope and its own in another is called twice", () =>
  Effect.gen(function* () {
    const calls = yield* Effect.andThen(runTask(audited), Audit.calls).pipe(
      Effect.provide(StateHandler.layer(Audit).pipe(Layer.provideMerge(Audit.layerRecording)))
    )
    const ofTask = calls.filter(({ subject }) => subject._tag === "Task")
    assert.strictEqual(ofTask.length, 4)
  }))

it.effect("3.22 a handler without a layer is told before anything runs", () =>
  Effect.gen(function* () {
    let bodies = 0
    const flow = Flow.make("flow", function* () {
      const first = yield* Task.make("first", { run: () => Effect.sync(() => bodies++) })()
      yield* audited({}, { after: [first] })
    })
    const exit = yield* Effect.exit(Flow.run(flow) as Effect.Effect<unknown>)
    assert.match(String(exit), /test\/Audit/)
    assert.strictEqual(bodies, 0)
  }))

it.effect("3.23 layerNoop lets everything stand", () =>
  Effect.gen(function* () {
    const { changes } = yield* Effect.provide(runTask(audited), Audit.layerNoop)
    assert.deepStrictEqual(changes, [`Pending() → ${running}`, `${running} → ${succeeded}`])
  }))

it.effect("3.23 layerRecording keeps the calls", () =>
  Effect.gen(function* () {
    const calls = yield* Effect.provide(
      Effect.andThen(runTask(audited), Audit.calls),
      Audit.layerRecording
    )
    assert.deepStrictEqual(
      calls.map(({ newState, oldState, subject }) => `${subject} ${oldState} ${newState}`),
      [
        `<Task: task> Pending() ${running}`,
        `<Task: task> ${running} ${succeeded}`
      ]
    )
    const none = yield* Effect.provide(Audit.calls, Audit.layerRecording)
    assert.deepStrictEqual(none, [])
  }))

it.effect("3.23 layerRecording keeps the last 100,000 calls", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      for (let i = 0; i < 50_010; i++) yield* audited()
    })
    const calls = yield* Effect.provide(
      Effect.andThen(Flow.run(flow), Audit.calls),
      Audit.layerRecording
    )
    assert.strictEqual(calls.length, 100_000)
    const slugOf = ({ subject }: StateHandler.Call) => subject._tag === "Task" && subject.slug
    assert.strictEqual(slugOf(calls[0]!), "task-11")
    assert.strictEqual(slugOf(calls.at(-1)!), "task-50010")
  }), 60_000)

it.effect("3.24 a handler lives in the time and the chance of the run that calls it", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const handler = Audit.layer(Effect.fnUntraced(function* () {
      seen.push(yield* Clock.currentTimeMillis, yield* Random.next)
    }))
    const elsewhere = Layer.provide(
      handler,
      Layer.mergeAll(
        Layer.effect(Clock.Clock, Effect.map(TestClock.make(), (clock) => clock)),
        Layer.succeed(Random.Random, { nextIntUnsafe: () => 0, nextDoubleUnsafe: () => 0 })
      )
    )
    yield* TestClock.adjust("5 seconds")
    yield* Random.withSeed(
      Effect.provide(
        Flow.run(Flow.make("flow", function* () {
          yield* audited()
        })),
        elsewhere
      ),
      "seed"
    )
    assert.strictEqual(seen[0], 5000)
    assert.notStrictEqual(seen[1], 0)
  }))

it("3.25 a handler that is no function is refused", () => {
  assert.throws(
    () => StateHandler.make(5 as never, { name: "alert" }),
    'Cannot define handler "alert": it must be a function (subject, oldState, newState) (5)'
  )
  assert.throws(() => StateHandler.callback(5 as never, State.isFailed), /it must be a function/)
  assert.throws(() => StateHandler.onSignal(Quota, 5 as never), /it must be a function/)
  assert.throws(() => Audit.layer(5 as never), /Cannot define handler "test\/Audit"/)
})

it("3.25 a timeout or a policy that cannot be one is refused", () => {
  const define = (options: object) => StateHandler.make(() => Effect.void, options)
  assert.throws(
    () => define({ name: "alert", timeout: 0 }),
    'Cannot define handler "alert": its timeout must be a duration above zero (0)'
  )
  assert.throws(
    () => define({ name: "alert", timeout: "soon" }),
    'Cannot define handler "alert": its timeout must be a duration above zero ("soon")'
  )
  assert.throws(
    () => define({ name: "alert", policy: "shrug" }),
    /Cannot define handler "alert": its policy must be/
  )
})

it.effect("3.26 a handler may suspend; the run goes on when it has answered", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const slow = StateHandler.make((_subject, _oldState, newState) =>
      Effect.gen(function* () {
        yield* Effect.sleep("10 seconds")
        order.push(`told of ${newState._tag}`)
        return newState
      })
    )
    const { timed } = yield* runTask(Task.make("task", {
      handlers: [slow],
      run: () => Effect.sync(() => void order.push("body"))
    }))
    assert.deepStrictEqual(order, ["told of Running", "body", "told of Success"])
    assert.deepStrictEqual(timed, [`10s Pending() → ${running}`, `20s ${running} → ${succeeded}`])
  }))

it.effect("3.26 what a handler took is in the time of the change, whatever else waits", () =>
  Effect.gen(function* () {
    const slow = StateHandler.make(() => Effect.sleep("10 seconds"))
    const retried = Task.make("retried", {
      maxRetries: 1,
      retryDelay: "1 hour",
      run: () => Effect.fail("no")
    })
    const flow = Flow.make("flow", function* () {
      yield* retried()
      yield* Task.make("slow", { handlers: [slow], run: () => Effect.void })()
    })
    const { timed } = yield* watch(Flow.run(flow, { concurrency: 2 }))
    assert.deepStrictEqual(timed("slow"), [
      `10s Pending() → ${running}`,
      `20s ${running} → ${succeeded}`
    ])
  }))

it.effect("3.26 a retry that a handler asks for after a while is due when it asks", () =>
  Effect.gen(function* () {
    const askLater = StateHandler.make((_subject, _oldState, newState) =>
      State.isFailed(newState)
        ? Effect.delay(Effect.succeed(State.retrying()), "10 seconds")
        : Effect.void
    )
    let attempts = 0
    const flow = Flow.make("flow", function* () {
      yield* Task.make("waits", {
        maxRetries: 1,
        retryDelay: "1 hour",
        run: () => Effect.fail("no")
      })()
      yield* Task.make("asks", {
        handlers: [askLater],
        run: () => Effect.suspend(() => ++attempts === 2 ? Effect.void : Effect.fail("no"))
      })()
    })
    const { transitions } = yield* watch(Flow.run(flow, { concurrency: 2 }))
    const asked = transitions.find(({ subject, to }) =>
      subject.name === "asks" && State.isRetrying(to)
    )
    assert.strictEqual(State.dueTime(asked!.to), 10_000)
  }))

// -----------------------------------------------------------------------------
// Flows
// -----------------------------------------------------------------------------

const flowWith = (handlers: ReadonlyArray<StateHandler.Any>) =>
  Flow.make("flow", { handlers }, function* () {
    return yield* Task.make("task", { run: () => Effect.succeed(1) })()
  })

it.effect("3.27 the handlers of a flow hear the flow, those of a task the task", () =>
  Effect.gen(function* () {
    const [own, tasks] = [noting(), noting()]
    const flow = Flow.make("flow", { handlers: [own.handler] }, function* () {
      yield* Task.make("task", { handlers: [tasks.handler], run: () => Effect.void })()
    })
    yield* watch(Flow.run(flow))
    assert.deepStrictEqual(own.told, [
      '<Flow: name=flow> Scheduled() to Running("Running flow.")',
      '<Flow: name=flow> Running("Running flow.") to Success("All reference tasks succeeded.")'
    ])
    assert.isTrue(tasks.told.every((line) => line.startsWith("<Task: task>")))
  }))

it.effect("3.28 the trouble of a flow's handlers fails the flow, and loses no task state", () =>
  Effect.gen(function* () {
    const { run } = yield* watch(Flow.run(flowWith([raising("Success", new Error("down"))])))
    assert.strictEqual(
      String(run.state),
      "Failed(\"Unexpected error while calling state handlers: Error('down')\")"
    )
    assert.strictEqual(run.stateOf("task").result, 1)
  }))

it.effect("3.28 a flow's handler may replace its final state, by itself or with a signal", () =>
  Effect.gen(function* () {
    const failed = State.failed({ message: "too few rows" })
    const handlers = [
      replacing("Success", () => failed),
      raising("Success", Signal.fail("too few rows")),
      raising("Success", Signal.endRun(failed))
    ]
    for (const handler of handlers) {
      const { run } = yield* watch(Flow.run(flowWith([handler])))
      assert.strictEqual(String(run.state), 'Failed("too few rows")')
      assert.strictEqual(run.stateOf("task").result, 1)
    }
  }))

it.effect("3.29 a flow whose handlers do not let it run ends with the state they left", () =>
  Effect.gen(function* () {
    const states = [State.failed({ message: "closed" }), State.skipped(), State.cancelled()]
    for (const state of states) {
      const { run } = yield* watch(Flow.run(flowWith([replacing("Running", () => state)])))
      assert.strictEqual(run.state, state as never)
      assert.strictEqual(run.stateOf("task")._tag, "Pending")
    }
    const { run } = yield* watch(Flow.run(flowWith([raising("Running", new Error("closed"))])))
    assert.strictEqual(
      String(run.state),
      "Failed(\"Unexpected error while calling state handlers: Error('closed')\")"
    )
  }))

it.effect("3.29 a flow that its handlers leave unfinished ends there all the same", () =>
  Effect.gen(function* () {
    const veto = replacing("Running", (_newState, oldState) => oldState)
    const vetoed = yield* watch(Flow.run(flowWith([veto])))
    assert.strictEqual(vetoed.run.state._tag, "Scheduled")
    assert.strictEqual(vetoed.run.stateOf("task")._tag, "Pending")

    const kept = replacing("Success", (_newState, oldState) => oldState)
    const running = yield* watch(Flow.run(flowWith([kept])))
    assert.strictEqual(
      String(running.run.state),
      'Failed("Cannot finish flow "flow": nothing can move any more: ' +
        'the flow was left in Running("Running flow.") by a handler")'
    )
    assert.instanceOf(running.run.state.result, Flow.FlowStalled)
    assert.strictEqual(running.run.stateOf("task")._tag, "Success")
  }))

it.effect("3.30 an interceptor stands between the engine and every handler", () =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    const interceptor: StateHandler.Interceptor = (handler, { subject, to }, call) => {
      seen.push(`${handler} ${subject} ${to._tag}`)
      return State.isSuccessful(to) ? Effect.fail(new Error("injected")) : call()
    }
    const named = StateHandler.make(() => Effect.void, { name: "named" })
    const task = Task.make("task", { handlers: [named], run: () => Effect.void })
    const { state } = yield* Effect.provideService(
      runTask(task),
      StateHandler.Interceptor,
      interceptor
    )
    assert.deepStrictEqual(seen, ["named <Task: task> Running", "named <Task: task> Success"])
    assert.match(String(state), /Error\('injected'\)/)
  }))

it.effect("3.1 a handler finds the run it is called for", () =>
  Effect.gen(function* () {
    const names: Array<string | undefined> = []
    const handler = StateHandler.make(() =>
      Effect.map(RunContext.RunContext, ({ taskName }) => void names.push(taskName))
    )
    yield* runTask(Task.make("task", { handlers: [handler], run: () => Effect.void }))
    assert.deepStrictEqual(names, ["task", "task"])
  }))

it.effect("3.24 a handler with services of its own runs within the span of the run", () =>
  Effect.gen(function* () {
    class Told extends StateHandler.Service<Told>()("Told") {}
    const spans: Array<string> = []
    const layer = Told.layer(() =>
      Effect.map(Effect.orDie(Effect.currentSpan), ({ name }) => {
        spans.push(name)
      })
    )
    const flow = Flow.make("flow", { handlers: [Told] }, function* () {
      yield* Task.make("task", { run: () => Effect.void })()
    })
    const context = yield* Effect.withSpan(Layer.build(layer), "startup")
    yield* Effect.withSpan(Effect.provide(Flow.run(flow), context), "request")
    assert.deepStrictEqual(spans, ["request", "request"])
  }).pipe(Effect.scoped))
