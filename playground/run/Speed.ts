/**
 * How fast a run is played, in simulated milliseconds for each real one.
 */

/** The speeds that one can choose from; the last one goes from change to change. */
export const speeds: ReadonlyArray<number> = [
  0.25,
  1,
  10,
  100,
  1000,
  10_000,
  100_000,
  Infinity
]

/** How long a run should take to play, in milliseconds. */
const pleasant = 8000

/** A run of so few milliseconds is over at once, whatever the speed. */
const instant = 500

/** The speed at which a run of some length plays in seconds, even if it went on for days. */
export const speedFor = (duration: number): number => {
  if (duration < instant) return Infinity
  const distance = (speed: number): number => Math.abs(Math.log(duration / speed / pleasant))
  return speeds.slice(0, -1).reduce((best, speed) =>
    distance(speed) < distance(best) ? speed : best
  )
}

/** A speed as people read it: `¼×`, `1,000×`. */
export const formatSpeed = (speed: number): string =>
  speed === Infinity ? "to next event" : `${speed === 0.25 ? "¼" : speed.toLocaleString("en")}×`
