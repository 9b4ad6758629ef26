/**
 * The third step of a layered drawing: how high each node stands, so that edges are straight where
 * they can be and nothing overlaps.
 *
 * @module
 */
import type { Order } from "./Crossings.ts"
import type { Adjacency, Layered } from "./Layers.ts"

/** How much room there is between two that are one above the other. */
export interface Gaps {
  /** Between two nodes. */
  readonly node: number
  /** Around an edge that passes. */
  readonly edge: number
}

/** Gives the middle of each node; dummy nodes have no height. */
export const place = (
  graph: Layered,
  order: Order,
  heights: ArrayLike<number>,
  gaps: Gaps
): Float64Array => new Placer(graph, order, heights, gaps).place()

/** How hard an edge pulls: one that passes layers is best kept straight. */
const pull = (dummies: number): number => dummies === 2 ? 30 : dummies === 1 ? 1 : 1

class Placer {
  private readonly graph: Layered
  private readonly order: Order
  private readonly heights: ArrayLike<number>
  private readonly gaps: Gaps
  private readonly middle: Float64Array
  private readonly position: Int32Array
  private readonly wanted: Float64Array
  private readonly weight: Float64Array

  constructor(graph: Layered, order: Order, heights: ArrayLike<number>, gaps: Gaps) {
    const size = graph.layerOf.length
    this.graph = graph
    this.order = order
    this.heights = heights
    this.gaps = gaps
    this.middle = new Float64Array(size)
    this.position = new Int32Array(size)
    this.wanted = new Float64Array(size)
    this.weight = new Float64Array(size)
  }

  place(): Float64Array {
    const { left, right } = this.graph
    this.begin()
    const size = this.graph.layerOf.length
    const sweeps = size < 3000 ? 12 : 4
    for (let sweep = 0; sweep < sweeps; sweep++) {
      this.sweep(true, [left])
      this.sweep(false, [right])
    }
    for (let sweep = 0; sweep < sweeps; sweep++) this.sweep(sweep % 2 === 0, [left, right])
    for (let sweep = 0; sweep < 3; sweep++) {
      for (const bundle of this.graph.bundles) this.straighten(bundle)
      for (const layer of sweep % 2 === 0 ? this.order : this.order.toReversed()) {
        for (const node of layer) if (node < this.graph.given) this.align(node)
      }
    }
    return this.middle
  }

  /** Each layer stands as close as it can, around the same height. */
  private begin(): void {
    for (const layer of this.order) {
      let at = 0
      for (let i = 0; i < layer.length; i++) {
        const node = layer[i]!
        if (i > 0) at += this.distance(layer[i - 1]!, node)
        this.middle[node] = at
        this.position[node] = i
      }
      for (const node of layer) this.middle[node]! -= at / 2
    }
  }

  /** The least distance of the middles of two nodes, one right above the other. */
  private distance(above: number, below: number): number {
    const { gaps, graph, heights } = this
    const nodes = (above < graph.given ? 1 : 0) + (below < graph.given ? 1 : 0)
    const gap = nodes === 2 ? gaps.node : nodes === 1 ? (gaps.node + gaps.edge) / 2 : gaps.edge
    return (heightOf(heights, above) + heightOf(heights, below)) / 2 + gap
  }

  private sweep(isFromLeft: boolean, sides: ReadonlyArray<Adjacency>): void {
    for (const layer of isFromLeft ? this.order : this.order.toReversed()) {
      for (const node of layer) this.want(node, sides)
      this.fit(layer)
    }
  }

  private want(node: number, sides: ReadonlyArray<Adjacency>): void {
    const { given } = this.graph
    const isDummy = node >= given
    let [sum, weight] = [0, 0]
    for (const { list, offsets } of sides) {
      const [start, end] = [offsets[node]!, offsets[node + 1]!]
      const neighbours = list.subarray(start, end)
      // A bundle goes straight on whatever leaves it, and nodes go by nodes before they go by bundles.
      const hasLikes = neighbours.some((next) => next >= given === isDummy)
      for (const next of neighbours) {
        if (hasLikes && next >= given !== isDummy) continue
        const strength = pull((isDummy ? 1 : 0) + (next < given ? 0 : 1))
        sum += this.middle[next]! * strength
        weight += strength
      }
    }
    this.wanted[node] = weight === 0 ? this.middle[node]! : sum / weight
    this.weight[node] = weight === 0 ? 0.01 : weight
  }

