import { Console, Effect, Schema } from "effect"
import { Flow, Parameter, StateHandler, Task } from "signalbox"

class Audit extends StateHandler.Service<Audit>()("app/Audit") {}

export const layer = Audit.layer((_subject, _oldState, newState) =>
  Console.log(`audited ${newState._tag}`)
)

const greet = Task.make("greet", {
  handlers: [Audit],
  run: ({ name }: { readonly name: string }) => Effect.succeed(`Hello, ${name}!`)
})

export const flow = Flow.make(
  "greetings",
  { parameters: { name: Parameter.required(Schema.String) } },
  function* ({ name }) {
    return yield* greet({ name })
  }
)
