/**
 * A flow as a picture: its tasks from left to right, what depends on what, and the states of a run.
 *
 * @module
 */
import type * as Flow from "../Flow.ts"
import type * as FlowGraph from "../FlowGraph.ts"
import type * as State from "../State.ts"
import * as Card from "./Card.ts"
import * as CellGrid from "./CellGrid.ts"
import * as Curve from "./Curve.ts"
import * as Layout from "./Layout.ts"
import { families, type Family, lookOf } from "./StateLook.ts"
import * as Svg from "./Svg.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** One task of a flow. */
export interface Node extends Card.Task {
  readonly slug: string
  /** The places in the list of nodes of those that it depends on. */
  readonly upstream: ReadonlyArray<number>
}

/** A flow as data: the header of a recorded run is one. */
export interface Graph {
  readonly flow: string
  readonly nodes: ReadonlyArray<Node>
}

/** The state of a task at some moment. */
export interface NodeState {
  /** The kind of its state, such as `Running`. */
  readonly tag: string
  /** 1 for the first attempt. */
  readonly attempt?: number
  /** The kinds of the states of its items, for a mapped task. */
  readonly items?: ReadonlyArray<string>
}

/** The states of tasks by their slugs. */
export type States = Readonly<Record<string, NodeState>>

/** What is drawn, and how. */
export interface Options {
  /** The states of its tasks, as `statesOf` reads them from a run. */
  readonly states?: States | undefined
  /** The slugs of mapped tasks of which each item is drawn, where there are states. */
  readonly opened?: Iterable<string> | undefined
  /** Its colours; those that the reader has chosen unless given. */
  readonly scheme?: "light" | "dark" | "auto" | undefined
}

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

/** The tasks of a flow as data. */
export const of = (flow: Flow.Any): Graph => ({
  flow: flow.name,
  nodes: flow.graph.nodes.map(nodeOf)
})

const nodeOf = (
  { constant, isMapped, parameter, role, slug, subject, task, upstream }: FlowGraph.Node
): Node => ({
  slug,
  name: subject.name,
  kind: parameter !== undefined
    ? "parameter"
    : constant !== undefined
    ? "constant"
    : role ?? "task",
  upstream,
  mapped: isMapped,
  handlers: task.policies.handlers.map((handler) => "name" in handler ? handler.name : handler.key)
})

/** The final states of the tasks of a run. */
export const statesOf = (run: Flow.Run<unknown, unknown>): States =>
  Object.fromEntries(run.tasks.map(({ slug, state }) => [slug, stateOf(state)]))

const stateOf = (state: State.State): NodeState => ({
  tag: state._tag,
  ...state._tag === "Mapped" ? { items: state.mapStates.map(({ _tag }) => _tag) } : {}
})

// -----------------------------------------------------------------------------
// Drawing
// -----------------------------------------------------------------------------

/**
 * Draws a flow as the text of an SVG file, which needs nothing else to be shown: the same text in
 * Node, Deno and the browser.
 *
 * @example
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Flow, Task } from "signalbox"
 * import { Graph } from "signalbox/graph"
 *
 * const extract = Task.make("extract", { run: () => Effect.succeed([1, 2, 3]) })
 * const double = Task.make("double", {
 *   run: ({ row }: { readonly row: number }) => Effect.succeed(row * 2)
 * })
 * const flow = Flow.make("etl", function* () {
 *   return yield* Task.map(double, { row: yield* extract() })
 * })
 *
 * const plan = Graph.svg(flow)
 *
 * const run = await Effect.runPromise(Flow.run(flow))
 * const outcome = Graph.svg(flow, { states: Graph.statesOf(run), opened: ["double-1"] })
 * ```
 */
export const svg = (source: Flow.Any | Graph, options: Options = {}): string => {
  const graph = "nodes" in source ? source : of(source)
  const { scheme = "auto", states = {} } = options
  const opened = new Set(options.opened ?? [])
  const cards = graph.nodes.map((node) =>
    Card.make(node, opened.has(node.slug) ? own(states, node.slug)?.items?.length : undefined)
  )
  const layout = Layout.layered({ nodes: cards, edges: edgesOf(graph) })
  const left = margin - Math.min(0, (layout.width - leastWidth) / 2)
  const width = Math.max(layout.width, leastWidth) + 2 * margin
  const height = titleHeight + layout.height + margin
  const name = `Flow ${graph.flow}`
  const attributes = { viewBox: `0 0 ${Svg.number(width)} ${Svg.number(height)}`, width, height }
  return Svg.print(Svg.element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", ...attributes, role: "img", "aria-label": name },
    Svg.element("style", {}, styles(scheme)),
    Svg.element("rect", { class: "ground", width, height }),
    Svg.element("text", { class: "flow", x: margin, y: 30 }, graph.flow),
    Svg.element(
      "g",
      { transform: `translate(${Svg.number(left)} ${titleHeight})` },
      ...drawEdges(layout.edges),
      ...graph.nodes.map((node, i) =>
        drawNode(cards[i]!, layout.nodes[i]!, own(states, node.slug))
      ),
      ...graph.nodes.length === 0
        ? [Svg.element("text", { class: "empty", x: 0, y: 14 }, "This flow has no tasks.")]
        : []
    )
  )) + "\n"
}

