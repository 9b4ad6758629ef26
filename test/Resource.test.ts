import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { Flow, Signal, State, StateHandler, Task, Transition } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"

/** A resource that writes down what happens to it, and a flow that uses it. */
const make = (
  use: (log: Array<string>) => Effect.Effect<unknown, unknown>,
  parts: {
    readonly init?: Effect.Effect<string, unknown>
    readonly setup?: Effect.Effect<string, unknown>
    readonly cleanup?: Effect.Effect<unknown, unknown>
    readonly maxRetries?: number
  } = {}
) => {
  const log: Array<string> = []
  const note = (text: string) => Effect.sync(() => void log.push(text))
  const flow = Flow.make("flow", function* () {
    return yield* Flow.resource("db", {
      init: Effect.tap(parts.init ?? Effect.succeed("manager"), note("init")),
      setup: () => Effect.tap(parts.setup ?? Effect.succeed("handle"), note("setup")),
      cleanup: (handle, manager) =>
        Effect.andThen(note(`cleanup ${handle} of ${manager}`), parts.cleanup ?? Effect.void)
    }, function* (handle) {
      const query = Task.make("query", {
        ...(parts.maxRetries === undefined
          ? {}
          : { maxRetries: parts.maxRetries, retryDelay: "1 hour" as const }),
        run: ({ db }: { readonly db: string }) => Effect.andThen(note(`query ${db}`), use(log))
      })
      return yield* query({ db: handle })
    })
  })
  return { flow, log }
}

const released = "cleanup handle of manager"

it.effect("20.1 a resource is set up before its block and released after it", () =>
  Effect.gen(function* () {
    const { flow, log } = make(() => Effect.delay(Effect.succeed(42), "1 day"))
    for (const concurrency of [1, "unbounded"] as const) {
      log.length = 0
      const run = yield* inVirtualTime(Flow.run(flow, { concurrency }))
      assert.strictEqual(run.state.result, 42)
      assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
    }
  }))

it.effect("20.1 without a setup the tasks take what init gave", () =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    const flow = Flow.make("flow", function* () {
      yield* Flow.resource("db", {
        init: Effect.succeed("manager"),
        cleanup: (handle) => Effect.sync(() => seen.push(`cleanup ${handle}`))
      }, function* (handle) {
        yield* Task.make("query", {
          run: ({ db }: { readonly db: string }) => Effect.sync(() => seen.push(`query ${db}`))
        })({ db: handle })
      })
    })
    yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(seen, ["query manager", "cleanup manager"])
  }))

it.effect("20.2 it is released when a task of its block failed", () =>
  Effect.gen(function* () {
    const { flow, log } = make(() => Effect.fail("no rows"))
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.isTrue(State.isFailed(run.state))
    assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
  }))

it.effect("20.2 it is released when the flow stalled", () =>
  Effect.gen(function* () {
    const { flow, log } = make(() => Effect.fail(Signal.pause("for ever")))
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.instanceOf(run.state.result, Flow.FlowStalled)
    assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
  }))

it.effect("20.3 where nothing was set up nothing is released", () =>
  Effect.gen(function* () {
    const noInit = make(() => Effect.void, { init: Effect.fail("no memory") })
    const first = yield* inVirtualTime(Flow.run(noInit.flow))
    assert.isTrue(State.isFailed(first.state))
    assert.deepStrictEqual(noInit.log, [])
    assert.strictEqual(first.stateOf("db.cleanup")._tag, "Skipped")
    const noSetup = make(() => Effect.void, { setup: Effect.fail("no route to host") })
    const second = yield* inVirtualTime(Flow.run(noSetup.flow))
    assert.isTrue(State.isFailed(second.state))
    assert.deepStrictEqual(noSetup.log, ["init"])
    assert.strictEqual(
      String(second.stateOf("db.cleanup")),
      'Skipped("Resource manager setup failed")'
    )
  }))

it.effect("20.4 a cleanup that fails does not fail the flow", () =>
  Effect.gen(function* () {
    const { flow, log } = make(() => Effect.succeed(42), { cleanup: Effect.fail("stuck") })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.isTrue(State.isFailed(run.stateOf("db.cleanup")))
    assert.strictEqual(run.state._tag, "Success")
    assert.strictEqual(run.state.result, 42)
    assert.lengthOf(log, 4)
  }))

it.effect("20.5 an interrupted flow releases what is set up, once", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, 4]) {
      const begun = yield* Deferred.make<void>()
      const { flow, log } = make(() =>
        Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
      )
      const fiber = yield* Effect.forkChild(Flow.run(flow, { concurrency }))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
    }
  }))

