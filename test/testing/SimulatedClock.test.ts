import { assert, it } from "@effect/vitest"
import { Clock, Cron, DateTime, Duration, Effect, Fiber, Schedule } from "effect"
import { Flow, State, Task } from "signalbox"
import { SimulatedClock, Simulation } from "signalbox/testing"

const inBody = <A, E>(body: Effect.Effect<A, E>, options: Simulation.RunOptions<{}> = {}) => {
  const flow = Flow.make("clocked", function* () {
    return yield* Task.make("body", { run: () => body })()
  })
  return Effect.map(Simulation.run(flow, options), ({ run }) => run.state.result as A)
}

const isoNow = Effect.map(DateTime.now, DateTime.formatIso)

it.effect("25.1 starts at a fixed instant unless told otherwise", () =>
  Effect.gen(function* () {
    assert.strictEqual(yield* inBody(isoNow), "2026-01-01T00:00:00.000Z")
    const start = "2030-05-06T07:08:09Z"
    assert.strictEqual(yield* inBody(isoNow, { start }), "2030-05-06T07:08:09.000Z")
    const error = yield* Effect.flip(inBody(isoNow, { start: "soon" }))
    assert.strictEqual(
      error.message,
      'Cannot start a simulated clock: start is no point in time ("soon")'
    )
  }))

it.effect("25.1 cron keeps the hour of the day over a daylight-saving change", () =>
  Effect.gen(function* () {
    const zone = DateTime.zoneMakeNamedUnsafe("Europe/Berlin")
    const nine = Cron.parseUnsafe("0 9 * * *", zone)
    const times: Array<string> = []
    const look = Effect.map(isoNow, (time) => void times.push(time))
    yield* inBody(
      Effect.andThen(
        Effect.sleep(1),
        Effect.repeat(look, { schedule: Schedule.cron(nine), times: 3 })
      ),
      { start: "2026-03-27T12:00:00Z" }
    )
    assert.deepStrictEqual(times.slice(1), [
      "2026-03-28T08:00:00.000Z",
      "2026-03-29T07:00:00.000Z",
      "2026-03-30T07:00:00.000Z"
    ])
  }))

it.effect("25.1 time that can be compared never goes back, in nanoseconds", () =>
  Effect.gen(function* () {
    const nanos = yield* inBody(Effect.gen(function* () {
      const before = yield* Clock.monotonicTimeNanos
      yield* Effect.sleep(Duration.nanos(1500n))
      return [(yield* Clock.monotonicTimeNanos) - before, yield* Clock.currentTimeNanos]
    }))
    assert.deepStrictEqual(nanos, [1500n, 1_767_225_600_000_001_500n])
  }))

const count = 100_000

/** As many fibres, each with a wait of its own. */
const fibres = (wait: (seconds: number) => Effect.Effect<void>) =>
  Effect.suspend(() =>
    Effect.forEach(Array(count).keys(), (i) => wait(1 + (i * 7919) % 100_003), {
      concurrency: "unbounded",
      discard: true
    })
  )

/** The same without a clock: what so many fibres take that suspend and go on. */
const bare = Effect.gen(function* () {
  const due: Array<() => void> = []
  const wait = (seconds: number) =>
    Effect.callback<void>((resume) => {
      due[seconds] = () => resume(Effect.void)
      return Effect.void
    })
  const fiber = yield* Effect.forkChild(fibres(wait), { startImmediately: true })
  // No callback is called for what the list does not have.
  due.forEach((goOn) => goOn())
  yield* Fiber.join(fiber)
})

it.effect(
  "25.9 100,000 sleepers at different times take little more than as many fibres without a clock",
  () =>
    Effect.gen(function* () {
      const sleepers = fibres((seconds) => Effect.sleep(Duration.seconds(seconds)))
      const timed = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.suspend(() => {
          const start = performance.now()
          return Effect.map(effect, (value) => [performance.now() - start, value] as const)
        })
      const ratios: Array<number> = []
      for (let turn = 0; turn < 2; turn++) {
        const [floor] = yield* timed(bare)
        const [took, at] = yield* timed(inBody(Effect.andThen(sleepers, Clock.currentTimeMillis)))
        assert.isAbove(at, DateTime.toEpochMillis(SimulatedClock.defaultStart) + 99_000_000)
        ratios.push(took / floor)
      }
      // One and a quarter, where nothing else is going on.
      assert.isBelow(Math.min(...ratios), 3)
    }),
  120_000
)

it.effect("25.9 sleepers that were interrupted do not pile up", () =>
  Effect.gen(function* () {
    const clock = yield* SimulatedClock.make()
    const short = Effect.timeout(Effect.sleep(1), "30 days")
    yield* inBody(Effect.repeat(short, { times: 10_000 }), { clock })
    assert.isBelow(clock.sleepers(), 10)
    assert.deepStrictEqual(clock.elapsed(), Duration.millis(10_001))
  }))

