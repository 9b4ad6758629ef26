/**
 * The same handler on a task. It hears of the task's changes of state and of nothing else: the flow
 * around it goes through its states unannounced.
 */
import { Console, Effect } from "effect"
import { Flow, StateHandler, Task } from "signalbox"

const announce = StateHandler.make((subject, oldState, newState) =>
  Effect.as(
    Console.log(`\nCalling my custom state handler on ${subject}:\n${oldState} to ${newState}\n`),
    newState
  )
)

const noop = Task.make("Task", { handlers: [announce], run: () => Effect.void })

export const flow = Flow.make("state-handler-demo", function* () {
  yield* noop()
})

export const run = Flow.run(flow)
