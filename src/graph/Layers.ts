/**
 * The first step of a layered drawing: each node gets a layer, so that edges go forward, and an edge
 * that passes layers gets a dummy node in each of them.
 *
 * @module
 */

/** An edge, by the places of its two nodes. */
export type Edge = readonly [from: number, to: number]

/** Lists of nodes, one for each node: those of `i` are from `offsets[i]` to `offsets[i + 1]`. */
export interface Adjacency {
  readonly offsets: Int32Array
  readonly list: Int32Array
}

/** A graph in which each edge leads to the next layer. */
export interface Layered {
  /** How many nodes were given; the dummy nodes follow them. */
  readonly given: number
  readonly layerOf: Int32Array
  /** The nodes of each layer, from top to bottom. */
  readonly layers: ReadonlyArray<Int32Array>
  /** The neighbours in the layer before. */
  readonly left: Adjacency
  /** The neighbours in the layer after. */
  readonly right: Adjacency
  /** The dummy nodes of each bundle of edges, from left to right. */
  readonly bundles: ReadonlyArray<ReadonlyArray<number>>
  /** The way of each edge. */
  readonly ways: ReadonlyArray<Way>
}

/** Between its two nodes an edge passes those of a bundle from `start` to before `end`. */
export interface Way {
  /** From left to right. */
  readonly from: number
  readonly to: number
  readonly isBackward: boolean
  /** The place of its bundle; -1 for an edge that does without. */
  readonly bundle: number
  readonly start: number
  readonly end: number
}

/** More dummy nodes than this help nobody to follow an edge. */
const maxDummies = 30_000

/** Builds the layers of a graph of `count` nodes. */
export const build = (count: number, edges: ReadonlyArray<Edge>): Layered => {
  const forward = withoutCycles(count, edges)
  const layerOf = assign(count, forward)
  return new Bundler(count, forward, layerOf).build((edge) => forward[edge] !== edges[edge])
}

/** The nodes that each node is next to, `from` saying on which side of an edge it is. */
export const adjacency = (
  count: number,
  edges: ReadonlyArray<Edge>,
  from: 0 | 1
): Adjacency => {
  const offsets = new Int32Array(count + 1)
  for (const edge of edges) offsets[edge[from] + 1]!++
  for (let i = 0; i < count; i++) offsets[i + 1]! += offsets[i]!
  const next = offsets.slice()
  const list = new Int32Array(edges.length)
  for (const edge of edges) list[next[edge[from]]!++] = edge[1 - from]!
  return { offsets, list }
}

const span = (layerOf: ArrayLike<number>, [from, to]: Edge): number => layerOf[to]! - layerOf[from]!

// -----------------------------------------------------------------------------
// Layers
// -----------------------------------------------------------------------------

/** The same edges, those turned around that would lead back to where one came from. */
const withoutCycles = (count: number, edges: ReadonlyArray<Edge>): ReadonlyArray<Edge> => {
  const out = adjacency(count, edges, 0)
  const next = out.offsets.slice(0, count)
  const isOpen = new Uint8Array(count)
  const isSeen = new Uint8Array(count)
  const back = new Set<number>()
  for (let start = 0; start < count; start++) {
    if (isSeen[start] === 1) continue
    const path = [start]
    isSeen[start] = isOpen[start] = 1
    while (path.length > 0) {
      const node = path.at(-1)!
      const at = next[node]!
      if (at === out.offsets[node + 1]!) {
        isOpen[node] = 0
        path.pop()
        continue
      }
      next[node] = at + 1
      const to = out.list[at]!
      if (isOpen[to] === 1) back.add(node * count + to)
      else if (isSeen[to] === 0) {
        isSeen[to] = isOpen[to] = 1
        path.push(to)
      }
    }
  }
  if (back.size === 0) return edges
  return edges.map((edge) => back.has(edge[0] * count + edge[1]) ? [edge[1], edge[0]] : edge)
}

/** Each node follows all that lead to it; one that begins something stands right before it. */
const assign = (count: number, edges: ReadonlyArray<Edge>): Int32Array => {
  const out = adjacency(count, edges, 0)
  const into = adjacency(count, edges, 1)
  const degree = ({ offsets }: Adjacency, node: number) => offsets[node + 1]! - offsets[node]!
  const layerOf = new Int32Array(count)
  const waiting = Int32Array.from({ length: count }, (_, node) => degree(into, node))
  const order: Array<number> = []
  for (let node = 0; node < count; node++) if (waiting[node] === 0) order.push(node)
  for (let at = 0; at < order.length; at++) {
    const node = order[at]!
    for (let i = out.offsets[node]!; i < out.offsets[node + 1]!; i++) {
      const to = out.list[i]!
      layerOf[to] = Math.max(layerOf[to]!, layerOf[node]! + 1)
      if (--waiting[to]! === 0) order.push(to)
    }
  }
  for (const node of order.toReversed()) {
    if (degree(out, node) <= degree(into, node)) continue
    let first = Infinity
    for (let i = out.offsets[node]!; i < out.offsets[node + 1]!; i++) {
      first = Math.min(first, layerOf[out.list[i]!]!)
    }
    layerOf[node] = first - 1
  }
  return layerOf
}

