import { assert, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Flow, Parameter, RunContext, Signal, State, StateHandler, Task, Trigger } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"

/** What there is to find at the moment of asking: the context itself moves on. */
const snapshot = Effect.map(RunContext.RunContext, (context) => ({
  flowName: context.flowName,
  flowRunId: context.flowRunId,
  parameters: context.parameters,
  values: context.values,
  taskName: context.taskName,
  taskFullName: context.taskFullName,
  taskSlug: context.taskSlug,
  taskTags: context.taskTags,
  taskRunId: context.taskRunId,
  runCount: context.runCount,
  mapIndex: context.mapIndex,
  loopCount: context.loopCount,
  resume: context.resume
}))
type Snapshot = Effect.Success<typeof snapshot>

it.effect("12.1 a body finds the flow, the parameters, the values and its own names", () =>
  Effect.gen(function* () {
    const task = Task.make("load", { tags: ["nightly"], run: () => snapshot })
    const flow = Flow.make("etl", {
      parameters: {
        day: Parameter.required(Schema.String),
        limit: Parameter.withDefault(Schema.Number, 10)
      }
    }, function* () {
      return yield* task()
    })
    const run = yield* Flow.run(flow, { parameters: { day: "monday" }, values: { who: "me" } })
    const { taskRunId, ...found } = run.state.result as Snapshot
    assert.deepStrictEqual(found, {
      flowName: "etl",
      flowRunId: run.flowRunId,
      parameters: { day: "monday", limit: 10 },
      values: { who: "me" },
      taskName: "load",
      taskFullName: "load",
      taskSlug: "load-nightly-1",
      taskTags: ["nightly"],
      runCount: 1,
      mapIndex: undefined,
      loopCount: undefined,
      resume: false
    })
    assert.isString(taskRunId)
  }))

it.effect("12.1 each attempt has its count and an id of its own", () =>
  Effect.gen(function* () {
    const seen: Array<Snapshot> = []
    const task = Task.make("task", {
      maxRetries: 2,
      retryDelay: "1 hour",
      run: () =>
        Effect.flatMap(snapshot, (found) => {
          seen.push(found)
          return Effect.fail("no")
        })
    })
    yield* inVirtualTime(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    assert.deepStrictEqual(seen.map(({ runCount }) => runCount), [1, 2, 3])
    assert.strictEqual(new Set(seen.map(({ taskRunId }) => taskRunId)).size, 3)
  }))

it.effect("12.1 a run that goes on after a pause knows it", () =>
  Effect.gen(function* () {
    const seen: Array<readonly [resume: boolean, runCount: number]> = []
    const task = Task.make("task", {
      run: () =>
        Effect.flatMap(snapshot, ({ resume, runCount }) => {
          seen.push([resume, runCount])
          return resume ? Effect.void : Effect.fail(Signal.pause({ startTime: 1000 }))
        })
    })
    yield* inVirtualTime(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    assert.deepStrictEqual(seen, [[false, 1], [true, 1]])
  }))

it.effect("12.1 a trigger finds the run that it decides on", () =>
  Effect.gen(function* () {
    const names: Array<string | undefined> = []
    const trigger = () =>
      Effect.map(RunContext.RunContext, ({ taskName }) => {
        names.push(taskName)
        return true
      })
    yield* Flow.run(Flow.make("flow", function* () {
      yield* Task.make("first", { trigger, run: () => Effect.void })()
      yield* Task.make("second", { trigger, run: () => Effect.void })()
    }))
    assert.deepStrictEqual(names, ["first", "second"])
  }))

it.effect("12.2 a handler finds the run that it is called for", () =>
  Effect.gen(function* () {
    const seen: Array<Snapshot> = []
    const handler = StateHandler.make(() => Effect.map(snapshot, (found) => void seen.push(found)))
    const flow = Flow.make("flow", { handlers: [handler] }, function* () {
      yield* Task.make("task", { handlers: [handler], run: () => Effect.void })()
    })
    const run = yield* Flow.run(flow)
    assert.deepStrictEqual(seen.map(({ taskSlug }) => taskSlug), [
      undefined,
      "task-1",
      "task-1",
      undefined
    ])
    const ofFlow = seen[0]!
    assert.strictEqual(ofFlow.flowName, "flow")
    assert.strictEqual(ofFlow.flowRunId, run.flowRunId)
    assert.deepStrictEqual(
      [ofFlow.taskName, ofFlow.taskFullName, ofFlow.taskRunId, ofFlow.taskTags],
      [undefined, undefined, undefined, []]
    )
  }))

class Watcher extends StateHandler.Service<Watcher>()("test/Watcher") {}

it.effect("12.2 a handler that is a service finds the run too", () =>
  Effect.gen(function* () {
    const names: Array<string | undefined> = []
    const live = Watcher.layer(() =>
      Effect.map(RunContext.RunContext, ({ taskName }) => void names.push(taskName))
    )
    const flow = Flow.make("flow", { handlers: [Watcher] }, function* () {
      yield* Task.make("task", { handlers: [Watcher], run: () => Effect.void })()
    })
    yield* Effect.provide(Flow.run(flow), live)
    assert.deepStrictEqual(names, [undefined, "task", "task", undefined])
  }))

it.effect("12.3 the dates of a run are texts in UTC", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.parse("2026-03-01T23:30:00-05:00"))
    const task = Task.make("task", {
      run: () => Effect.map(RunContext.RunContext, (run) => [RunContext.dates(run), run] as const)
    })
    const run = yield* Flow.run(Flow.make("flow", function* () {
      return yield* task()
    }))
    const [dates, context] = run.state.result as [unknown, RunContext.RunContext]
    assert.deepStrictEqual(dates, {
      today: "2026-03-02",
      yesterday: "2026-03-01",
      tomorrow: "2026-03-03",
      todayNodash: "20260302",
      yesterdayNodash: "20260301",
      tomorrowNodash: "20260303"
    })
    const started = "2026-03-02T04:30:00.000Z"
    assert.strictEqual(DateTime.formatIso(context.date), started)
    assert.strictEqual(DateTime.formatIso(context.scheduledStartTime), started)
  }))

