import { assert, it } from "@effect/vitest"
import { Cause, Clock, Deferred, Effect, Fiber, Latch, Random } from "effect"
import { TestClock } from "effect/testing"
import { Flow, Signal, State, StateHandler, Task, Transition, Trigger } from "signalbox"
import { inMicrotasks } from "./fixtures/microtasks.ts"
import { day, hour, inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const running = 'Running("Starting task run.")'

// -----------------------------------------------------------------------------
// Order and concurrency
// -----------------------------------------------------------------------------

/** A task that notes its name when it begins and when it ends, a minute later. */
const noting = (name: string, notes: Array<string>) =>
  Task.make(name, {
    run: Effect.fnUntraced(function* () {
      notes.push(`${name} begins`)
      yield* Effect.sleep("1 minute")
      notes.push(`${name} ends`)
    })
  })

it.effect("10.1 tasks run one at a time, in the order in which they were written", () =>
  Effect.gen(function* () {
    const notes: Array<string> = []
    const flow = Flow.make("flow", function* () {
      const a = yield* noting("a", notes)()
      const b = yield* noting("b", notes)()
      yield* noting("c", notes)({}, { after: [b] })
      yield* noting("d", notes)({}, { after: [a] })
      yield* noting("e", notes)()
    })
    yield* watch(Flow.run(flow))
    assert.deepStrictEqual(
      notes,
      ["a", "b", "c", "d", "e"].flatMap((name) => [`${name} begins`, `${name} ends`])
    )
  }))

it.effect("10.1 a task that becomes ready goes before those that were written after it", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const step = (name: string) =>
      Task.make(name, { run: () => Effect.sync(() => void order.push(name)) })
    yield* Flow.run(Flow.make("flow", function* () {
      const last = yield* step("needs first")()
      const first = yield* step("first")()
      yield* step("free")()
      yield* Flow.edge(first, last)
    }))
    assert.deepStrictEqual(order, ["first", "needs first", "free"])
  }))

/** Runs so many tasks, of a minute each; how many were under way at most, and how long it took. */
const crowd = (
  size: number,
  concurrency?: number | "unbounded",
  body: Effect.Effect<unknown> = Effect.sleep("1 minute")
) =>
  Effect.gen(function* () {
    let now = 0
    let most = 0
    const task = Task.make("task", {
      run: () =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            most = Math.max(most, ++now)
          }),
          () => body,
          () =>
            Effect.sync(() => {
              now--
            })
        )
    })
    const flow = Flow.make("crowd", function* () {
      for (let i = 0; i < size; i++) yield* task()
    })
    const options = concurrency === undefined ? {} : { concurrency }
    const minutes = yield* inVirtualTime(Effect.gen(function* () {
      const run = yield* Flow.run(flow, options)
      assert.strictEqual(run.state._tag, "Success")
      return (yield* Clock.currentTimeMillis) / 60_000
    }))
    return { most, minutes }
  })

it.effect("10.2 as many bodies run at a time as the concurrency says", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* crowd(10), { most: 1, minutes: 10 })
    assert.deepStrictEqual(yield* crowd(10, 1), { most: 1, minutes: 10 })
    assert.deepStrictEqual(yield* crowd(10, 2), { most: 2, minutes: 5 })
    assert.deepStrictEqual(yield* crowd(10, 4), { most: 4, minutes: 3 })
    assert.deepStrictEqual(yield* crowd(10, 100), { most: 10, minutes: 1 })
    assert.deepStrictEqual(yield* crowd(1000, "unbounded"), { most: 1000, minutes: 1 })
  }))

it.effect("10.16 what is under way gets a turn before all of a crowd is started", () =>
  Effect.gen(function* () {
    const { most } = yield* crowd(10_000, "unbounded", Effect.yieldNow)
    assert.isBelow(most, 5000)
    assert.isAbove(most, 100)
  }))

