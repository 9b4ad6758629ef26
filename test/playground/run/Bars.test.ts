import { assert, it } from "vitest"
import { barsIn, rowsOf } from "../../../playground/run/Bars.ts"
import { fromLines, type Run, RunBuilder } from "../../../playground/run/Run.ts"
import { compressedAxis, realAxis } from "../../../playground/run/TimeAxis.ts"
import { changes, header, type Step } from "./lines.ts"

const steps: ReadonlyArray<Step> = [
  [0, "flow", "Running"],
  [0, "clean", "Mapped"],
  [10, "clean[1]", "Running"],
  [10, "clean[0]", "Running"],
  [500, "clean[1]", "Failed"],
  [500, "clean[1]", "Retrying"],
  [900, "clean[0]", "Success"],
  [2500, "clean[1]", "Running"],
  [3000, "clean[1]", "Success"],
  [3000, "approve", "Paused"]
]
const runOf = (steps: ReadonlyArray<Step>): Run =>
  fromLines([header("clean[]", "approve"), ...changes(...steps)])
const run = runOf(steps)

const keysOf = (opened: ReadonlyArray<string>, filter = ""): ReadonlyArray<string> =>
  rowsOf(run, new Set(opened), filter).map((id) => run.subjects[id]!.key)

const told = (run: Run, key: string, least = 0): ReadonlyArray<unknown> => {
  const axis = realAxis(run)
  return barsIn(run, axis, run.idOf(key)!, 0, axis.length, least)
    .map((
      { count, family, from, kind, to }
    ) => [kind, family, from, to, ...count > 1 ? [count] : []])
}

it("there is a row for the flow and for each task, and for the items of those that are opened", () => {
  assert.deepStrictEqual(keysOf([]), ["flow", "clean", "approve"])
  assert.deepStrictEqual(keysOf(["clean"]), ["flow", "clean", "clean[0]", "clean[1]", "approve"])
})

it("a filter finds rows by name, by state, and by the items in them", () => {
  assert.deepStrictEqual(keysOf([], "appr"), ["approve"])
  assert.deepStrictEqual(keysOf([], "PAUSED"), ["approve"])
  assert.deepStrictEqual(keysOf([], "retrying"), ["clean", "clean[1]"])
  assert.deepStrictEqual(keysOf([], "clean"), ["clean"])
  assert.deepStrictEqual(keysOf(["clean"], "clean"), ["clean", "clean[0]", "clean[1]"])
  assert.deepStrictEqual(keysOf([], "nothing of the kind"), [])
})

it("constants have no row", () => {
  const { nodes, ...rest } = header("one")
  const constant = { ...rest, nodes: nodes.map((node) => ({ ...node, kind: "constant" as const })) }
  const run = fromLines([constant])
  assert.deepStrictEqual(rowsOf(run, new Set(), ""), [0])
})

it("a bar is a state from its change to the next one; how it ended is a mark", () => {
  assert.deepStrictEqual(told(run, "clean[1]"), [
    ["run", "running", 10, 500],
    ["mark", "failed", 500, 500],
    ["wait", "retrying", 500, 2500],
    ["run", "running", 2500, 3000],
    ["mark", "succeeded", 3000, 3000]
  ])
})

it("what has not ended lasts until the end of the axis", () => {
  assert.deepStrictEqual(told(run, "flow"), [["run", "running", 0, 3000]])
  assert.deepStrictEqual(told(run, "approve"), [["pause", "paused", 3000, 3000]])
  assert.deepStrictEqual(told(run, "clean"), [["map", "mapped", 0, 3000]])
})

it("only bars that can be seen are made", () => {
  const axis = realAxis(run)
  const bars = barsIn(run, axis, run.idOf("clean[1]")!, 600, 2000, 0)
  assert.deepStrictEqual(bars.map(({ kind }) => kind), ["wait"])
})

it("bars that are too narrow are one, which is red if any of them failed, and no others are", () => {
  const many = runOf([
    [0, "approve", "Running"],
    ...Array.from(
      { length: 10 },
      (_, at): Step => [1 + at, "approve", at === 4 ? "Failed" : "Retrying"]
    ),
    [1000, "approve", "Running"],
    [2000, "approve", "Success"]
  ])
  assert.deepStrictEqual(told(many, "approve", 50), [
    ["mark", "failed", 0, 10, 10],
    ["wait", "retrying", 10, 1000],
    ["run", "running", 1000, 2000],
    ["mark", "succeeded", 2000, 2000]
  ])
})

it("there are never many more bars than there is room for", () => {
  const busy = runOf(Array.from({ length: 20_000 }, (_, at): Step => [
    at,
    "approve",
    at % 2 === 0 ? "Running" : "Retrying"
  ]))
  for (const axis of [realAxis(busy), compressedAxis(busy)]) {
    const bars = barsIn(busy, axis, busy.idOf("approve")!, 0, axis.length, axis.length / 200)
    assert.isAtMost(bars.length, 2 * 201)
    assert.strictEqual(bars.reduce((sum, { count }) => sum + count, 0), 20_000)
  }
})

it("the bars of a run that has grown begin as they did before", () => {
  const growing = new RunBuilder(header("clean[]", "approve"))
  const bars = (): ReadonlyArray<unknown> => told(growing, "flow")
  for (const line of changes([0, "flow", "Running"], [10, "approve", "Running"])) growing.add(line)
  assert.deepStrictEqual(bars(), [["run", "running", 0, 10]])
  for (const line of changes([20, "flow", "Success"])) growing.add(line)
  assert.deepStrictEqual(bars(), [["run", "running", 0, 20], ["mark", "succeeded", 20, 20]])
})
