/**
 * What a task can say of itself. A body may end by a signal in place of a result: come back later,
 * nothing to do, done already, or what came out is wrong; and an attempt that takes too long is
 * ended for it. The handler keeps a journal of how each task left off.
 */
import { Console, DateTime, Effect } from "effect"
import { Flow, RunContext, Signal, State, StateHandler, Task, Trigger } from "signalbox"

const journal = StateHandler.make(
  (task, oldState, newState) =>
    State.isRunning(oldState) ? Console.log(`${task} ${newState}`) : Effect.void,
  { name: "journal" }
)

const handlers = [journal]

const download = Task.make("download", {
  handlers,
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    if (runCount > 1) return "prices.csv"
    const startTime = DateTime.add(yield* DateTime.now, { minutes: 15 })
    return yield* Signal.retry({
      message: "the server is busy for a quarter of an hour",
      startTime
    })
  })
})

const archive = Task.make("archive", {
  handlers,
  run: ({ file }: { readonly file: string }) =>
    Effect.fail(Signal.skip(`${file} is archived on Sundays only`))
})

const index = Task.make("index", {
  handlers,
  run: ({ file }: { readonly file: string }) =>
    Effect.fail(Signal.success({ message: `${file} was indexed before`, result: 4200 }))
})

const validate = Task.make("validate", {
  handlers,
  run: ({ file }: { readonly file: string }) =>
    Effect.fail(Signal.validationFail(`three prices in ${file} are negative`))
})

const thumbnails = Task.make("thumbnails", {
  handlers,
  timeout: "1 minute",
  run: ({ file }: { readonly file: string }) =>
    Effect.delay(Effect.succeed(`${file}.png`), "1 hour")
})

const report = Task.make("report", {
  handlers,
  trigger: Trigger.allFinished,
  skipOnUpstreamSkip: false,
  run: ({ rows }: { readonly rows: number }) => Console.log(`${rows} rows were indexed.`)
})

export const flow = Flow.make("import", function* () {
  const file = yield* download()
  const rows = yield* index({ file })
  const others = [yield* archive({ file }), yield* validate({ file }), yield* thumbnails({ file })]
  yield* Flow.referenceTasks(yield* report({ rows }, { after: others }))
})

export const run = Flow.run(flow)
