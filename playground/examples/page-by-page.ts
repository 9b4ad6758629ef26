/**
 * A task that loops. A round that ends with `Signal.loop` is followed by another one, which finds
 * the result of the round before in its context: here the pages of an API, each of which names the
 * next. The handler hears of every round.
 */
import { Console, Effect } from "effect"
import { Flow, RunContext, Signal, State, StateHandler, Task } from "signalbox"

interface Progress {
  readonly orders: ReadonlyArray<string>
  readonly next: number | undefined
}

/** An API that gives two orders at once and says where to go on. */
const api = (page: number): Effect.Effect<Progress> =>
  Effect.delay(
    Effect.succeed({
      orders: [`order ${page}a`, `order ${page}b`],
      next: page < 4 ? page + 1 : undefined
    }),
    "300 millis"
  )

const countRounds = StateHandler.make(
  (_subject, _oldState, newState) =>
    State.isLooped(newState)
      ? Console.log(`Page ${newState.loopCount} is here, and there is another.`)
      : Effect.void,
  { name: "countRounds" }
)

const fetchOrders = Task.make("fetch orders", {
  handlers: [countRounds],
  run: Effect.fn(function* () {
    const { loopResult } = yield* RunContext.RunContext
    const { next = 1, orders } = (loopResult ?? { orders: [] }) as Progress
    const page = yield* api(next)
    const all = [...orders, ...page.orders]
    if (page.next === undefined) return all
    return yield* Signal.loop({ result: { orders: all, next: page.next } })
  })
})

const count = Task.make("count", {
  run: ({ orders }: { readonly orders: ReadonlyArray<string> }) =>
    Console.log(`${orders.length} orders, from ${orders[0]} to ${orders.at(-1)}.`)
})

export const flow = Flow.make("page-by-page", function* () {
  yield* count({ orders: yield* fetchOrders() })
})

export const run = Flow.run(flow)
