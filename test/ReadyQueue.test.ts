import { assert, it } from "@effect/vitest"
import * as ReadyQueue from "../src/ReadyQueue.ts"
import { seeded } from "./fixtures/seeded.ts"

/** Takes out the first place; -1 when there is none. */
const take = (queue: ReadyQueue.ReadyQueue): number => {
  const place = queue.first()
  if (place >= 0) queue.remove(place)
  return place
}

const drain = (queue: ReadyQueue.ReadyQueue): Array<number> => {
  const taken: Array<number> = []
  while (queue.first() !== -1) taken.push(take(queue))
  return taken
}

it("15.1 the least place goes first, whatever the order of adding", () => {
  const queue = ReadyQueue.make(100)
  for (const place of [70, 3, 31, 99, 32, 0]) queue.add(place)
  assert.deepStrictEqual(drain(queue), [0, 3, 31, 32, 70, 99])
  assert.strictEqual(take(queue), -1)
})

it("15.1 places at the edges of words and levels", () => {
  for (const places of [1, 31, 32, 33, 1023, 1024, 1025, 32_768, 32_769, 1_048_577]) {
    const queue = ReadyQueue.make(places)
    queue.add(places - 1)
    if (places > 1) queue.add(0)
    assert.deepStrictEqual(drain(queue), places > 1 ? [0, places - 1] : [0])
  }
  assert.strictEqual(ReadyQueue.make(0).first(), -1)
})

it("15.1 adding and taking in any order keep the least place first", () => {
  const random = seeded(15)
  const queue = ReadyQueue.make(5000)
  const waiting = new Set<number>()
  for (let i = 0; i < 20_000; i++) {
    const place = random.below(5000)
    if (random.below(3) > 0 && !waiting.has(place)) {
      queue.add(place)
      waiting.add(place)
    } else {
      const least = waiting.size === 0 ? -1 : Math.min(...waiting)
      const taken = take(queue)
      if (taken !== least) assert.fail(`took ${taken} instead of ${least}`)
      waiting.delete(least)
    }
  }
  assert.deepStrictEqual(drain(queue), [...waiting].toSorted((a, b) => a - b))
})

it("15.1 a place that was taken out is not given, and taking out one that is not there changes nothing", () => {
  const queue = ReadyQueue.make(2000)
  for (const place of [3, 40, 1500]) queue.add(place)
  for (const place of [40, 41, 1999]) queue.remove(place)
  assert.deepStrictEqual(drain(queue), [3, 1500])
})

it("15.1 a copy gives the same, and neither changes the other", () => {
  const queue = ReadyQueue.make(2000)
  for (const place of [3, 1500]) queue.add(place)
  const copy = queue.copy()
  assert.deepStrictEqual(drain(copy), [3, 1500])
  copy.add(7)
  assert.deepStrictEqual(drain(queue), [3, 1500])
})
