import { assert, it } from "@effect/vitest"
import { Cause, Clock, DateTime, Duration, Effect, Schedule } from "effect"
import { Flow, RunContext, Signal, State, StateHandler, Task, Trigger } from "signalbox"
import { inMicrotasks } from "./fixtures/microtasks.ts"
import { signalTable } from "./fixtures/signalTable.ts"
import { day, inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const running = 'Running("Starting task run.")'
const succeeded = 'Success("Task run succeeded.")'

type Body<A, E> = (attempt: number) => Effect.Effect<A, E, RunContext.RunContext>

/** Runs one task alone; its body is told which call this is, 1 for the first. */
const runTask = <A, E>(
  body: Body<A, E>,
  options: Partial<Task.Options<void, A, E, never, [], never, never, never, never>> = {}
) =>
  Effect.gen(function* () {
    let calls = 0
    const task = Task.make("task", {
      ...options as {},
      run: () => Effect.suspend(() => body(++calls))
    })
    const { changes, run, timed } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    return {
      calls,
      changes: changes("task"),
      timed: timed("task"),
      state: run.stateOf("task-1") as State.State,
      flow: run.state as State.State
    }
  })

const always = <E>(error: E) => () => Effect.fail(error)
const failUntil = (attempt: number) => (call: number) =>
  call < attempt ? Effect.fail(new Error(`attempt ${call}`)) : Effect.succeed(call)

const attemptTimes = (timed: ReadonlyArray<string>) =>
  timed.filter((line) => line.endsWith(running)).map((line) => Number.parseInt(line, 10))

// -----------------------------------------------------------------------------
// What a body ends with
// -----------------------------------------------------------------------------

it.effect("9.1 a body that succeeds", () =>
  Effect.gen(function* () {
    for (const body of [() => Effect.succeed(7), () => Effect.delay(Effect.succeed(7), "1 hour")]) {
      const { changes, flow, state } = yield* runTask(body)
      assert.deepStrictEqual(changes, [`Pending() → ${running}`, `${running} → ${succeeded}`])
      assert.strictEqual(state.result, 7)
      assert.strictEqual(String(flow), 'Success("All reference tasks succeeded.")')
    }
  }))

it.effect("9.1 a state that a body returns is data", () =>
  Effect.gen(function* () {
    const failed = State.failed()
    const { state } = yield* runTask(() => Effect.succeed(failed))
    assert.strictEqual(state._tag, "Success")
    assert.strictEqual(state.result, failed)
  }))

it.effect("9.2 an error of the body ends as Failed, with the error as result and in the cause", () =>
  Effect.gen(function* () {
    const error = new RangeError("b is zero")
    for (const body of [always(error), () => Effect.delay(Effect.fail(error), "1 hour")]) {
      const { changes, state } = yield* runTask(body)
      assert.strictEqual(
        changes[1],
        `${running} → Failed("Error during execution of task: RangeError('b is zero')")`
      )
      assert.strictEqual(state.result, error)
      assert.deepStrictEqual(
        State.failure(state),
        State.failure(State.failed({
          cause: Cause.fail(error)
        }))
      )
    }
  }))

it.effect("9.3 a body that dies, throws or returns no Effect ends as Failed", () =>
  Effect.gen(function* () {
    const bug = new TypeError("undefined is no function")
    const dies = yield* runTask(() => Effect.die(bug))
    const throwing = Task.make("task", {
      run: () => {
        throw bug
      }
    })
    const thrown = yield* Flow.run(Flow.make("flow", function* () {
      yield* throwing()
    }))
    for (const state of [dies.state, thrown.stateOf("task-1") as State.State]) {
      assert.strictEqual(
        state.message,
        "Error during execution of task: TypeError('undefined is no function')"
      )
      assert.strictEqual(state.result, bug)
      assert.isTrue(State.isFailed(state) && Cause.hasDies(state.cause!))
    }

    const plain = Task.make("task", { run: (() => 5) as never })
    const run = yield* Flow.run(Flow.make("flow", function* () {
      yield* plain()
    }))
    assert.strictEqual(
      run.stateOf("task-1").message,
      'Error during execution of task: TypeError(\'Cannot run task "task": its body must ' +
        "return an Effect, not 5')"
    )
  }))

it.effect("9.3 a body that is interrupted from inside ends as Failed", () =>
  Effect.gen(function* () {
    const { flow, state } = yield* runTask(() => Effect.interrupt)
    assert.isTrue(State.isFailed(state), String(state))
    assert.strictEqual(flow._tag, "Failed")
    assert.isTrue(State.isFailed(state) && Cause.hasInterrupts(state.cause!))
  }))

it.effect("9.4 a body takes the results of the tasks before it, whatever became of them", () =>
  Effect.gen(function* () {
    const error = new Error("no")
    const skip = Signal.skip("not today")
    const seen: Array<unknown> = []
    const collect = Task.make("collect", {
      trigger: Trigger.allFinished,
      skipOnUpstreamSkip: false,
      run: (inputs: Readonly<Record<"ok" | "failed" | "skipped" | "given", unknown>>) =>
        Effect.sync(() => void seen.push(inputs))
    })
    yield* Flow.run(Flow.make("flow", function* () {
      yield* collect({
        ok: yield* Task.make("ok", { run: () => Effect.succeed(1) })(),
        failed: yield* Task.make("failed", { run: () => Effect.fail(error) })(),
        skipped: yield* Task.make("skipped", { run: () => Effect.fail(skip) })(),
        given: null
      })
    }))
    assert.deepStrictEqual(seen, [{ ok: 1, failed: error, skipped: undefined, given: null }])
  }))

// -----------------------------------------------------------------------------
// Skipping
// -----------------------------------------------------------------------------

const skipped = 'Skipped("Upstream task was skipped; if this was not the intended behavior, ' +
  'consider changing `skip_on_upstream_skip=False` for this task.")'

const skipping = Task.make("skipping", { run: () => Effect.fail(Signal.skip("not today")) })
const failing = Task.make("failing", { run: () => Effect.fail("no") })

it.effect("9.5 one skipped task before it skips a task, whatever the others did", () =>
  Effect.gen(function* () {
    let asked = 0
    let bodies = 0
    const next = (name: string) =>
      Task.make(name, {
        trigger: () => {
          asked++
          return true
        },
        run: () => Effect.sync(() => bodies++)
      })
    const { changes, run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      const before = [yield* failing(), yield* skipping()]
      const first = yield* next("first")({}, { after: before })
      yield* next("second")({}, { after: [first] })
    })))
    assert.deepStrictEqual(changes("first"), [`Pending() → ${skipped}`])
    assert.deepStrictEqual(changes("second"), [`Pending() → ${skipped}`])
    assert.deepStrictEqual([asked, bodies], [0, 0])
    assert.isUndefined(run.stateOf("first-1").result)
    assert.strictEqual(run.state._tag, "Success")
  }))

