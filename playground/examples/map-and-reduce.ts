/**
 * Map and reduce. `Task.map` runs a task once for each item of a list: each item has a state, retries
 * and handler calls of its own. What failed in spite of its retries is filtered out before the rest
 * is brought together. In the graph, open the task to see its items.
 */
import { Console, Effect } from "effect"
import { Flow, RunContext, Signal, State, StateHandler, Task } from "signalbox"

const stations = ["Aspen", "Bergen", "Cusco", "Davos", "Erbil", "Fargo"]

const reportSilence = StateHandler.make(
  Effect.fn(function* (_station, _oldState, newState) {
    if (!State.isFailed(newState)) return
    const { taskFullName } = yield* RunContext.RunContext
    yield* Console.log(`${taskFullName} is silent: ${newState.message}`)
  }),
  { name: "reportSilence" }
)

const list = Task.make("list stations", { run: () => Effect.succeed(stations) })

const measure = Task.make("measure", {
  handlers: [reportSilence],
  maxRetries: 2,
  retryDelay: "10 minutes",
  run: Effect.fn(function* ({ station }: { readonly station: string }) {
    const { mapIndex = 0, runCount } = yield* RunContext.RunContext
    yield* Effect.sleep(`${2 + mapIndex} seconds`)
    if (station === "Erbil") return yield* Signal.fail("its battery is flat")
    if (station === "Bergen" && runCount < 3) return yield* Signal.fail("a storm is over it")
    return { station, degrees: 4 + mapIndex * 3 }
  })
})

const warmest = Task.make("warmest", {
  run: Effect.fn(function* ({ measured }: {
    readonly measured: ReadonlyArray<{ readonly station: string; readonly degrees: number }>
  }) {
    const { degrees, station } = measured.reduce((a, b) => a.degrees >= b.degrees ? a : b)
    yield* Console.log(`${station} is the warmest of ${measured.length}, at ${degrees} °C.`)
    return station
  })
})

export const flow = Flow.make("weather", function* () {
  const measured = yield* Task.map(measure, { station: yield* list() })
  const found = yield* warmest({ measured: yield* Flow.filter(measured) })
  yield* Flow.referenceTasks(found)
})

export const run = Flow.run(flow, { concurrency: 4 })
