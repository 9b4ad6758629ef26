import { assert, it } from "vitest"
import { fromLines, lastChange, type Run, stateAt } from "../../playground/run/Run.ts"
import { lookOf } from "../../playground/run/StateLook.ts"
import { GraphStates } from "../../playground/view/GraphStates.ts"
import type { TraceLine } from "../../src/testing/index.ts"
import { random } from "./RandomGraph.ts"

const tags = ["Running", "Retrying", "Paused", "Success", "Failed", "Skipped", "Mapped"]

const node = (slug: string, mapped: boolean): TraceLine.Node => ({
  slug,
  name: slug,
  kind: "task",
  upstream: [],
  mapped,
  handlers: [],
  maxRetries: 0,
  tags: []
})

/** Changes of a task, of the items of another, and of the flow, in any order. */
const randomLines = (seed: number, count: number): ReadonlyArray<TraceLine.TraceLine> => {
  const next = random(seed)
  const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(next() * all.length)]!
  const header: TraceLine.Header = {
    signalbox: 1,
    flow: "flow",
    start: 0,
    nodes: [node("plain", false), node("many", true)],
    reference: []
  }
  const states = new Map<string, string>()
  const changes = Array.from({ length: count }, (_, at): TraceLine.Change => {
    const task = pick([undefined, "plain", "many"])
    const index = task === "many" && next() < 0.8 ? Math.floor(next() * 12) : undefined
    const key = `${task} ${index}`
    const from = states.get(key) ?? "Pending"
    const to = pick(tags)
    states.set(key, to)
    return {
      at,
      flow: "flow",
      ...task === undefined ? {} : { task },
      ...index === undefined ? {} : { index },
      run: 1 + Math.floor(next() * 3),
      from: { tag: from },
      to: { tag: to }
    }
  })
  return [header, ...changes]
}

const countedAt = (run: Run, cursor: number): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { id, index } of run.subjects) {
    if (index === undefined || lastChange(run, id, cursor) === -1) continue
    const { family } = lookOf(stateAt(run, id, cursor).tag)
    counts[family] = (counts[family] ?? 0) + 1
  }
  return counts
}

it("wherever the cursor goes, states and counts are those of that moment", () => {
  const run = fromLines(randomLines(1, 400))
  const states = new GraphStates(run)
  const next = random(2)
  for (let i = 0; i < 300; i++) {
    const cursor = Math.floor(next() * 401)
    states.move(cursor)
    for (const { id, index, node } of run.subjects) {
      if (node === -1) continue
      assert.strictEqual(states.stateOf(node, index).tag, stateAt(run, id, cursor).tag)
    }
    const { waiting: _, ...counts } = states.countsOf(1)
    const { waiting: _unused, ...expected } = countedAt(run, cursor)
    assert.deepStrictEqual(counts, expected)
  }
})

it("a move tells of the tasks and items that have changed, and of no others", () => {
  const run = fromLines(randomLines(3, 200))
  const states = new GraphStates(run)
  states.move(100)
  assert.deepStrictEqual(states.move(100), {
    nodes: new Set<number>(),
    cells: new Map<number, ReadonlyArray<number>>()
  })
  for (const [from, to] of [[100, 101], [101, 100], [100, 140], [140, 90]] as const) {
    const { cells, nodes } = states.move(to)
    const passed = run.subjectOf.slice(Math.min(from, to), Math.max(from, to))
      .map((id) => run.subjects[id]!).filter(({ node }) => node !== -1)
    assert.deepStrictEqual(
      [...nodes].toSorted(),
      [
        ...new Set(passed.map(({ node }) => node))
      ].toSorted()
    )
    const items = new Set(passed.flatMap(({ index }) => index === undefined ? [] : [index]))
    assert.deepStrictEqual(new Set(cells.get(1) ?? []), items)
  }
})

it("items that have not begun count as waiting as soon as their task has fanned out", () => {
  const [header, ...changes] = randomLines(1, 0)
  const mapped = { at: 0, flow: "flow", task: "many", run: 1, from: { tag: "Pending" } }
  const run = fromLines([
    header!,
    ...changes,
    { ...mapped, to: { tag: "Mapped" } },
    { ...mapped, index: 0, to: { tag: "Running" } },
    { ...mapped, index: 2, to: { tag: "Running" } }
  ])
  const states = new GraphStates(run)
  assert.deepStrictEqual(states.countsOf(1), {})
  states.move(1)
  assert.deepStrictEqual(states.countsOf(1), { waiting: 3 })
  states.move(3)
  assert.deepStrictEqual(states.countsOf(1), { running: 2, waiting: 1 })
})

it("a run that grows is taken in, and an item with a place beyond all bounds is not drawn", () => {
  const [header, ...changes] = randomLines(5, 50)
  const run = fromLines([header!]) as ReturnType<typeof fromLines> & {
    add: (line: TraceLine.TraceLine) => void
  }
  const states = new GraphStates(run)
  for (const change of changes) {
    run.add(change)
    states.grow()
    states.move(run.changes.length)
  }
  const whole = new GraphStates(fromLines([header!, ...changes]))
  whole.move(50)
  assert.deepStrictEqual(states.countsOf(1), whole.countsOf(1))
  const far = { at: 60, flow: "flow", task: "many", index: 4e9, run: 1, from: { tag: "Pending" } }
  run.add({ ...far, to: { tag: "Failed" } })
  assert.deepStrictEqual(states.grow(), new Set([1]))
  assert.isAtMost(states.itemCount(1), 20_000)
})