it.effect("9.6 with skipOnUpstreamSkip: false a skipped task counts as a success", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const next = Task.make("next", {
      skipOnUpstreamSkip: false,
      run: ({ value }: { readonly value: unknown }) => Effect.sync(() => void seen.push(value))
    })
    const { run } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* next({ value: yield* skipping() })
    })))
    assert.strictEqual(run.stateOf(next)._tag, "Success")
    assert.deepStrictEqual(seen, [undefined])
  }))

// -----------------------------------------------------------------------------
// Retries
// -----------------------------------------------------------------------------

it.effect("9.7 a failed run is tried again after its delay", () =>
  Effect.gen(function* () {
    const { changes, state, timed } = yield* runTask(failUntil(3), {
      maxRetries: 5,
      retryDelay: "2 hours"
    })
    assert.deepStrictEqual(attemptTimes(timed), [0, 7200, 14_400])
    assert.strictEqual(state.result, 3)
    assert.deepStrictEqual(changes, [
      `Pending() → ${running}`,
      `${running} → Failed("Error during execution of task: Error('attempt 1')")`,
      "Failed(\"Error during execution of task: Error('attempt 1')\") → " +
      'Retrying("Retrying Task (after attempt 1 of 6)")',
      `Retrying("Retrying Task (after attempt 1 of 6)") → ${running}`,
      `${running} → Failed("Error during execution of task: Error('attempt 2')")`,
      "Failed(\"Error during execution of task: Error('attempt 2')\") → " +
      'Retrying("Retrying Task (after attempt 2 of 6)")',
      `Retrying("Retrying Task (after attempt 2 of 6)") → ${running}`,
      `${running} → ${succeeded}`
    ])
  }))

