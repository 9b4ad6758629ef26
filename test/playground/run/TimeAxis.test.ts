import { assert, describe, it } from "vitest"
import { formatSpan } from "../../../playground/run/Elapsed.ts"
import { fromLines, type Run, RunBuilder } from "../../../playground/run/Run.ts"
import { axisOf, compressedAxis, realAxis, roundStep } from "../../../playground/run/TimeAxis.ts"
import { changes, header, type Step } from "./lines.ts"

const hour = 3_600_000
const night: ReadonlyArray<Step> = [
  [0, "flow", "Running"],
  [0, "extract", "Running"],
  [0, "extract", "Failed"],
  [0, "extract", "Retrying"],
  [2 * hour, "extract", "Running"],
  [2 * hour + 5, "extract", "Success"],
  [26 * hour, "flow", "Success"]
]
const runOf = (steps: ReadonlyArray<Step>): Run =>
  fromLines([header("extract"), ...changes(...steps)])
const runs: ReadonlyArray<Run> = [
  runOf(night),
  runOf([]),
  runOf([[0, "flow", "Running"]]),
  runOf(
    Array.from({ length: 3000 }, (_, at): Step => [Math.floor(at / 700) * 10, "flow", "Running"])
  )
]

describe.each(["real", "compressed"] as const)("the %s axis", (kind) => {
  it("never puts a later moment further left", () => {
    for (const run of runs) {
      const axis = axisOf(run, kind)
      let before = 0
      for (let cursor = 0; cursor <= run.changes.length; cursor++) {
        const position = axis.positionOf({ cursor, time: run.times[cursor - 1] ?? 0 })
        assert.isAtLeast(position, before)
        assert.isAtMost(position, axis.length)
        before = position
      }
    }
  })

  it("has a moment of a longer run no further left than its own end", () => {
    for (const run of runs) {
      const { length, positionOf } = axisOf(run, kind)
      const position = positionOf({ cursor: 5000, time: 90 * hour })
      const end = positionOf({ cursor: run.changes.length, time: run.duration })
      assert.isAtLeast(position, end)
      assert.isAtMost(position, length)
    }
  })

  it("finds the moment of each position again", () => {
    for (const run of runs) {
      const axis = axisOf(run, kind)
      for (let part = 0; part <= 500; part++) {
        const position = axis.length * part / 500
        const moment = axis.momentAt(position)
        const again = axis.momentAt(axis.positionOf(moment))
        assert.closeTo(again.time, moment.time, 1e-6 * (1 + run.duration))
        // One can come back to another number of changes only where they were at one time.
        const least = Math.min(again.cursor, moment.cursor)
        const most = Math.max(again.cursor, moment.cursor)
        if (most > least) assert.closeTo(run.times[most - 1]!, moment.time, 1e-6 * run.duration)
      }
    }
  })

  it("has its lines in order, within what is asked for and as far apart as asked for", () => {
    for (const run of runs) {
      const axis = axisOf(run, kind)
      const [from, to] = [axis.length * 0.1, axis.length * 0.9]
      const ticks = axis.ticks(from, to, axis.length / 12)
      for (const [at, { position }] of ticks.entries()) {
        assert.isTrue(position >= from && position <= to)
        if (at > 0) assert.isAbove(position, ticks[at - 1]!.position)
      }
      assert.strictEqual(new Set(ticks.map(({ label }) => label)).size, ticks.length)
    }
  })
})

it("the compressed axis has the changes of one instant side by side, and long waits short", () => {
  const axis = compressedAxis(runOf(night))
  const [flow, running, failed, retrying, again, success, end] = night.map((_, change) =>
    axis.ofChange(change)
  )
  assert.strictEqual(running! - flow!, 1)
  assert.strictEqual(failed! - running!, 1)
  assert.isAbove(again! - retrying!, 5)
  assert.isBelow(again! - retrying!, 20)
  assert.isAbove(end! - success!, again! - retrying!)
  assert.isBelow(end! - success!, 2 * (again! - retrying!))
})

it("the compressed axis tells changes of one instant apart", () => {
  for (const run of runs) {
    const axis = compressedAxis(run)
    for (let cursor = 0; cursor <= run.changes.length; cursor++) {
      const moment = { cursor, time: run.times[cursor - 1] ?? 0 }
      assert.deepStrictEqual(axis.momentAt(axis.positionOf(moment)), moment)
    }
  }
})

it("on the compressed axis what has happened is before the moment, and what has not after it", () => {
  for (const run of runs) {
    const axis = compressedAxis(run)
    for (let cursor = 0; cursor <= run.changes.length; cursor++) {
      const position = axis.positionOf({ cursor, time: run.times[cursor - 1] ?? 0 })
      if (cursor > 0) assert.isBelow(axis.ofChange(cursor - 1), position)
      assert.isAtLeast(axis.ofChange(cursor), position)
    }
  }
})

it("what was drawn on the compressed axis stays where it is while the run grows", () => {
  const run = new RunBuilder(header("extract"))
  const lines = changes(...night)
  const before: Array<number> = []
  for (const [at, line] of lines.entries()) {
    run.add(line)
    before.push(compressedAxis(run).ofChange(at))
  }
  assert.deepStrictEqual(before, lines.map((_, at) => compressedAxis(run).ofChange(at)))
})

it("the compressed axis tells which parts of it are waits", () => {
  const axis = compressedAxis(runOf(night))
  assert.deepStrictEqual(axis.gaps(0, axis.length, 5), [
    { from: axis.ofChange(3) + 1, to: axis.ofChange(4) },
    { from: axis.ofChange(5) + 1, to: axis.ofChange(6) }
  ])
})

it("the real axis has its lines at round times", () => {
  const axis = realAxis(runOf(night))
  const ticks = axis.ticks(0, axis.length, axis.length / 8)
  assert.deepStrictEqual(ticks.map(({ label }) => label), ["0 s", "6 h", "12 h", "18 h", "1 d"])
})

it("a round step is the least one that is long enough, up to years", () => {
  const rounded = [0.2, 3, 700, 20_000, 61_000, hour, 30 * hour, 90 * 24 * hour].map(roundStep)
  assert.deepStrictEqual(
    rounded.map(formatSpan),
    ["1 ms", "5 ms", "1 s", "30 s", "2 min", "1 h", "2 d", "100 d"]
  )
})

it("a length of time is told in all units that it needs", () => {
  const told = [0, 0.5, 250, 1500, 60_000, 62_250, 1.5 * hour, 24 * hour, 26 * hour + 1]
  assert.deepStrictEqual(told.map(formatSpan), [
    "0 s",
    "0.5 ms",
    "250 ms",
    "1.5 s",
    "1 min",
    "1 min 2.25 s",
    "1 h 30 min",
    "1 d",
    "1 d 2 h 0.001 s"
  ])
})

it("time goes on where a clock is set back, and all its changes can be reached", () => {
  const run = runOf([
    [0, "flow", "Running"],
    [hour, "extract", "Running"],
    [-hour, "extract", "Success"],
    [hour + 1, "flow", "Success"]
  ])
  assert.deepStrictEqual(run.times, [0, hour, hour, hour + 1])
  for (const axis of [realAxis(run), compressedAxis(run)]) {
    assert.strictEqual(axis.momentAt(axis.ofChange(2) + 0.001).cursor, 3)
  }
})
