/**
 * What a graph shows and where: a card for each task of a run, and the edges between them.
 */
import * as Card from "../../src/graph/Card.ts"
import * as CellGrid from "../../src/graph/CellGrid.ts"
import * as Layout from "../../src/graph/Layout.ts"
import type { Run } from "../run/Run.ts"
import type { GraphStates } from "./GraphStates.ts"

/** Cards and where they are. */
export interface Scene {
  readonly run: Run
  readonly cards: ReadonlyArray<Card.Card>
  readonly edges: ReadonlyArray<readonly [from: number, to: number]>
  readonly layout: Layout.Layout
}

/** A task, or one of the items of one. */
export interface Place {
  readonly node: number
  readonly item: number | undefined
}

/** Nodes of more than this are laid out by a worker. */
const mostAtOnce = 500

/** The cards of a run, the tasks in `opened` with a cell for each item. */
export const cardsOf = (
  run: Run,
  states: GraphStates,
  opened: ReadonlySet<string>
): ReadonlyArray<Card.Card> =>
  run.header.nodes.map((node, i) =>
    Card.make(
      node,
      opened.has(node.slug) ? roomFor(states.itemCount(i), run.end === undefined) : undefined
    )
  )

/** While a run grows its cells get room ahead of them, so that the graph seldom has to move. */
const roomFor = (items: number, isGrowing: boolean): number =>
  isGrowing && items > 0 ? 2 ** Math.ceil(Math.log2(items)) : items

/** What has to be the same for a layout to stay. */
export const shapeOf = (cards: ReadonlyArray<Card.Card>): string =>
  cards.map(({ height, width }) => `${width} ${height}`).join(",")

/** Lays out a run, at once where that is quick. */
export const layOut = (
  run: Run,
  cards: ReadonlyArray<Card.Card>,
  onDone: (scene: Scene) => void
): () => void => {
  const edges = run.header.nodes.flatMap(({ upstream }, to) =>
    upstream.filter((from) => from in cards).map((from) => [from, to] as const)
  )
  const graph = { nodes: cards.map(({ height, width }) => ({ height, width })), edges }
  const done = (layout: Layout.Layout): void => onDone({ run, cards, edges, layout })
  if (cards.length > mostAtOnce && typeof Worker !== "undefined") return inWorker(graph, done)
  done(Layout.layered(graph))
  return () => {}
}

const inWorker = (graph: Layout.Graph, done: (layout: Layout.Layout) => void): () => void => {
  const worker = new Worker(new URL("./GraphLayoutWorker.ts", import.meta.url), { type: "module" })
  worker.addEventListener("message", ({ data }: MessageEvent<Layout.Layout>) => {
    worker.terminate()
    done(data)
  })
  worker.addEventListener("error", () => {
    worker.terminate()
    done(Layout.layered(graph))
  })
  worker.postMessage(graph, [])
  return () => worker.terminate()
}

// -----------------------------------------------------------------------------
// Places
// -----------------------------------------------------------------------------

/** What is drawn at a point of the scene. */
export const placeAt = ({ cards, layout }: Scene, x: number, y: number): Place | undefined => {
  const node = layout.nodes.findIndex((at, i) =>
    x >= at.x && x < at.x + cards[i]!.width && y >= at.y && y < at.y + cards[i]!.height
  )
  if (node === -1) return undefined
  const { grid } = cards[node]!
  const at = layout.nodes[node]!
  const [left, top] = [x - at.x - Card.gridStart.x, y - at.y - Card.gridStart.y]
  return { node, item: grid && CellGrid.cellAt(grid, left, top) }
}

/** Whether a point is on the mark that opens and folds a mapped task. */
export const isOnOpener = ({ cards, layout }: Scene, node: number, x: number, y: number) => {
  const [at, card] = [layout.nodes[node]!, cards[node]!]
  return card.task.mapped && x > at.x + card.width - 28 && y > at.y + 20 && y < at.y + 46
}

/** From where to where something is drawn. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The room that a task or an item takes. */
export const boxOf = ({ cards, layout }: Scene, { item, node }: Place): Box => {
  const [at, { grid, height, width }] = [layout.nodes[node]!, cards[node]!]
  if (item === undefined || grid === undefined) return { x: at.x, y: at.y, width, height }
  const corner = CellGrid.cornerOf(grid, item)
  const size = CellGrid.sizeOf(grid)
  const [x, y] = [at.x + Card.gridStart.x + corner.x, at.y + Card.gridStart.y + corner.y]
  return { x, y, width: size, height: size }
}

/** Whether two boxes have a part in common. */
export const meets = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

/** Whether one box is within another. */
export const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

/** Edges that begin near each other, with the room that they take: drawn or left out together. */
export interface EdgeTile {
  readonly box: Box
  readonly edges: ReadonlyArray<ReadonlyArray<Layout.Point>>
}

const tileSize = 1200

/** All edges of a scene. */
export const edgeTiles = ({ layout }: Scene): ReadonlyArray<EdgeTile> => {
  const tiles = new Map<string, Array<ReadonlyArray<Layout.Point>>>()
  for (const { points } of layout.edges) {
    const [first] = points
    if (first === undefined) continue
    const key = `${Math.floor(first.x / tileSize)} ${Math.floor(first.y / tileSize)}`
    const known = tiles.get(key)
    if (known === undefined) tiles.set(key, [points])
    else known.push(points)
  }
  return [...tiles.values()].map((edges) => ({ box: around(edges.flat()), edges }))
}

/** The room that points take, with some for the tips of arrows. */
export const around = (points: ReadonlyArray<Layout.Point>): Box => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return { x: left - 8, y: top - 8, width: right - left + 16, height: bottom - top + 16 }
}

/** The numbers of the edges that begin or end at a task. */
export const edgesAt = ({ edges }: Scene, node: number): ReadonlyArray<number> =>
  edges.flatMap(([from, to], edge) => from === node || to === node ? [edge] : [])

/** A direction, one step in it. */
export type Step = readonly [x: -1 | 0 | 1, y: -1 | 0 | 1]

/** The task that one comes to in a direction: along an edge to the side, else whatever is near. */
export const nextNode = (scene: Scene, node: number, [x, y]: Step): number => {
  const neighbours = scene.edges.flatMap(([from, to]) =>
    x === 1 && from === node ? [to] : x === -1 && to === node ? [from] : []
  )
  const all = neighbours.length > 0 ? neighbours : scene.cards.keys()
  const start = middleOf(scene, node)
  let [best, least] = [node, Infinity]
  for (const other of all) {
    if (other === node) continue
    const to = middleOf(scene, other)
    const ahead = (to.x - start.x) * x + (to.y - start.y) * y
    if (ahead <= 1 && neighbours.length === 0) continue
    const aside = Math.abs((to.x - start.x) * y) + Math.abs((to.y - start.y) * x)
    const distance = ahead + 2 * aside
    if (distance < least) [best, least] = [other, distance]
  }
  return best
}

const middleOf = ({ cards, layout }: Scene, node: number): Layout.Point => {
  const [{ x, y }, { height, width }] = [layout.nodes[node]!, cards[node]!]
  return { x: x + width / 2, y: y + height / 2 }
}

/** The item that one comes to in a direction. */
export const nextItem = ({ columns, count }: CellGrid.CellGrid, item: number, [x, y]: Step) => {
  const next = item + x + y * columns
  return next >= 0 && next < count ? next : item
}
