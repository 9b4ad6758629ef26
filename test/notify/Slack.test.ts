import { assert, it } from "@effect/vitest"
import {
  Cause,
  Config,
  ConfigProvider,
  Data,
  Effect,
  Formatter,
  Layer,
  Logger,
  Option,
  Redacted,
  References,
  Tracer
} from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { Flow, Signal, State, StateHandler, Task, Transition } from "signalbox"
import { Slack } from "signalbox/notify"
import { expectedOf, type NotifyCase, runNotifyCase } from "../conformance/notify.ts"
import corpus from "../conformance/corpus-open.json" with { type: "json" }
import { answering, receiver, refusing, silent } from "../fixtures/webhookReceiver.ts"

const recorded =
  (corpus.cases as ReadonlyArray<unknown> as ReadonlyArray<NotifyCase & { kind: string }>)
    .filter(({ kind }) => kind === "notify")

const address = "https://hooks.example.com/services/T0/B0/very-secret"
const webhookUrl = Redacted.make(address)
const task = Transition.taskSubject({ name: "add", slug: "add", tags: [] })

class Boom extends Data.TaggedError("Boom")<{ readonly message: string }> {}

/** A flow of one task that fails, told to Slack as asked. */
const failing = (handler: StateHandler.StateHandler<any, HttpClient.HttpClient>) => {
  const add = Task.make("add", {
    handlers: [handler],
    run: () => Effect.fail(new Boom({ message: "boom" }))
  })
  return Flow.make("sums", function* () {
    return yield* add()
  })
}

/** Everything that is logged, each line as one text. */
const keepingLogs = (lines: Array<string>) =>
  Logger.layer([
    Logger.make(({ cause, message }) => {
      lines.push(`${Formatter.format(message)} ${Cause.pretty(cause)}`)
    })
  ])

it.effect.each(recorded)(
  "17.1 as recorded: $id, $title",
  (test) =>
    Effect.gen(function* () {
      const outcomes = yield* runNotifyCase(test)
      assert.deepStrictEqual(outcomes, test.expected.transitions.map(expectedOf))
    })
)

it("17.2 a message is signed by Signalbox, unless it is to be signed otherwise", () => {
  const [plain] = Slack.payload(task, State.success()).attachments
  assert.strictEqual(plain.author_name, "Signalbox")
  assert.strictEqual(plain.footer, "Signalbox notification")
  assert.notProperty(plain, "author_link")
  assert.notProperty(plain, "title_link")
  const [styled] = Slack.payload(task, State.success(), {
    author: { name: "Ops", link: "https://ops.example.com", icon: "https://ops.example.com/i.png" },
    footer: "from the night shift",
    titleLink: (subject, state) => `https://ops.example.com/${subject.name}/${state._tag}`
  }).attachments
  assert.strictEqual(styled.author_name, "Ops")
  assert.strictEqual(styled.author_link, "https://ops.example.com")
  assert.strictEqual(styled.author_icon, "https://ops.example.com/i.png")
  assert.strictEqual(styled.title_link, "https://ops.example.com/add/Success")
  assert.strictEqual(styled.footer, "from the night shift")
})

it("17.3 a message shows the error of a failure, the words of a signal, or else the message", () => {
  const shown = (state: State.State) =>
    Slack.payload(task, state).attachments[0].fields.map(({ value }) => value)
  const error = new RangeError("it's off")
  assert.deepStrictEqual(shown(State.failed({ result: error, message: "Failed." })), [
    '```RangeError("it\'s off")```'
  ])
  assert.deepStrictEqual(shown(Signal.toState(Signal.fail("not today"))), ["not today"])
  assert.deepStrictEqual(shown(State.failed({ result: { code: 7 }, message: "odd" })), ["odd"])
  assert.deepStrictEqual(shown(State.success()), [])
})

it.effect("17.4 a run is told of, state by state, through the client in scope", () =>
  Effect.gen(function* () {
    const slack = receiver()
    const run = yield* Flow.run(failing(Slack.handler({ webhookUrl }))).pipe(
      Effect.provideService(HttpClient.HttpClient, answering(slack))
    )
    assert.isTrue(State.isFailed(run.state))
    assert.deepStrictEqual(slack.urls, [address, address])
    const texts = slack.bodies.map((body) => (body as Slack.Payload).attachments[0].text)
    assert.deepStrictEqual(texts, [
      "add is now in a Running state",
      "add is now in a Failed state"
    ])
  }))