it.effect("10.2 room that becomes free is taken at once", () =>
  Effect.gen(function* () {
    const sleeper = (name: string, minutes: number) =>
      Task.make(name, { run: () => Effect.sleep(minutes * 60_000) })
    const flow = Flow.make("flow", function* () {
      yield* sleeper("long", 10)()
      yield* sleeper("short", 1)()
      yield* sleeper("next", 1)()
      yield* sleeper("last", 1)()
    })
    const { timed } = yield* watch(Flow.run(flow, { concurrency: 2 }))
    assert.match(timed("next")[0]!, /^60s /)
    assert.match(timed("last")[0]!, /^120s /)
  }))

const flaky = (name: string, retryDelay: number, after: Effect.Effect<unknown> = Effect.void) => {
  let calls = 0
  return Task.make(name, {
    maxRetries: 1,
    retryDelay,
    run: () =>
      Effect.andThen(
        after,
        Effect.suspend(() => ++calls === 1 ? Effect.fail("no") : Effect.succeed(calls))
      )
  })
}

it.effect("10.3 a task that waits for its next attempt takes no room from others", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* flaky("flaky", day)()
      yield* Task.make("other", { run: () => Effect.sleep("1 hour") })()
    })
    const { timed } = yield* watch(Flow.run(flow))
    assert.match(timed("other")[1]!, /^3600s /)
    assert.match(timed("flaky").at(-1)!, /^86400s .*Success/)
  }))

it.effect("10.4 a due attempt begins at its time, whatever else is running", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* flaky("flaky", hour)()
      yield* flaky("later", 3 * hour)()
      yield* Task.make("long", { run: () => Effect.sleep("10 days") })()
    })
    const { timed } = yield* watch(Flow.run(flow, { concurrency: 2 }))
    assert.match(timed("flaky").at(-1)!, /^3600s .*Success/)
    assert.match(timed("later").at(-1)!, /^10800s .*Success/)
    assert.match(timed("long").at(-1)!, /^864000s /)
  }))

it.effect("10.4 with room for one, a due attempt begins when the one under way has ended", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* flaky("flaky", hour)()
      yield* Task.make("long", { run: () => Effect.sleep("1 day") })()
      yield* Task.make("last", { run: () => Effect.void })()
    })
    const { timed, transitions } = yield* watch(Flow.run(flow))
    assert.match(timed("flaky").at(-1)!, /^86400s .*Success/)
    const ends = transitions.filter(({ subject, to }) =>
      subject._tag === "Task" && State.isSuccessful(to)
    )
    assert.deepStrictEqual(ends.map(({ subject }) => subject.name), ["long", "flaky", "last"])
  }))

// -----------------------------------------------------------------------------
// Size
// -----------------------------------------------------------------------------

const many = 100_000
const generous = 120_000

const increment = Task.make("increment", {
  run: ({ n }: { readonly n: number }) => Effect.succeed(n + 1)
})
const suspending = Task.make("suspending", {
  run: ({ n }: { readonly n: number }) => Effect.as(Effect.yieldNow, n + 1)
})

const chainOf = (task: typeof increment) =>
  Flow.make("chain", function* () {
    let last: Task.Input<number> = 0
    for (let i = 0; i < many; i++) last = yield* task({ n: last })
    return last
  })

const crowdOf = (task: typeof increment) =>
  Flow.make("crowd", function* () {
    for (let i = 0; i < many; i++) yield* task({ n: i })
  })

it.live("10.5 a chain of 100,000 tasks runs without overflow", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(chainOf(increment))
    assert.strictEqual(run.state.result, many)
  }), generous)

it.live(
  "10.5 a chain of 100,000 tasks that suspend runs without overflow",
  () =>
    Effect.gen(function* () {
      for (const concurrency of [1, "unbounded"] as const) {
        const run = yield* inMicrotasks(Flow.run(chainOf(suspending), { concurrency }))
        assert.strictEqual(run.state.result, many)
      }
    }),
  generous
)