it.effect("12.3 a run may be given another date", () =>
  Effect.gen(function* () {
    const task = Task.make("task", {
      maxRetries: 1,
      retryDelay: "2 days",
      run: () =>
        Effect.flatMap(RunContext.RunContext, (run) =>
          run.runCount === 1 ? Effect.fail("no") : Effect.succeed(RunContext.dates(run).tomorrow))
    })
    const flow = Flow.make("flow", function* () {
      return yield* task()
    })
    const run = yield* inVirtualTime(Flow.run(flow, { date: "1986-12-31T08:00:00Z" }))
    assert.strictEqual(run.state.result, "1987-01-01")
    const wrong = yield* Effect.exit(Flow.run(flow, { date: "yesterday" }))
    assert.include(String(wrong), 'Cannot run flow "flow": date must be a point in time')
  }))

it.effect("12.4 runs under way at the same time each find their own context", () =>
  Effect.gen(function* () {
    const task = (name: string) =>
      Task.make(name, {
        run: Effect.fnUntraced(function* () {
          const before = yield* snapshot
          yield* Effect.sleep("1 hour")
          const after = yield* Effect.andThen(Effect.yieldNow, snapshot)
          const child = yield* Effect.flatMap(Effect.forkChild(snapshot), Fiber.join)
          return [before.taskName, after.taskName, child.taskName]
        })
      })
    const names = ["a", "b", "c", "d"]
    const run = yield* inVirtualTime(Flow.run(
      Flow.make("flow", function* () {
        for (const name of names) yield* task(name)()
      }),
      { concurrency: "unbounded" }
    ))
    for (const name of names) {
      assert.deepStrictEqual(run.stateOf(name).result, [name, name, name] as never)
    }
  }))

it.effect("12.4 a flow that has ended leaves no run behind", () =>
  Effect.gen(function* () {
    const found = Effect.map(
      Effect.serviceOption(RunContext.RunContext),
      (option) => option._tag
    )
    const flow = Flow.make("flow", function* () {
      const ref = yield* Task.make("task", { run: () => Effect.andThen(Effect.yieldNow, found) })()
      yield* Task.make("end", { trigger: Trigger.allFinished, run: () => Effect.void })({}, {
        after: [ref]
      })
      return ref
    })
    const run = yield* Flow.run(flow)
    assert.strictEqual(run.state.result, "Some")
    assert.strictEqual(yield* found, "None")
    assert.isTrue(State.isSuccessful(run.state))
  }))
