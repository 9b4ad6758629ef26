import { assert, it } from "@effect/vitest"
import { Cause, Clock, Effect } from "effect"
import { Flow, State, StateHandler, Task } from "signalbox"
import { FaultPlan, Simulation } from "signalbox/testing"

const watch = StateHandler.make(() => Effect.void, { name: "watch" })

const work = Task.make("work", {
  maxRetries: 2,
  retryDelay: "1 hour",
  timeout: "10 minutes",
  handlers: [watch],
  run: () => Effect.as(Effect.sleep("1 minute"), "done")
})

const flow = Flow.make("faulty", function* () {
  return yield* work()
})

const linesOf = (...faults: FaultPlan.FaultPlan) =>
  Effect.map(
    Simulation.run(flow, { faults }),
    (report) =>
      report.transitions("work").map((line) => line.replace(/^(\S+) .* → (\w+).*/, "$1 $2"))
  )

it.effect("a body fails, dies, times out, is interrupted, or begins late, where the plan says so", () =>
  Effect.gen(function* () {
    const after = ["01:00:00 Running", "01:01:00 Success"]
    const attempt = 1
    for (const kind of ["Fail", "Die"] as const) {
      assert.deepStrictEqual(yield* linesOf({ kind, attempt }), [
        "00:00:00 Running",
        "00:00:00 Failed",
        "00:00:00 Retrying",
        ...after
      ])
    }
    assert.deepStrictEqual((yield* linesOf({ kind: "TimeOut", attempt }))[1], "00:00:00 TimedOut")
    assert.deepStrictEqual(yield* linesOf({ kind: "Delay", millis: 1000 }), [
      "00:00:00 Running",
      "00:01:01 Success"
    ])
  }))

it.effect("a body that never answers ends by the timeout of its task", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* linesOf({ kind: "NeverAnswer", task: "work", attempt: 1 }), [
      "00:00:00 Running",
      "00:10:00 TimedOut",
      "00:10:00 Retrying",
      "01:10:00 Running",
      "01:11:00 Success"
    ])
  }))

it.effect("a handler fails, dies or hangs, and its policy decides", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* linesOf({ kind: "HandlerFail", handler: "watch" }), [
      "00:00:00 Failed"
    ])
    assert.deepStrictEqual(yield* linesOf({ kind: "HandlerDie", task: "work", transition: 2 }), [
      "00:00:00 Running",
      "00:01:00 Failed"
    ])
    assert.deepStrictEqual(yield* linesOf({ kind: "HandlerHang" }), ["00:01:00 Failed"])
  }))

it.effect("the clock jumps, and sleeps are as long as before", () =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const look = Effect.map(Clock.currentTimeMillis, (time) => times.push(time))
    const flow = Flow.make("jumped", function* () {
      yield* Task.make("look", { run: () => Effect.andThen(Effect.sleep(2000), look) })()
    })
    const start = 1_000_000
    for (const by of [3_600_000, -3_600_000]) {
      const faults = [{ kind: "ClockJump", at: 1000, by }] as const
      const report = yield* Simulation.run(flow, { start, faults })
      assert.strictEqual(times.pop(), start + 2000 + by)
      assert.isTrue(report.ended)
    }
  }))

it.effect("a journal write that fails ends the run as a crash would", () =>
  Effect.gen(function* () {
    const report = yield* Simulation.run(flow, { faults: [{ kind: "JournalFail", transition: 2 }] })
    assert.isFalse(report.ended)
    assert.strictEqual(report.trace.changes.length, 2)
    assert.isTrue(State.isRunning(report.final("work")))
  }))

it.effect("chance is drawn from the seed", () =>
  Effect.gen(function* () {
    const faults = [{ kind: "Fail", probability: 0.5 }] as const
    const failuresOf = (seed: number) =>
      Effect.map(
        Simulation.run(flow, { seed, faults }),
        (report) => report.transitions("work").filter((line) => line.includes("→ Failed")).length
      )
    const counts = yield* Effect.forEach(Array(40).keys(), failuresOf)
    assert.deepStrictEqual(yield* Effect.forEach(Array(40).keys(), failuresOf), counts)
    assert.deepStrictEqual(new Set(counts), new Set([0, 1, 2, 3]))
  }))

it.effect("a plan is data: it goes through text and back", () =>
  Effect.gen(function* () {
    const plan: FaultPlan.FaultPlan = [
      { kind: "Delay", task: "work-1", attempt: 2, millis: 5 },
      { kind: "HandlerHang", handler: "watch", probability: 0.25 },
      { kind: "ClockJump", at: 5, by: -5 },
      { kind: "JournalFail", transition: 3 }
    ]
    assert.deepStrictEqual(yield* FaultPlan.parse(FaultPlan.format(plan)), plan)
  }))

it.effect("a plan that makes no sense is refused with the place and the value", () =>
  Effect.gen(function* () {
    const messageOf = (...faults: ReadonlyArray<unknown>) =>
      Effect.map(
        Effect.flip(Simulation.run(flow, { faults: faults as FaultPlan.FaultPlan })),
        ({ message }) => message
      )
    assert.strictEqual(
      yield* messageOf({ kind: "Fail", task: "wrok" }),
      'Cannot use a fault plan with flow "faulty": it has no task "wrok"; its tasks are work-1'
    )
    assert.match(
      yield* messageOf({ kind: "Delay", millis: -1 }),
      /^Cannot use a fault plan with flow "faulty": fault 0 is none: .*0.*\(\[\{"kind":"Delay","millis":-1\}\]\)$/s
    )
    assert.match(yield* messageOf({ kind: "Fail", attempt: 0 }), /fault 0 is none/)
    const error = yield* Effect.flip(FaultPlan.parse("[{]"))
    assert.match(error.message, /^Cannot read a fault plan: /)
    assert.strictEqual(error._tag, "FaultPlanError")
  }))

it.effect("an interrupted body ends as the engine says, and only once", () =>
  Effect.gen(function* () {
    const report = yield* Simulation.run(flow, { faults: [{ kind: "Interrupt", attempt: 1 }] })
    assert.isTrue(report.ended)
    assert.isFalse(Cause.isCause(report.final("work")))
  }))
