/**
 * One of several ways. `Flow.switch` lets only the task run that belongs to a value; the others are
 * skipped, and `Flow.merge` goes on with whichever gave something. The handler hears of the ways not
 * taken, too.
 */
import { Console, Effect } from "effect"
import { Flow, State, StateHandler, Task } from "signalbox"

const explain = StateHandler.make(
  (way, _oldState, newState) =>
    State.isSkipped(newState)
      ? Console.log(`${way} is not needed.`)
      : State.isSuccessful(newState)
      ? Console.log(`${way} it is.`)
      : Effect.void,
  { name: "explain" }
)

const weigh = Task.make("weigh", {
  run: () => Effect.succeed<"letter" | "parcel" | "pallet">("parcel")
})

const stamp = Task.make("stamp", { handlers: [explain], run: () => Effect.succeed("a stamp") })

const courier = Task.make("courier", {
  handlers: [explain],
  run: () => Effect.delay(Effect.succeed("a courier"), "200 millis")
})

const lorry = Task.make("lorry", { handlers: [explain], run: () => Effect.succeed("a lorry") })

const notify = Task.make("notify", {
  run: ({ carrier }: { readonly carrier: string | undefined }) =>
    Console.log(`Your order comes with ${carrier ?? "nobody"}.`)
})

export const flow = Flow.make("shipping", function* () {
  const kind = yield* weigh()
  const [letter, parcel, pallet] = [yield* stamp(), yield* courier(), yield* lorry()]
  yield* Flow.switch(kind, [["letter", letter], ["parcel", parcel], ["pallet", pallet]])
  yield* notify({ carrier: yield* Flow.merge(letter, parcel, pallet) })
})

export const run = Flow.run(flow)
