import { assert, it } from "vitest"
import { type Frames, makePlayer } from "../../playground/Player.ts"
import { fromLines, RunBuilder } from "../../playground/run/Run.ts"
import { makeStore } from "../../playground/Store.ts"
import { changes, header, type Step } from "./run/lines.ts"

const hour = 3_600_000
const steps: ReadonlyArray<Step> = [
  [0, "flow", "Running"],
  [0, "extract", "Running"],
  [2 * hour, "extract", "Success"],
  [4 * hour, "flow", "Success"]
]
const plan = { files: [], seed: 0, faults: [] }

/** Frames that come when a test says so, each 16 ms after the one before. */
const byHand = (isReduced = false) => {
  let [now, latest] = [0, 0]
  const waiting = new Map<number, (now: number) => void>()
  const frames: Frames = {
    request: (callback) => {
      waiting.set(++latest, callback)
      return latest
    },
    cancel: (frame) => void waiting.delete(frame),
    isReduced: () => isReduced
  }
  const pass = (count: number, millis = 16): void => {
    for (; count > 0; count--) {
      now += millis
      const due = [...waiting.values()]
      waiting.clear()
      for (const callback of due) callback(now)
    }
  }
  return { frames, pass, waiting }
}

const storeOf = (steps: ReadonlyArray<Step>) => {
  const end = { at: steps.at(-1)?.[0] ?? 0, end: "ended" as const }
  return makeStore(plan, fromLines([header("extract"), ...changes(...steps), end]))
}

it("plays at the chosen speed and stops at the end", () => {
  const store = storeOf(steps)
  const { frames, pass, waiting } = byHand()
  makePlayer(store, frames)
  store.speed.value = hour / 1000
  store.playing.value = true
  pass(1)
  assert.strictEqual(store.time.peek(), 0)
  pass(10, 100)
  assert.strictEqual(store.time.peek(), hour)
  assert.strictEqual(store.cursor.peek(), 2)
  pass(31, 100)
  assert.isFalse(store.playing.peek())
  assert.strictEqual(store.time.peek(), 4 * hour)
  assert.strictEqual(store.cursor.peek(), 4)
  assert.strictEqual(waiting.size, 0)
})

it("begins again when it is played at the end", () => {
  const store = storeOf(steps)
  const { frames, pass } = byHand()
  makePlayer(store, frames)
  store.seek(Infinity)
  store.playing.value = true
  pass(1)
  assert.strictEqual(store.cursor.peek(), 2)
  assert.isTrue(store.playing.peek())
})

it("goes from change to change, one at a time", () => {
  const store = storeOf(steps)
  const { frames, pass } = byHand()
  makePlayer(store, frames)
  store.speed.value = Infinity
  store.playing.value = true
  const seen = new Set<number>()
  for (let frame = 0; frame < 120; frame++) {
    pass(1)
    seen.add(store.cursor.peek())
  }
  assert.deepStrictEqual([...seen], [0, 1, 2, 3, 4])
  assert.isFalse(store.playing.peek())
})

it("many changes do not take long, one by one", () => {
  const store = storeOf(Array.from({ length: 10_000 }, (_, at): Step => [at, "flow", "Running"]))
  const { frames, pass } = byHand()
  makePlayer(store, frames)
  store.speed.value = Infinity
  store.playing.value = true
  pass(21 * 60, 17)
  assert.isFalse(store.playing.peek())
})

it("does not make up for the time in which the page was hidden", () => {
  const store = storeOf(steps)
  const { frames, pass } = byHand()
  makePlayer(store, frames)
  store.speed.value = 1000
  store.playing.value = true
  pass(1)
  pass(1, 60_000)
  assert.strictEqual(store.time.peek(), 100_000)
})

it("goes on in jumps of a second where movement is unwelcome", () => {
  const store = storeOf(steps)
  const { frames, pass } = byHand(true)
  makePlayer(store, frames)
  store.speed.value = 1000
  store.playing.value = true
  const times = new Set<number>()
  for (let frame = 0; frame < 126; frame++) {
    pass(1)
    times.add(store.time.peek())
  }
  assert.strictEqual(times.size, 2)
  assert.isAtLeast(store.time.peek(), 1_000_000)
})

it("gives each run a speed that suits it, until somebody chooses one", () => {
  const store = storeOf(steps)
  makePlayer(store, byHand().frames)
  assert.strictEqual(store.speed.peek(), 1000)
  const short = {
    number: 2,
    plan,
    run: storeOf([[0, "flow", "Running"], [5, "flow", "Success"]]).run.peek()
  }
  store.show(short)
  assert.strictEqual(store.speed.peek(), Infinity)
  store.speed.value = 10
  store.show({ number: 3, plan, run: storeOf(steps).run.peek() })
  assert.strictEqual(store.speed.peek(), 10)
})

it("follows a run that goes on, until somebody looks back", () => {
  const run = new RunBuilder(header("extract"))
  const store = makeStore(plan, run)
  makePlayer(store, byHand().frames)
  store.following.value = true
  const lines = changes(...steps)
  const grow = (line: typeof lines[number]): void => {
    run.add(line)
    store.revision.value++
  }
  grow(lines[0]!)
  grow(lines[1]!)
  assert.strictEqual(store.cursor.peek(), 2)
  store.seek(1)
  assert.isFalse(store.following.peek())
  grow(lines[2]!)
  assert.strictEqual(store.cursor.peek(), 1)
  store.following.value = true
  assert.strictEqual(store.cursor.peek(), 3)
})
