import { Context, Effect, Layer, Schema } from "effect"
import { RunContext, Signal, State, StateHandler, type Transition } from "signalbox"
import { expectTypeOf, test } from "vitest"

class Channel extends Context.Service<Channel, { readonly name: string }>()("types/Channel") {}
class Quota extends Signal.Fail<Quota>()("Quota", { used: Schema.Number }) {}

test("a handler has the errors and needs of its function", () => {
  const handler = StateHandler.make((subject, oldState, newState) => {
    expectTypeOf(subject).toEqualTypeOf<Transition.Subject>()
    expectTypeOf(oldState).toEqualTypeOf<State.State>()
    return Effect.as(Effect.andThen(Channel, Effect.fail("down" as const)), newState)
  })
  expectTypeOf(handler).toEqualTypeOf<StateHandler.StateHandler<"down", Channel>>()
})

test("a handler gives a state or nothing", () => {
  expectTypeOf(StateHandler.make(() => Effect.void)).toEqualTypeOf<StateHandler.StateHandler>()
  StateHandler.make(() => Effect.succeed(undefined))
  StateHandler.make(() => Effect.succeed(State.success({ result: 1 })))
  // @ts-expect-error a text is no state
  StateHandler.make(() => Effect.succeed("Success"))
  // @ts-expect-error a handler gives an Effect
  StateHandler.make(() => undefined)
  // @ts-expect-error there is no such policy
  StateHandler.make(() => Effect.void, { policy: "shrug" })
})

test("guards give the state its kind", () => {
  StateHandler.make((_subject, _oldState, newState) => {
    if (State.isRetrying(newState)) {
      expectTypeOf(newState).toEqualTypeOf<State.Retrying>()
    }
    if (State.isFailed(newState)) {
      expectTypeOf(newState).toEqualTypeOf<State.AnyFailed>()
    }
    return Effect.void
  })
})

test("a callback has the states that its check lets pass", () => {
  StateHandler.callback((_subject, state) => {
    expectTypeOf(state).toEqualTypeOf<State.Retrying>()
    return Effect.void
  }, State.isRetrying)
})

test("onSignal is given the signal", () => {
  const handler = StateHandler.onSignal(Quota, (signal) => {
    expectTypeOf(signal).toEqualTypeOf<Quota>()
    return Effect.void
  })
  expectTypeOf(handler).toEqualTypeOf<StateHandler.StateHandler<never, never, Quota>>()
})

test("the run context is always there, and no need of a layer", () => {
  class Audit extends StateHandler.Service<Audit>()("types/Audit") {}
  const live = Audit.layer(() => Effect.asVoid(RunContext.RunContext))
  expectTypeOf(live).toEqualTypeOf<Layer.Layer<Audit>>()
  expectTypeOf(Audit.calls).toEqualTypeOf<
    Effect.Effect<ReadonlyArray<StateHandler.Call>, never, Audit>
  >()
  const scope = StateHandler.layer(StateHandler.make(() => Effect.asVoid(Channel)), Audit)
  expectTypeOf(scope).toEqualTypeOf<Layer.Layer<never, never, Channel | Audit>>()
})
