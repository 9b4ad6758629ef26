/**
 * The second step of a layered drawing: the order of the nodes within each layer, so that few edges
 * cross.
 *
 * @module
 */
import type { Adjacency, Layered } from "./Layers.ts"

/** The layers of a graph, each from top to bottom. */
export type Order = ReadonlyArray<Int32Array>

/** How many pairs of edges cross where the layers are in an order. */
export const count = (graph: Pick<Layered, "layerOf" | "right">, order: Order): number =>
  new Sorter(graph, order).crossings()

/** Orders each layer so that few edges cross. */
export const reduce = (graph: Layered): Order => {
  const size = graph.layerOf.length
  const links = graph.right.list.length
  if (links === 0) return graph.layers
  // A bound in steps, not in time: the same graph looks the same on each machine.
  const sweeps = Math.max(3, Math.min(24, Math.floor(500_000 / (size + links))))
  let [best, fewest] = [graph.layers, Infinity]
  for (const isFromLeft of sweeps > 8 ? [true, false] : [true]) {
    const sorter = new Sorter(graph, depthFirst(graph, isFromLeft))
    for (let sweep = 0, idle = 0; sweep < sweeps && idle < 4 && fewest > 0; sweep++, idle++) {
      if (sweep > 0) sorter.sweep(sweep % 2 === 1)
      sorter.exchange(size < 2000 ? 8 : 2)
      const crossings = sorter.crossings()
      if (crossings >= fewest) continue
      ;[best, fewest, idle] = [sorter.snapshot(), crossings, -1]
    }
  }
  return best
}

/** What one comes to first stands above: without a crossing where the graph is a tree. */
const depthFirst = (graph: Layered, isFromLeft: boolean): Order => {
  const { layerOf, layers } = graph
  const [ahead, behind] = isFromLeft ? [graph.right, graph.left] : [graph.left, graph.right]
  const found: Array<Array<number>> = layers.map(() => [])
  const isSeen = new Uint8Array(layerOf.length)
  const path: Array<number> = []
  for (const layer of isFromLeft ? layers : layers.toReversed()) {
    for (const start of layer) {
      if (behind.offsets[start] !== behind.offsets[start + 1]) continue
      path.push(start)
      for (let node = path.pop(); node !== undefined; node = path.pop()) {
        if (isSeen[node] === 1) continue
        isSeen[node] = 1
        found[layerOf[node]!]!.push(node)
        for (let i = ahead.offsets[node + 1]! - 1; i >= ahead.offsets[node]!; i--) {
          path.push(ahead.list[i]!)
        }
      }
    }
  }
  return found.map((nodes) => Int32Array.from(nodes))
}

class Sorter {
  private readonly graph: Pick<Layered, "layerOf" | "right"> & Partial<Layered>
  private readonly order: ReadonlyArray<Int32Array>
  private readonly position: Int32Array
  private readonly wanted: Float64Array
  private readonly tree: Int32Array

  constructor(graph: Pick<Layered, "layerOf" | "right"> & Partial<Layered>, order: Order) {
    this.graph = graph
    this.order = order.map((layer) => layer.slice())
    this.position = new Int32Array(graph.layerOf.length)
    this.wanted = new Float64Array(graph.layerOf.length)
    this.tree = new Int32Array(Math.max(1, ...order.map((layer) => layer.length)) + 1)
    for (const layer of order) for (let i = 0; i < layer.length; i++) this.position[layer[i]!] = i
  }

  snapshot(): Order {
    return this.order.map((layer) => layer.slice())
  }

  /** Sorts each layer by the mean of its neighbours in the layer before, or after. */
  sweep(isFromLeft: boolean): void {
    const side = isFromLeft ? this.graph.left! : this.graph.right
    const layers = isFromLeft ? this.order : this.order.toReversed()
    for (const layer of layers) this.sort(layer, side)
  }

