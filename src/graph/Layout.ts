/**
 * Where to draw the nodes of a graph: in layers from left to right, so that each edge goes forward,
 * few of them cross and none runs through a node that is not its own.
 *
 * It knows nothing of flows, and the same graph gives the same places everywhere.
 *
 * @module
 */
import * as Crossings from "./Crossings.ts"
import * as Layers from "./Layers.ts"
import * as Rows from "./Rows.ts"
import * as Ways from "./Ways.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** A place; `y` grows downwards. */
export type Point = Ways.Point

/** How much room a node takes. */
export type Size = Ways.Size

/** A graph to lay out. */
export interface Graph {
  /** The size of each node, or how many there are of the usual one. */
  readonly nodes: ReadonlyArray<Size> | number
  /** Its edges; one that has no two nodes to connect gets no points. */
  readonly edges: ReadonlyArray<Layers.Edge>
}

/** How much room is left. */
export interface Options {
  /** Between two layers, at least. */
  readonly layerGap?: number
  /** Between two nodes of a layer. */
  readonly nodeGap?: number
  /** Around an edge that passes a layer. */
  readonly edgeGap?: number
}

/** Where a node is: its left upper corner, and its layer. */
export interface PlacedNode extends Point {
  readonly layer: number
}

/** The way of an edge: straight within a layer, and any gentle curve between two of them. */
export interface PlacedEdge {
  readonly points: ReadonlyArray<Point>
}

/** Where everything is; it begins at 0 and ends at the width and the height. */
export interface Layout extends Size {
  readonly nodes: ReadonlyArray<PlacedNode>
  readonly edges: ReadonlyArray<PlacedEdge>
}

// -----------------------------------------------------------------------------
// Layout
// -----------------------------------------------------------------------------

/** Lays out a graph in layers from left to right. */
export const layered = (graph: Graph, options: Options = {}): Layout => {
  const sizes = typeof graph.nodes === "number"
    ? Array.from({ length: graph.nodes }, () => usualSize)
    : graph.nodes
  const edges = graph.edges.map(([from, to], edge) => ({ from, to, edge }))
    .filter(({ from, to }) => from !== to && from in sizes && to in sizes)
  const gaps = { layer: 56, node: 20, edge: 12, ...named(options) }
  const nodes = new Array<PlacedNode>(sizes.length)
  const ways: Array<PlacedEdge> = graph.edges.map(() => ({ points: [] }))
  const { connected, single } = parts(sizes.length, edges)
  const drawn = connected.map((part) => drawPart(part, sizes, gaps))
  const { corners, height, width } = shelves(drawn, 2 * gaps.node)
  for (const [at, part] of connected.entries()) {
    const { x, y } = corners[at]!
    for (const [i, node] of part.nodes.entries()) nodes[node] = moved(drawn[at]!.nodes[i]!, x, y)
    for (const [i, { edge }] of part.edges.entries()) {
      ways[edge] = { points: drawn[at]!.edges[i]!.points.map((point) => moved(point, x, y)) }
    }
  }
  const rest = shelves(single.map((node) => sizes[node]!), gaps.node, width)
  const top = height === 0 || single.length === 0 ? height : height + 2 * gaps.node
  for (const [i, node] of single.entries()) {
    nodes[node] = { ...moved(rest.corners[i]!, 0, top), layer: 0 }
  }
  return { width: Math.max(width, rest.width), height: top + rest.height, nodes, edges: ways }
}

const usualSize: Size = { width: 120, height: 40 }

interface Gaps {
  readonly layer: number
  readonly node: number
  readonly edge: number
}

const named = ({ edgeGap, layerGap, nodeGap }: Options): Partial<Gaps> => ({
  ...layerGap === undefined ? {} : { layer: layerGap },
  ...nodeGap === undefined ? {} : { node: nodeGap },
  ...edgeGap === undefined ? {} : { edge: edgeGap }
})

const moved = <P extends Point>(point: P, x: number, y: number): P => ({
  ...point,
  x: point.x + x,
  y: point.y + y
})

