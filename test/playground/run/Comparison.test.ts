import type { TraceLine } from "signalbox/testing"
import { assert, it } from "vitest"
import { compare, differAt } from "../../../playground/run/Comparison.ts"
import { fromLines, type Run } from "../../../playground/run/Run.ts"

const header: TraceLine.Header = {
  signalbox: 1,
  flow: "f",
  start: 0,
  nodes: [],
  reference: []
}

const runOf = (...results: ReadonlyArray<TraceLine.State["result"]>): Run =>
  fromLines([
    header,
    ...results.map((result, at): TraceLine.Change => ({
      at,
      flow: "f",
      run: 1,
      from: { tag: "Running" },
      to: { tag: "Success", ...result === undefined ? {} : { result } }
    }))
  ])

it("two runs with the same changes have no first difference", () => {
  const one = runOf({ a: [1, { b: null }] }, undefined)
  assert.deepStrictEqual(compare(one, runOf({ a: [1, { b: null }] }, undefined)), {
    first: undefined,
    length: 2
  })
})

it("whatever differs anywhere in a change makes it the first difference", () => {
  const pairs = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [[1, 2], [1]],
    [[], {}],
    [null, 0],
    ["1", 1],
    [undefined, null]
  ] as const
  for (const [left, right] of pairs) {
    assert.strictEqual(compare(runOf(0, left), runOf(0, right)).first, 1, JSON.stringify(left))
    assert.strictEqual(compare(runOf(0, right), runOf(0, left)).first, 1, JSON.stringify(right))
  }
})

it("a run that goes on longer differs where the other has ended", () => {
  const [short, long] = [runOf(1), runOf(1, 2, 3)]
  assert.deepStrictEqual(compare(short, long), { first: 1, length: 3 })
  assert.isTrue(differAt(long, short, 2))
  assert.isFalse(differAt(long, short, 0))
})
