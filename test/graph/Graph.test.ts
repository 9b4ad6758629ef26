import { Effect } from "effect"
import { Flow, Parameter, Task } from "signalbox"
import { Graph } from "signalbox/graph"
import { TraceLine } from "signalbox/testing"
import { Schema } from "effect"
import { assert, it } from "vitest"
import { sha256 } from "../../src/testing/Sha256.ts"

const extract = Task.make("extract", { run: () => Effect.succeed([1, 0, 2]) })
const invert = Task.make("invert", {
  run: ({ row }: { readonly row: number }) =>
    row === 0 ? Effect.fail("nothing to invert") : Effect.succeed(1 / row)
})
const report = Task.make("report", {
  run: ({ day }: { readonly day: string; readonly rows: ReadonlyArray<number> }) =>
    Effect.succeed(day)
})
const flow = Flow.make(
  "etl <daily>",
  { parameters: { day: Parameter.required(Schema.String) } },
  function* ({ day }) {
    const rows = yield* Task.map(invert, { row: yield* extract() })
    return yield* report({ day, rows })
  }
)
const states = Effect.map(Flow.run(flow, { parameters: { day: "today" } }), Graph.statesOf)

/** What the picture says, from element to element. */
const textsOf = (svg: string): ReadonlyArray<string> =>
  [...svg.matchAll(/<(text|tspan)[^>]*>([^<]+)</g)].map(([, , text]) => text!)

it("a flow is drawn with its tasks, and an edge for each dependency", () => {
  const svg = Graph.svg(flow)
  for (const name of ["etl &lt;daily&gt;", "day", "extract", "invert", "report"]) {
    assert.include(textsOf(svg), name)
  }
  const edges = /class="edges" d="([^"]+)"/.exec(svg)![1]!
  assert.strictEqual(edges.match(/M/g)!.length, 3)
})

it("the states of a run are drawn by glyph, word and colour, those of items counted", async () => {
  const svg = Graph.svg(flow, { states: await Effect.runPromise(states) })
  const texts = textsOf(svg)
  for (const text of ["✓ Success", "✕1", "✓2", "✕ TriggerFailed"]) assert.include(texts, text)
  assert.match(svg, /class="node state-failed"[^>]*><title>invert, Mapped, 1 failed, 2 succeeded/)
})

it("an opened task has a cell for each item", async () => {
  const known = await Effect.runPromise(states)
  const cells = (opened: ReadonlyArray<string>) =>
    [...Graph.svg(flow, { states: known, opened }).matchAll(/class="fill-\w+" d="([^"]+)"/g)]
      .map(([, d]) => d!.match(/M/g)!.length)
  assert.deepStrictEqual(cells([]), [])
  assert.deepStrictEqual(cells(["invert-1"]), [2, 1])
})

it("the header of a recorded run is drawn as its flow is", () => {
  const header = TraceLine.header(flow.graph, { start: 0 })
  assert.strictEqual(Graph.svg(header), Graph.svg(flow))
})

it("colours are those of one scheme, or of the one that the reader has chosen", () => {
  const [light, dark, auto] = (["light", "dark", "auto"] as const)
    .map((scheme) => Graph.svg(flow, { scheme }))
  assert.include(light, "#ffffff")
  assert.notInclude(light, "prefers-color-scheme")
  assert.notInclude(dark, "#ffffff")
  assert.include(auto, "prefers-color-scheme: dark")
  assert.strictEqual(auto, Graph.svg(flow))
})

it("names are text, whatever is in them", () => {
  const name = `</text><script>alert("1")</script>&amp;\u0000\ud800`
  const node = { slug: "__proto__", name, kind: "task", upstream: [7], mapped: false } as const
  const svg = Graph.svg({ flow: name, nodes: [{ ...node, handlers: [name] }] }, { states: {} })
  assert.notInclude(svg, "<script>")
  assert.notInclude(svg, "\u0000")
  assert.strictEqual(svg, svg.toWellFormed())
})

it("states that the engine does not have are drawn too", () => {
  const node = { slug: "a", name: "a", kind: "task", upstream: [], mapped: false, handlers: [] }
  const graph = { flow: "flow", nodes: [node] } as unknown as Graph.Graph
  const svg = Graph.svg(graph, { states: { a: { tag: "constructor", attempt: 3 } } })
  assert.include(textsOf(svg), "? constructor ×3")
})

it("an empty flow says so", () => {
  assert.include(
    textsOf(Graph.svg({ flow: "empty", nodes: [] })),
    "This flow has no tasks."
  )
})

it("long names are cut, and told in full", () => {
  const name = "a_task_with_a_name_that_goes_on_and_on_for_much_longer_than_there_is_room"
  const node = {
    slug: name,
    name,
    kind: "task",
    upstream: [],
    mapped: false,
    handlers: []
  } as const
  const svg = Graph.svg({ flow: "flow", nodes: [node] })
  assert.notInclude(textsOf(svg), name)
  assert.isTrue(textsOf(svg).some((text) => text.startsWith("a_task_with") && text.endsWith("…")))
  assert.include(svg, `<title>${name}</title>`)
})

it("the picture is the same text everywhere", async () => {
  const known = await Effect.runPromise(states)
  const svg = Graph.svg(flow, { states: known, opened: ["invert-1"] })
  assert.strictEqual(
    sha256(svg),
    "643f95470c2aee64281b12aaabec74321022693794ba6f57e7bc778b00e86e62"
  )
})
