import { assert, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { Executor, Flow, State, Task, Transition } from "signalbox"
import { watch } from "./fixtures/watch.ts"

const add = Task.make("add", {
  maxRetries: 1,
  retryDelay: "1 hour",
  run: ({ a, b }: { readonly a: number; readonly b: number }) =>
    a > 1 ? Effect.fail("too much") : Effect.succeed(a + b)
})

const flow = Flow.make("flow", function* () {
  const first = yield* add({ a: 1, b: 1 })
  return yield* add({ a: first, b: 5 })
})

it.effect("14.1 an executor is given each ready run as data", () =>
  Effect.gen(function* () {
    const requests: Array<Executor.Request> = []
    const executor: Executor.Executor = {
      execute: (request, here) => {
        requests.push(request)
        return here
      }
    }
    for (const concurrency of [1, "unbounded"] as const) {
      requests.length = 0
      const { changes, run } = yield* watch(
        Effect.provideService(Flow.run(flow, { concurrency }), Executor.Executor, executor)
      )
      assert.deepStrictEqual(
        requests.map(({ inputs, mapIndex, runCount, state, task }) =>
          [task, mapIndex, runCount, inputs, state._tag] as const
        ),
        [
          ["add-1", undefined, 1, { a: 1, b: 1 }, "Pending"],
          ["add-2", undefined, 1, { a: 2, b: 5 }, "Pending"],
          ["add-2", undefined, 2, { a: 2, b: 5 }, "Retrying"]
        ]
      )
      for (const request of requests) {
        assert.strictEqual(request.flow, "flow")
        assert.strictEqual(request.flowRunId, run.flowRunId)
        assert.isString(JSON.stringify(request))
      }
      assert.strictEqual(run.state._tag, "Failed")
      assert.strictEqual(changes("add").length, 2 + 5)
    }
  }))

it.effect("14.2 an executor may answer with a state of its own", () =>
  Effect.gen(function* () {
    const executor: Executor.Executor = {
      execute: ({ inputs }) =>
        Effect.delay(
          Effect.succeed(State.success({ result: (inputs["b"] as number) * 100 })),
          "1 minute"
        )
    }
    for (const concurrency of [1, 2]) {
      const { run } = yield* watch(
        Effect.provideService(Flow.run(flow, { concurrency }), Executor.Executor, executor)
      )
      assert.strictEqual(run.state.result, 500)
    }
  }))

it.effect("14.2 a run that an executor loses has failed, and is tried again", () =>
  Effect.gen(function* () {
    const lost = new Error("worker lost")
    for (const concurrency of [1, 2]) {
      const losing = { execute: () => Effect.die(lost) }
      const { changes, run } = yield* watch(
        Effect.provideService(Flow.run(flow, { concurrency }), Executor.Executor, losing)
      )
      assert.strictEqual(changes("add").filter((change) => change.includes("→ Retrying")).length, 2)
      assert.strictEqual(run.tasks[0]!.state.result, lost)
      assert.strictEqual(
        run.tasks[0]!.state.message,
        "Error during execution of task: Error('worker lost')"
      )
      assert.isTrue(State.isFailed(run.state))
    }
  }))

it.effect("14.3 runBody stands around each body, inside its timeout", () =>
  Effect.gen(function* () {
    const bodies: Array<string> = []
    const executor: Executor.Executor = {
      ...Executor.local,
      runBody: ({ runCount, taskName }, body) => {
        bodies.push(`${taskName} ${runCount}`)
        return Effect.delay(body, "30 minutes")
      }
    }
    const timed = (timeout: number) =>
      Flow.make("flow", function* () {
        yield* Task.make("task", {
          timeout,
          maxRetries: 1,
          retryDelay: 0,
          run: () => Effect.succeed(1)
        })()
      })
    const runWith = (timeout: number) =>
      Effect.map(
        watch(Effect.provideService(Flow.run(timed(timeout)), Executor.Executor, executor)),
        ({ run }) => run.stateOf("task")._tag
      )
    assert.strictEqual(yield* runWith(3_600_000), "Success")
    assert.strictEqual(yield* runWith(60_000), "TimedOut")
    assert.deepStrictEqual(bodies, ["task 1", "task 1", "task 2"])
  }))

it.effect("14.4 what an observer dies of ends the run, wherever the task runs", () =>
  Effect.gen(function* () {
    const executor: Executor.Executor = { execute: (_request, here) => here }
    let left = 1
    const dying = Transition.layer(({ to, subject }) =>
      subject._tag === "Task" && to._tag === "Running" && left-- > 0
        ? Effect.die("no disk")
        : Effect.void
    )
    const exit = yield* Flow.run(flow).pipe(
      Effect.provideService(Executor.Executor, executor),
      Effect.provide(dying),
      Effect.exit
    )
    assert.isTrue(Exit.isFailure(exit))
    assert.include(String(exit), "no disk")
  }))
