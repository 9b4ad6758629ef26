import { Layout } from "signalbox/graph"
import { assert, it } from "vitest"
import * as Crossings from "../../src/graph/Crossings.ts"
import * as Layers from "../../src/graph/Layers.ts"
import { sha256 } from "../../src/testing/Sha256.ts"
import { random, type RandomGraph, randomGraph, reportGraph } from "./RandomGraph.ts"

const graphs: ReadonlyArray<RandomGraph> = Array.from(
  { length: 120 },
  (_, seed) => randomGraph(seed, 2 + (seed * 7) % 90)
)
const uniform = (count: number, edges: ReadonlyArray<readonly [number, number]>): RandomGraph => ({
  nodes: Array.from({ length: count }, () => ({ width: 100, height: 40 })),
  edges
})

it("no two nodes overlap", () => {
  const wrong: Array<string> = []
  for (const { edges, nodes } of graphs) {
    const { nodes: places } = Layout.layered({ nodes, edges })
    for (const [i, a] of places.entries()) {
      for (const [j, b] of places.entries()) {
        if (i >= j) continue
        const isBeside = a.x + nodes[i]!.width <= b.x || b.x + nodes[j]!.width <= a.x
        const isAbove = a.y + nodes[i]!.height <= b.y + 1e-6 ||
          b.y + nodes[j]!.height <= a.y + 1e-6
        if (!isBeside && !isAbove) wrong.push(`nodes ${i} and ${j}`)
      }
    }
  }
  assert.deepStrictEqual(wrong, [])
})

it("everything is within the width and the height", () => {
  const wrong: Array<string> = []
  for (const graph of graphs) {
    const { edges, height, nodes, width } = Layout.layered(graph)
    for (const [i, { x, y }] of nodes.entries()) {
      const { height: high, width: wide } = graph.nodes[i]!
      const isWithin = x >= 0 && x + wide <= width + 1e-6 && y >= -1e-6 && y + high <= height + 1e-6
      if (!isWithin) wrong.push(`node ${i} at ${x}, ${y}`)
    }
    for (const { x, y } of edges.flatMap(({ points }) => points)) {
      const isWithin = x >= 0 && x <= width + 1e-6 && y >= -1e-6 && y <= height + 1e-6
      if (!isWithin) wrong.push(`an edge at ${x}, ${y}`)
    }
  }
  assert.deepStrictEqual(wrong, [])
})

it("an edge goes forward, from the middle of one side to the middle of the other", () => {
  for (const graph of graphs) {
    const { edges, nodes } = Layout.layered(graph)
    for (const [i, { points }] of edges.entries()) {
      const [from, to] = graph.edges[i]!
      const [start, end] = [nodes[from]!, nodes[to]!]
      assert.isBelow(start.layer, end.layer)
      assert.closeTo(points[0]!.x, start.x + graph.nodes[from]!.width, 1e-6)
      assert.closeTo(points[0]!.y, start.y + graph.nodes[from]!.height / 2, 1e-6)
      assert.closeTo(points.at(-1)!.x, end.x, 1e-6)
      assert.closeTo(points.at(-1)!.y, end.y + graph.nodes[to]!.height / 2, 1e-6)
      for (const [j, point] of points.entries()) {
        if (j > 0 && point.x < points[j - 1]!.x) assert.fail(`edge ${i} goes back`)
      }
    }
  }
})

it("no edge runs through a node", () => {
  const wrong: Array<string> = []
  for (const graph of graphs) {
    const { edges, nodes } = Layout.layered(graph)
    for (const [i, { points }] of edges.entries()) {
      for (const [j, to] of points.entries()) {
        const from = points[j - 1]
        if (from === undefined) continue
        for (const [node, { x, y }] of nodes.entries()) {
          const { height, width } = graph.nodes[node]!
          if (to.x <= x + 1e-6 || from.x >= x + width - 1e-6) continue
          if (Math.max(from.y, to.y) <= y || Math.min(from.y, to.y) >= y + height) continue
          wrong.push(`edge ${i} through node ${node}`)
        }
      }
    }
  }
  assert.deepStrictEqual(wrong, [])
})

it("trees, chains and map-reduce have no crossing", () => {
  const next = random(3)
  const tree = Array.from({ length: 200 }, (_, i): [number, number] => [
    Math.floor(next() * (i + 1)),
    i + 1
  ])
  const mapReduce = Array.from({ length: 50 }, (_, i): Array<[number, number]> => [
    [0, i + 1],
    [i + 1, 51]
  ]).flat()
  for (const [count, edges] of [[201, tree], [52, mapReduce]] as const) {
    const graph = Layers.build(count, edges)
    assert.strictEqual(Crossings.count(graph, Crossings.reduce(graph)), 0)
  }
})

it("far fewer edges cross than in the order in which tasks are written", () => {
  let [written, drawn] = [0, 0]
  for (const { edges, nodes } of graphs) {
    const graph = Layers.build(nodes.length, edges)
    const before = Crossings.count(graph, graph.layers)
    const after = Crossings.count(graph, Crossings.reduce(graph))
    assert.isAtMost(after, before)
    written += before
    drawn += after
  }
  assert.isAbove(written, 1000)
  assert.isBelow(drawn, written * 0.35)
})

