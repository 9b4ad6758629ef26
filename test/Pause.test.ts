import { assert, it } from "@effect/vitest"
import { Clock, Effect, Exit } from "effect"
import { Flow, RunContext, Signal, StateHandler, Task, Transition, Trigger } from "signalbox"
import { hour, inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

/** Pauses until it is approved, and then gives when it went on. */
const gate = (name: string, options?: Signal.PauseOptions) =>
  Task.make(name, {
    run: () =>
      Effect.flatMap(
        RunContext.RunContext,
        (context) => context.resume ? Clock.currentTimeMillis : Effect.fail(Signal.pause(options))
      )
  })

const approveAfter = (hours: number) => ({ resume }: Flow.Pause) =>
  Effect.delay(resume, `${hours} hours`)

it.effect("23.1 a paused run goes on from the start of its body when it is approved", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* gate("gate", { message: "really?" })()
    })
    const { changes, run } = yield* watch(Flow.run(flow, { onPause: approveAfter(5) }))
    assert.strictEqual(run.state.result, 5 * hour)
    assert.deepStrictEqual(changes("gate"), [
      'Pending() → Running("Starting task run.")',
      'Running("Starting task run.") → Paused("really?")',
      'Paused("really?") → Resume("Approval given to resume.")',
      'Resume("Approval given to resume.") → Running("Starting task run.")',
      'Running("Starting task run.") → Success("Task run succeeded.")'
    ])
  }))

it.effect("23.1 an approval is no handler's doing: observers are told of none", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const observer = Transition.layer(({ from, handlers, to }) => {
      told.push(`${from._tag} ${to._tag} ${handlers.length}`)
      return Effect.void
    })
    const watching = StateHandler.make(() => Effect.void)
    const flow = Flow.make("flow", { handlers: [] }, function* () {
      yield* Task.make("gate", {
        handlers: [watching],
        run: () =>
          Effect.flatMap(
            RunContext.RunContext,
            ({ resume }) => resume ? Effect.void : Effect.fail(Signal.pause())
          )
      })()
    })
    yield* inVirtualTime(
      Effect.provide(Flow.run(flow, { onPause: ({ resume }) => resume }), observer)
    )
    assert.deepStrictEqual(told, [
      "Scheduled Running 0",
      "Pending Running 1",
      "Running Paused 1",
      "Paused Resume 0",
      "Resume Running 1",
      "Running Success 1",
      "Running Success 0"
    ])
  }))

it.effect("23.1 an approval counts once", () =>
  Effect.gen(function* () {
    const answers: Array<boolean> = []
    const flow = Flow.make("flow", function* () {
      return yield* gate("gate")()
    })
    yield* inVirtualTime(Flow.run(flow, {
      onPause: ({ resume }) =>
        Effect.gen(function* () {
          answers.push(yield* resume)
          answers.push(yield* resume)
        })
    }))
    assert.deepStrictEqual(answers, [true, false])
  }))

it.effect("23.2 an approval before the start time lets the run go on at once", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* gate("gate", { startTime: new Date(100 * hour) })()
    })
    const run = yield* inVirtualTime(Flow.run(flow, { onPause: approveAfter(1) }))
    assert.strictEqual(run.state.result, hour)
  }))

it.effect("23.3 several pauses are each told of and approved", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return [yield* gate("a")(), yield* gate("b")(), yield* gate("c")()] as const
    })
    const after: Record<string, number> = { a: 3, b: 1, c: 2 }
    for (const concurrency of [1, "unbounded"] as const) {
      const run = yield* inVirtualTime(Flow.run(flow, {
        concurrency,
        onPause: (pause) => approveAfter(after[pause.subject.name]!)(pause)
      }))
      assert.deepStrictEqual(run.state.result, [3 * hour, hour, 2 * hour])
    }
  }))

it.effect("23.3 a run that pauses again is told of again", () =>
  Effect.gen(function* () {
    let asked = 0
    let bodies = 0
    const twice = Task.make("twice", {
      run: () =>
        Effect.suspend(() => ++bodies < 3 ? Effect.fail(Signal.pause()) : Effect.succeed(1))
    })
    const flow = Flow.make("flow", function* () {
      return yield* twice()
    })
    const run = yield* inVirtualTime(Flow.run(flow, {
      onPause: ({ resume }) => Effect.andThen(Effect.sync(() => asked++), resume)
    }))
    assert.strictEqual(run.state.result, 1)
    assert.strictEqual(asked, 2)
  }))

it.effect("23.4 a pause that nobody approves ends the flow as stalled", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const other = yield* Task.make("other", { run: () => Effect.succeed(1) })()
      yield* gate("gate")({}, { after: [other] })
    })
    for (const options of [{}, { onPause: () => Effect.sleep("1 day") }]) {
      const run = yield* inVirtualTime(Flow.run(flow, options))
      assert.instanceOf(run.state.result, Flow.FlowStalled)
      assert.strictEqual(run.stateOf("other")._tag, "Success")
      assert.match(String(run.state), /"gate-1" is Paused\(.*waits for an approval/)
    }
  }))

