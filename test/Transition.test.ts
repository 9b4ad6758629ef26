import { assert, it } from "@effect/vitest"
import { Cause, Effect, Layer } from "effect"
import { Flow, Signal, State, StateHandler, Task, Transition } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const running = 'Running("Starting task run.")'

const flaky = () => {
  let calls = 0
  return Flow.make("flow", function* () {
    yield* Task.make("task", {
      maxRetries: 1,
      retryDelay: "1 hour",
      run: () => Effect.suspend(() => ++calls === 1 ? Effect.fail("no") : Effect.void)
    })()
  })
}

it.effect("13.1 every settled change is observed once, numbered, with its time and attempt", () =>
  Effect.gen(function* () {
    const { run, transitions } = yield* watch(Flow.run(flaky()))
    assert.deepStrictEqual(
      transitions.map(({ at, runCount, sequence, subject, to }) =>
        [sequence, at / 1000, runCount, String(subject), to._tag] as const
      ),
      [
        [0, 0, 1, "<Flow: name=flow>", "Running"],
        [1, 0, 1, "<Task: task>", "Running"],
        [2, 0, 1, "<Task: task>", "Failed"],
        [3, 0, 1, "<Task: task>", "Retrying"],
        [4, 3600, 2, "<Task: task>", "Running"],
        [5, 3600, 2, "<Task: task>", "Success"],
        [6, 3600, 1, "<Flow: name=flow>", "Success"]
      ]
    )
    for (const { flow, flowRunId } of transitions) {
      assert.strictEqual(flow, "flow")
      assert.strictEqual(flowRunId, run.flowRunId)
    }
  }))

it.effect("13.2 a change begins where the one before it ended", () =>
  Effect.gen(function* () {
    const { transitions } = yield* watch(Flow.run(flaky()))
    const last = new Map<string, State.State>()
    for (const { from, subject, to } of transitions) {
      const before = last.get(String(subject))
      if (before !== undefined) assert.strictEqual(from, before)
      last.set(String(subject), to)
    }
    assert.strictEqual(last.size, 2)
  }))

it.effect("13.3 a change says what each handler made of it", () =>
  Effect.gen(function* () {
    const skipped = State.skipped()
    const trouble = new Error("down")
    const only = (
      kind: State.Tag,
      answer: Effect.Effect<State.State | void, Error>,
      name: string
    ) =>
      StateHandler.make(
        (_subject, _oldState, newState) => newState._tag === kind ? answer : Effect.void,
        { name, policy: name === "broken" ? "ignore" : "fail" }
      )
    const task = Task.make("task", {
      handlers: [
        only("Success", Effect.fail(trouble), "broken"),
        only("Success", Effect.succeed(skipped), "replacing"),
        only("Success", Effect.void, "silent")
      ],
      run: () => Effect.succeed(1)
    })
    const { transitions } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    const change = transitions.find(({ to }) => State.isSkipped(to))
    assert.isDefined(change)
    assert.strictEqual(String(change.proposed), 'Success("Task run succeeded.")')
    assert.strictEqual(change.to, skipped)
    assert.deepStrictEqual(change.handlers, [
      { handler: "broken", proposed: change.proposed, decided: change.proposed, error: trouble },
      { handler: "replacing", proposed: change.proposed, decided: skipped, error: undefined },
      { handler: "silent", proposed: skipped, decided: skipped, error: undefined }
    ])
  }))

it.effect("13.3 a change says which handler broke, and that the rest were not asked", () =>
  Effect.gen(function* () {
    const trouble = new Error("down")
    const task = Task.make("task", {
      handlers: [
        StateHandler.make(() => Effect.fail(trouble), { name: "broken" }),
        StateHandler.make(() => Effect.void, { name: "never asked" })
      ],
      run: () => Effect.void
    })
    const { transitions } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* task()
    })))
    const change = transitions.find(({ subject }) => subject._tag === "Task")
    assert.deepStrictEqual(change?.handlers.map(({ error, handler }) => [handler, error]), [
      ["broken", trouble]
    ])
    assert.strictEqual(change?.to, change?.handlers[0]?.decided)
  }))