  /**
   * Puts a layer as near to where its nodes want to be as their order and distances let it: an
   * isotonic regression, in which those who are in each other's way move as one.
   */
  private fit(layer: Int32Array): void {
    const blocks: Array<{ mean: number; weight: number; end: number }> = []
    const offsets = new Float64Array(layer.length)
    for (let i = 0; i < layer.length; i++) {
      const node = layer[i]!
      if (i > 0) offsets[i] = offsets[i - 1]! + this.distance(layer[i - 1]!, node)
      let block = { mean: this.wanted[node]! - offsets[i]!, weight: this.weight[node]!, end: i + 1 }
      for (let last = blocks.at(-1); last && last.mean >= block.mean; last = blocks.at(-1)) {
        const weight = last.weight + block.weight
        const mean = (last.mean * last.weight + block.mean * block.weight) / weight
        block = { mean, weight, end: i + 1 }
        blocks.pop()
      }
      blocks.push(block)
    }
    let i = 0
    for (const { end, mean } of blocks) {
      for (; i < end; i++) this.middle[layer[i]!] = mean + offsets[i]!
    }
  }

  // ---------------------------------------------------------------------------
  // Straight lines
  // ---------------------------------------------------------------------------

  /** How far a node can move up and down while the others stay. */
  private room(node: number): readonly [number, number] {
    const layer = this.order[this.graph.layerOf[node]!]!
    const at = this.position[node]!
    const above = at === 0
      ? -Infinity
      : this.middle[layer[at - 1]!]! + this.distance(layer[at - 1]!, node)
    const below = at === layer.length - 1
      ? Infinity
      : this.middle[layer[at + 1]!]! - this.distance(node, layer[at + 1]!)
    return [above, below]
  }

  /** Draws a bundle as one line where there is room for it, at the height of one of its ends. */
  private straighten(bundle: ReadonlyArray<number>): void {
    if (bundle.length === 0) return
    const { left, right } = this.graph
    let [top, bottom, sum] = [-Infinity, Infinity, 0]
    for (const dummy of bundle) {
      const [above, below] = this.room(dummy)
      top = Math.max(top, above)
      bottom = Math.min(bottom, below)
      sum += this.middle[dummy]!
    }
    if (top > bottom) return
    const ends = [
      ...this.neighbours(left, bundle[0]!),
      ...this.neighbours(right, bundle.at(-1)!)
    ].map((node) => this.middle[node]!)
    const mean = Math.max(top, Math.min(bottom, sum / bundle.length))
    const at = closest(mean, ends.filter((end) => end >= top && end <= bottom)) ?? mean
    for (const dummy of bundle) this.middle[dummy] = at
  }

  /** Moves a node to the height of its neighbours, where there is room, for straight edges. */
  private align(node: number): void {
    const { left, right } = this.graph
    const [above, below] = this.room(node)
    const at = this.middle[node]!
    const candidates = [left, right].flatMap((side) => {
      const heights = this.heightsOf(side, node)
      // A small bend disturbs more than a large one.
      const near = heights.filter((height) => Math.abs(height - at) < smallBend)
      return [...near, ...middleOf(heights)]
    }).filter((height) => height >= above - 1e-9 && height <= below + 1e-9)
    const found = closest(at, candidates)
    if (found !== undefined) this.middle[node] = Math.max(above, Math.min(below, found))
  }

  private neighbours({ list, offsets }: Adjacency, node: number): Int32Array {
    return list.subarray(offsets[node]!, offsets[node + 1]!)
  }

  private heightsOf(side: Adjacency, node: number): Float64Array {
    return Float64Array.from(this.neighbours(side, node), (next) => this.middle[next]!).toSorted()
  }
}

const smallBend = 14

const heightOf = (heights: ArrayLike<number>, node: number): number => heights[node] ?? 0

/** The height that is in the middle; between two there is none that an edge can go straight to. */
const middleOf = (sorted: Float64Array): ReadonlyArray<number> =>
  sorted.length % 2 === 1 ? [sorted[sorted.length >> 1]!] : []

const closest = (to: number, heights: ReadonlyArray<number>): number | undefined => {
  let found: number | undefined
  for (const height of heights) {
    if (found === undefined || Math.abs(height - to) < Math.abs(found - to)) found = height
  }
  return found
}
