import { assert, it } from "@effect/vitest"
import { Clock, ConfigProvider, Effect, Redacted, Schema } from "effect"
import { Flow, Parameter, State, Task } from "signalbox"
import { FlowSchedule, ScheduleClock } from "signalbox/schedule"
import { Simulation } from "signalbox/testing"
import { hour, inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const now = Task.make("now", { run: () => Clock.currentTimeMillis })

const clock = Flow.make("clock", function* () {
  return yield* now()
})

it.effect("24.1 a served flow runs at every moment, and the last run is the answer", () =>
  Effect.gen(function* () {
    const times: Array<unknown> = []
    const schedule = FlowSchedule.dates([3, 1, 2].map((hours) => new Date(hours * hour)))
    const last = yield* inVirtualTime(Flow.serve(clock, schedule, {
      onRun: ({ state }) => Effect.sync(() => times.push(state.result))
    }))
    assert.deepStrictEqual(times, [hour, 2 * hour, 3 * hour])
    assert.strictEqual(last.state.result, 3 * hour)
  }))

it.effect("24.1 moments that pass while a run is under way are left out", () =>
  Effect.gen(function* () {
    const begun: Array<number> = []
    const slow = Task.make("slow", {
      run: () =>
        Effect.andThen(
          Effect.tap(Clock.currentTimeMillis, (time) => Effect.sync(() => begun.push(time / hour))),
          Effect.sleep("90 minutes")
        )
    })
    const flow = Flow.make("slow", function* () {
      yield* slow()
    })
    const schedule = FlowSchedule.interval("1 hour", {
      start: new Date(0),
      end: new Date(5 * hour)
    })
    yield* inVirtualTime(Flow.serve(flow, schedule))
    assert.deepStrictEqual(begun, [1, 3, 5])
  }))

it.effect("24.1 each moment has one run, also where the clock goes back a little", () =>
  Effect.gen(function* () {
    const times: Array<unknown> = []
    const start = Date.UTC(2026, 0, 1)
    const schedule = FlowSchedule.dates([10, 20].map((seconds) => new Date(start + seconds * 1000)))
    const serving = Flow.serve(clock, schedule, {
      onRun: ({ state }) => Effect.sync(() => times.push(Number(state.result) - start))
    })
    yield* Simulation.runEffect(clock, serving, {
      start,
      faults: [{ kind: "ClockJump", at: 5000, by: -1 }]
    })
    assert.lengthOf(times, 2)
  }))

it.effect("24.2 the parameters of the schedule go before those of the caller", () =>
  Effect.gen(function* () {
    const echo = Task.make("echo", {
      run: (inputs: { readonly a: string; readonly b: string }) => Effect.succeed(inputs)
    })
    const parameters = {
      a: Parameter.withDefault(Schema.String, "default"),
      b: Parameter.withDefault(Schema.String, "default")
    }
    const flow = Flow.make("flow", { parameters }, function* ({ a, b }) {
      return yield* echo({ a, b })
    })
    const schedule = FlowSchedule.make({
      clocks: [
        ScheduleClock.dates([new Date(hour)], { parameters: { a: "clock" } }),
        ScheduleClock.dates([new Date(2 * hour)])
      ]
    })
    const results: Array<unknown> = []
    yield* inVirtualTime(Flow.serve(flow, schedule, {
      parameters: { a: "caller", b: "caller" },
      onRun: ({ state }) => Effect.sync(() => results.push(state.result))
    }))
    assert.deepStrictEqual(results, [{ a: "clock", b: "caller" }, { a: "caller", b: "caller" }])
  }))

it.effect("24.3 a failed run does not stop the schedule", () =>
  Effect.gen(function* () {
    let runs = 0
    const flaky = Task.make("flaky", {
      run: () => Effect.suspend(() => ++runs === 2 ? Effect.fail("no") : Effect.succeed(runs))
    })
    const flow = Flow.make("flow", function* () {
      return yield* flaky()
    })
    const ends: Array<string> = []
    const schedule = FlowSchedule.interval("1 hour", {
      start: new Date(0),
      end: new Date(3 * hour)
    })
    yield* inVirtualTime(Flow.serve(flow, schedule, {
      onRun: ({ state }) => Effect.sync(() => ends.push(state._tag))
    }))
    assert.deepStrictEqual(ends, ["Success", "Failed", "Success"])
  }))

it.effect("24.4 a schedule without a moment left fails", () =>
  Effect.gen(function* () {
    const error = yield* inVirtualTime(
      Effect.flip(Flow.serve(clock, FlowSchedule.dates([new Date(-hour)])))
    )
    assert.instanceOf(error, Flow.NoScheduledRuns)
    assert.strictEqual(
      error.message,
      'Cannot serve flow "clock": Flow has no more scheduled runs.'
    )
  }))

const divide = Task.make("divide", {
  run: ({ a, b }: { readonly a: number; readonly b: number }) =>
    b === 0 ? Effect.fail(new RangeError("b is zero")) : Effect.succeed(a / b)
})

const inner = Flow.make("inner", {
  parameters: {
    a: Parameter.required(Schema.NumberFromString),
    b: Parameter.withDefault(Schema.Number, 2)
  }
}, function* ({ a, b }) {
  return yield* divide({ a, b })
})

it.effect("24.5 a flow as a task gives its result", () =>
  Effect.gen(function* () {
    const outer = Flow.make("outer", function* () {
      const once = yield* Flow.task(inner)({ a: "12" })
      return [once, yield* Flow.task(inner)({ a: "12", b: once })] as const
    })
    const { run } = yield* watch(Flow.run(outer))
    assert.deepStrictEqual(run.state.result, [6, 2])
  }))

it.effect("24.5 a flow as a task gives its failure", () =>
  Effect.gen(function* () {
    const outer = Flow.make("outer", function* () {
      yield* Flow.task(inner)({ a: "12", b: 0 })
    })
    const failed = yield* inVirtualTime(Flow.run(outer))
    assert(State.isFailed(failed.state))
    assert.instanceOf(failed.stateOf("inner").result, RangeError)
    const unfit = Flow.make("outer", function* () {
      yield* Flow.task(inner)({ a: 12 as unknown as string })
    })
    const refused = yield* inVirtualTime(Flow.run(unfit))
    assert.instanceOf(refused.stateOf("inner").result, Flow.ParameterError)
  }))

const inConfig = (values: Record<string, string>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(values)))