  private sort(layer: Int32Array, { list, offsets }: Adjacency): void {
    const { position, wanted } = this
    const moving: Array<number> = []
    for (const node of layer) {
      const [start, end] = [offsets[node]!, offsets[node + 1]!]
      if (start === end) continue
      let sum = 0
      for (let i = start; i < end; i++) sum += position[list[i]!]!
      wanted[node] = sum / (end - start)
      moving.push(node)
    }
    moving.sort((a, b) => wanted[a]! - wanted[b]! || position[a]! - position[b]!)
    // What has no neighbours there keeps its place among the others.
    let next = 0
    for (let i = 0; i < layer.length; i++) {
      const isMoving = offsets[layer[i]!] !== offsets[layer[i]! + 1]
      if (isMoving) layer[i] = moving[next++]!
    }
    for (let i = 0; i < layer.length; i++) position[layer[i]!] = i
  }

  /** Exchanges neighbours in a layer wherever that takes crossings away. */
  exchange(rounds: number): void {
    const left = this.sortedNeighbours(this.graph.left!)
    const right = this.sortedNeighbours(this.graph.right)
    let isBetter = true
    for (let round = 0; round < rounds && isBetter; round++) {
      isBetter = false
      for (const layer of this.order) {
        this.sortNeighbours(layer, left)
        this.sortNeighbours(layer, right)
        for (let i = 1; i < layer.length; i++) {
          const [above, below] = [layer[i - 1]!, layer[i]!]
          const gain = this.gain(left, above, below) + this.gain(right, above, below)
          if (gain <= 0) continue
          isBetter = true
          layer[i - 1] = below
          layer[i] = above
          this.position[below] = i - 1
          this.position[above] = i
        }
      }
    }
  }

  private sortedNeighbours({ list, offsets }: Adjacency): Adjacency {
    return { offsets, list: new Int32Array(list) }
  }

  /** Puts the neighbours of each node of a layer into their order. */
  private sortNeighbours(layer: Int32Array, { list, offsets }: Adjacency): void {
    const { position } = this
    for (const node of layer) {
      const [start, end] = [offsets[node]!, offsets[node + 1]!]
      if (end - start > 32) {
        list.subarray(start, end).sort((a, b) => position[a]! - position[b]!)
        continue
      }
      for (let i = start + 1; i < end; i++) {
        const moved = list[i]!
        let j = i
        while (j > start && position[list[j - 1]!]! > position[moved]!) {
          list[j] = list[j - 1]!
          j--
        }
        list[j] = moved
      }
    }
  }

  /** How many crossings on one side two nodes have less when they are exchanged. */
  private gain({ list, offsets }: Adjacency, above: number, below: number): number {
    const { position } = this
    const [aStart, aEnd] = [offsets[above]!, offsets[above + 1]!]
    const [bStart, bEnd] = [offsets[below]!, offsets[below + 1]!]
    let [now, then] = [0, 0]
    let [smaller, notLarger] = [bStart, bStart]
    for (let i = aStart; i < aEnd; i++) {
      const at = position[list[i]!]!
      while (smaller < bEnd && position[list[smaller]!]! < at) smaller++
      while (notLarger < bEnd && position[list[notLarger]!]! <= at) notLarger++
      now += smaller - bStart
      then += bEnd - notLarger
    }
    return now - then
  }

  crossings(): number {
    const { list, offsets } = this.graph.right
    const { order, position, tree } = this
    const ends: Array<number> = []
    let crossings = 0
    for (let at = 0; at + 1 < order.length; at++) {
      const width = order[at + 1]!.length
      tree.fill(0, 0, width + 1)
      let placed = 0
      for (const node of order[at]!) {
        const [start, end] = [offsets[node]!, offsets[node + 1]!]
        ends.length = 0
        for (let i = start; i < end; i++) ends.push(position[list[i]!]!)
        if (ends.length > 1) ends.sort((a, b) => a - b)
        // Those above it that end below: all placed so far but those that end at or above.
        for (const to of ends) {
          let atOrAbove = 0
          for (let i = to + 1; i > 0; i -= i & -i) atOrAbove += tree[i]!
          crossings += placed - atOrAbove
        }
        for (const to of ends) for (let i = to + 1; i <= width; i += i & -i) tree[i]!++
        placed += ends.length
      }
    }
    return crossings
  }
}