// -----------------------------------------------------------------------------
// Parts that nothing connects
// -----------------------------------------------------------------------------

interface GivenEdge {
  readonly from: number
  readonly to: number
  /** Its place among the edges that were given. */
  readonly edge: number
}

interface Part {
  readonly nodes: ReadonlyArray<number>
  readonly edges: ReadonlyArray<GivenEdge>
}

const parts = (count: number, edges: ReadonlyArray<GivenEdge>) => {
  const above = Int32Array.from({ length: count }, (_, node) => node)
  const root = (node: number): number => {
    let at = node
    while (above[at] !== at) at = above[at] = above[above[at]!]!
    return at
  }
  for (const { from, to } of edges) {
    const [a, b] = [root(from), root(to)]
    above[Math.max(a, b)] = Math.min(a, b)
  }
  const found = new Map<number, { nodes: Array<number>; edges: Array<GivenEdge> }>()
  for (let node = 0; node < count; node++) {
    const at = root(node)
    const part = found.get(at)
    if (part === undefined) found.set(at, { nodes: [node], edges: [] })
    else part.nodes.push(node)
  }
  for (const edge of edges) found.get(root(edge.from))!.edges.push(edge)
  const all: ReadonlyArray<Part> = [...found.values()]
  return {
    connected: all.filter(({ nodes }) => nodes.length > 1),
    single: all.flatMap(({ nodes }) => nodes.length === 1 ? nodes : [])
  }
}

/** What nothing connects stands in rows, as wide as its widest or somewhat wider than high. */
const shelves = (
  sizes: ReadonlyArray<Size>,
  gap: number,
  atLeast = 0
): Size & { readonly corners: ReadonlyArray<Point> } => {
  const area = sizes.reduce((sum, { height, width }) => sum + (width + gap) * (height + gap), 0)
  const widest = sizes.reduce(
    (most, { width }) => Math.max(most, width),
    Math.max(atLeast, Math.sqrt(area * 2))
  )
  const corners: Array<Point> = []
  let [x, y, width, rowHeight] = [0, 0, 0, 0]
  for (const size of sizes) {
    if (x > 0 && x + size.width > widest) {
      ;[x, y, rowHeight] = [0, y + rowHeight + gap, 0]
    }
    corners.push({ x, y })
    width = Math.max(width, x + size.width)
    rowHeight = Math.max(rowHeight, size.height)
    x += size.width + gap
  }
  return { width, height: y + rowHeight, corners }
}

// -----------------------------------------------------------------------------
// One part
// -----------------------------------------------------------------------------

const drawPart = (part: Part, sizes: ReadonlyArray<Size>, gaps: Gaps): Layout => {
  const local = new Map(part.nodes.map((node, i) => [node, i]))
  const size = part.nodes.map((node) => sizes[node]!)
  const edges = part.edges.map(({ from, to }): Layers.Edge => [local.get(from)!, local.get(to)!])
  const graph = Layers.build(size.length, edges)
  const order = Crossings.reduce(graph)
  const middle = Rows.place(graph, order, size.map(({ height }) => height), gaps)
  const top = size.reduce((top, { height }, i) => Math.min(top, middle[i]! - height / 2), Infinity)
  const least = middle.reduce((least, y) => Math.min(least, y), top)
  for (let i = 0; i < middle.length; i++) middle[i]! -= least
  const bottom = size.reduce((most, { height }, i) => Math.max(most, middle[i]! + height / 2), 0)
  const lowest = middle.reduce((most, y) => Math.max(most, y), bottom)
  const columns = Ways.columnsOf(graph, size, middle, gaps.layer)
  const drawn = Ways.draw(graph, size, middle, columns, lowest + gaps.edge)
  return {
    width: columns.at(-1)!.end,
    height: drawn.usesLane ? lowest + gaps.edge : lowest,
    nodes: size.map(({ height }, i) => {
      const layer = graph.layerOf[i]!
      return { x: columns[layer]!.start, y: middle[i]! - height / 2, layer }
    }),
    edges: drawn.ways.map((points) => ({ points }))
  }
}