it.live("10.5 a crowd of 100,000 tasks runs without overflow", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, 8, "unbounded"] as const) {
      const run = yield* Flow.run(crowdOf(increment), { concurrency })
      assert.strictEqual(run.state._tag, "Success")
      assert.strictEqual(run.stateOf("increment-100000").result, many)
    }
  }), generous)

it.live(
  "10.5 a crowd of 100,000 tasks that suspend runs without overflow",
  () =>
    Effect.gen(function* () {
      for (const concurrency of [1, 8, "unbounded"] as const) {
        const run = yield* inMicrotasks(Flow.run(crowdOf(suspending), { concurrency }))
        assert.strictEqual(run.state._tag, "Success")
      }
    }),
  generous
)

it.live(
  "10.5 one task that gathers 100,000 others runs without overflow",
  () =>
    Effect.gen(function* () {
      const sum = Task.make("sum", {
        run: ({ numbers }: { readonly numbers: ReadonlyArray<number> }) =>
          Effect.succeed(numbers.reduce((total, n) => total + n, 0))
      })
      const flow = Flow.make("gather", function* () {
        const refs: Array<Task.Ref<number>> = []
        for (let i = 0; i < many; i++) refs.push(yield* increment({ n: 0 }))
        return yield* sum({ numbers: refs })
      })
      const run = yield* Flow.run(flow)
      assert.strictEqual(run.state.result, many)
    }),
  generous
)

it.live(
  "10.5 100,000 handlers that suspend are called without overflow",
  () =>
    Effect.gen(function* () {
      let calls = 0
      const handler = StateHandler.make(() => Effect.as(Effect.yieldNow, void calls++))
      yield* inMicrotasks(
        Effect.provide(Flow.run(crowdOf(increment)), StateHandler.layer(handler))
      )
      assert.strictEqual(calls, 2 * many + 2)
    }),
  generous
)

// -----------------------------------------------------------------------------
// The state of the flow
// -----------------------------------------------------------------------------

const fine = Task.make("fine", { run: () => Effect.succeed(1) })
const broken = (name: string) => Task.make(name, { run: () => Effect.fail(new Error(name)) })
const rescue = Task.make("rescue", {
  trigger: Trigger.allFinished,
  run: () => Effect.succeed("rescued")
})

it.effect("10.6 the tasks that nothing depends on decide the state of the flow", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(Flow.make("flow", function* () {
      yield* rescue({}, { after: [yield* broken("a")()] })
    }))
    assert.strictEqual(String(run.state), 'Success("All reference tasks succeeded.")')
    const failed = yield* Flow.run(Flow.make("flow", function* () {
      yield* rescue()
      yield* broken("a")()
    }))
    assert.strictEqual(String(failed.state), 'Failed("Some reference tasks failed.")')
  }))

it.effect("10.6 reference tasks that are named decide alone", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(Flow.make("flow", function* () {
      const a = yield* broken("a")()
      yield* rescue({}, { after: [a] })
      yield* Flow.referenceTasks(a)
    }))
    assert.strictEqual(run.state._tag, "Failed")
    const good = yield* Flow.run(Flow.make("flow", function* () {
      yield* broken("a")()
      yield* Flow.referenceTasks(yield* fine())
    }))
    assert.strictEqual(good.state._tag, "Success")
  }))

it.effect("10.6 a flow without tasks, or with reference tasks that are none, succeeds", () =>
  Effect.gen(function* () {
    const empty = yield* Flow.run(Flow.make("empty", function* () {}))
    assert.strictEqual(String(empty.state), 'Success("All reference tasks succeeded.")')
    const none = yield* Flow.run(Flow.make("none", function* () {
      yield* broken("a")()
      yield* Flow.referenceTasks()
    }))
    assert.strictEqual(String(none.state), 'Success("All reference tasks succeeded.")')
  }))

