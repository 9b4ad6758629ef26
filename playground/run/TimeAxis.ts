/**
 * Where moments of a run are drawn: as time passed, or with waits shortened and the changes of one
 * instant side by side.
 */
import { formatElapsed, formatSpan } from "./Elapsed.ts"
import { cursorAt, type Run } from "./Run.ts"

/** A moment of a run: a time, and how many changes had happened by then. */
export interface Moment {
  readonly cursor: number
  readonly time: number
}

/** A line on the axis and what is written beside it. */
export interface Tick {
  readonly position: number
  readonly label: string
}

/** A part of the axis that is shorter than the time it stands for. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Positions of moments; later ones are never further left. */
export interface TimeAxis {
  /** The position of the end, 0 being that of the beginning. */
  readonly length: number
  readonly ofChange: (change: number) => number
  readonly positionOf: (moment: Moment) => number
  readonly momentAt: (position: number) => Moment
  /** The number of the first change at a position or after it. */
  readonly firstChange: (position: number) => number
  /** Lines within a range, at least so far apart. */
  readonly ticks: (from: number, to: number, distance: number) => ReadonlyArray<Tick>
  /** Waits within a range that are drawn at least so wide. */
  readonly gaps: (from: number, to: number, width: number) => ReadonlyArray<Gap>
}

// -----------------------------------------------------------------------------
// As time passed
// -----------------------------------------------------------------------------

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const steps: ReadonlyArray<number> = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28].map((count) => count * day)
]

/** The least round length of time that is no shorter than another. */
export const roundStep = (least: number): number => {
  const step = steps.find((step) => step >= least)
  if (step !== undefined) return step
  const days = least / day
  const power = 10 ** Math.floor(Math.log10(days))
  return [1, 2, 5, 10].find((factor) => factor * power >= days)! * power * day
}

/** The axis on which each millisecond is as long as any other. */
export const realAxis = (run: Run): TimeAxis => {
  const length = Math.max(run.duration, 1)
  const inRange = (position: number): number => Math.max(0, Math.min(length, position))
  return {
    length,
    ofChange: (change) => run.times[change] ?? length,
    positionOf: ({ time }) => inRange(time),
    momentAt: (position) => {
      const time = Math.min(run.duration, inRange(position))
      return { time, cursor: cursorAt(run, time) }
    },
    firstChange: (position) => firstAtLeast(run.times, position),
    ticks: (from, to, distance) => {
      const step = roundStep(distance)
      const ticks: Array<Tick> = []
      for (let at = Math.ceil(Math.max(0, from) / step); at * step <= Math.min(length, to); at++) {
        ticks.push({ position: at * step, label: formatSpan(at * step) })
      }
      return ticks
    },
    gaps: () => []
  }
}

// -----------------------------------------------------------------------------
// Compressed
// -----------------------------------------------------------------------------

/** So many changes of one instant are side by side; the more there are, the closer the others. */
const spacious = 24

/** How far from the beginning of its instant a change is, by its number there. */
const within = (place: number): number =>
  place <= spacious ? place : spacious * (1 + Math.log(place / spacious))

/** Room before the first change. */
const margin = 0.5

/** How long a wait is drawn: twice as long a wait by the same bit more, whatever it is. */
const gapOf = (millis: number): number => millis <= 0 ? 0 : 1.5 + 0.5 * Math.log2(1 + millis)

/** The positions of the changes, which stay where they are while the run grows. */
class Positions {
  readonly changes: Array<number> = []
  /** The numbers of the changes that are the first ones of their instants. */
  readonly instants: Array<number> = []

  grow({ times }: Run): void {
    for (let change = this.changes.length; change < times.length; change++) {
      const wait = times[change]! - (times[change - 1] ?? 0)
      if (change === 0 || wait > 0) {
        const before = change === 0 ? margin : this.changes.at(-1)! + 1
        this.changes.push(before + gapOf(wait))
        this.instants.push(change)
      } else {
        const first = this.instants.at(-1)!
        this.changes.push(this.changes[first]! + within(change - first))
      }
    }
  }
}

