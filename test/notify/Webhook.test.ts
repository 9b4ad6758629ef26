import { assert, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { HttpClient } from "effect/http"
import { Flow, State, StateHandler, Task } from "signalbox"
import { Webhook } from "signalbox/notify"
import { answering, receiver } from "../fixtures/webhookReceiver.ts"

const webhookUrl = Redacted.make("https://ops.example.com/hooks/very-secret")

it.effect("17.11 a webhook is told what changed, from what to what, and nothing of the data", () =>
  Effect.gen(function* () {
    const ops = receiver()
    const handler = Webhook.handler({ webhookUrl })
    const add = Task.make("add", {
      slug: "add-1",
      tags: ["sums"],
      handlers: [handler],
      run: () => Effect.succeed("private")
    })
    const flow = Flow.make("etl", { handlers: [handler] }, function* () {
      return yield* add()
    })
    const run = yield* Flow.run(flow).pipe(
      Effect.provideService(HttpClient.HttpClient, answering(ops))
    )
    const { flowRunId } = ops.bodies[0] as Webhook.Body
    const at = "1970-01-01T00:00:00.000Z"
    const of = { at, flow: "etl", flowRunId, runCount: 1 }
    const task = { name: "add", slug: "add-1", tags: ["sums"] }
    const starting = { kind: "Running", message: "Starting task run." }
    const running = { kind: "Running", message: "Running flow." }
    assert.isTrue(State.isSuccessful(run.state))
    assert.isNotEmpty(flowRunId)
    assert.deepStrictEqual(ops.bodies, [
      { ...of, from: { kind: "Scheduled" }, to: running },
      { ...of, task, from: { kind: "Pending" }, to: starting },
      { ...of, task, from: starting, to: { kind: "Success", message: "Task run succeeded." } },
      {
        ...of,
        from: running,
        to: { kind: "Success", message: "All reference tasks succeeded." }
      }
    ])
    assert.notInclude(JSON.stringify(ops.bodies), "private")
  }))

it.effect("17.12 a webhook sends the headers that it is given, and what encode makes of the body", () =>
  Effect.gen(function* () {
    class TellOps extends StateHandler.Service<TellOps>()("test/TellOps") {}
    const ops = receiver()
    const add = Task.make("add", { handlers: [TellOps], run: () => Effect.succeed(1) })
    const flow = Flow.make("etl", function* () {
      return yield* add()
    })
    const live = Webhook.layer(TellOps, {
      webhookUrl,
      onlyStates: ["Success"],
      headers: { authorization: Redacted.make("Bearer token"), "x-team": "data" },
      encode: ({ task, to }) => ({ text: `${task?.name}: ${to.kind}` })
    })
    yield* Flow.run(flow).pipe(
      Effect.provide(live),
      Effect.provideService(HttpClient.HttpClient, answering(ops))
    )
    assert.deepStrictEqual(ops.bodies, [{ text: "add: Success" }])
    assert.strictEqual(ops.headers[0]?.["authorization"], "Bearer token")
    assert.strictEqual(ops.headers[0]?.["x-team"], "data")
  }))
