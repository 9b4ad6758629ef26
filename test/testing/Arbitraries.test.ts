import { assert, it } from "@effect/vitest"
import { Arbitrary, Effect, Equal } from "effect"
import { Signal, State } from "signalbox"
import { Arbitraries, FaultPlan, Simulation, Trace } from "signalbox/testing"

const passes = <A>(
  arbitrary: Arbitrary.Arbitrary<A>,
  property: (value: A) => boolean | Effect.Effect<boolean, unknown>,
  runs = 100
) =>
  Effect.map(Arbitrary.checkEffect(arbitrary, property, { runs, seed: 1 }), (result) => {
    assert.strictEqual(result._tag, "Passed", Arbitrary.formatCheckFailure(result))
  })

it.effect("25.26 states print as their kind and message, and come in every kind", () =>
  Effect.gen(function* () {
    yield* passes(Arbitraries.state, (state) => String(state).startsWith(`${state._tag}(`))
    const states = yield* Arbitrary.sampleEffect(Arbitraries.state, { count: 500, seed: 1 })
    assert.deepStrictEqual(new Set(states.map(({ _tag }) => _tag)), new Set(State.tags))
  }))

it.effect("25.26 signals stand for the state of their kind", () =>
  passes(
    Arbitraries.signal,
    (signal) => Signal.toState(signal)._tag === Signal.stateTag(Signal.kind(signal))
  ))

it.effect("25.26 fault plans go through text and back", () =>
  passes(Arbitraries.faultPlan, (plan) =>
    Effect.map(
      FaultPlan.parse(FaultPlan.format(plan)),
      (parsed) => Equal.equals(parsed, plan)
    )))

it.effect("25.26 small flows end, and the same each time", () =>
  passes(Arbitraries.flow, (flow) =>
    Effect.gen(function* () {
      const one = yield* Simulation.run(flow, { seed: 3, concurrency: 4 })
      const two = yield* Simulation.run(flow, { seed: 3, concurrency: 4 })
      return one.ended && State.isFinished(one.state) &&
        Trace.compare(one.trace, two.trace) === undefined
    }), 50))
