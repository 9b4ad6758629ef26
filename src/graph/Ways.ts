/**
 * The last step of a layered drawing: how far apart the layers are, and the way of each edge between
 * them.
 *
 * @module
 */
import type { Layered, Way } from "./Layers.ts"

/** A place; `y` grows downwards. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** How much room a node takes. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** From where to where a layer reaches. */
export interface Column {
  readonly start: number
  readonly end: number
}

/** Together the edges have no more points than this; those after it take the short way. */
const maxPoints = 300_000

/** Layers are as wide as their nodes, and farther apart where edges climb high between them. */
export const columnsOf = (
  { layers, right }: Layered,
  size: ReadonlyArray<Size>,
  middle: Float64Array,
  gap: number
): ReadonlyArray<Column> => {
  let start = 0
  return layers.map((layer) => {
    let [width, climb] = [0, 0]
    for (const node of layer) {
      width = Math.max(width, size[node]?.width ?? 0)
      for (let i = right.offsets[node]!; i < right.offsets[node + 1]!; i++) {
        climb = Math.max(climb, Math.abs(middle[right.list[i]!]! - middle[node]!))
      }
    }
    const column = { start, end: start + width }
    start = column.end + gap + Math.min(2 * gap, climb * 0.08)
    return column
  })
}

/** The points of each edge; one without dummy nodes passes below everything, at `lane`. */
export const draw = (
  graph: Layered,
  size: ReadonlyArray<Size>,
  middle: Float64Array,
  columns: ReadonlyArray<Column>,
  lane: number
): { readonly ways: ReadonlyArray<ReadonlyArray<Point>>; readonly usesLane: boolean } => {
  const { bundles, layerOf } = graph
  const straight = bundles.map((bundle) => straightRuns(bundle, middle))
  let [left, usesLane] = [maxPoints, false]
  const pointsOf = (way: Way): ReadonlyArray<Point> => {
    const [first, last] = [layerOf[way.from]!, layerOf[way.to]!]
    const isLong = last - first > 1
    const line = new Line()
    line.add(columns[first]!.start + size[way.from]!.width, middle[way.from]!)
    line.add(columns[first]!.end, middle[way.from]!)
    if (isLong && (way.bundle === -1 || left <= 0)) {
      usesLane = true
      line.add(columns[first + 1]!.start, lane)
      line.add(columns[last - 1]!.end, lane)
    } else if (isLong) {
      const bundle = bundles[way.bundle]!
      for (let i = way.start; i < way.end; i++) {
        line.add(columns[layerOf[bundle[i]!]!]!.start, middle[bundle[i]!]!)
        i = Math.min(straight[way.bundle]![i]!, way.end - 1)
        line.add(columns[layerOf[bundle[i]!]!]!.end, middle[bundle[i]!]!)
      }
    }
    line.add(columns[last]!.start, middle[way.to]!)
    left -= line.points.length
    return way.isBackward ? line.points.toReversed() : line.points
  }
  return { ways: graph.ways.map(pointsOf), usesLane }
}

/** For each dummy node of a bundle the last one that it goes straight to. */
const straightRuns = (bundle: ReadonlyArray<number>, middle: Float64Array): Int32Array => {
  const until = new Int32Array(bundle.length)
  for (let i = bundle.length - 1; i >= 0; i--) {
    const next = bundle[i + 1]
    until[i] = next !== undefined && middle[next] === middle[bundle[i]!] ? until[i + 1]! : i
  }
  return until
}

/** A line without points that change nothing. */
class Line {
  readonly points: Array<Point> = []

  add(x: number, y: number): void {
    const { points } = this
    const last = points.at(-1)
    if (last?.x === x && last.y === y) return
    if (last?.y === y && points.at(-2)?.y === y) points.pop()
    points.push({ x, y })
  }
}