it.effect("23.5 a task of manualOnly waits for its approval", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* Task.make("deploy", {
        trigger: Trigger.manualOnly,
        run: () => Clock.currentTimeMillis
      })()
    })
    const { changes, run } = yield* watch(Flow.run(flow, { onPause: approveAfter(2) }))
    assert.strictEqual(run.state.result, 2 * hour)
    assert.match(changes("deploy")[0]!, /^Pending\(\) → Paused\(/)
  }))

it.effect("23.6 a paused item can be approved, and the others go on", () =>
  Effect.gen(function* () {
    const indices: Array<number | undefined> = []
    const check = Task.make("check", {
      run: ({ n }: { readonly n: number }) =>
        Effect.flatMap(
          RunContext.RunContext,
          ({ resume }) => n === 2 && !resume ? Effect.fail(Signal.pause()) : Clock.currentTimeMillis
        )
    })
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(check, { n: [1, 2, 3] })
    })
    const run = yield* inVirtualTime(Flow.run(flow, {
      onPause: (pause) => {
        if (pause.subject._tag === "Task") indices.push(pause.subject.mapIndex)
        return approveAfter(1)(pause)
      }
    }))
    assert.deepStrictEqual(run.state.result, [0, hour, 0])
    assert.deepStrictEqual(indices, [1])
  }))

it.effect("23.7 a pause whose time has come goes on by itself", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* gate("gate", { startTime: new Date(7 * hour) })()
    })
    const alone = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(alone.state.result, 7 * hour)
  }))

it.effect("23.7 who was asked about a pause that is over is not waited for", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* gate("gate", { startTime: new Date(7 * hour) })()
    })
    let interrupted = false
    for (const concurrency of [1, 2]) {
      interrupted = false
      const [run, end] = yield* inVirtualTime(
        Flow.run(flow, {
          concurrency,
          onPause: () =>
            Effect.onInterrupt(Effect.never, () =>
              Effect.sync(() => {
                interrupted = true
              }))
        }).pipe(
          Effect.flatMap((run) => Effect.map(Clock.currentTimeMillis, (now) => [run, now] as const))
        )
      )
      assert.strictEqual(run.state.result, 7 * hour)
      assert.strictEqual(end, 7 * hour)
      assert.isTrue(interrupted)
    }
  }))

it.effect("23.1 an approval holds for all rounds of a loop", () =>
  Effect.gen(function* () {
    let asked = 0
    const count = Task.make("count", {
      trigger: Trigger.manualOnly,
      run: () =>
        Effect.flatMap(RunContext.RunContext, ({ loopResult = 0, resume }) => {
          const round = (loopResult as number) + 1
          return round < 3 && resume
            ? Effect.fail(Signal.loop({ result: round }))
            : Effect.succeed(round)
        })
    })
    const flow = Flow.make("flow", function* () {
      return yield* count()
    })
    const run = yield* inVirtualTime(Flow.run(flow, {
      onPause: ({ resume }) =>
        Effect.andThen(Effect.sync(() => asked++), asked < 9 ? resume : Effect.void)
    }))
    assert.strictEqual(asked, 1)
    assert.strictEqual(run.state.result, 3)
  }))

it.effect("23.8 awaitApproval pauses a run, and lets it pass once it goes on", () =>
  Effect.gen(function* () {
    const deploy = (options?: Signal.PauseOptions) =>
      Task.make("deploy", {
        run: () => Effect.andThen(Task.awaitApproval(options), Clock.currentTimeMillis)
      })
    const flow = Flow.make("flow", function* () {
      return [
        yield* deploy()(),
        yield* deploy({ message: "really?", startTime: new Date(9 * hour) })()
      ] as const
    })
    const ask = (pause: Flow.Pause) => pause.state.startTime ? Effect.void : approveAfter(1)(pause)
    const { changes, run } = yield* watch(Flow.run(flow, { onPause: ask }))
    assert.deepStrictEqual(run.state.result, [hour, 9 * hour])
    assert.include(changes("deploy").join(), 'Paused("Pause signal raised during task execution.")')
    assert.include(changes("deploy").join(), 'Paused("really?")')
  }))

