import { assert, it } from "@effect/vitest"
import { Cause, Clock, Duration, Effect } from "effect"
import { Flow, State, StateHandler, Task } from "signalbox"
import { FaultPlan, type Report, SeededRandom, Simulation, Trace } from "signalbox/testing"

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

it.effect("25.13 a body fails, dies, times out, is interrupted, or begins late, where the plan says so", () =>
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

it.effect("25.13 a body that is interrupted fails and is tried again", () =>
  Effect.gen(function* () {
    const report = yield* Simulation.run(flow, { faults: [{ kind: "Interrupt", attempt: 1 }] })
    assert.deepStrictEqual(yield* linesOf({ kind: "Interrupt", attempt: 1 }), [
      "00:00:00 Running",
      "00:00:00 Failed",
      "00:00:00 Retrying",
      "01:00:00 Running",
      "01:01:00 Success"
    ])
    const failed = report.trace.changes.find(({ to }) => State.isFailed(to))!.to as State.Failed
    assert.isTrue(Cause.hasInterruptsOnly(failed.cause!))
  }))

it.effect("25.14 a fault strikes the items, attempts and changes that it names, and no other", () =>
  Effect.gen(function* () {
    const each = Task.make("each", {
      maxRetries: 1,
      retryDelay: "1 hour",
      run: ({ n }: { readonly n: number }) => Effect.succeed(n)
    })
    const mapped = Flow.make("mapped", function* () {
      yield* Task.map(each, { n: [1, 2, 3] })
      yield* work()
    })
    const struck = (fault: FaultPlan.Fault) =>
      Effect.map(
        Simulation.run(mapped, { faults: [fault] }),
        ({ strikes }) => strikes.map(({ attempt, item, task }) => `${task} ${item} ${attempt}`)
      )
    assert.deepStrictEqual(yield* struck({ kind: "Fail", item: 1 }), ["each-1 1 1", "each-1 1 2"])
    assert.deepStrictEqual(yield* struck({ kind: "Fail", item: 2, attempt: 1 }), ["each-1 2 1"])
    assert.deepStrictEqual(yield* struck({ kind: "Die", task: "work", attempt: 1 }), [
      "work-1 undefined 1"
    ])
    // The changes of the flow, of the mapped task and of its first item come before.
    assert.deepStrictEqual(yield* struck({ kind: "Fail", transition: 3 }), ["each-1 0 1"])
    assert.deepStrictEqual(yield* struck({ kind: "Fail", transition: 0 }), [])
  }))

it.effect("25.13 a body that never answers ends by the timeout of its task", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* linesOf({ kind: "NeverAnswer", task: "work", attempt: 1 }), [
      "00:00:00 Running",
      "00:10:00 TimedOut",
      "00:10:00 Retrying",
      "01:10:00 Running",
      "01:11:00 Success"
    ])
  }))

