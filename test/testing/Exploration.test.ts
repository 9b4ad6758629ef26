import { assert, it } from "@effect/vitest"
import { Cause, Duration, Effect, Logger, Random, Ref } from "effect"
import { Flow, Parameter, State, StateHandler, Task } from "signalbox"
import { Schema } from "effect"
import { FaultPlan, Simulation } from "signalbox/testing"

const step = (name: string) =>
  Task.make(name, { maxRetries: 1, retryDelay: "1 hour", run: () => Effect.sleep("1 minute") })

const flow = Flow.make("chain", function* () {
  const a = yield* step("a")()
  const b = yield* step("b")({}, { after: [a] })
  yield* step("c")({}, { after: [b] })
})

const mustSucceed = (report: { readonly state: State.State }) =>
  State.isSuccessful(report.state)
    ? Effect.void
    : Effect.fail(new Error(`ended as ${report.state}`))

it.effect("25.18, 25.19 finds a plan that breaks the check, and simplifies it to what it takes", () =>
  Effect.gen(function* () {
    const { findings, tried } = yield* Simulation.explore(flow, {
      seeds: 1000,
      faults: FaultPlan.random({ max: 8 }),
      check: mustSucceed
    })
    assert.strictEqual(findings.length, 1)
    assert.isBelow(tried, 200)
    const [finding] = findings
    assert.strictEqual(finding!.plan.length, 1)
    assert.notProperty(finding!.plan[0], "probability")
    assert.strictEqual(
      finding!.line,
      `seed=${finding!.seed}, plan=${JSON.stringify(finding!.plan)}`
    )
    assert.match(String(finding), /^seed=.*: ended as Failed\("Some reference tasks failed\."\)$/)
  }))

it.effect("25.20 a finding is replayed from its line", () =>
  Effect.gen(function* () {
    const { findings: [finding] } = yield* Simulation.explore(flow, {
      seeds: 1000,
      faults: FaultPlan.random(),
      check: mustSucceed
    })
    const report = yield* Simulation.replay(flow, String(finding))
    assert.isTrue(State.isFailed(report.state))
    assert.deepStrictEqual(report.faults, finding!.plan)
    const error = yield* Effect.flip(Simulation.replay(flow, "seven"))
    assert.strictEqual(
      error.message,
      'Cannot replay "seven": it is not of the form seed=7, plan=[…]'
    )
  }))

it.effect("25.20 a line is replayed whatever brackets its reason and its tasks have", () =>
  Effect.gen(function* () {
    const odd = Flow.make("odd", function* () {
      yield* Task.make('a "]" [b]', { run: () => Effect.void })()
    })
    const { findings: [finding] } = yield* Simulation.explore(odd, {
      seeds: 1,
      faults: [{ kind: "Die", task: 'a "]" [b]' }],
      check: () => Effect.fail(new Error('lost [1, "2"]'))
    })
    const report = yield* Simulation.replay(
      odd,
      `seed=3, plan=[${
        JSON.stringify({
          kind: "Die",
          task: 'a "]" [b]'
        })
      }]: lost [1, "2"]`
    )
    assert.isTrue(State.isFailed(report.state))
    assert.strictEqual(finding!.line, "seed=0, plan=[]")
    assert.strictEqual((yield* Simulation.replay(odd, String(finding))).faults.length, 0)
  }))

// ---------------------------------------------------------------------------------------------
// The simplest plan
// ---------------------------------------------------------------------------------------------

const names = ["a", "b", "c", "d", "e", "f"]

const apart = Flow.make("apart", function* () {
  for (const name of names) yield* Task.make(name, { run: () => Effect.sleep("1 minute") })()
})

/** The finding that a plan comes to if these tasks may not all fail. */
const simplest = (
  faults: FaultPlan.FaultPlan | FaultPlan.Generator,
  mayNotFail: ReadonlyArray<string>,
  seeds: number | Iterable<number> = 1000
) =>
  Effect.map(
    Simulation.explore(apart, {
      seeds,
      faults,
      check: ({ final }) =>
        mayNotFail.every((name) => State.isFailed(final(name)))
          ? Effect.fail(new Error(`${mayNotFail.join(" and ")} failed`))
          : Effect.void
    }),
    ({ findings }) => findings[0]!
  )