it.effect("9.7 when the attempts are used up the last failure stays", () =>
  Effect.gen(function* () {
    for (const maxRetries of [0, 1, 4]) {
      const { calls, flow, state } = yield* runTask(failUntil(99), {
        ...maxRetries > 0 && { maxRetries, retryDelay: 0 }
      })
      assert.strictEqual(calls, maxRetries + 1)
      assert.strictEqual(
        state.message,
        `Error during execution of task: Error('attempt ${maxRetries + 1}')`
      )
      assert.strictEqual(flow._tag, "Failed")
    }
  }))

it.effect("9.7 a delay may be as long as one likes", () =>
  Effect.gen(function* () {
    const { timed } = yield* runTask(failUntil(4), { maxRetries: 3, retryDelay: "60 days" })
    assert.deepStrictEqual(attemptTimes(timed), [0, 60, 120, 180].map((days) => days * day / 1000))
    const decades = yield* runTask(failUntil(2), { maxRetries: 1, retryDelay: "9000 days" })
    assert.deepStrictEqual(attemptTimes(decades.timed), [0, 9000 * day / 1000])
  }))

it.effect("9.7 a Retrying says when it is due and which attempt failed", () =>
  Effect.gen(function* () {
    const seen: Array<readonly [string, number | undefined]> = []
    const task = Task.make("task", {
      maxRetries: 2,
      retryDelay: "1 day",
      handlers: [
        StateHandler.callback(
          (_subject, { runCount, startTime }) =>
            Effect.sync(() => void seen.push([DateTime.formatIso(startTime!), runCount])),
          State.isRetrying
        )
      ],
      run: () => Effect.fail("no")
    })
    yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    assert.deepStrictEqual(seen, [
      ["1970-01-02T00:00:00.000Z", 1],
      ["1970-01-03T00:00:00.000Z", 2]
    ])
  }))

class Busy extends Error {}
class VeryBusy extends Busy {}

it.effect("9.8 retryOn decides by class", () =>
  Effect.gen(function* () {
    const callsWith = (error: unknown) =>
      Effect.map(
        runTask(always(error), { maxRetries: 2, retryDelay: 0, retryOn: [Busy, RangeError] }),
        ({ calls }) => calls
      )
    assert.strictEqual(yield* callsWith(new Busy()), 3)
    assert.strictEqual(yield* callsWith(new VeryBusy()), 3)
    assert.strictEqual(yield* callsWith(new RangeError()), 3)
    assert.strictEqual(yield* callsWith(new Error()), 1)
    assert.strictEqual(yield* callsWith("Busy"), 1)
    assert.strictEqual(yield* callsWith(Signal.fail()), 1)
    // A failure that brings nothing is of no class, and is retried.
    assert.strictEqual(yield* callsWith(Signal.fail({ result: null })), 3)
  }))

it.effect("9.8 retryOn decides by a test, of timeouts and signals too", () =>
  Effect.gen(function* () {
    const retryOn = (error: unknown) => Signal.isSignal(error) || State.isState(error)
    const options = { maxRetries: 2, retryDelay: 0, retryOn } as const
    assert.strictEqual((yield* runTask(always(Signal.fail()), options)).calls, 3)
    assert.strictEqual((yield* runTask(always("no"), options)).calls, 1)
    const timedOut = yield* runTask(() => Effect.never, {
      ...options,
      timeout: "1 second",
      retryOn: (error) => error instanceof Error && error.message === "Execution timed out."
    })
    assert.strictEqual(timedOut.calls, 3)
  }))

it.effect("9.8 a retryOn that throws fails the run with what it threw", () =>
  Effect.gen(function* () {
    const { calls, state } = yield* runTask(always("no"), {
      maxRetries: 2,
      retryDelay: 0,
      retryOn: () => {
        throw new TypeError("bad test")
      }
    })
    assert.strictEqual(calls, 1)
    assert.strictEqual(String(state), "Failed(\"Unexpected error: TypeError('bad test')\")")
  }))

