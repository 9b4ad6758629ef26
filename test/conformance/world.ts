/**
 * The world that a case runs in: simulated time that begins at the epoch, and an end that always
 * comes.
 *
 * @module
 */
import { Duration, Effect } from "effect"
import { SimulatedClock, SimulatedWorld } from "signalbox/testing"

// No case does as much as this; one that does never ends.
const longest = Duration.days(3650)
const realTimeLimit = Duration.seconds(5)

/** Runs an effect in simulated time; fails if it does not come to an end. */
export const inWorld = <A, E>(
  name: string,
  epoch: number,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, unknown> =>
  Effect.gen(function* () {
    const clock = yield* SimulatedClock.make({ start: epoch })
    const outcome = yield* SimulatedWorld.run(effect, {
      name,
      clock,
      seed: 0,
      until: epoch + Duration.toMillis(longest),
      realTimeLimit,
      preemption: undefined,
      underWay: () => [],
      changes: () => 0,
      onEnd: () => {}
    })
    return yield* Effect.mapError(
      Effect.fromOption(outcome),
      () => new Error(`It did not end within ${Duration.format(longest)} of simulated time`)
    )
  })
