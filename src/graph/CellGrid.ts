/**
 * The runs of a mapped task as cells in rows: many of them in little room, each family of states with
 * a shape of its own.
 *
 * @module
 */
import type { Family } from "./StateLook.ts"
import { number } from "./Svg.ts"

/** A grid of cells; the first is at the left above. */
export interface CellGrid {
  readonly count: number
  readonly columns: number
  readonly rows: number
  /** From one cell to the next. */
  readonly pitch: number
}

/** Makes a grid for so many cells, about twice as wide as high; many cells are smaller. */
export const make = (count: number, leastWidth: number): CellGrid => {
  const pitch = count > 4000 ? 8 : count > 400 ? 12 : 16
  const wanted = Math.ceil(Math.sqrt(count * 2))
  const columns = Math.max(1, Math.min(count, Math.max(wanted, Math.floor(leastWidth / pitch))))
  return { count, columns, rows: Math.ceil(count / columns), pitch }
}

/** The left upper corner of a cell. */
export const cornerOf = (
  { columns, pitch }: CellGrid,
  cell: number
): { readonly x: number; readonly y: number } => ({
  x: cell % columns * pitch,
  y: Math.floor(cell / columns) * pitch
})

/** The cell at a place, if there is one. */
export const cellAt = (
  { columns, count, pitch, rows }: CellGrid,
  x: number,
  y: number
): number | undefined => {
  const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)]
  if (column < 0 || column >= columns || row < 0 || row >= rows) return undefined
  const cell = row * columns + column
  return cell < count ? cell : undefined
}

/** How large a cell is drawn. */
export const sizeOf = ({ pitch }: CellGrid): number => pitch - (pitch > 8 ? 3 : 2)

/** Of the first `count` cells those of each family that there is. */
export const byFamily = (
  count: number,
  familyOf: (cell: number) => Family
): ReadonlyMap<Family, ReadonlyArray<number>> => {
  const cells = new Map<Family, Array<number>>()
  for (let cell = 0; cell < count; cell++) {
    const family = familyOf(cell)
    const known = cells.get(family)
    if (known === undefined) cells.set(family, [cell])
    else known.push(cell)
  }
  return cells
}

/** The path of some cells, all of one family: given in the shape that the family has. */
export const path = (grid: CellGrid, family: Family, cells: Iterable<number>): string => {
  const shape = outline(family, sizeOf(grid))
  let drawn = ""
  for (const cell of cells) {
    const { x, y } = cornerOf(grid, cell)
    drawn += `M${x} ${y}${shape}`
  }
  return drawn
}

type Polygon = ReadonlyArray<readonly [x: number, y: number]>

const box = (left: number, top: number, right: number, bottom: number): Polygon => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom]
]
const whole = box(0, 0, 1, 1)
const cross: Polygon = [
  [0.2, 0.34],
  [0.34, 0.2],
  [0.5, 0.36],
  [0.66, 0.2],
  [0.8, 0.34],
  [0.64, 0.5],
  [0.8, 0.66],
  [0.66, 0.8],
  [0.5, 0.64],
  [0.34, 0.8],
  [0.2, 0.66],
  [0.36, 0.5]
]

/** What is covered twice is left open. */
const shapes: Readonly<Record<Family, ReadonlyArray<Polygon>>> = {
  succeeded: [whole],
  failed: [whole, cross],
  waiting: [whole, box(0.13, 0.13, 0.87, 0.87)],
  running: [[[0, 0], [1, 0.5], [0, 1]]],
  retrying: [[[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5]]],
  paused: [box(0, 0, 0.36, 1), box(0.64, 0, 1, 1)],
  skipped: [box(0, 0, 1, 0.36), box(0, 0.64, 1, 1)],
  mapped: [whole, box(0.33, 0.33, 0.67, 0.67)],
  cancelled: [[[0, 0], [1, 0], [1, 1]]]
}

/** The path of a shape from the left upper corner of its cell. */
const outline = (family: Family, size: number): string => {
  let [x, y] = [0, 0]
  return shapes[family].map((polygon) => {
    const steps = polygon.map(([toX, toY], i) => {
      const step = `${i === 0 ? "m" : "l"}${number(toX * size - x)} ${number(toY * size - y)}`
      ;[x, y] = [toX * size, toY * size]
      return step
    })
    ;[x, y] = [polygon[0]![0] * size, polygon[0]![1] * size]
    return steps.join("") + "z"
  }).join("")
}