it.effect("9.9 a schedule decides when and how often", () =>
  Effect.gen(function* () {
    const timesOf = (
      retrySchedule: Schedule.Schedule<unknown, unknown>,
      options: { readonly maxRetries?: number } = {}
    ) =>
      Effect.map(
        runTask(failUntil(99), { retrySchedule, ...options }),
        ({ timed }) => attemptTimes(timed)
      )
    assert.deepStrictEqual(yield* timesOf(Schedule.recurs(3)), [0, 0, 0, 0])
    assert.deepStrictEqual(
      yield* timesOf(Schedule.upTo(Schedule.spaced("1 hour"), { times: 2 })),
      [0, 3600, 7200]
    )
    assert.deepStrictEqual(
      yield* timesOf(Schedule.exponential("1 minute"), { maxRetries: 4 }),
      [0, 60, 180, 420, 900]
    )
    assert.deepStrictEqual(
      yield* timesOf(Schedule.exponential("1 minute"), { maxRetries: 0 }),
      [0]
    )
  }))

it.effect("9.9 a schedule is followed as Effect.retry follows it", () =>
  Effect.gen(function* () {
    const schedules: ReadonlyArray<Schedule.Schedule<unknown, unknown>> = [
      Schedule.upTo(Schedule.fixed("1 day"), { duration: "2 days" }),
      Schedule.upTo(Schedule.fibonacci("10 seconds"), { times: 6 }),
      Schedule.upTo(Schedule.exponential("1 second", 3), { times: 4 }),
      Schedule.concat(Schedule.recurs(2), Schedule.upTo(Schedule.spaced("1 hour"), { times: 2 })),
      Schedule.upTo(Schedule.windowed("1 minute"), { times: 3 })
    ]
    for (const retrySchedule of schedules) {
      const times: Array<number> = []
      const body = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        times.push(now / 1000)
        return Effect.fail("no")
      })
      yield* Effect.ignore(inVirtualTime(Effect.retry(body, retrySchedule)))
      const { timed } = yield* runTask(always("no"), { retrySchedule })
      assert.deepStrictEqual(attemptTimes(timed), times)
    }
  }))

it.effect("9.9 a schedule sees the error, and begins anew in each run", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const schedule = Schedule.recurs(2).pipe(
      Schedule.setInputType<unknown>(),
      Schedule.tap(({ input }) => Effect.sync(() => void seen.push(input)))
    )
    const task = Task.make("task", { retrySchedule: schedule, run: () => Effect.fail("no") })
    const flow = Flow.make("flow", function* () {
      yield* task()
    })
    for (let i = 0; i < 2; i++) yield* watch(Flow.run(flow))
    assert.deepStrictEqual(seen, ["no", "no", "no", "no"])
  }))

it.effect("9.9 without maxRetries a message does not say of how many attempts it is", () =>
  Effect.gen(function* () {
    const { changes } = yield* runTask(failUntil(2), { retrySchedule: Schedule.recurs(5) })
    assert.match(changes[2]!, /Retrying\("Retrying Task \(after attempt 1\)"\)$/)
  }))

it.effect("9.10 a Retry signal retries whatever maxRetries says", () =>
  Effect.gen(function* () {
    const { timed } = yield* runTask((call) =>
      call < 4
        ? Effect.fail(Signal.retry({ message: "later", startTime: call * day }))
        : Effect.void
    )
    assert.deepStrictEqual(attemptTimes(timed), [0, 1, 2, 3].map((days) => days * day / 1000))
    assert.strictEqual(timed[1], `0s ${running} → Retrying("later")`)
  }))

it.effect("9.10 a Retry signal uses up an attempt", () =>
  Effect.gen(function* () {
    const { calls } = yield* runTask(
      (call) => call === 1 ? Effect.fail(Signal.retry()) : Effect.fail("no" as never),
      { maxRetries: 2, retryDelay: 0 }
    )
    assert.strictEqual(calls, 3)
  }))

// -----------------------------------------------------------------------------
// Timeouts
// -----------------------------------------------------------------------------

it.effect("9.11 a timeout of any duration ends an attempt and interrupts its body", () =>
  Effect.gen(function* () {
    const durations = ["1 millis", "1500 millis", "90 minutes", "60 days"] as const
    for (const timeout of durations) {
      let interrupted = 0
      const body = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
      const { state, timed } = yield* runTask(() => body, { timeout })
      const seconds = Duration.toSeconds(timeout)
      assert.strictEqual(
        timed[1],
        `${seconds}s ${running} → TimedOut("Task timed out during execution.")`
      )
      assert.instanceOf(state.result, Error)
      assert.strictEqual(state.result.message, "Execution timed out.")
      assert.strictEqual(interrupted, 1)
    }
  }))

