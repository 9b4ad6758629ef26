/**
 * A signal with a typed payload. The task fails with `EqualInputs`; the handler reads the signal off
 * the failed state, and knows the types of what it carries.
 */
import { Console, Effect, Option, Schema } from "effect"
import { Flow, Signal, State, StateHandler, Task } from "signalbox"

class EqualInputs extends Signal.Fail<EqualInputs>()("EqualInputs", {
  flag: Schema.Boolean,
  value: Schema.Number
}) {}

const alertOnSpecialFailure = StateHandler.make(Effect.fn(function* (_task, _oldState, newState) {
  if (State.isFailed(newState)) {
    const signal = State.signal(newState, EqualInputs)
    if (Option.isSome(signal) && signal.value.flag) {
      yield* Console.log("Special failure mode! Send all the alerts!")
      yield* Console.log(`a == b == ${signal.value.value}`)
    }
  }
  return newState
}))

const missionCriticalTask = Task.make("mission_critical_task", {
  handlers: [alertOnSpecialFailure],
  run: Effect.fn(function* ({ a, b }: { readonly a: number; readonly b: number }) {
    if (a === b) {
      return yield* new EqualInputs({ message: "a equaled b!", flag: true, value: a })
    }
    return 1 / (b - a)
  })
})

export const flow = Flow.make("state-inspection-handler", function* () {
  return yield* missionCriticalTask({ a: 1, b: 1 })
})

export const run = Flow.run(flow)