it.effect("25.13 a handler fails, dies or hangs, and its policy decides", () =>
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

it.effect("25.13 the clock jumps, and sleeps are as long as before", () =>
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

it.effect("25.13 a journal write that fails ends the run as a crash would", () =>
  Effect.gen(function* () {
    const report = yield* Simulation.run(flow, { faults: [{ kind: "JournalFail", transition: 2 }] })
    assert.isFalse(report.ended)
    assert.strictEqual(report.trace.changes.length, 2)
    assert.isTrue(State.isRunning(report.final("work")))
  }))

it.effect("25.16 a report says where faults struck", () =>
  Effect.gen(function* () {
    const { strikes } = yield* Simulation.run(flow, {
      faults: [
        { kind: "Fail", attempt: 1 },
        { kind: "HandlerFail", handler: "watch", transition: 5 },
        { kind: "Die", attempt: 7 },
        { kind: "ClockJump", at: 60_000, by: 1 },
        { kind: "JournalFail", transition: 6 }
      ]
    })
    assert.deepStrictEqual(strikes, [
      { fault: 0, task: "work-1", attempt: 1, transition: 2 },
      { fault: 3, transition: 4 },
      { fault: 1, task: "work-1", handler: "watch", transition: 5 },
      { fault: 4, transition: 6 }
    ])
  }))

// ---------------------------------------------------------------------------------------------
// Pauses
// ---------------------------------------------------------------------------------------------

const hour = 3_600_000

const deploy = Task.make("deploy", {
  run: () => Effect.as(Task.awaitApproval({ message: "really?" }), "deployed")
})

const release = Flow.make("release", function* () {
  return yield* deploy()
})

const changesOf = (report: Report.Report<unknown, unknown>, task: string) =>
  report.transitions(task).map((line) => line.replace(/^(\S+) .* → (.*)$/, "$1 $2"))

it.effect("25.15 a paused run goes on when the plan says so", () =>
  Effect.gen(function* () {
    const plan: FaultPlan.FaultPlan = [{ kind: "Resume", task: "deploy", after: 2 * hour }]
    const report = yield* Simulation.run(release, { faults: plan })
    assert.deepStrictEqual(changesOf(report, "deploy"), [
      '00:00:00 Running("Starting task run.")',
      '00:00:00 Paused("really?")',
      '02:00:00 Resume("Approval given to resume.")',
      '02:00:00 Running("Starting task run.")',
      '02:00:00 Success("Task run succeeded.")'
    ])
    assert.strictEqual(report.run.state.result, "deployed")
    assert.deepStrictEqual(report.strikes, [
      { fault: 0, task: "deploy-1", attempt: 1, transition: 3 }
    ])
    const unanswered = yield* Simulation.run(release)
    assert.match(String(unanswered.state), /"deploy-1" is Paused.* waits for an approval/)
  }))

it.effect("25.15 a paused run is skipped or fails instead of going on", () =>
  Effect.gen(function* () {
    const lastOf = (as: "Skip" | "Fail") =>
      Effect.map(
        Simulation.run(release, { faults: [{ kind: "Resume", after: hour, as }] }),
        (report) => changesOf(report, "deploy").at(-1)
      )
    const said = (what: string) => `"The fault plan says that task "deploy" ${what}."`
    assert.strictEqual(yield* lastOf("Skip"), `01:00:00 Skipped(${said("is skipped")})`)
    assert.strictEqual(yield* lastOf("Fail"), `01:00:00 Failed(${said("fails")})`)
  }))

it.effect("25.15 each pause, each item and each attempt has its own answer", () =>
  Effect.gen(function* () {
    const bodies: Array<number> = []
    const check = Task.make("check", {
      maxRetries: 1,
      retryDelay: "1 hour",
      run: ({ n }: { readonly n: number }) =>
        Effect.gen(function* () {
          yield* Task.awaitApproval()
          bodies.push(n)
          return n === 2 && !bodies.slice(0, -1).includes(2) ? yield* Effect.fail("again") : n
        })
    })
    const mapped = Flow.make("mapped", function* () {
      return yield* Task.map(check, { n: [1, 2, 3] })
    })
    const faults: FaultPlan.FaultPlan = [
      { kind: "Resume", item: 0, after: 3 * hour },
      { kind: "Resume", item: 1, attempt: 2, after: 5 * hour },
      { kind: "Resume", task: "check-1", item: 1, after: hour },
      { kind: "Resume", after: 0, as: "Skip" }
    ]
    const report = yield* Simulation.run(mapped, { faults })
    assert.deepStrictEqual(bodies, [2, 1, 2])
    assert.match(changesOf(report, "check[1]").at(-1)!, /^07:00:00 Success/)
    assert.match(changesOf(report, "check[2]").at(-1)!, /^00:00:00 Skipped/)
    assert.strictEqual(report.strikes.length, 4)
  }))

it.effect("25.15 the plan answers before whoever the flow would ask, and leaves them the other pauses", () =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const two = Flow.make("two", function* () {
      yield* Task.make("one", { run: () => Task.awaitApproval() })()
      yield* Task.make("other", { run: () => Task.awaitApproval() })()
    })
    const onPause = ({ resume, subject }: Flow.Pause) => {
      asked.push(subject.name)
      return Effect.delay(resume, "3 hours")
    }
    const faults: FaultPlan.FaultPlan = [{ kind: "Resume", task: "one", after: hour }]
    const report = yield* Simulation.run(two, { onPause, faults })
    assert.deepStrictEqual(asked, ["other"])
    assert.deepStrictEqual(report.elapsed, Duration.hours(3))
    const asEffect = yield* Simulation.runEffect(two, Flow.run(two, { onPause }), { faults })
    assert.deepStrictEqual(Trace.lines(asEffect.trace), Trace.lines(report.trace))
  }))