it.effect("17.5 a handler that is a service gets its work from a layer, and its address from Config", () =>
  Effect.gen(function* () {
    class PostToSlack extends StateHandler.Service<PostToSlack>()("test/PostToSlack") {}
    const slack = receiver()
    const add = Task.make("add", { handlers: [PostToSlack], run: () => Effect.succeed(1) })
    const flow = Flow.make("sums", function* () {
      return yield* add()
    })
    const live = Slack.layer(PostToSlack, {
      webhookUrl: Config.Redacted("SLACK_WEBHOOK_URL"),
      onlyStates: ["Finished"]
    }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, answering(slack))),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({
        env: { SLACK_WEBHOOK_URL: address }
      })))
    )
    const run = yield* Effect.provide(Flow.run(flow), live)
    assert.isTrue(State.isSuccessful(run.state))
    assert.deepStrictEqual(slack.urls, [address])
  }))

it.effect("17.6 a message that Slack refuses fails, and says whose it was", () =>
  Effect.gen(function* () {
    const handle = Slack.handle({ webhookUrl })
    const told = handle(task, State.pending(), State.running())
    const error = yield* Effect.flip(told).pipe(
      Effect.provideService(HttpClient.HttpClient, answering(receiver(), 404))
    )
    assert.strictEqual(error._tag, "NotificationError")
    assert.strictEqual(error.message, "Slack notification for <Task: add> failed")
    assert.strictEqual(error.status, 404)
    const unreachable = yield* Effect.flip(told).pipe(
      Effect.provideService(HttpClient.HttpClient, refusing)
    )
    assert.strictEqual(unreachable.message, error.message)
    assert.isUndefined(unreachable.status)
  }))

it.effect("17.7 trouble of a notifier harms no run, unless its policy says so", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const states = (policy?: StateHandler.Policy) =>
      Effect.gen(function* () {
        const run = yield* Flow.run(failing(Slack.handler({ webhookUrl, policy })))
        return run.tasks.map(({ state }) => state.message)
      }).pipe(
        Effect.provideService(HttpClient.HttpClient, refusing),
        Effect.provide(keepingLogs(lines))
      )
    assert.deepStrictEqual(yield* states(), ["Error during execution of task: Boom('boom')"])
    assert.lengthOf(lines.filter((line) => line.includes("Ignored the trouble")), 2)
    assert.deepStrictEqual(yield* states("fail"), [
      "Unexpected error while calling state handlers: " +
      "NotificationError('Slack notification for <Task: add> failed')"
    ])
  }))

it.effect("17.8 a notifier that gets no answer is waited for ten seconds", () =>
  Effect.gen(function* () {
    const fiber = yield* Flow.run(failing(Slack.handler({ webhookUrl, onlyStates: ["Failed"] })))
      .pipe(
        Effect.provideService(HttpClient.HttpClient, silent),
        Effect.provide(keepingLogs([])),
        Effect.forkChild
      )
    yield* TestClock.adjust("9 seconds")
    assert.isUndefined(fiber.pollUnsafe())
    yield* TestClock.adjust("1 second")
    assert.isDefined(fiber.pollUnsafe())
  }))

it.effect("17.9 the address of a webhook is in no log, no message and no trace", () =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        const keep = span.attribute.bind(span)
        span.attribute = (key, value) => {
          seen.push(`${options.name} ${key} ${Formatter.format(value)}`)
          keep(key, value)
        }
        return span
      }
    })
    const handler = Slack.handler({ webhookUrl: Effect.succeed(webhookUrl), policy: "fail" })
    for (const client of [answering(receiver()), answering(receiver(), 500), refusing]) {
      const run = yield* Flow.run(failing(handler)).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provide(keepingLogs(seen)),
        Effect.provideService(References.MinimumLogLevel, "All"),
        Effect.withTracer(tracer)
      )
      for (const { state } of run.tasks) {
        seen.push(String(state), JSON.stringify(state))
        if (State.isFailed(state)) {
          seen.push(Cause.pretty(state.cause!), Formatter.format(state.cause))
        }
      }
    }
    seen.push(Formatter.format(handler), JSON.stringify(handler))
    assert.isNotEmpty(seen.filter((line) => line.includes("NotificationError")))
    assert.deepStrictEqual(seen.filter((line) => line.includes("secret")), [])
  }))

it.effect("17.10 an address that cannot be found shows at the first change, also of a state ignored", () =>
  Effect.gen(function* () {
    const handle = Slack.handle({
      webhookUrl: Config.Redacted("SLACK_WEBHOOK_URL"),
      ignoreStates: ["Running"]
    })
    const exit = yield* handle(task, State.pending(), State.running()).pipe(
      Effect.provideService(HttpClient.HttpClient, refusing),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: {} }))),
      Effect.exit
    )
    const error = Option.getOrThrow(Option.fromUndefinedOr(
      exit._tag === "Failure" ? Cause.squash(exit.cause) : undefined
    ))
    assert.include(String(error), "SLACK_WEBHOOK_URL")
  }))
