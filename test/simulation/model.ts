/**
 * What a small flow must come to, worked out from its shape alone, without the engine.
 */
import { Arbitraries, type SeededRandom } from "signalbox/testing"

type TaskShape = Arbitraries.TaskShape

/** Draws the shape of a flow of up to `most` tasks. */
export const drawShapes = (
  random: SeededRandom.SeededRandom,
  most = 10
): ReadonlyArray<TaskShape> =>
  Array.from({ length: 1 + random.below(most) }, (_, index) => drawShape(random, index))

const oneOf = <A>(random: SeededRandom.SeededRandom, ...items: ReadonlyArray<A>): A =>
  items[random.below(items.length)]!

const drawShape = (random: SeededRandom.SeededRandom, index: number): TaskShape => {
  const millis = oneOf(random, 0, 0, 1, 1500, 60_000, 3_600_000)
  return {
    upstream: Array.from({ length: Math.min(index, random.below(4)) }, () => random.below(index)),
    millis,
    end: oneOf(random, "Return", "Return", "Return", "Return", "Skip", "Fail", "Die", "Loop"),
    failures: oneOf(random, 0, 0, 0, 1, 2, 3),
    maxRetries: random.below(4),
    retryMillis: oneOf(random, 0, 500, 7_200_000),
    // Never as long as the body, which of the two ends it would be a matter of chance.
    timeoutMillis: oneOf(random, undefined, undefined, millis + 1, millis > 1 ? millis - 1 : 9),
    trigger: oneOf(
      random,
      "allSuccessful",
      "allSuccessful",
      "allFinished",
      "anySuccessful",
      "anyFailed",
      "notAllSkipped"
    ),
    skipOnUpstreamSkip: random.below(4) > 0
  }
}

/** What must become of a task. */
export interface Expected {
  readonly tag: "Success" | "Skipped" | "Failed" | "TimedOut" | "TriggerFailed"
  /** When it ends if nothing keeps it from starting at once, in milliseconds. */
  readonly end: number
  /** How often its body runs. */
  readonly bodies: number
}

/** What must become of the tasks of a flow in which nothing goes wrong but what the shape says. */
export const expect = (shapes: ReadonlyArray<TaskShape>): ReadonlyArray<Expected> => {
  const all: Array<Expected> = []
  for (const shape of shapes) {
    const upstream = upstreamOf(shape, all.length).map((place) => all[place]!)
    const start = Math.max(0, ...upstream.map(({ end }) => end))
    const refused = refusalOf(shape, upstream)
    all.push(
      refused === undefined ? runOf(shape, start) : { tag: refused, end: start, bodies: 0 }
    )
  }
  return all
}

/** The places that a task depends on. */
export const upstreamOf = ({ upstream }: TaskShape, index: number): ReadonlyArray<number> =>
  [...new Set(upstream)].filter((place) => place < index)

const isFailed = ({ tag }: Expected) => ["Failed", "TimedOut", "TriggerFailed"].includes(tag)
const isSkipped = ({ tag }: Expected) => tag === "Skipped"

const refusalOf = (
  { skipOnUpstreamSkip, trigger }: TaskShape,
  upstream: ReadonlyArray<Expected>
): "Skipped" | "TriggerFailed" | undefined => {
  const allSucceeded = !upstream.some(isFailed)
  if (skipOnUpstreamSkip && upstream.some(isSkipped)) return "Skipped"
  switch (trigger) {
    case "allSuccessful":
      return allSucceeded ? undefined : "TriggerFailed"
    case "allFinished":
      return undefined
    case "anySuccessful":
      return upstream.length === 0 || !upstream.every(isFailed) ? undefined : "TriggerFailed"
    case "anyFailed":
      return upstream.length === 0 || !allSucceeded ? undefined : "TriggerFailed"
    case "notAllSkipped":
      return upstream.every(isSkipped) ? "Skipped" : allSucceeded ? undefined : "TriggerFailed"
  }
}

const rounds = 3

const runOf = (shape: TaskShape, start: number): Expected => {
  const { end, failures, maxRetries, millis, retryMillis, timeoutMillis } = shape
  const timesOut = timeoutMillis !== undefined && millis > timeoutMillis
  const gaveUp = timesOut || failures > maxRetries || end === "Fail" || end === "Die"
  const attempts = gaveUp ? maxRetries + 1 : failures + 1
  const each = timesOut ? timeoutMillis : millis
  const times = end === "Loop" && !gaveUp ? rounds : 1
  return {
    tag: timesOut ? "TimedOut" : gaveUp ? "Failed" : end === "Skip" ? "Skipped" : "Success",
    end: start + times * (attempts * each + (attempts - 1) * retryMillis),
    bodies: times * attempts
  }
}