it.effect("25.19 a fault that strikes by chance is pinned to where it struck", () =>
  Effect.gen(function* () {
    const finding = yield* simplest([{ kind: "Fail", probability: 0.2 }], ["d"])
    assert.deepStrictEqual(finding.plan, [{ kind: "Fail", task: "d-1" }])
    assert.deepStrictEqual(finding.tasks, ["d-1"])
    assert.strictEqual(String(finding), 'seed=0, plan=[{"kind":"Fail","task":"d-1"}]: d failed')
    const two = yield* simplest([{ kind: "Die", probability: 0.5 }], ["a", "f"])
    assert.deepStrictEqual(two.plan, [
      { kind: "Die", task: "a-1" },
      { kind: "Die", task: "f-1" }
    ])
  }))

it.effect("25.19 a fault that strikes everywhere is kept to the tasks that it takes", () =>
  Effect.gen(function* () {
    const one = yield* simplest([{ kind: "Fail" }], ["c"])
    assert.deepStrictEqual(one.plan, [{ kind: "Fail", task: "c-1" }])
    const two = yield* simplest([{ kind: "Fail" }], ["b", "e"])
    assert.deepStrictEqual(two.plan, [
      { kind: "Fail", task: "b-1" },
      { kind: "Fail", task: "e-1" }
    ])
    assert.deepStrictEqual(two.tasks, ["b-1", "e-1"])
  }))

it.effect("25.19 faults that struck nothing go at once", () =>
  Effect.gen(function* () {
    const never = Array.from({ length: 400 }, () => ({ kind: "Fail", attempt: 9 }) as const)
    const finding = yield* simplest([...never, { kind: "Fail", task: "a" }], ["a"])
    assert.deepStrictEqual(finding.plan, [{ kind: "Fail", task: "a" }])
  }))

it.effect("25.19 a fault of a mapped task is kept to one item", () =>
  Effect.gen(function* () {
    const mapped = Flow.make("mapped", function* () {
      return yield* Task.map(
        Task.make("each", { run: ({ n }: { readonly n: number }) => Effect.succeed(n) }),
        { n: [1, 2, 3, 4] }
      )
    })
    const { findings: [finding] } = yield* Simulation.explore(mapped, {
      seeds: 1,
      faults: [{ kind: "Fail" }],
      check: mustSucceed
    })
    assert.deepStrictEqual(finding!.plan, [
      { kind: "Fail", task: "each-1", item: 0, attempt: 1 }
    ])
  }))

it.effect("25.19 a fault of a handler is kept to the change at which it matters", () =>
  Effect.gen(function* () {
    const note = StateHandler.make(() => Effect.void, { name: "note" })
    const told = Flow.make("told", function* () {
      yield* Task.make("a", { handlers: [note], run: () => Effect.void })()
      yield* Task.make("b", { handlers: [note], run: () => Effect.void })()
    })
    const { findings: [finding] } = yield* Simulation.explore(told, {
      seeds: 1,
      faults: [{ kind: "HandlerDie" }],
      check: ({ final }) =>
        State.isFailed(final("b")) ? Effect.fail(new Error("b failed")) : Effect.void
    })
    assert.deepStrictEqual(finding!.plan, [{ kind: "HandlerDie", task: "b-1" }])
  }))

it.effect("25.19 times become as early and as round as they can be", () =>
  Effect.gen(function* () {
    const { findings: [finding] } = yield* Simulation.explore(apart, {
      seeds: 1,
      faults: [{ kind: "Delay", task: "b", millis: 12_345_678 }, {
        kind: "ClockJump",
        at: 200_000,
        by: 7_654_321
      }],
      check: ({ elapsed }) =>
        Duration.toHours(elapsed) < 2 ? Effect.void : Effect.fail(new Error("too long"))
    })
    assert.deepStrictEqual(finding!.plan, [{ kind: "Delay", task: "b", millis: 6_840_000 }])
  }))

