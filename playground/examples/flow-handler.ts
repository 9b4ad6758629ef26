/**
 * A handler on a flow. It is called at every change of the flow's own state, here to announce it,
 * and lets every state stand.
 */
import { Console, Effect } from "effect"
import { Flow, StateHandler, Task } from "signalbox"

const announce = StateHandler.make((subject, oldState, newState) =>
  Effect.as(
    Console.log(`\nCalling my custom state handler on ${subject}:\n${oldState} to ${newState}\n`),
    newState
  )
)

const noop = Task.make("Task", { run: () => Effect.void })

export const flow = Flow.make("state-handler-demo", { handlers: [announce] }, function* () {
  yield* noop()
})

export const run = Flow.run(flow)