it.effect("10.7 a failed flow has the first failure as result and all in its cause", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(Flow.make("flow", function* () {
      yield* fine()
      yield* broken("a")()
      yield* broken("b")()
    }))
    assert.isTrue(State.isFailed(run.state))
    assert.strictEqual((run.state.result as unknown as Error).message, "a")
    const messages = Cause.prettyErrors((run.state as State.Failed).cause!).map((error) =>
      error.message
    )
    assert.deepStrictEqual(messages, ["a", "b"])
  }))

it.effect("10.8 a flow of which none failed but not all succeeded", () =>
  Effect.gen(function* () {
    for (const state of [State.cancelled(), State.finished()]) {
      const run = yield* Flow.run(Flow.make("flow", function* () {
        yield* Task.make("task", { run: () => Effect.fail(Signal.endRun(state)) })()
        yield* fine()
      }))
      assert.strictEqual(String(run.state), 'Success("No reference tasks failed.")')
    }
  }))

it.effect("10.15 a run that is left in a state around another goes on with the inner one", () =>
  Effect.gen(function* () {
    const wraps = [
      State.queued(),
      State.submitted({ state: State.pending() }),
      State.clientFailed({ state: State.scheduled({ startTime: 3_600_000 }) })
    ]
    for (const wrapping of wraps) {
      let times = 0
      const once = StateHandler.make((_subject, _oldState, newState) =>
        Effect.succeed(State.isRunning(newState) && times++ === 0 ? wrapping : newState)
      )
      const task = Task.make("task", { handlers: [once], run: () => Effect.succeed(1) })
      const flow = Flow.make("flow", function* () {
        return yield* task()
      })
      const fiber = yield* Effect.forkChild(Flow.run(flow))
      yield* TestClock.adjust("1 hour")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.state.result, 1, String(wrapping))
      assert.strictEqual(times, 2)
    }
  }))

// -----------------------------------------------------------------------------
// Interruption
// -----------------------------------------------------------------------------

/** Starts a flow of a task that never ends, interrupts it, and gives what was heard. */
const interrupted = (
  concurrency: number,
  options: {
    readonly handler?: StateHandler.StateHandler
    readonly tasks?: number
  } = {}
) =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    let cleaned = 0
    const begun = Latch.makeUnsafe()
    const body = Effect.onInterrupt(
      Effect.andThen(begun.open, Effect.never),
      () => Effect.sync(() => void cleaned++)
    )
    const handler = StateHandler.make((subject, _oldState, newState) =>
      Effect.sync(() => void heard.push(`${subject} ${newState}`))
    )
    const transitions: Array<Transition.Transition> = []
    const observer = Transition.layer((transition) =>
      Effect.sync(() => void transitions.push(transition))
    )
    const handlers = [handler, ...options.handler === undefined ? [] : [options.handler]]
    const flow = Flow.make("flow", { handlers: [handler] }, function* () {
      const done = yield* Task.make("done", { handlers: [handler], run: () => Effect.void })()
      for (let i = 0; i < (options.tasks ?? 1); i++) {
        const task = Task.make("task", { handlers, run: () => body })
        yield* Task.make("next", { handlers: [handler], run: () => Effect.void })({}, {
          after: [done, yield* task()]
        })
      }
    })
    const fiber = yield* Effect.forkChild(
      Effect.provide(Flow.run(flow, { concurrency }), observer)
    )
    yield* begun.await
    yield* Effect.yieldNow
    const heardBefore = heard.length
    const stopping = yield* Effect.forkChild(Fiber.interrupt(fiber))
    yield* TestClock.adjust("1 minute")
    assert.isDefined(stopping.pollUnsafe(), "the interruption hangs")
    const exit = fiber.pollUnsafe()
    return {
      heard: heard.slice(heardBefore),
      cleaned,
      transitions,
      isInterrupted: exit?._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause),
      now: yield* Clock.currentTimeMillis
    }
  })

