/**
 * The curve of an edge through its points.
 *
 * @module
 */
import type { Point } from "./Layout.ts"
import { number } from "./Svg.ts"

/** A path through points: straight where they are at one height, gently curved elsewhere. */
export const path = (points: ReadonlyArray<Point>): string => {
  const [first] = points
  if (first === undefined) return ""
  let drawn = `M${number(first.x)} ${number(first.y)}`
  for (const [i, { x, y }] of points.entries()) {
    const before = points[i - 1]
    if (before === undefined) continue
    const middle = number((before.x + x) / 2)
    drawn += before.y === y
      ? `H${number(x)}`
      : `C${middle} ${number(before.y)} ${middle} ${number(y)} ${number(x)} ${number(y)}`
  }
  return drawn
}

/** The tip of the arrow at the end of an edge. */
export const tip = (points: ReadonlyArray<Point>): string => {
  const [before, last] = [points.at(-2), points.at(-1)]
  if (before === undefined || last === undefined) return ""
  const back = before.x <= last.x ? -7 : 7
  return `M${number(last.x)} ${number(last.y)}l${back} -3.5v7z`
}