const margin = 24
const titleHeight = 52
const leastWidth = 200

const own = (states: States, slug: string): NodeState | undefined =>
  Object.hasOwn(states, slug) ? states[slug] : undefined

/** The edges of a graph by the places of their nodes; what leads to no node is left out. */
export const edgesOf = ({ nodes }: Graph): ReadonlyArray<readonly [number, number]> =>
  nodes.flatMap(({ upstream }, to) =>
    upstream.filter((from) => from in nodes).map((from) => [from, to] as const)
  )

/** How a task looks in a state. */
export const lookIn = (card: Card.Card, state: NodeState | undefined): Card.Look => {
  if (state === undefined) return Card.plain(card.task)
  const counts: Partial<Record<Family, number>> = {}
  for (const tag of state.items ?? []) {
    const { family } = lookOf(tag)
    counts[family] = (counts[family] ?? 0) + 1
  }
  return Card.look(card, state.tag, state.attempt, counts)
}

const drawEdges = (edges: ReadonlyArray<Layout.PlacedEdge>): ReadonlyArray<Svg.Element> =>
  edges.length === 0 ? [] : [
    Svg.element("path", {
      class: "edges",
      d: edges.map(({ points }) => Curve.path(points)).join("")
    }),
    Svg.element("path", { class: "tips", d: edges.map(({ points }) => Curve.tip(points)).join("") })
  ]

const drawNode = (
  card: Card.Card,
  { x, y }: Layout.PlacedNode,
  state: NodeState | undefined
): Svg.Element => {
  const look = lookIn(card, state)
  const { grid } = card
  const items = state?.items ?? []
  const cells = grid === undefined ? [] : [Svg.element(
    "g",
    { transform: `translate(${Card.gridStart.x} ${Card.gridStart.y})`, "fill-rule": "evenodd" },
    ...drawCells(grid, (cell) => lookOf(items[cell] ?? "Pending").family)
  )]
  const transform = `translate(${Svg.number(x)} ${Svg.number(y)})`
  return Svg.element(
    "g",
    { class: `${Card.classOf(card)} state-${look.family}`, transform },
    Svg.element("title", {}, Card.titleOf(card, look)),
    ...Card.draw(card, look),
    ...cells
  )
}

const drawCells = (
  grid: CellGrid.CellGrid,
  familyOf: (cell: number) => Family
): ReadonlyArray<Svg.Element> =>
  [...CellGrid.byFamily(grid.count, familyOf)].map(([family, cells]) =>
    Svg.element("path", { class: `fill-${family}`, d: CellGrid.path(grid, family, cells) })
  )

// -----------------------------------------------------------------------------
// Colours
// -----------------------------------------------------------------------------

/** Of each family the ink and the soft ground below it, in the light and in the dark. */
const colours: Readonly<Record<Family, readonly [string, string, string, string]>> = {
  waiting: ["#505b67", "#eceff3", "#a9b4c1", "#262d36"],
  running: ["#0b57b0", "#e1eefd", "#86bcff", "#172e4a"],
  succeeded: ["#17693a", "#e0f4e7", "#6fd295", "#14331f"],
  failed: ["#b91c2c", "#fde7e8", "#ff9a9a", "#45181c"],
  retrying: ["#984300", "#fdecd9", "#ffb36b", "#402508"],
  paused: ["#705400", "#f9f0cb", "#ebcb5c", "#352c08"],
  skipped: ["#0b626c", "#ddf3f5", "#6fd0db", "#10333a"],
  mapped: ["#6038b8", "#eee8fc", "#c1a8ff", "#2e2350"],
  cancelled: ["#8a2668", "#fae6f3", "#f4a3d6", "#431a36"]
}

const light = { ground: "#ffffff", text: "#1b2027", quiet: "#545e6a", line: "#87919d" }
const dark = { ground: "#13171c", text: "#e2e7ee", quiet: "#a3adba", line: "#6c7885" }

const styles = (scheme: "light" | "dark" | "auto"): string =>
  shapes + (scheme === "dark" ? colourRules(true) : colourRules(false)) +
  (scheme === "auto" ? `@media (prefers-color-scheme: dark){${colourRules(true)}}` : "")

const shapes = "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}" +
  ".flow{font-size:15px;font-weight:600}.name{font-size:13px;font-weight:600}" +
  ".small .name,.small .status,.mark{font-size:11.5px;font-weight:400}" +
  ".edges,.stack,.opener{fill:none}.edges{stroke-width:1.4}.opener{stroke-width:1.6}" +
  ".resource .box{stroke-dasharray:4 3}"

const colourRules = (isDark: boolean): string => {
  const { ground, line, quiet, text } = isDark ? dark : light
  const byFamily = families.map((family) => {
    const [ink, soft] = isDark ? colours[family].slice(2) : colours[family]
    return `.state-${family} .box{fill:${soft};stroke:${ink}}` +
      `.state-${family} .status,.ink-${family},.fill-${family}{fill:${ink}}` +
      `.state-${family} .stack{stroke:${ink}}`
  })
  return `.ground{fill:${ground}}.flow,.name{fill:${text}}.mark,.empty{fill:${quiet}}` +
    `.edges{stroke:${line}}.tips{fill:${line}}.opener{stroke:${quiet}}${byFamily.join("")}`
}