it.effect("20.6 a cleanup that is under way is finished, and not begun again", () =>
  Effect.gen(function* () {
    // It is under way in the course of the flow, or because the flow stalled.
    for (const use of [Effect.void, Effect.fail(Signal.pause("for ever"))]) {
      for (const concurrency of [1, 4]) {
        const begun = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        let finished = 0
        const { flow, log } = make(() => use, {
          cleanup: Deferred.succeed(begun, undefined).pipe(
            Effect.andThen(Deferred.await(go)),
            Effect.andThen(Effect.sync(() => finished++))
          )
        })
        const fiber = yield* Effect.forkChild(Flow.run(flow, { concurrency }))
        yield* Deferred.await(begun)
        const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
        yield* Effect.yieldNow
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(interrupting)
        assert.strictEqual(finished, 1)
        assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
      }
    }
  }))

it.effect("20.7 it is set up once, whatever is retried in its block", () =>
  Effect.gen(function* () {
    const { flow, log } = make(
      (log) => Effect.suspend(() => log.length < 4 ? Effect.fail("not yet") : Effect.succeed(42)),
      { maxRetries: 3 }
    )
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(run.state.result, 42)
    assert.deepStrictEqual(log, ["init", "setup", "query handle", "query handle", released])
  }))

it.effect("20.5 one cleanup that fails then does not keep another from its turn", () =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const log: Array<string> = []
    const hold = Task.make("hold", {
      run: () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    })
    const flow = Flow.make("flow", function* () {
      const cleanup = (name: string) => () =>
        Effect.andThen(Effect.sync(() => void log.push(name)), Effect.die("stuck"))
      yield* Flow.resource(
        "a",
        { init: Effect.succeed("a"), cleanup: cleanup("a") },
        function* (a) {
          const ready = yield* Task.make("ready", {
            run: (inputs: { readonly a: string }) => Effect.succeed(inputs.a)
          })({ a })
          yield* Flow.resource(
            "b",
            { init: Effect.succeed("b"), cleanup: cleanup("b") },
            function* (b) {
              yield* hold({}, { after: [ready, b] })
            }
          )
        }
      )
    })
    const fiber = yield* Effect.forkChild(Flow.run(flow))
    yield* Deferred.await(begun)
    yield* Fiber.interrupt(fiber)
    assert.sameMembers(log, ["a", "b"])
  }))

it.effect("20.8 what is being set up is waited for, and released", () =>
  Effect.gen(function* () {
    for (const held of ["db", "db.setup"]) {
      const { flow, log } = make(() => Effect.void)
      const slow = StateHandler.make((subject, _from, to) =>
        subject.name === held && to._tag === "Success"
          ? Effect.asVoid(Effect.sleep("100 millis"))
          : Effect.void
      )
      const running = Effect.provide(Flow.run(flow), StateHandler.layer(slow))
      yield* inVirtualTime(Effect.timeoutOption(running, "50 millis"))
      assert.deepStrictEqual(
        log,
        held === "db" ? ["init"] : ["init", "setup", released]
      )
    }
  }))

it.effect("20.3 where the setup was skipped nothing is released, however the flow ends", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const flow = Flow.make("flow", function* () {
      yield* Flow.resource("db", {
        init: Effect.succeed("manager"),
        setup: (): Effect.Effect<string, Signal.Signal> => Effect.fail(Signal.skip()),
        cleanup: (handle) => Effect.sync(() => log.push(`cleanup ${handle}`))
      }, function* (handle) {
        yield* Task.make("query", { skipOnUpstreamSkip: false, run: () => Effect.sleep("1 day") })(
          {},
          { after: [handle] }
        )
      })
    })
    yield* inVirtualTime(Effect.timeoutOption(Flow.run(flow), "1 hour"))
    assert.deepStrictEqual(log, [])
  }))

it.effect("20.5 it is released although an observer died while the flow was interrupted", () =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const { flow, log } = make(() =>
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    )
    const broken = Transition.layer(({ subject, to }) =>
      to._tag === "Cancelled" && subject.name === "query" ? Effect.die("no disk") : Effect.void
    )
    const fiber = yield* Effect.forkChild(Effect.provide(Flow.run(flow), broken))
    yield* Deferred.await(begun)
    yield* Fiber.interrupt(fiber)
    assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
  }))

it.effect("20.5 it is released when the flow ends with what an observer or an approver died of", () =>
  Effect.gen(function* () {
    for (const dies of ["observer", "approver"]) {
      const { flow, log } = make(() => Effect.fail(Signal.pause()))
      const observer = Transition.layer(({ to }) =>
        dies === "observer" && to._tag === "Paused" ? Effect.die("no disk") : Effect.void
      )
      const running = Flow.run(flow, {
        onPause: () => dies === "approver" ? Effect.die("no disk") : Effect.never
      })
      const exit = yield* Effect.exit(inVirtualTime(Effect.provide(running, observer)))
      assert.include(String(exit), "no disk")
      assert.deepStrictEqual(log, ["init", "setup", "query handle", released])
    }
  }))