it.effect("9.11 each attempt has the whole timeout, and a timeout is retried", () =>
  Effect.gen(function* () {
    const { changes, timed } = yield* runTask(
      (call) => call < 3 ? Effect.never : Effect.delay(Effect.succeed(call), "50 minutes"),
      { timeout: "1 hour", maxRetries: 2, retryDelay: "1 day" }
    )
    assert.deepStrictEqual(attemptTimes(timed), [0, 90_000, 180_000])
    assert.strictEqual(
      changes[2],
      'TimedOut("Task timed out during execution.") → ' +
        'Retrying("Retrying Task (after attempt 1 of 3)")'
    )
    assert.strictEqual(timed.at(-1), `183000s ${running} → ${succeeded}`)
  }))

it.effect("9.11 a body that ends in time is not timed out, nor one without a limit", () =>
  Effect.gen(function* () {
    const inTime = yield* runTask(() => Effect.sleep("59 minutes"), { timeout: "1 hour" })
    assert.strictEqual(inTime.state._tag, "Success")
    const long = yield* runTask(() => Effect.sleep("90 days"), { timeout: Duration.infinity })
    assert.strictEqual(long.state._tag, "Success")
    const immediate = yield* runTask(() => Effect.void, { timeout: "1 millis" })
    assert.strictEqual(immediate.state._tag, "Success")
  }))

// -----------------------------------------------------------------------------
// Signals
// -----------------------------------------------------------------------------

it.effect("9.12 each kind of signal ends the run with its state, failed with or died of", () =>
  Effect.gen(function* () {
    for (const { Typed, kind, state, untyped } of signalTable) {
      for (const signal of [untyped({ message: "m" }), new Typed({ message: "m" })]) {
        const bodies: ReadonlyArray<Effect.Effect<void, unknown>> = [
          Effect.fail(signal),
          Effect.die(signal)
        ]
        for (const body of bodies) {
          const { changes } = yield* runTask((call) => call === 1 ? body : Effect.void)
          assert.strictEqual(changes[1], `${running} → ${state}("m")`, kind)
        }
      }
    }
  }))

it.effect("9.12 a failure that is raised is retried, a success or a skip is not", () =>
  Effect.gen(function* () {
    const options = { maxRetries: 2, retryDelay: 0 }
    for (const signal of [Signal.fail(), Signal.triggerFail(), Signal.validationFail()]) {
      assert.strictEqual((yield* runTask(always(signal), options)).calls, 3)
    }
    for (const signal of [Signal.success(), Signal.skip()]) {
      assert.strictEqual((yield* runTask(always(signal), options)).calls, 1)
    }
  }))

it.effect("9.13 endRun in a body ends the run with its state and is not retried", () =>
  Effect.gen(function* () {
    for (const state of [State.failed({ message: "for good" }), State.success({ result: 1 })]) {
      const ended = yield* runTask(always(Signal.endRun(state)), { maxRetries: 2, retryDelay: 0 })
      assert.strictEqual(ended.calls, 1)
      assert.strictEqual(ended.state, state)
      assert.deepStrictEqual(ended.changes, [`Pending() → ${running}`, `${running} → ${state}`])
    }
  }))

// -----------------------------------------------------------------------------
// Loops
// -----------------------------------------------------------------------------

/** Counts to the limit, one round at a time. */
const countTo = (limit: number) => () =>
  Effect.flatMap(RunContext.RunContext, ({ loopResult }) => {
    const count = (loopResult as number | undefined ?? 0) + 1
    return count < limit ? Effect.fail(Signal.loop({ result: count })) : Effect.succeed(count)
  })

it.effect("9.14 a body that loops begins again at once with the result of the round", () =>
  Effect.gen(function* () {
    const { changes, state, timed } = yield* runTask(countTo(3))
    assert.strictEqual(state.result, 3)
    assert.deepStrictEqual(changes, [
      `Pending() → ${running}`,
      `${running} → Looped("Task is looping (1)")`,
      `Pending("Looping task (on loop index 1)") → ${running}`,
      `${running} → Looped("Task is looping (2)")`,
      `Pending("Looping task (on loop index 2)") → ${running}`,
      `${running} → ${succeeded}`
    ])
    assert.isTrue(timed.every((line) => line.startsWith("0s ")))
  }))