it.effect("25.19 what goes wrong with any seed is said of seed 0, and chance keeps its own", () =>
  Effect.gen(function* () {
    const any = yield* simplest([{ kind: "Fail", task: "a" }], ["a"], [17, 18])
    assert.strictEqual(any.seed, 0)
    assert.strictEqual(any.found.seed, 17)
    const drawn = Flow.make("drawn", function* () {
      yield* Task.make("drawn", {
        run: () => Effect.flatMap(Random.next, (n) => n < 0.9 ? Effect.void : Effect.fail("high"))
      })()
    })
    const { findings: [chance] } = yield* Simulation.explore(drawn, {
      seeds: 1000,
      check: mustSucceed
    })
    assert.strictEqual(chance!.seed, chance!.found.seed)
    assert.strictEqual(chance!.line, `seed=${chance!.found.seed}, plan=[]`)
    assert.isTrue(State.isFailed((yield* Simulation.replay(drawn, String(chance))).state))
  }))

it.effect("25.10 some seed shows a race that real schedulers hardly ever show", () =>
  Effect.gen(function* () {
    const counter = Ref.makeUnsafe(0)
    const increment = Effect.flatMap(Ref.get(counter), (value) => Ref.set(counter, value + 1))
    const racy = Flow.make("racy", function* () {
      yield* Task.make("one", { run: () => Effect.andThen(Effect.sleep(1), increment) })()
      yield* Task.make("two", { run: () => Effect.andThen(Effect.sleep(1), increment) })()
    })
    const check = () =>
      Effect.flatMap(
        Ref.getAndSet(counter, 0),
        (value) => value === 2 ? Effect.void : Effect.fail("lost update")
      )
    const { findings } = yield* Simulation.explore(racy, { seeds: 2000, concurrency: 2, check })
    assert.strictEqual(findings.length, 1)
    assert.deepStrictEqual(findings[0]!.plan, [])
  }))

it.effect("25.18 seeds with a fraction are seeds of their own", () =>
  Effect.gen(function* () {
    const drawn: Array<number> = []
    const draws = Flow.make("draws", function* () {
      yield* Task.make("draw", { run: () => Effect.map(Random.next, (n) => drawn.push(n)) })()
    })
    for (const seed of [0, 0.25, 0.5, 1, -0.5]) yield* Simulation.run(draws, { seed })
    assert.strictEqual(new Set(drawn).size, 5)
  }))

