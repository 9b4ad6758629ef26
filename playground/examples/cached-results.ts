/**
 * Results that are used again. A task with `cacheFor` keeps what it gave; its validator decides when
 * that may stand for another run: here within the hour, for the same currency. The flow runs three
 * times, and pays for the rate twice.
 */
import { Console, Effect } from "effect"
import { CachePolicy, Flow, State, StateHandler, Task } from "signalbox"

const bill = StateHandler.make(
  (_subject, oldState, newState) =>
    State.isCached(newState) && State.isPending(oldState)
      ? Console.log("The rate is known: nothing to pay.")
      : State.isSuccessful(newState) && State.isRunning(oldState)
      ? Console.log("The rate was looked up: 1 cent to pay.")
      : Effect.void,
  { name: "bill" }
)

const rate = Task.make("rate", {
  handlers: [bill],
  cacheFor: "1 hour",
  cacheValidator: CachePolicy.allInputs,
  run: ({ currency }: { readonly currency: string }) =>
    Effect.delay(Effect.succeed(currency === "EUR" ? 1.25 : 0.01), "5 seconds")
})

const invoice = Task.make("invoice", {
  run: ({ amount, rate }: { readonly amount: number; readonly rate: number }) =>
    Console.log(`${amount * rate} dollars`)
})

export const flow = Flow.make("invoices", function* () {
  yield* invoice({ amount: 200, rate: yield* rate({ currency: "EUR" }) })
})

/** Now, half an hour later, and once more when what was kept is too old. */
export const run = Flow.run(flow).pipe(
  Effect.andThen(Effect.delay(Flow.run(flow), "30 minutes")),
  Effect.andThen(Effect.delay(Flow.run(flow), "40 minutes")),
  // How long results are kept is said where the flow is run: as long as this program.
  Effect.provide(CachePolicy.layerMemory)
)