it.effect("9.14 the rounds may be many", () =>
  Effect.gen(function* () {
    const flow = (limit: number, body: ReturnType<typeof countTo>) =>
      Flow.make(`to ${limit}`, function* () {
        return yield* Task.make("task", { run: body })()
      })
    const run = yield* Flow.run(flow(20_000, countTo(20_000)))
    assert.strictEqual(run.state.result, 20_000)
    const slow = yield* inMicrotasks(
      Flow.run(flow(5000, () => Effect.andThen(Effect.yieldNow, countTo(5000)())))
    )
    assert.strictEqual(slow.state.result, 5000)
  }))

it.effect("9.14 the count of the rounds is there from the second on", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    yield* runTask((call) =>
      Effect.flatMap(RunContext.RunContext, ({ loopCount, loopResult, runCount }) => {
        seen.push([loopCount, loopResult, runCount])
        return call < 3 ? Effect.fail(Signal.loop({ result: `r${call}` })) : Effect.void
      })
    )
    assert.deepStrictEqual(seen, [[undefined, undefined, 1], [2, "r1", 1], [3, "r2", 1]])
  }))

it.effect("9.15 each round has its full number of retries, and a retry goes on in its round", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const outcomes = ["fail", "loop", "fail", "fail", "loop", "end"]
    const { state, timed } = yield* runTask(
      (call) =>
        Effect.flatMap(RunContext.RunContext, ({ loopCount, loopResult, runCount }) => {
          seen.push([loopCount ?? 1, loopResult, runCount])
          const outcome = outcomes[call - 1]
          if (outcome === "fail") return Effect.fail(new Error("no"))
          return outcome === "loop"
            ? Effect.fail(Signal.loop({ result: call }) as never)
            : Effect.succeed("done")
        }),
      { maxRetries: 2, retryDelay: "1 hour" }
    )
    assert.deepStrictEqual(seen, [
      [1, undefined, 1],
      [1, undefined, 2],
      [2, 2, 1],
      [2, 2, 2],
      [2, 2, 3],
      [3, 5, 1]
    ])
    assert.strictEqual(state.result, "done")
    assert.deepStrictEqual(attemptTimes(timed), [0, 3600, 3600, 7200, 10_800, 10_800])
  }))

it.effect("9.16 what comes after waits for the last attempt", () =>
  Effect.gen(function* () {
    let calls = 0
    const { timed } = yield* watch(Flow.run(
      Flow.make("flow", function* () {
        const flaky = Task.make("flaky", {
          maxRetries: 1,
          retryDelay: "1 day",
          run: () => Effect.suspend(() => ++calls === 1 ? Effect.fail("no") : Effect.succeed(1))
        })
        yield* Task.make("next", { trigger: Trigger.allFinished, run: () => Effect.void })({}, {
          after: [yield* flaky()]
        })
      }),
      { concurrency: "unbounded" }
    ))
    assert.deepStrictEqual(attemptTimes(timed("next")), [day / 1000])
  }))

it.effect("9.17 a policy that breaks fails its task, and what it was asked about is not lost", () =>
  Effect.gen(function* () {
    const broken = (): never => {
      throw new Error("broken")
    }
    const body = { maxRetries: 2, run: () => Effect.fail("first") }
    const tasks = {
      retryOn: Task.make("task", { ...body, retryDelay: "1 hour", retryOn: broken }),
      retrySchedule: Task.make("task", {
        ...body,
        retrySchedule: Schedule.while(Schedule.spaced("1 hour"), broken)
      })
    }
    for (const [name, task] of Object.entries(tasks)) {
      const flow = Flow.make(name, function* () {
        yield* task()
      })
      const run = yield* inVirtualTime(Flow.run(flow))
      const state = run.stateOf("task") as State.Failed
      assert.strictEqual(String(state), "Failed(\"Unexpected error: Error('broken')\")", name)
      assert.include(Cause.pretty(state.cause!), "first", name)
    }
  }))

it.effect("9.17 a validator that breaks fails its task", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* Task.make("task", {
        cacheFor: "1 day",
        cacheValidator: () => {
          throw new Error("broken")
        },
        run: () => Effect.succeed(1)
      })()
    })
    yield* inVirtualTime(Flow.run(flow))
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(
      String(run.stateOf("task")),
      "Failed(\"Unexpected error: Error('broken')\")"
    )
  }))