it.effect("25.18 gathers as many findings as are wanted, and those of chosen seeds", () =>
  Effect.gen(function* () {
    const drawn = Task.make("drawn", {
      run: () => Effect.flatMap(Random.next, (n) => n < 0.5 ? Effect.void : Effect.fail("high"))
    })
    const chance = Flow.make("chance", function* () {
      yield* drawn()
    })
    const { findings, tried } = yield* Simulation.explore(chance, {
      seeds: [1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
      findings: 100,
      check: mustSucceed
    })
    assert.strictEqual(tried, 10)
    assert.isAbove(findings.length, 1)
    assert.isBelow(findings.length, 10)
  }))

it.effect("25.18 a check that fails, dies or throws is a finding; one that is no Effect says so", () =>
  Effect.gen(function* () {
    const causeOf = (check: () => Effect.Effect<unknown, unknown>) =>
      Effect.map(
        Simulation.explore(flow, { seeds: 1, check }),
        ({ findings }) => Cause.squash(findings[0]!.cause)
      )
    const thrown = new Error("thrown")
    assert.strictEqual(yield* causeOf(() => Effect.fail("failed")), "failed")
    assert.strictEqual(yield* causeOf(() => Effect.die(thrown)), thrown)
    assert.strictEqual(
      yield* causeOf(() => {
        throw thrown
      }),
      thrown
    )
    const nonsense = yield* causeOf(() => 7 as never)
    assert.include(String(nonsense), "Cannot use a check that does not return an Effect")
  }))

it.effect("25.18 a finding prints whatever the check fails with", () =>
  Effect.gen(function* () {
    const textOf = (check: () => Effect.Effect<unknown, unknown>) =>
      Effect.map(
        Simulation.explore(flow, { seeds: 1, check }),
        ({ findings }) => String(findings[0])
      )
    const start = "seed=0, plan=[]: "
    assert.strictEqual(
      yield* textOf(() => Effect.fail({ lost: ["a", 7] })),
      `${start}{"lost":["a",7]}`
    )
    assert.strictEqual(yield* textOf(() => Effect.fail("lost")), `${start}lost`)
    assert.strictEqual(yield* textOf(() => Effect.fail(undefined)), `${start}undefined`)
    assert.strictEqual(
      yield* textOf(() => Effect.fail(new Error("expected\n  a\nto be\n  b"))),
      `${start}expected a to be b`
    )
  }))

it.effect("25.18 a run that can never go on is a finding", () =>
  Effect.gen(function* () {
    const { findings } = yield* Simulation.explore(flow, {
      seeds: 1,
      faults: [{ kind: "Fail", task: "a", attempt: 1 }, { kind: "NeverAnswer", task: "b" }],
      check: () => Effect.void
    })
    assert.deepStrictEqual(findings[0]!.plan, [{ kind: "NeverAnswer", task: "b" }])
    assert.include(String(findings[0]), 'task "b" waits for what nothing in the run can bring')
  }))

it.effect("25.22 refuses a search of nothing, and passes on what keeps the flow from beginning", () =>
  Effect.gen(function* () {
    const check = () => Effect.void
    const messageOf = <E extends { readonly message: string }>(search: Effect.Effect<unknown, E>) =>
      Effect.map(Effect.flip(search), ({ message }) => message)
    assert.strictEqual(
      yield* messageOf(Simulation.explore(flow, { seeds: 0, check })),
      'Cannot simulate flow "chain": seeds must be a whole number from 1, or a list of seeds (0)'
    )
    assert.strictEqual(
      yield* messageOf(Simulation.explore(flow, { seeds: 1, findings: 0, check })),
      'Cannot simulate flow "chain": findings must be a number from 1 (0)'
    )
    for (const seeds of [[], "7", undefined] as ReadonlyArray<Array<number>>) {
      assert.match(
        yield* messageOf(Simulation.explore(flow, { seeds, check })),
        /^Cannot simulate flow "chain": seeds must be a whole number from 1, or a list of seeds \(/
      )
    }
    assert.strictEqual(
      yield* messageOf(Simulation.explore(flow, { seeds: 1, check: true as never })),
      'Cannot simulate flow "chain": check must be a function of the report (true)'
    )
    const given = Flow.make("given", {
      parameters: { n: Parameter.required(Schema.Number) }
    }, function* () {})
    const parameters = { n: "seven" as unknown as number }
    assert.include(
      yield* messageOf(Simulation.explore(given, { seeds: 1, parameters, check })),
      'parameter "n" does not fit'
    )
  }))

it.live("25.21 long searches tell how far they are", () =>
  Effect.gen(function* () {
    const told: Array<Simulation.Progress> = []
    const slow = Flow.make("slow", function* () {
      yield* Task.make("slow", {
        run: () => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 300)))
      })()
    })
    const check = () => Effect.void
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    yield* Effect.all([
      Simulation.explore(slow, {
        seeds: 8,
        check,
        onProgress: (progress) => Effect.sync(() => void told.push(progress))
      }),
      Effect.provide(Simulation.explore(slow, { seeds: 8, check }), Logger.layer([logger]))
    ], { concurrency: 2 })
    assert.isNotEmpty(told)
    const { tried } = told[0]!
    assert.isTrue(tried > 1 && tried < 8, String(tried))
    assert.deepStrictEqual(told[0], { flow: "slow", tried, of: 8, findings: 0 })
    assert.match(String(logged[0]), /^Simulated flow "slow" with \d seeds of 8: 0 findings$/)
  }))
