import { Effect } from "effect"
import { Flow, Task } from "signalbox"

const noop = Task.make("noop", { run: () => Effect.void })

export const one = Flow.make("one", function* () {
  yield* noop()
})

export const two = Flow.make("two", function* () {
  yield* noop()
})
