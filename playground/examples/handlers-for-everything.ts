/**
 * Handlers for every task and flow in a scope. `StateHandler.layer` adds them where the flow is run,
 * without a word in the tasks. Two such layers add up when they are merged, in the order in which
 * they are named, and come after a task's own handlers.
 */
import { Console, Effect, Layer } from "effect"
import { Flow, StateHandler, Task } from "signalbox"

class Audit extends StateHandler.Service<Audit>()("app/Audit") {}

const AuditLive = Audit.layer((subject, oldState, newState) =>
  Console.log(`  audit:    ${subject} from ${oldState._tag} to ${newState._tag}`)
)

const announce = StateHandler.make(
  (subject, _oldState, newState) => Console.log(`  announce: ${subject} is ${newState}`),
  { name: "announce" }
)

const own = StateHandler.make(
  (subject, _oldState, newState) =>
    Console.log(`  own:      ${subject} hears first of ${newState._tag}`),
  { name: "own" }
)

const draw = Task.make("draw", { run: () => Effect.succeed(7) })

const print = Task.make("print", {
  handlers: [own],
  run: ({ n }: { readonly n: number }) => Console.log(`The number is ${n}.`)
})

export const flow = Flow.make("watched", function* () {
  yield* print({ n: yield* draw() })
})

export const layer = Layer.mergeAll(
  StateHandler.layer(announce),
  StateHandler.layer(Audit).pipe(Layer.provide(AuditLive))
)

export const run = Flow.run(flow).pipe(Effect.provide(layer))
