/**
 * Retries hours apart, in no time. The task fails twice and is tried again after two hours each. The
 * playground, and a terminal that runs the examples, use the simulated clock of `signalbox/testing`:
 * the engine is the real one, and time jumps to whatever is due next.
 */
import { Console, DateTime, Effect } from "effect"
import { Flow, RunContext, Signal, StateHandler, Task } from "signalbox"

const tellTheTime = StateHandler.make(
  Effect.fn(function* (subject, _oldState, newState) {
    const now = yield* DateTime.now
    yield* Console.log(`${DateTime.formatIso(now).slice(11, 16)} ${subject} ${newState}`)
  }),
  { name: "tellTheTime" }
)

const extract = Task.make("extract", {
  handlers: [tellTheTime],
  maxRetries: 3,
  retryDelay: "2 hours",
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    if (runCount < 3) return yield* Signal.fail("the warehouse is asleep")
    return ["apples", "pears"]
  })
})

const load = Task.make("load", {
  run: ({ rows }: { readonly rows: ReadonlyArray<string> }) =>
    Console.log(`Loading ${rows.join(" and ")}.`)
})

export const flow = Flow.make("nightly", function* () {
  yield* load({ rows: yield* extract() })
})

export const run = Flow.run(flow)
