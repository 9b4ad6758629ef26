import { assert, it } from "vitest"
import { densityOf } from "../../../playground/run/Density.ts"
import { itemCountsAt } from "../../../playground/run/ItemCounts.ts"
import {
  failuresOf,
  nextChangeOf,
  nextFailure,
  previousFailure
} from "../../../playground/run/Jumps.ts"
import { lastChange, type Run, RunBuilder } from "../../../playground/run/Run.ts"
import { formatSpeed, speedFor, speeds } from "../../../playground/run/Speed.ts"
import { families, lookOf } from "../../../playground/run/StateLook.ts"
import { compressedAxis, realAxis } from "../../../playground/run/TimeAxis.ts"
import { changes, header, type Step } from "./lines.ts"

/** 300 items that fail and are tried again, in an order that is no order. */
const steps: ReadonlyArray<Step> = Array.from({ length: 3000 }, (_, at): Step => {
  const item = (at * 7919) % 300
  const tags = ["Running", "Failed", "Retrying", "Running", "Success"]
  return [at * 10, `clean[${item}]`, tags[Math.floor(at / 300) % tags.length]!]
})
const run = new RunBuilder(header("clean[]"))
const lines = changes(...steps)

/** What the counts are, item by item. */
const counted = (run: Run, cursor: number): ReadonlyArray<number> => {
  const counts = families.map(() => 0)
  for (const id of run.subjects[1]!.items) {
    const last = lastChange(run, id, cursor)
    if (last !== -1) counts[families.indexOf(lookOf(run.changes[last]!.to.tag).family)]!++
  }
  return counts
}

it("items are counted by state at any moment, while the run grows", () => {
  for (const [at, line] of lines.entries()) {
    run.add(line)
    if (at % 501 !== 0) continue
    for (const cursor of [0, 1, at >> 1, at, at + 1]) {
      assert.deepStrictEqual(itemCountsAt(run, 0, cursor), counted(run, cursor))
    }
  }
  for (let cursor = 0; cursor <= lines.length; cursor += 37) {
    assert.deepStrictEqual(itemCountsAt(run, 0, cursor), counted(run, cursor))
  }
})

it("each change is in one column of the strip, and each failure", () => {
  for (const axis of [realAxis(run), compressedAxis(run)]) {
    for (const columns of [1, 7, 300]) {
      const { changes, failures, most } = densityOf(run, axis, columns)
      const sum = (counts: ReadonlyArray<number>): number => counts.reduce((a, b) => a + b, 0)
      assert.strictEqual(sum(changes), 3000)
      assert.strictEqual(sum(failures), failuresOf(run).length)
      assert.strictEqual(most, Math.max(...changes))
      assert.isTrue(changes.every((count, at) => count >= failures[at]!))
    }
  }
})

it("one goes from failure to failure, and from change to change of one subject", () => {
  const failures = failuresOf(run)
  assert.strictEqual(failures.length, 600)
  assert.strictEqual(nextFailure(run, 0), failures[0]! + 1)
  assert.strictEqual(nextFailure(run, failures[0]! + 1), failures[1]! + 1)
  assert.strictEqual(nextFailure(run, 3000), undefined)
  assert.strictEqual(previousFailure(run, failures[1]! + 1), failures[0]! + 1)
  assert.strictEqual(previousFailure(run, failures[0]! + 1), undefined)
  const { changes } = run.subjects[5]!
  assert.strictEqual(nextChangeOf(run, 5, 0), changes[0]! + 1)
  assert.strictEqual(nextChangeOf(run, 5, changes[0]! + 1), changes[1]! + 1)
  assert.strictEqual(nextChangeOf(run, 5, 3000), undefined)
})

it("a run is played in seconds, whether it lasted a second or a week", () => {
  for (const duration of [600, 5000, 60_000, 3_600_000, 86_400_000, 7 * 86_400_000]) {
    const seconds = duration / speedFor(duration) / 1000
    assert.isAbove(seconds, 1, String(duration))
    assert.isBelow(seconds, 27, String(duration))
  }
  assert.strictEqual(speedFor(0), Infinity)
  assert.deepStrictEqual(speeds.slice(0, 2).map(formatSpeed), ["¼×", "1×"])
  assert.strictEqual(formatSpeed(10_000), "10,000×")
})