it.effect("10.9 an interrupted run interrupts its bodies, and handlers and observers hear of it", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, 3]) {
      const { cleaned, heard, isInterrupted, transitions } = yield* interrupted(concurrency)
      assert.isTrue(isInterrupted)
      assert.strictEqual(cleaned, 1)
      assert.deepStrictEqual(heard, [
        '<Task: task> Cancelled("Flow run was interrupted.")',
        '<Flow: name=flow> Cancelled("Flow run was interrupted.")'
      ])
      assert.deepStrictEqual(
        transitions.slice(-2).map(({ from, to }) => `${from} → ${to}`),
        [
          `${running} → Cancelled("Flow run was interrupted.")`,
          'Running("Running flow.") → Cancelled("Flow run was interrupted.")'
        ]
      )
    }
  }))

it.effect("10.9 all bodies that are under way are interrupted", () =>
  Effect.gen(function* () {
    const { cleaned, heard } = yield* interrupted(50, { tasks: 50 })
    assert.strictEqual(cleaned, 50)
    assert.strictEqual(heard.length, 51)
  }))

it.effect("10.9 bodies are interrupted too where no handler had to be waited for", () =>
  Effect.gen(function* () {
    let cleaned = 0
    const body = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void cleaned++))
    const task = Task.make("task", { run: () => body })
    const flow = Flow.make("flow", function* () {
      yield* task()
      yield* task()
    })
    const fiber = yield* Effect.forkChild(Flow.run(flow, { concurrency: 2 }))
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    assert.strictEqual(cleaned, 2)
  }))

it.effect("10.9 a run that waits for its next attempt hears of it too", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const handler = StateHandler.make((subject, _oldState, newState) =>
      Effect.sync(() => void (State.isCancelled(newState) && heard.push(String(subject))))
    )
    const flow = Flow.make("flow", { handlers: [handler] }, function* () {
      yield* Task.make("task", {
        handlers: [handler],
        maxRetries: 1,
        retryDelay: "1 day",
        run: () => Effect.fail("no")
      })()
    })
    const fiber = yield* Effect.forkChild(Flow.run(flow))
    yield* TestClock.adjust("1 hour")
    yield* Fiber.interrupt(fiber)
    assert.deepStrictEqual(heard, ["<Task: task>", "<Flow: name=flow>"])
  }))

it.effect("10.9 a run is interrupted from inside a handler's wait as well", () =>
  Effect.gen(function* () {
    const entered = yield* Deferred.make<void>()
    const flow = Flow.make("flow", function* () {
      yield* Task.make("task", {
        handlers: [
          StateHandler.make((_subject, _oldState, newState) =>
            State.isRunning(newState)
              ? Effect.andThen(Deferred.succeed(entered, undefined), Effect.never)
              : Effect.void
          )
        ],
        run: () => Effect.void
      })()
    })
    const fiber = yield* Effect.forkChild(Flow.run(flow))
    yield* Deferred.await(entered)
    yield* Fiber.interrupt(fiber)
    assert.isDefined(fiber.pollUnsafe())
  }))

it.effect("10.10 a handler that hangs then does not keep the interruption from ending", () =>
  Effect.gen(function* () {
    const hanging = StateHandler.make((_subject, _oldState, newState) =>
      State.isCancelled(newState) ? Effect.never : Effect.void
    )
    for (const concurrency of [1, 3]) {
      const { cleaned, isInterrupted } = yield* interrupted(concurrency, { handler: hanging })
      assert.isTrue(isInterrupted)
      assert.strictEqual(cleaned, 1)
    }
  }))

it.effect("10.10 a handler that hangs then keeps nobody else from hearing of it", () =>
  Effect.gen(function* () {
    const hanging = StateHandler.make((_subject, _oldState, newState) =>
      State.isCancelled(newState) ? Effect.never : Effect.void
    )
    const { heard } = yield* interrupted(1, { handler: hanging })
    assert.include(heard, '<Flow: name=flow> Cancelled("Flow run was interrupted.")')
  }))

