/**
 * What the editor of the playground says beside the definition of a task.
 */
import { assert, it } from "@effect/vitest"
import type { TraceLine } from "signalbox/testing"
import { sitesIn, subjectsOf, taskStateAt } from "../../../playground/editor/TaskStates.ts"
import { fromLines, type Run } from "../../../playground/run/Run.ts"

const nodes = [["extract", "extract"], ["clean", "clean"], ["load", "load"], ["load", "load-1"]]
  .map(([name = "", slug = ""]): TraceLine.Node => ({
    slug,
    name,
    kind: "task",
    upstream: [],
    mapped: name === "clean",
    handlers: [],
    maxRetries: 3,
    tags: []
  }))
const header: TraceLine.Header = { signalbox: 1, flow: "etl", start: 0, nodes, reference: [] }

type Step = readonly [task: string | undefined, index: number | undefined, run: number, to: string]

const runOf = (...steps: ReadonlyArray<Step>): Run =>
  fromLines([
    header,
    ...steps.map(([task, index, run, to], at): TraceLine.Change => ({
      at,
      flow: "etl",
      ...task === undefined ? {} : { task },
      ...index === undefined ? {} : { index },
      run,
      from: { tag: "Pending" },
      to: { tag: to }
    }))
  ])

const said = (run: Run, name: string, cursor: number, isFlow = false) =>
  taskStateAt(run, subjectsOf(run, { name, isFlow, at: 0 }), cursor)

it("finds where tasks, flows and resources are defined", () => {
  const text = `const a = Task.make("extract", {})
Task.make(
  'lo\\'ad', {})
// Console.log("extract")
Flow.make(\`etl\`, function* () { yield* Flow.resource("db", {}) })
Resource.resource("db", {})`
  assert.deepStrictEqual(
    sitesIn(text).map(({ at, isFlow, name }) => [name, isFlow, text.slice(at, at + 5)]),
    [
      ["extract", false, "Task."],
      ["lo\\'ad", false, "Task."],
      ["etl", true, "Flow."],
      ["db", false, "Resou"]
    ]
  )
})

it("says the state with its glyph and word, and the attempts when there are several", () => {
  const run = runOf(
    ["extract", undefined, 1, "Running"],
    ["extract", undefined, 1, "Retrying"],
    ["extract", undefined, 2, "Running"],
    ["extract", undefined, 2, "Success"]
  )
  const texts = [0, 1, 2, 3, 4].map((cursor) => said(run, "extract", cursor)?.text)
  assert.deepStrictEqual(texts, [
    "○ Pending",
    "▶ Running",
    "↻ Retrying",
    "▶ Running ×2",
    "✓ Success ×2"
  ])
  assert.strictEqual(said(run, "extract", 2)?.family, "retrying")
})

it("says of the flow what it says of tasks", () => {
  const run = runOf([undefined, undefined, 1, "Running"], [undefined, undefined, 1, "Success"])
  assert.deepStrictEqual(said(run, "etl", 2, true), {
    keys: ["flow"],
    family: "succeeded",
    text: "✓ Success"
  })
  assert.isUndefined(said(run, "extract", 2, true), "a flow is no task")
})

it("counts the items of a mapped task by what has become of them", () => {
  const run = runOf(
    ["clean", undefined, 1, "Mapped"],
    ["clean", 0, 1, "Success"],
    ["clean", 1, 1, "Failed"],
    ["clean", 2, 1, "Success"]
  )
  assert.strictEqual(said(run, "clean", 1)?.text, "⋮ Mapped")
  assert.strictEqual(said(run, "clean", 4)?.text, "⋮ Mapped ✕1 ✓2")
})

it("counts the tasks that one definition has made", () => {
  const run = runOf(["load", undefined, 1, "Success"], ["load-1", undefined, 1, "Failed"])
  assert.deepStrictEqual(said(run, "load", 2), {
    keys: ["load", "load-1"],
    family: "failed",
    text: "✕1 ✓1"
  })
})

it("says nothing of what the run knows nothing of", () => {
  assert.isUndefined(said(runOf(), "other", 0))
})