it.effect("24.6 a secret is shown in no state and no message", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const token = yield* Flow.secret("TOKEN")
      const use = Task.make("use", {
        run: ({ token }: { readonly token: Redacted.Redacted<string> }) =>
          Effect.succeed(Redacted.value(token).length)
      })
      return yield* use({ token })
    })
    const { run, transitions } = yield* watch(Flow.run(flow)).pipe(
      inConfig({ TOKEN: "hunter2-hunter2" })
    )
    assert.strictEqual(run.state.result, 15)
    assert.isFalse(JSON.stringify([run.tasks, transitions.map(({ to }) => to)]).includes("hunter2"))
    assert.isFalse(
      run.tasks.map(({ state }) => `${state} ${state.result}`).join().includes("hunter2")
    )
  }))

it.effect("24.7 a secret goes through its Schema", () =>
  Effect.gen(function* () {
    const Credentials = Schema.fromJsonString(Schema.Struct({ user: Schema.String }))
    const flow = Flow.make("flow", function* () {
      return yield* Flow.secret("LOGIN", Credentials)
    })
    const run = yield* inVirtualTime(Flow.run(flow)).pipe(inConfig({ LOGIN: '{"user":"ada"}' }))
    assert(State.isSuccessful(run.state))
    assert.deepStrictEqual(Redacted.value(run.state.result as Redacted.Redacted<unknown>), {
      user: "ada"
    })
    const unfit = yield* inVirtualTime(Flow.run(flow)).pipe(inConfig({ LOGIN: '{"hunter2":1}' }))
    const state: State.State = unfit.stateOf("LOGIN")
    assert(State.isFailed(state))
    assert.instanceOf(state.result, Flow.SecretError)
    assert.isFalse(`${state} ${state.cause}`.includes("hunter2"))
    assert.match(String(state), /Local Secret "LOGIN" does not fit\./)
  }))

it.effect("24.7 a secret that is missing fails", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* Flow.secret("TOKEN")
    })
    const run = yield* inVirtualTime(Flow.run(flow)).pipe(inConfig({}))
    assert.instanceOf(run.stateOf("TOKEN").result, Flow.SecretError)
    assert.match(String(run.stateOf("TOKEN")), /Local Secret "TOKEN" was not found\./)
  }))
