import { assert, it } from "@effect/vitest"
import { Cause, Effect, Random, Ref } from "effect"
import { Flow, Parameter, State, Task } from "signalbox"
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

it.effect("finds a plan that breaks the check, and simplifies it to what it takes", () =>
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

it.effect("a finding is replayed from its line", () =>
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

it.effect("some seed shows a race that real schedulers hardly ever show", () =>
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

it.effect("gathers as many findings as are wanted, and those of chosen seeds", () =>
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

it.effect("a check that fails, dies or throws is a finding; one that is no Effect says so", () =>
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

it.effect("a run that can never go on is a finding", () =>
  Effect.gen(function* () {
    const { findings } = yield* Simulation.explore(flow, {
      seeds: 1,
      faults: [{ kind: "Fail", task: "a", attempt: 1 }, { kind: "NeverAnswer", task: "b" }],
      check: () => Effect.void
    })
    assert.deepStrictEqual(findings[0]!.plan, [{ kind: "NeverAnswer", task: "b" }])
    assert.include(String(findings[0]), 'task "b" waits for what nothing in the run can bring')
  }))

it.effect("refuses a search of nothing, and passes on what keeps the flow from beginning", () =>
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
    const given = Flow.make("given", {
      parameters: { n: Parameter.required(Schema.Number) }
    }, function* () {})
    const parameters = { n: "seven" as unknown as number }
    assert.include(
      yield* messageOf(Simulation.explore(given, { seeds: 1, parameters, check })),
      'parameter "n" does not fit'
    )
  }))

it.live("long searches tell how far they are", () =>
  Effect.gen(function* () {
    const told: Array<Simulation.Progress> = []
    const slow = Flow.make("slow", function* () {
      yield* Task.make("slow", {
        run: () => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 300)))
      })()
    })
    yield* Simulation.explore(slow, {
      seeds: 8,
      check: () => Effect.void,
      onProgress: (progress) => Effect.sync(() => void told.push(progress))
    })
    assert.strictEqual(told.length, 1)
    assert.deepStrictEqual({ ...told[0], tried: 7 }, { flow: "slow", tried: 7, of: 8, findings: 0 })
  }))