// -----------------------------------------------------------------------------
// Dummy nodes
// -----------------------------------------------------------------------------

/** The dummy nodes that some edges of one node share; they are in layers next to each other. */
interface Bundle {
  readonly id: number
  /** From the node outwards. */
  readonly dummies: Array<number>
}

/**
 * Long edges from one node share their dummy nodes, as do those to one node: a bundle forks or joins
 * where they part, and a task that reads from hundreds is as easy to draw as one that reads from two.
 */
class Bundler {
  private readonly count: number
  private readonly edges: ReadonlyArray<Edge>
  private readonly layerOf: Array<number>
  private readonly fanOut: Int32Array
  private readonly fanIn: Int32Array
  private readonly leaving = new Map<number, Bundle>()
  private readonly coming = new Map<number, Bundle>()
  private readonly links = new Map<string, Edge>()

  constructor(count: number, edges: ReadonlyArray<Edge>, layerOf: Int32Array) {
    this.count = count
    this.edges = edges
    this.layerOf = Array.from(layerOf)
    this.fanOut = new Int32Array(count)
    this.fanIn = new Int32Array(count)
    for (const edge of edges) {
      if (span(layerOf, edge) < 2) continue
      this.fanOut[edge[0]]!++
      this.fanIn[edge[1]]!++
    }
  }

  build(isBackward: (edge: number) => boolean): Layered {
    const { edges, layerOf } = this
    const ranges = new Array<Pick<Way, "bundle" | "start" | "end">>(edges.length)
    const byLength = Array.from(edges.keys()).toSorted((a, b) =>
      span(layerOf, edges[a]!) - span(layerOf, edges[b]!) || a - b
    )
    // The shortest first: if there is not room for all, it is the longest that go without.
    for (const edge of byLength) ranges[edge] = this.route(edges[edge]!)
    const bundles: Array<ReadonlyArray<number>> = []
    for (const { dummies, id } of this.leaving.values()) bundles[id] = dummies
    for (const { dummies, id } of this.coming.values()) bundles[id] = dummies.toReversed()
    const ways = edges.map(([from, to], edge): Way => {
      const { bundle, end, start } = ranges[edge]!
      const isJoining = this.coming.get(to)?.id === bundle
      const length = bundles[bundle]?.length ?? 0
      return {
        from,
        to,
        isBackward: isBackward(edge),
        bundle,
        start: isJoining ? length - end : start,
        end: isJoining ? length - start : end
      }
    })
    return { ...this.graph(), bundles, ways }
  }

  private route([from, to]: Edge): Pick<Way, "bundle" | "start" | "end"> {
    const { layerOf } = this
    const passed = layerOf[to]! - layerOf[from]! - 1
    if (passed === 0) {
      this.link(from, to)
      return { bundle: -1, start: 0, end: 0 }
    }
    const isLeaving = this.fanOut[from]! >= this.fanIn[to]!
    const owner = isLeaving ? from : to
    const { dummies, id } = this.bundleOf(isLeaving ? this.leaving : this.coming, owner)
    const missing = passed - dummies.length
    if (layerOf.length - this.count + missing > maxDummies) return { bundle: -1, start: 0, end: 0 }
    while (dummies.length < passed) {
      const before = dummies.at(-1) ?? owner
      const dummy = layerOf.push(layerOf[before]! + (isLeaving ? 1 : -1)) - 1
      if (isLeaving) this.link(before, dummy)
      else this.link(dummy, before)
      dummies.push(dummy)
    }
    if (isLeaving) this.link(dummies[passed - 1]!, to)
    else this.link(from, dummies[passed - 1]!)
    return { bundle: id, start: 0, end: passed }
  }

  private bundleOf(bundles: Map<number, Bundle>, owner: number): Bundle {
    const known = bundles.get(owner)
    if (known !== undefined) return known
    const bundle = { id: this.leaving.size + this.coming.size, dummies: [] }
    bundles.set(owner, bundle)
    return bundle
  }

  /** The same edge may be given twice. */
  private link(from: number, to: number): void {
    this.links.set(`${from} ${to}`, [from, to])
  }

  private graph(): Omit<Layered, "bundles" | "ways"> {
    const size = this.layerOf.length
    const edges = [...this.links.values()]
    const layers: Array<Array<number>> = []
    for (const [node, layer] of this.layerOf.entries()) (layers[layer] ??= []).push(node)
    return {
      given: this.count,
      layerOf: Int32Array.from(this.layerOf),
      layers: layers.map((nodes) => Int32Array.from(nodes)),
      left: adjacency(size, edges, 1),
      right: adjacency(size, edges, 0)
    }
  }
}