it.effect("10.10 a handler that breaks then keeps nobody else from hearing of it", () =>
  Effect.gen(function* () {
    const breaking = StateHandler.make((_subject, _oldState, newState) =>
      State.isCancelled(newState) ? Effect.die("broken") : Effect.void
    )
    const { heard, isInterrupted } = yield* interrupted(1, { handler: breaking })
    assert.isTrue(isInterrupted)
    assert.include(heard, '<Flow: name=flow> Cancelled("Flow run was interrupted.")')
  }))

/** Raises a signal time after time; ends by itself only after very many. */
const raisingOften = (name: string, signal: Signal.Signal) => {
  let left = 500_000
  return Task.make(name, {
    run: () => Effect.suspend(() => left-- > 0 ? Effect.fail(signal) : Effect.void)
  })
}

it.live(
  "10.13 a run of many immediate tasks, attempts or rounds can be interrupted",
  () =>
    Effect.gen(function* () {
      const flows = [
        crowdOf(increment),
        Flow.make("retrying", function* () {
          yield* raisingOften("retrying", Signal.retry())()
        }),
        Flow.make("looping", function* () {
          yield* raisingOften("looping", Signal.loop())()
        })
      ]
      for (const flow of flows) {
        const outcome = yield* Effect.timeoutOption(Flow.run(flow), "5 millis")
        assert.strictEqual(outcome._tag, "None", flow.name)
      }
    }),
  10_000
)

// -----------------------------------------------------------------------------
// Stalls
// -----------------------------------------------------------------------------

const stalledBy = (state: State.State): Flow.FlowStalled => {
  assert.strictEqual(state._tag, "Failed", String(state))
  assert.instanceOf(state.result, Flow.FlowStalled)
  assert.strictEqual(state.message, state.result.message)
  return state.result
}

it.effect("10.11 a task that is paused with nobody to approve it", () =>
  Effect.gen(function* () {
    const { changes, run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      const gate = yield* Task.make("gate", {
        trigger: Trigger.manualOnly,
        run: () => Effect.void
      })()
      const next = yield* fine({}, { after: [gate] })
      yield* rescue({}, { after: [next] })
      yield* Task.make("other", { run: () => Effect.void })()
    })))
    const error = stalledBy(run.state as State.State)
    assert.strictEqual(error._tag, "FlowStalled")
    assert.strictEqual(error.flow, "flow")
    assert.deepStrictEqual(error.waiting, [
      '"gate-1" is Paused("Trigger function is "manual_only"") and waits for an approval',
      '"fine-1" waits for "gate-1"',
      '"rescue-1" waits for "fine-1"'
    ])
    assert.strictEqual(
      error.message,
      `Cannot finish flow "flow": nothing can move any more: ${error.waiting.join("; ")}`
    )
    assert.strictEqual(run.stateOf("gate")._tag, "Paused")
    assert.strictEqual(run.stateOf("other")._tag, "Success")
    assert.deepStrictEqual(changes("fine"), [])
  }))

/** A flow of a task whose handler answers with something else; gives up only after very long. */
const answering = (answer: (oldState: State.State) => State.State, kind: State.Tag) => {
  let left = 10_000
  return Flow.make("flow", function* () {
    yield* Task.make("task", {
      handlers: [
        StateHandler.make((_subject, oldState, newState) =>
          Effect.succeed(newState._tag === kind && left-- > 0 ? answer(oldState) : newState)
        )
      ],
      run: () => Effect.void
    })()
  })
}

