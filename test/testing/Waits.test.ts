import { assert, it } from "@effect/vitest"
import {
  Deferred,
  Duration,
  Effect,
  Fiber,
  Latch,
  Option,
  PubSub,
  Queue,
  Semaphore,
  Stream,
  SubscriptionRef
} from "effect"
import { Flow, Task } from "signalbox"
import { Simulation } from "signalbox/testing"

const { never } = Effect

/** Effects that wait for ever, each for another part of the run. */
const waits: Readonly<Record<string, Effect.Effect<unknown>>> = {
  never,
  "a deferred value": Effect.flatMap(Deferred.make<void>(), Deferred.await),
  "a latch": Effect.flatMap(Latch.make(), (latch) => latch.await),
  "a semaphore": Effect.flatMap(Semaphore.make(0), (semaphore) => semaphore.withPermits(1)(never)),
  "an empty queue": Effect.flatMap(Queue.unbounded<void>(), Queue.take),
  "a full queue": Effect.flatMap(
    Queue.bounded<number>(1),
    (queue) => Queue.offerAll(queue, [1, 2])
  ),
  "a subscription": Effect.scoped(
    Effect.flatMap(
      PubSub.unbounded<void>(),
      (pubSub) => Effect.flatMap(PubSub.subscribe(pubSub), PubSub.take)
    )
  ),
  "another fibre": Effect.flatMap(Effect.forkChild(never), Fiber.join),
  "a race": Effect.race(never, Effect.raceFirst(never, never)),
  "all of many": Effect.all([never, Effect.void, never], { concurrency: 2 }),
  "a stream that never gives": Stream.runDrain(Stream.never),
  "changes that do not come": Effect.flatMap(
    SubscriptionRef.make(0),
    (ref) => Stream.runDrain(SubscriptionRef.changes(ref))
  ),
  "a timeout that is later": Effect.timeoutOption(never, "2 hours")
}

it.effect.each(Object.keys(waits))(
  "25.3 a wait for %s does not hold time",
  (name) =>
    Effect.gen(function* () {
      const body = Effect.timeoutOption(waits[name]!, "1 hour")
      const flow = Flow.make("waiting", function* () {
        return yield* Task.make("wait", { run: () => body })()
      })
      const report = yield* Simulation.run(flow, { realTimeLimit: "1 second" })
      assert.deepStrictEqual(report.run.state.result, Option.none())
      assert.deepStrictEqual(report.elapsed, Duration.hours(1))
    })
)
