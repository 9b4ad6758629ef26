/**
 * A handler with dependencies is a Layer. The tasks name `PostToSlack`; what it does, and that it
 * needs an HTTP client, is said where the flow is run. It posts only when a task is about to be
 * retried: one task here works at once, the other one fails the first time.
 */
import { Context, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { Flow, RunContext, Signal, State, StateHandler, Task } from "signalbox"

/** Where Slack takes messages. Whoever runs the flow gives the real address, or a stand-in's. */
export const SlackUrl = Context.Reference<string>("app/SlackUrl", {
  defaultValue: () => "https://XXXXX"
})

class PostToSlack extends StateHandler.Service<PostToSlack>()("app/PostToSlack") {}

const PostToSlackLive = PostToSlack.layer(Effect.fn(function* (task, _oldState, newState) {
  if (State.isRetrying(newState)) {
    yield* HttpClient.execute(
      HttpClientRequest.post(yield* SlackUrl).pipe(
        HttpClientRequest.bodyJsonUnsafe({
          text: `Task ${task} failed and is retrying at ${newState.startTime}`
        })
      )
    )
  }
  return newState
}))

const t = Task.make("Task", { handlers: [PostToSlack], run: () => Effect.void })

const flaky = Task.make("flaky", {
  handlers: [PostToSlack],
  maxRetries: 1,
  retryDelay: "1 second",
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    if (runCount === 1) return yield* Signal.fail("the first attempt never works")
  })
})

export const flow = Flow.make("state-handler-demo", function* () {
  yield* t()
  yield* flaky()
})

export const layer = PostToSlackLive.pipe(Layer.provide(FetchHttpClient.layer))

export const run = Flow.run(flow).pipe(Effect.provide(layer))