it.effect("10.11 a handler that vetoes for ever", () =>
  Effect.gen(function* () {
    for (const answer of [(oldState: State.State) => oldState, () => State.pending()]) {
      const { run } = yield* watch(Flow.run(answering(answer, "Running")))
      assert.deepStrictEqual(stalledBy(run.state as State.State).waiting, [
        '"task-1" was sent back to Pending() 100 times in a row'
      ])
    }
  }))

it.effect("10.11 a handler that vetoes the end of a task for ever", () =>
  Effect.gen(function* () {
    const { run } = yield* watch(Flow.run(answering(() => State.pending(), "Success")))
    stalledBy(run.state as State.State)
  }), 5000)

it.effect(
  "10.11 a handler that sends its task back to now for ever",
  () =>
    Effect.gen(function* () {
      const answers = [() => State.scheduled(), () => State.retrying(), () => State.resume()]
      for (const answer of answers) {
        const { run } = yield* watch(Flow.run(answering(answer, "Running")))
        stalledBy(run.state as State.State)
      }
    }),
  5000
)

it.effect("10.11 a task that is left running, or to wait for a time that never comes", () =>
  Effect.gen(function* () {
    const kept = yield* watch(Flow.run(answering((oldState) => oldState, "Success")))
    assert.deepStrictEqual(stalledBy(kept.run.state as State.State).waiting, [
      `"task-1" was left in ${running} with no time to go on`
    ])
    const never = yield* watch(
      Flow.run(answering(() => State.scheduled({ startTime: null }), "Running"))
    )
    assert.deepStrictEqual(stalledBy(never.run.state as State.State).waiting, [
      '"task-1" was left in Scheduled() with no time to go on'
    ])
  }))

it.effect(
  "10.11 a vetoed task does not stall a flow in which others move",
  () =>
    Effect.gen(function* () {
      let open = false
      const opener = Task.make("opener", {
        run: () =>
          Effect.andThen(
            Effect.sleep("1 hour"),
            Effect.sync(() => {
              open = true
            })
          )
      })
      const gated = Task.make("gated", {
        handlers: [
          StateHandler.make((_subject, oldState, newState) =>
            Effect.succeed(State.isRunning(newState) && !open ? oldState : newState)
          )
        ],
        run: () => Effect.void
      })
      for (const concurrency of [1, 2]) {
        open = false
        const { run } = yield* watch(Flow.run(
          Flow.make("flow", function* () {
            yield* gated()
            yield* opener()
          }),
          { concurrency }
        ))
        assert.strictEqual(run.state._tag, "Success", `concurrency ${concurrency}: ${run.state}`)
      }
    }),
  5000
)

it.effect("10.11 the message of a stalled flow names twenty tasks at most", () =>
  Effect.gen(function* () {
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      for (let i = 0; i < 30; i++) {
        yield* Task.make("gate", { trigger: Trigger.manualOnly, run: () => Effect.void })()
      }
    })))
    const { message, waiting } = stalledBy(run.state as State.State)
    assert.strictEqual(waiting.length, 30)
    assert.isTrue(message.endsWith("; and 10 more"))
    assert.include(message, '"gate-20"')
    assert.notInclude(message, '"gate-21"')
  }))

it.effect("10.11 the handlers of a stalled flow hear of it", () =>
  Effect.gen(function* () {
    const { changes } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* Task.make("gate", { trigger: Trigger.manualOnly, run: () => Effect.void })()
    })))
    assert.match(changes()[1]!, /^Running\("Running flow\."\) → Failed\("Cannot finish flow "flow"/)
  }))

// -----------------------------------------------------------------------------
// Independence
// -----------------------------------------------------------------------------

it.effect("10.12 runs of one flow share nothing", () =>
  Effect.gen(function* () {
    let calls = 0
    const flow = Flow.make("flow", function* () {
      return yield* Task.make("task", {
        maxRetries: 1,
        retryDelay: "1 hour",
        run: () =>
          Effect.suspend(() => ++calls % 2 === 1 ? Effect.fail("no") : Effect.succeed(calls))
      })()
    })
    const first = yield* watch(Flow.run(flow))
    const second = yield* watch(Flow.run(flow))
    assert.deepStrictEqual(first.changes("task"), second.changes("task"))
    assert.deepStrictEqual([first.run.state.result, second.run.state.result], [2, 4])
    assert.notStrictEqual(first.run.flowRunId, second.run.flowRunId)
  }))