it("crossings are counted exactly", () => {
  for (const { edges, nodes } of graphs.filter((_, i) => i % 6 === 0)) {
    const graph = Layers.build(nodes.length, edges)
    const order = Crossings.reduce(graph)
    assert.strictEqual(Crossings.count(graph, order), countPairs(graph, order))
  }
})

/** Compares each edge with each other. */
const countPairs = ({ layerOf, right }: Layers.Layered, order: Crossings.Order): number => {
  const position = new Map(order.flatMap((layer) => [...layer].map((node, i) => [node, i])))
  const edges = [...layerOf.keys()].flatMap((from) =>
    [...right.list.subarray(right.offsets[from], right.offsets[from + 1])].map((to) => ({
      layer: layerOf[from]!,
      from: position.get(from)!,
      to: position.get(to)!
    }))
  )
  return edges.reduce(
    (sum, a, i) =>
      sum +
      edges.slice(i + 1).filter((b) => a.layer === b.layer && (a.from - b.from) * (a.to - b.to) < 0)
        .length,
    0
  )
}

it("a chain is one straight line, whatever the sizes of its nodes", () => {
  const nodes = Array.from({ length: 30 }, (_, i) => ({ width: 50 + i, height: 20 + (i % 5) * 10 }))
  const edges = Array.from({ length: 29 }, (_, i) => [i, i + 1] as const)
  const { edges: ways, height } = Layout.layered({ nodes, edges })
  assert.strictEqual(height, 60)
  assert.deepStrictEqual([...new Set(ways.flatMap(({ points }) => points.map(({ y }) => y)))], [30])
})

it("an edge that passes layers is straight where nothing is in its way", () => {
  const { edges, height } = Layout.layered(reportGraph(60))
  assert.isBelow(height, 70)
  for (const { points } of edges) assert.isAtMost(points.length, 6)
})

it("what nothing depends on stands right before the one that needs it", () => {
  const { nodes } = Layout.layered(uniform(5, [[0, 1], [1, 2], [2, 3], [4, 3]]))
  assert.deepStrictEqual(nodes.map(({ layer }) => layer), [0, 1, 2, 3, 2])
})

it("parts without a connection stand below each other, and single nodes in rows", () => {
  const { height, nodes, width } = Layout.layered(uniform(24, [[0, 1], [2, 3]]))
  assert.isBelow(nodes[1]!.y + 40, nodes[2]!.y)
  const rows = new Set(nodes.slice(4).map(({ y }) => y))
  assert.isBelow(rows.size, 20)
  assert.isBelow(height / width, 2)
})

it("nothing to draw takes no room, and one node its own", () => {
  assert.deepStrictEqual(Layout.layered({ nodes: 0, edges: [] }), {
    width: 0,
    height: 0,
    nodes: [],
    edges: []
  })
  const { height, nodes, width } = Layout.layered(uniform(1, []))
  assert.deepStrictEqual({ height, nodes, width }, {
    height: 40,
    width: 100,
    nodes: [{ x: 0, y: 0, layer: 0 }]
  })
})

it("cycles, loops, edges given twice and edges to nowhere are drawn as far as they can be", () => {
  const edges: ReadonlyArray<readonly [number, number]> = [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 1],
    [0, 1],
    [0, 9],
    [-1, 0],
    [0.5, 1]
  ]
  const { edges: ways, nodes } = Layout.layered(uniform(3, edges))
  assert.deepStrictEqual(nodes.map(({ layer }) => layer), [0, 1, 2])
  assert.deepStrictEqual(ways.map(({ points }) => points.length > 0), [
    true,
    true,
    true,
    false,
    true,
    false,
    false,
    false
  ])
  const back = ways[2]!.points
  assert.isAbove(back[0]!.x, back.at(-1)!.x)
  assert.deepStrictEqual(ways[0], ways[4])
})

it("thousands of long edges stay within bounds of dummy nodes and of points", () => {
  const next = random(8)
  const count = 3000
  const chain = Array.from({ length: count - 1 }, (_, i): [number, number] => [i, i + 1])
  const long = Array.from({ length: count }, (): [number, number] => {
    const [a, b] = [Math.floor(next() * count), Math.floor(next() * count)]
    return [Math.min(a, b), Math.max(a, b)]
  })
  const graph = Layers.build(count, [...chain, ...long.filter(([a, b]) => a !== b)])
  assert.isAtMost(graph.layerOf.length - count, 30_000)
  const { edges } = Layout.layered(reportGraph(count))
  assert.isBelow(edges.reduce((sum, { points }) => sum + points.length, 0), 350_000)
})

it("the same graph gives the same places everywhere", () => {
  const places = graphs.slice(0, 40).map((graph) => Layout.layered(graph))
  assert.deepStrictEqual(Layout.layered(graphs[11]!), places[11]!)
  assert.strictEqual(
    sha256(JSON.stringify(places)),
    "a87ba9cae3d08a39de7bea9f1cb1c9d2f51106b56115aae6d0946abb3654ad09"
  )
})

it("parts that nothing connects stand side by side, not all below each other", () => {
  const pairs = 100
  const edges = Array.from({ length: pairs }, (_, pair) => [2 * pair, 2 * pair + 1] as const)
  const { height, width } = Layout.layered({ nodes: 2 * pairs, edges })
  assert.isAbove(width / height, 1)
  assert.isBelow(width / height, 4)
})