const known = new WeakMap<Run, Positions>()

const positionsOf = (run: Run): Positions => {
  const positions = known.get(run) ?? new Positions()
  known.set(run, positions)
  positions.grow(run)
  return positions
}

/** The axis on which long waits are short, and changes at one instant are beside each other. */
export const compressedAxis = (run: Run): TimeAxis => {
  const { changes, instants } = positionsOf(run)
  const { duration, times } = run
  const count = changes.length
  /** Where the room of the changes before a cursor ends, and time may go on. */
  const roomEnd = (cursor: number): number =>
    cursor === 0 ? 0 : Math.min(changes[cursor - 1]! + 1, changes[cursor] ?? Infinity)
  const length = Math.max(1, roomEnd(count) + gapOf(duration - (times.at(-1) ?? 0)))
  const ofChange = (change: number): number => changes[change] ?? length
  const timesAround = (cursor: number): readonly [before: number, after: number] => [
    times[cursor - 1] ?? 0,
    times[cursor] ?? duration
  ]
  return {
    length,
    ofChange,
    positionOf: ({ cursor: wanted, time }) => {
      // A moment of another run may be after all that has happened in this one.
      const cursor = Math.min(wanted, count)
      const [before, after] = timesAround(cursor)
      const from = roomEnd(cursor)
      if (time <= before || after <= before) return from
      return from + (ofChange(cursor) - from) * Math.min(1, (time - before) / (after - before))
    },
    momentAt: (position) => {
      const cursor = firstAtLeast(changes, position)
      const [before, after] = timesAround(cursor)
      const from = roomEnd(cursor)
      const width = ofChange(cursor) - from
      const share = width <= 0 ? 0 : Math.max(0, Math.min(1, (position - from) / width))
      return { cursor, time: before + (after - before) * share }
    },
    firstChange: (position) => firstAtLeast(changes, position),
    ticks: (from, to, distance) => {
      const ticks: Array<Tick> = []
      let latest = -1
      // Lines keep their places while one moves along: each is the first of its own stretch.
      for (let stretch = Math.max(0, Math.floor(from / distance));; stretch++) {
        if (stretch * distance > Math.min(to, length)) return ticks
        const at = firstAtLeast(instants, firstAtLeast(changes, stretch * distance))
        const change = instants[at]
        if (change === undefined || change >= count) return ticks
        const position = changes[change]!
        if (at === latest || position < from || position > to) continue
        if (position >= (stretch + 1) * distance) continue
        latest = at
        ticks.push({ position, label: formatElapsed(times[change]!) })
      }
    },
    gaps: (from, to, width) => {
      const gaps: Array<Gap> = []
      const add = (change: number): void => {
        const [before, after] = timesAround(change)
        const wait = after - before
        const gap = { from: roomEnd(change), to: ofChange(change) }
        if (wait > 0 && gap.to - gap.from >= width && gap.from < to && gap.to > from) gaps.push(gap)
      }
      if (gapOf(duration) < width) return gaps
      const first = Math.max(0, firstAtLeast(instants, firstAtLeast(changes, from)) - 1)
      for (let at = first; at < instants.length && roomEnd(instants[at]!) < to; at++) {
        add(instants[at]!)
      }
      add(count)
      return gaps
    }
  }
}

/** The axis of a run that the page is to show. */
export const axisOf = (run: Run, axis: "real" | "compressed"): TimeAxis =>
  axis === "real" ? realAxis(run) : compressedAxis(run)

// -----------------------------------------------------------------------------
// Searching
// -----------------------------------------------------------------------------

/** The place of the first of rising numbers that is no less than another. */
export const firstAtLeast = (sorted: ReadonlyArray<number>, least: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
