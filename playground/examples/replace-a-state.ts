/**
 * Handlers that replace a state. What a handler returns is the state from then on: one makes an
 * empty success a failure, which the engine then retries like any other; one makes a failure a
 * success with a price from yesterday.
 */
import { Console, Effect } from "effect"
import { Flow, RunContext, Signal, State, StateHandler, Task } from "signalbox"

const refuseNothing = StateHandler.make(
  (_subject, _oldState, newState) =>
    Effect.succeed(
      State.isSuccessful(newState) && Array.isArray(newState.result) && newState.result.length === 0
        ? State.failed({ message: "there are no rows yet" })
        : newState
    ),
  { name: "refuseNothing" }
)

const fallBackToYesterday = StateHandler.make(
  (_subject, _oldState, newState) =>
    Effect.succeed(
      State.isFailed(newState)
        ? State.success({ message: "Using the price of yesterday.", result: 40 })
        : newState
    ),
  { name: "fallBackToYesterday" }
)

const extract = Task.make("extract", {
  handlers: [refuseNothing],
  maxRetries: 2,
  retryDelay: "100 millis",
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    return runCount === 1 ? [] : ["apples", "pears"]
  })
})

const price = Task.make("price", {
  handlers: [fallBackToYesterday],
  run: (): Effect.Effect<number, Signal.Signal> =>
    Effect.fail(Signal.fail("the exchange does not answer"))
})

const report = Task.make("report", {
  run: ({ rows, price }: { readonly rows: ReadonlyArray<string>; readonly price: number }) =>
    Console.log(`${rows.join(" and ")} at ${price}`)
})

export const flow = Flow.make("market-report", function* () {
  const rows = yield* extract()
  yield* report({ rows, price: yield* price() })
})

export const run = Flow.run(flow)