it.effect("23.9 an item whose time came before it was approved runs once", () =>
  Effect.gen(function* () {
    let bodies = 0
    const item = Task.make("item", {
      run: ({ n }: { readonly n: number }) =>
        n === 0
          ? Effect.andThen(
            Task.awaitApproval({ startTime: 1000 }),
            Effect.delay(Effect.sync(() => ++bodies), "15 seconds")
          )
          : Effect.as(Effect.sleep(`${n * 10} seconds`), 0)
    })
    const flow = Flow.make("flow", function* () {
      const items = yield* Task.map(item, { n: [0, 1, 2] })
      return yield* Task.make("sum", {
        run: ({ ns }: { readonly ns: ReadonlyArray<number> }) =>
          Effect.succeed(ns.reduce((a, b) => a + b))
      })({ ns: items })
    })
    const answers: Array<boolean> = []
    const { changes, run } = yield* watch(Flow.run(flow, {
      concurrency: 2,
      onPause: ({ resume }) =>
        Effect.delay(Effect.map(resume, (done) => answers.push(done)), "2 seconds")
    }))
    assert.strictEqual(run.state.result, 1)
    assert.strictEqual(bodies, 1)
    assert.deepStrictEqual(answers, [false])
    assert.lengthOf(changes("sum"), 2)
  }))

it.effect("23.9 a run that has gone on by itself is not approved, even before its handlers answered", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, 2]) {
      const slow = StateHandler.make((_subject, from) =>
        from._tag === "Paused" ? Effect.asVoid(Effect.sleep("1 second")) : Effect.void
      )
      const flow = Flow.make("flow", function* () {
        return yield* Task.make("gate", {
          handlers: [slow],
          run: () => Effect.as(Task.awaitApproval({ startTime: 10_000 }), 42)
        })()
      })
      const answers: Array<boolean> = []
      const { changes, run } = yield* watch(Flow.run(flow, {
        concurrency,
        onPause: ({ resume }) =>
          Effect.delay(Effect.map(resume, (done) => answers.push(done)), "10500 millis")
      }))
      assert.strictEqual(run.state.result, 42)
      assert.deepStrictEqual(answers, [false])
      assert.deepStrictEqual(changes("gate").slice(2), [
        'Paused("Pause signal raised during task execution.") → Running("Starting task run.")',
        'Running("Starting task run.") → Success("Task run succeeded.")'
      ])
    }
  }))

it.effect("23.9 what was sent back and is approved then runs once", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, 2]) {
      const flow = Flow.make("flow", function* () {
        const gated = yield* Task.make("gated", {
          trigger: (_states, { resume }) =>
            resume ? Effect.succeed(true) : Effect.fail(Signal.pause({ startTime: 0 })),
          run: () => Effect.succeed(1)
        })()
        const long = yield* Task.make("long", {
          run: () => Effect.delay(Effect.succeed(2), "10 seconds")
        })()
        return yield* Task.make("after", {
          run: ({ a, b }: { readonly a: number; readonly b: number }) => Effect.succeed(a + b)
        })({ a: gated, b: long })
      })
      const { changes, run } = yield* watch(
        Flow.run(flow, { concurrency, onPause: ({ resume }) => resume })
      )
      assert.strictEqual(run.state.result, 3)
      assert.lengthOf(changes("after"), 2)
      assert.lengthOf(changes("gated").filter((change) => change.includes("→ Success")), 1)
    }
  }))

it.effect("23.10 a run goes on only when observers have its approval, whoever gave it", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const slow = Transition.layer(({ to }) =>
      to._tag === "Resume"
        ? Effect.delay(Effect.sync(() => log.push("told")), "1 second")
        : Effect.void
    )
    const flow = Flow.make("flow", function* () {
      yield* Task.make("gate", {
        run: () => Effect.andThen(Task.awaitApproval(), Effect.sync(() => log.push("body")))
      })()
    })
    yield* inVirtualTime(
      Effect.provide(Flow.run(flow, { onPause: ({ resume }) => resume }), slow)
    )
    assert.deepStrictEqual(log, ["told", "body"])
  }))

it.effect("23.10 what an observer of an approval dies of ends the run", () =>
  Effect.gen(function* () {
    const broken = Transition.layer(({ to }) =>
      to._tag === "Resume" ? Effect.die("no disk") : Effect.void
    )
    const flow = Flow.make("flow", function* () {
      yield* gate("gate")()
    })
    const run = Flow.run(flow, { onPause: ({ resume }) => Effect.exit(resume) })
    const exit = yield* Effect.exit(inVirtualTime(Effect.provide(run, broken)))
    assert.isTrue(Exit.isFailure(exit))
    assert.include(String(exit), "no disk")
  }))

it.effect("23.4 a pause that nobody approves ends the flow, whatever was due once", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* gate("early", { startTime: 31 * 24 * hour })()
      yield* gate("never")()
    })
    const ended: Array<number> = []
    yield* inVirtualTime(Effect.andThen(
      Flow.run(flow, {
        onPause: ({ resume, subject }) => subject.name === "early" ? resume : Effect.void
      }),
      Effect.map(Clock.currentTimeMillis, (now) => ended.push(now))
    ))
    assert.deepStrictEqual(ended, [0])
  }))
