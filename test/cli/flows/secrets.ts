/** Says its secret in every way in which a flow can say something, and fails. */
import { Console, Effect, Schema } from "effect"
import { Flow, Signal, StateHandler, Task } from "signalbox"

const secret = "hunter2"

class Leak extends Signal.Fail<Leak>()("Leak", { text: Schema.String }) {}

const failing = StateHandler.make(
  (_subject, _oldState, newState) =>
    newState._tag === "Success" ? Effect.fail(new Error(secret)) : Effect.void,
  { name: "failing", policy: "ignore" }
)

const print = Task.make("print", {
  handlers: [failing],
  tags: ["kept"],
  run: () => Effect.as(Console.log(secret), { value: secret })
})
const leak = Task.make("leak", {
  maxRetries: 1,
  retryDelay: "10 millis",
  run: () => Effect.fail(new Leak({ message: secret, text: secret }))
})

export const flow = Flow.make("secrets", function* () {
  yield* print()
  yield* leak()
})
