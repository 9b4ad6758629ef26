/** Half a minute of small steps, the first of them at once. */
import { Effect } from "effect"
import { Flow, Task } from "signalbox"

const step = Task.make("step", {
  run: ({ number }: { readonly number: number }) =>
    Effect.delay(Effect.succeed(number), "100 millis")
})

export const flow = Flow.make("long", function* () {
  yield* Task.map(step, { number: Array.from({ length: 300 }, (_, number) => number) })
})