it.effect("25.15 a pause whose time comes before the answer goes on by itself", () =>
  Effect.gen(function* () {
    const patient = Flow.make("patient", function* () {
      const startTime = "2026-01-01T01:00:00Z"
      yield* Task.make("wait", { run: () => Task.awaitApproval({ startTime }) })()
    })
    const faults: FaultPlan.FaultPlan = [{ kind: "Resume", after: 2 * hour, as: "Fail" }]
    const report = yield* Simulation.run(patient, { faults })
    assert.match(changesOf(report, "wait").at(-1)!, /^01:00:00 Success/)
  }))

it.effect("25.15, 25.20 an answer is part of the line that is replayed", () =>
  Effect.gen(function* () {
    const { findings: [finding] } = yield* Simulation.explore(release, {
      seeds: 1,
      faults: [
        { kind: "Delay", millis: 90_000 },
        { kind: "Resume", after: 3 * hour + 1234, as: "Skip" }
      ],
      check: ({ elapsed, final }) =>
        State.isSkipped(final("deploy")) && Duration.toHours(elapsed) > 1
          ? Effect.fail(new Error("skipped late"))
          : Effect.void
    })
    const resume = '[{"kind":"Resume","after":3600001,"as":"Skip","task":"deploy-1"}]'
    assert.strictEqual(String(finding), `seed=0, plan=${resume}: skipped late`)
    const report = yield* Simulation.replay(release, String(finding))
    assert.isTrue(State.isSkipped(report.final("deploy")))
  }))

it.effect("25.15 random plans answer pauses if asked to", () =>
  Effect.gen(function* () {
    const ends = yield* Effect.forEach(Array(60).keys(), (seed) => {
      const random = SeededRandom.make(seed, "plan")
      const faults = FaultPlan.random({ kinds: ["Resume"], max: 1 })(release.graph, random)
      return Effect.map(
        Simulation.run(release, { seed, faults }),
        ({ final }) => final("deploy")._tag
      )
    })
    assert.deepStrictEqual(new Set(ends), new Set(["Paused", "Success", "Skipped", "Failed"]))
  }))

// ---------------------------------------------------------------------------------------------
// Plans as data
// ---------------------------------------------------------------------------------------------

it.effect("25.14 chance is drawn from the seed", () =>
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

it.effect("25.17 a plan is data: it goes through text and back", () =>
  Effect.gen(function* () {
    const plan: FaultPlan.FaultPlan = [
      { kind: "Delay", task: "work-1", attempt: 2, millis: 5 },
      { kind: "HandlerHang", handler: "watch", probability: 0.25 },
      { kind: "ClockJump", at: 5, by: -5 },
      { kind: "JournalFail", transition: 3 },
      { kind: "Resume", task: "work", item: 2, after: 60_000, as: "Fail" }
    ]
    assert.deepStrictEqual(yield* FaultPlan.parse(FaultPlan.format(plan)), plan)
  }))

it.effect("25.17 a plan that makes no sense is refused with the place and the value", () =>
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
    const reasonOf = (fault: unknown) =>
      Effect.map(messageOf(fault), (message) => {
        const [action, reason] = message.split('"faulty": ')
        assert.strictEqual(action, "Cannot use a fault plan with flow ")
        return reason
      })
    const all = "Fail, Die, Interrupt, TimeOut, NeverAnswer, Delay, HandlerFail, HandlerDie, " +
      "HandlerHang, ClockJump, JournalFail, Resume"
    const reasons: ReadonlyArray<readonly [fault: unknown, reason: string]> = [
      [null, "fault 0 must be an object with a kind (null)"],
      [{ task: "work" }, `the kind of fault 0 must be one of ${all} (undefined)`],
      [{ kind: "Explode" }, `the kind of fault 0 must be one of ${all} ("Explode")`],
      [
        { kind: "Delay", millis: -1 },
        "millis of fault 0, a Delay: Expected a value greater than or equal to 0 (-1)"
      ],
      [{ kind: "Delay" }, "millis of fault 0, a Delay, is missing"],
      [
        { kind: "ClockJump", at: -5, by: 1 },
        "at of fault 0, a ClockJump: Expected a value greater than or equal to 0 (-5)"
      ],
      [
        { kind: "ClockJump", at: 5, by: NaN },
        "by of fault 0, a ClockJump: Expected a finite number (NaN)"
      ],
      [
        { kind: "Fail", probability: 2 },
        "probability of fault 0, a Fail: Expected a value between 0 and 1 (2)"
      ],
      [
        { kind: "Resume", after: 0, as: "Die" },
        'as of fault 0, a Resume: Expected "Skip" | "Fail" ("Die")'
      ],
      [{ kind: "Fail", item: 0, task: "work" }, 'task "work" is not mapped and has no item (0)']
    ]
    for (const [fault, reason] of reasons) assert.strictEqual(yield* reasonOf(fault), reason)
  }))