it.effect("13.4 the run goes on only when all observers have the change, in their order", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const observer = (name: string, duration: number) =>
      Transition.layer(({ to }) =>
        Effect.andThen(
          duration === 0 ? Effect.void : Effect.sleep(duration),
          Effect.sync(() => void order.push(`${name} ${to._tag}`))
        )
      )
    const flow = Flow.make("flow", function* () {
      yield* Task.make("task", { run: () => Effect.sync(() => void order.push("body")) })()
    })
    const scope = Layer.mergeAll(observer("slow", 1000), observer("quick", 0))
    yield* watch(Effect.provide(Flow.run(flow), scope))
    assert.deepStrictEqual(order, [
      "slow Running",
      "quick Running",
      "slow Running",
      "quick Running",
      "body",
      "slow Success",
      "quick Success",
      "slow Success",
      "quick Success"
    ])
  }))

it.effect("13.4 one layer may have many observers", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const note = (name: string) => () => Effect.sync(() => void order.push(name))
    yield* Effect.provide(
      Flow.run(Flow.make("flow", function* () {})),
      Transition.layer(note("a"), note("b"))
    )
    assert.deepStrictEqual(order, ["a", "b", "a", "b"])
  }))

it.effect("13.5 what an observer dies of ends the run", () =>
  Effect.gen(function* () {
    const full = new Error("disk full")
    const observers: ReadonlyArray<Transition.Observer> = [
      ({ to }) => State.isSuccessful(to) ? Effect.die(full) : Effect.void,
      ({ to }) => {
        if (State.isSuccessful(to)) throw full
        return Effect.void
      }
    ]
    for (const observer of observers) {
      for (const concurrency of [1, 2]) {
        let bodies = 0
        const flow = Flow.make("flow", function* () {
          const ref = yield* Task.make("task", { run: () => Effect.yieldNow })()
          yield* Task.make("next", { run: () => Effect.sync(() => bodies++) })({}, { after: [ref] })
        })
        const exit = yield* Effect.exit(
          Effect.provide(Flow.run(flow, { concurrency }), Transition.layer(observer))
        )
        assert.isTrue(exit._tag === "Failure" && Cause.squash(exit.cause) === full)
        assert.strictEqual(bodies, 0)
      }
    }
  }))

it("13.6 subjects print as a reader knows them", () => {
  const task = Transition.taskSubject({ name: "load", slug: "load-1", tags: ["a"] })
  assert.strictEqual(`${task}`, "<Task: load>")
  assert.deepStrictEqual({ ...task }, {
    _tag: "Task",
    name: "load",
    slug: "load-1",
    tags: ["a"],
    mapIndex: undefined
  } as never)
  assert.strictEqual(`${Transition.flowSubject("etl")}`, "<Flow: name=etl>")
  assert.strictEqual(
    JSON.stringify(Transition.flowSubject("etl")),
    '{"_tag":"Flow","name":"etl"}'
  )
})

it.effect("13.1 a change that a handler refuses is observed as what it became", () =>
  Effect.gen(function* () {
    const veto = StateHandler.make((_subject, _oldState, newState) =>
      State.isRunning(newState) ? Effect.fail(Signal.skip("not today")) : Effect.void
    )
    const { changes } = yield* watch(Flow.run(Flow.make("flow", function* () {
      yield* Task.make("task", { handlers: [veto], run: () => Effect.void })()
    })))
    assert.deepStrictEqual(changes("task"), ['Pending() → Skipped("not today")'])
    assert.notInclude(changes("task").join(), running)
  }))

it.effect("13.1 a change that is settled is told to all, although the run is interrupted meanwhile", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const slow = Transition.layer(({ to }) =>
      to._tag === "Success" ? Effect.sleep("1 minute") : Effect.void
    )
    const second = Transition.layer(({ subject, to }) =>
      Effect.sync(() => void heard.push(`${subject.name} ${to._tag}`))
    )
    const flow = Flow.make("flow", function* () {
      yield* Task.make("task", { run: () => Effect.void })()
    })
    yield* inVirtualTime(Effect.timeoutOption(
      Effect.provide(Flow.run(flow), Layer.mergeAll(slow, second)),
      "10 seconds"
    ))
    assert.deepStrictEqual(heard, [
      "flow Running",
      "task Running",
      "task Success",
      "flow Cancelled"
    ])
  }))