it.effect("25.9 of sleepers due at one time, one that another interrupts is counted once", () =>
  Effect.gen(function* () {
    const clock = yield* SimulatedClock.make()
    const race = Effect.raceFirst(Effect.sleep("1 second"), Effect.sleep("1 second"))
    const counted = yield* inBody(
      Effect.forEach([1, 2, 3], () => Effect.andThen(race, Effect.sync(() => clock.sleepers()))),
      { clock }
    )
    assert.deepStrictEqual(counted, [0, 0, 0])
  }))

// ---------------------------------------------------------------------------------------------
// With a driver
// ---------------------------------------------------------------------------------------------

const retried = Task.make("retried", {
  maxRetries: 2,
  retryDelay: "1 hour",
  run: () => Effect.andThen(Effect.sleep("1 minute"), Effect.fail("no"))
})
const flow = Flow.make("driven", function* () {
  yield* retried()
})

const held = Effect.gen(function* () {
  const clock = yield* SimulatedClock.make({ paused: true })
  const fiber = yield* Effect.forkChild(Simulation.run(flow, { clock }), { startImmediately: true })
  return { clock, fiber }
})

it.effect("25.5 a clock that is held moves only as it is told", () =>
  Effect.gen(function* () {
    const { clock, fiber } = yield* held
    const elapsed = () => Duration.format(clock.elapsed())
    assert.isTrue(clock.isPaused())
    assert.isTrue(yield* clock.step)
    assert.strictEqual(elapsed(), "1m")
    yield* clock.advance("10 minutes")
    assert.strictEqual(elapsed(), "11m")
    yield* clock.runUntil("2026-01-01T01:01:30Z")
    assert.strictEqual(elapsed(), "1h 1m 30s")
    assert.strictEqual(clock.nextDue(), clock.startTime + 3_720_000)
    assert.isUndefined(fiber.pollUnsafe())
    yield* clock.runToEnd
    const report = yield* Fiber.join(fiber)
    assert.isTrue(State.isFailed(report.final("retried")))
    assert.strictEqual(elapsed(), "2h 3m")
    assert.isFalse(yield* clock.step)
  }))

it.effect("25.5 stepping visits every due time once", () =>
  Effect.gen(function* () {
    const { clock, fiber } = yield* held
    const times: Array<string> = []
    while (yield* clock.step) times.push(Duration.format(clock.elapsed()))
    assert.deepStrictEqual(times, ["1m", "1h 1m", "1h 2m", "2h 2m", "2h 3m"])
    assert.isTrue((yield* Fiber.join(fiber)).ended)
  }))

it.effect("25.5 a clock can be paused again and let go", () =>
  Effect.gen(function* () {
    const { clock, fiber } = yield* held
    yield* clock.step
    yield* clock.pause
    assert.isTrue(clock.isPaused())
    yield* clock.runToEnd
    assert.deepStrictEqual((yield* Fiber.join(fiber)).elapsed, Duration.minutes(123))
  }))

it.effect("25.5 refuses to go back or nowhere, with the value", () =>
  Effect.gen(function* () {
    const { clock, fiber } = yield* held
    yield* clock.advance("2 minutes")
    const messages = yield* Effect.forEach(
      [
        clock.runUntil("2026-01-01T00:01:00Z"),
        clock.runUntil("whenever"),
        clock.advance(-1),
        SimulatedClock.make({ start: NaN })
      ],
      (refused: Effect.Effect<unknown, SimulatedClock.ClockError>) =>
        Effect.map(Effect.flip(refused), ({ message }) => message)
    )
    assert.deepStrictEqual(messages, [
      "Cannot run a simulated clock until then: it is in the past, now is " +
      '2026-01-01T00:02:00.000Z ("2026-01-01T00:01:00Z")',
      'Cannot run a simulated clock until then: it is no point in time ("whenever")',
      "Cannot advance a simulated clock: it takes a duration from 0 (-1)",
      "Cannot start a simulated clock: start is no point in time (NaN)"
    ])
    yield* Fiber.interrupt(fiber)
  }))

it.effect("25.6 serves any effect as its clock, without a run", () =>
  Effect.gen(function* () {
    const clock = yield* SimulatedClock.make({ paused: true })
    const fiber = yield* Effect.sleep("1 day").pipe(
      Effect.provideService(Clock.Clock, clock),
      Effect.forkChild({ startImmediately: true })
    )
    yield* clock.advance("23 hours")
    assert.isUndefined(fiber.pollUnsafe())
    yield* clock.advance("1 hour")
    assert.isDefined(fiber.pollUnsafe())
  }))