it.effect("25.17 a field that a kind does not have is refused, and not left to strike everywhere", () =>
  Effect.gen(function* () {
    const reasonOf = (fault: unknown) =>
      Effect.map(
        Effect.flip(Simulation.run(flow, { faults: [fault as FaultPlan.Fault] })),
        ({ message }) => message.split('"faulty": ')[1]
      )
    assert.strictEqual(
      yield* reasonOf({ kind: "Fail", tsak: "work" }),
      'fault 0, a Fail, has no tsak; it takes task, item, transition, probability, attempt ("work")'
    )
    assert.strictEqual(
      yield* reasonOf({ kind: "HandlerFail", attempt: 2 }),
      "fault 0, a HandlerFail, has no attempt; it takes handler, task, item, transition, probability (2)"
    )
  }))

it.effect("25.17 what is no plan at all is refused, wherever it comes from", () =>
  Effect.gen(function* () {
    const used = (faults: unknown) =>
      Effect.map(
        Effect.flip(Simulation.run(flow, { faults: faults as FaultPlan.FaultPlan })),
        ({ message }) => message
      )
    assert.strictEqual(
      yield* used({ kind: "Fail" }),
      'Cannot use a fault plan with flow "faulty": it must be a list of faults ({"kind":"Fail"})'
    )
    const read = (text: string) =>
      Effect.map(Effect.flip(FaultPlan.parse(text)), ({ message }) => message)
    assert.strictEqual(yield* read("[{]"), 'Cannot read a fault plan: it is no JSON ("[{]")')
    assert.strictEqual(
      yield* read('"Fail"'),
      'Cannot read a fault plan: it must be a list of faults ("Fail")'
    )
    assert.strictEqual(
      yield* read('[{"kind":"Fail"},{"kind":"Delay","millis":"5"}]'),
      'Cannot read a fault plan: millis of fault 1, a Delay: Expected number ("5")'
    )
  }))

it("25.17 random plans of what makes no sense are refused at once", () => {
  const messageOf = (options: FaultPlan.RandomOptions) => {
    try {
      FaultPlan.random(options)
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }
  assert.strictEqual(
    messageOf({ max: -1 }),
    "Cannot draw fault plans: max must be a whole number from 0 (-1)"
  )
  assert.strictEqual(
    messageOf({ maxMillis: Number.NaN }),
    "Cannot draw fault plans: maxMillis must be a finite number from 1 (NaN)"
  )
  assert.match(
    messageOf({ kinds: ["Nope" as "Fail"] })!,
    /^Cannot draw fault plans: kinds must be of Fail, .*, Resume \("Nope"\)$/
  )
})

it.effect("25.17 a plan that cannot be read says why", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(FaultPlan.parse("[{]"))
    assert.match(error.message, /^Cannot read a fault plan: /)
    assert.strictEqual(error._tag, "FaultPlanError")
  }))