it.effect("10.12 a flow can run many times at the same time", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const one = yield* Task.make("one", { run: () => Effect.as(Effect.sleep("1 hour"), 1) })()
      return yield* increment({ n: one })
    })
    const runs = yield* inVirtualTime(
      Effect.all(Array.from({ length: 50 }, () => Flow.run(flow)), { concurrency: "unbounded" })
    )
    assert.isTrue(runs.every(({ state }) => state.result === 2))
    assert.strictEqual(new Set(runs.map(({ flowRunId }) => flowRunId)).size, 50)
  }))

it.effect("10.12 the id of a run is fixed by the seed", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {})
    const idOf = (seed: string) =>
      Effect.map(Random.withSeed(Flow.run(flow), seed), ({ flowRunId }) => flowRunId)
    assert.strictEqual(yield* idOf("a"), yield* idOf("a"))
    assert.notStrictEqual(yield* idOf("a"), yield* idOf("b"))
    assert.match(
      yield* idOf("a"),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    )
  }))

it.effect("10.10 each run has its time to be heard of, whatever the others take", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const hanging = StateHandler.make((subject, _oldState, newState) =>
      State.isCancelled(newState)
        ? subject.name === "a" ? Effect.never : Effect.sync(() => void heard.push(subject.name))
        : Effect.void
    )
    const flow = Flow.make("flow", function* () {
      for (const name of ["a", "b", "c"]) yield* Task.make(name, { run: () => Effect.never })()
    })
    const running = Flow.run(flow, { concurrency: 3 })
    yield* inVirtualTime(Effect.timeoutOption(
      Effect.provide(running, StateHandler.layer(hanging)),
      "1 hour"
    ))
    assert.deepStrictEqual(heard, ["b", "c", "flow"])
  }))

it.effect("10.9 a run hears of it once, whatever became of its attempts before", () =>
  Effect.gen(function* () {
    let told = 0
    const staying = StateHandler.make((_subject, oldState, newState) => {
      if (!State.isCancelled(newState)) return Effect.void
      told++
      return Effect.succeed(oldState)
    })
    const flow = Flow.make("flow", function* () {
      let attempts = 0
      yield* Task.make("task", {
        maxRetries: 1,
        retryDelay: "1 minute",
        handlers: [staying],
        run: () => Effect.suspend(() => attempts++ === 0 ? Effect.fail("no") : Effect.never)
      })()
    })
    yield* inVirtualTime(Effect.timeoutOption(Flow.run(flow), "1 hour"))
    assert.strictEqual(told, 1)
  }))

it.effect("10.7, 10.11 many that failed or wait are gathered as fast as few", () =>
  Effect.gen(function* () {
    const items = Array.from({ length: 50_000 }, (_, i) => i)
    const flow = Flow.make("flow", function* () {
      yield* Task.map(
        Task.make("item", { run: ({ n }: { readonly n: number }) => Effect.fail(n) }),
        { n: items }
      )
    })
    const { state } = yield* Flow.run(flow)
    assert.lengthOf((state as State.Failed).cause!.reasons, items.length)
    const paused = Flow.make("paused", function* () {
      const pause = Task.make("pause", { run: () => Effect.fail(Signal.pause()) })
      for (let i = 0; i < 20_000; i++) yield* pause()
    })
    const stalled = (yield* Flow.run(paused)).state.result as Flow.FlowStalled
    assert.lengthOf(stalled.waiting, 20_000)
    assert.include(stalled.waiting[19_999], "waits for an approval")
  }))
