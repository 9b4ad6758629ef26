/**
 * The rows of a timeline and the bars in them: what each subject was doing from when to when.
 */
import type { Run, Subject } from "./Run.ts"
import { type Family, lookOf } from "./StateLook.ts"
import type { TimeAxis } from "./TimeAxis.ts"

/** What a bar means: it works, it waits, it is paused, its items work, or this is how it ended. */
export type BarKind = "run" | "wait" | "pause" | "map" | "mark"

/** A state of a subject, from the change that brought it to the next one. */
export interface Bar {
  readonly kind: BarKind
  readonly family: Family
  /** The number of the change that brought it. */
  readonly change: number
  /** The number of the change that ended it, or -1. */
  readonly until: number
  readonly from: number
  readonly to: number
  /** How many states it stands for: more than 1 where they are too close to tell them apart. */
  readonly count: number
  /** Whether a handler made this state of another one that was proposed. */
  readonly isReplaced: boolean
}

// -----------------------------------------------------------------------------
// Rows
// -----------------------------------------------------------------------------

/**
 * The ids of the subjects that have a row: the flow, its tasks, and the items of those that are
 * opened; with a filter those that it finds, and what they belong to.
 */
export const rowsOf = (
  run: Run,
  opened: ReadonlySet<string>,
  filter: string
): ReadonlyArray<number> => {
  const isWanted = finder(run, filter)
  const rows: Array<number> = []
  for (const subject of run.subjects) {
    if (subject.index !== undefined || isNeverSeen(run, subject)) continue
    const isItself = isWanted(subject)
    const isFolded = isItself && !opened.has(subject.key)
    const shown = isFolded ? [] : subject.items.filter((id) => isWanted(run.subjects[id]!))
    if (!isItself && shown.length === 0) continue
    rows.push(subject.id)
    for (const id of byIndex(run, shown)) rows.push(id)
  }
  return rows
}

/** Finds subjects by their names, and by the kinds and the messages of their states. */
const finder = ({ changes }: Run, filter: string): (subject: Subject) => boolean => {
  const wanted = filter.trim().toLowerCase()
  if (wanted === "") return () => true
  const known = new Map<string, boolean>()
  const isFound = (text = ""): boolean => {
    const found = known.get(text) ?? text.toLowerCase().includes(wanted)
    known.set(text, found)
    return found
  }
  const isIn = (change: number): boolean => {
    const { message, tag } = changes[change]!.to
    return isFound(tag) || isFound(message)
  }
  return ({ changes, key, name }) => isFound(name) || isFound(key) || changes.some(isIn)
}

/** Constants have no states of their own. */
const isNeverSeen = ({ header }: Run, { changes, node }: Subject): boolean =>
  header.nodes[node]?.kind === "constant" && changes.length === 0

const byIndex = ({ subjects }: Run, ids: ReadonlyArray<number>): ReadonlyArray<number> =>
  ids.toSorted((one, other) => subjects[one]!.index! - subjects[other]!.index!)

// -----------------------------------------------------------------------------
// Bars
// -----------------------------------------------------------------------------

const kinds: Readonly<Partial<Record<string, BarKind>>> = {
  Running: "run",
  Cancelling: "run",
  Mapped: "map",
  Paused: "pause",
  Pending: "wait",
  Scheduled: "wait",
  Submitted: "wait",
  Queued: "wait",
  Resume: "wait",
  Retrying: "wait"
}

/** What a state is drawn as; how something ended is a mark. */
export const kindOf = (tag: string): BarKind => kinds[tag] ?? "mark"

/**
 * The bars of a subject that can be seen between two positions. Those narrower than `least` are one
 * with what is beside them, so that there are never more than there is room for.
 */
export const barsIn = (
  run: Run,
  axis: TimeAxis,
  id: number,
  from: number,
  to: number,
  least: number
): ReadonlyArray<Bar> => {
  const changes = run.subjects[id]?.changes ?? []
  const bars: Array<Bar> = []
  let at = Math.max(0, firstFrom(changes, axis, from) - 1)
  while (at < changes.length) {
    const bar = barAt(run, axis, changes, at)
    if (bar.from > to) break
    // The last one that begins so close may be long, and then is a bar of its own.
    const close = bar.to - bar.from >= least
      ? at + 1
      : firstFrom(changes, axis, bar.from + least) - 1
    const end = Math.max(at + 1, close)
    bars.push(end === at + 1 ? bar : merged(run, axis, changes, at, end))
    at = end
  }
  return bars
}

/** The place of the first of some changes that is drawn at a position or after it. */
const firstFrom = (changes: ReadonlyArray<number>, axis: TimeAxis, position: number): number => {
  let [low, high] = [0, changes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (axis.ofChange(changes[middle]!) < position) low = middle + 1
    else high = middle
  }
  return low
}

const barAt = (run: Run, axis: TimeAxis, changes: ReadonlyArray<number>, at: number): Bar => {
  const change = changes[at]!
  const until = changes[at + 1] ?? -1
  const { proposed, to } = run.changes[change]!
  const kind = kindOf(to.tag)
  const from = axis.ofChange(change)
  const isEnd = until === -1 && (kind === "mark" || (kind === "map" && hasEnded(run)))
  const end = until === -1 ? axis.length : axis.ofChange(until)
  return {
    kind,
    family: lookOf(to.tag).family,
    change,
    until,
    from,
    to: isEnd && kind === "mark" ? from : end,
    count: 1,
    isReplaced: proposed !== undefined
  }
}

const merged = (
  run: Run,
  axis: TimeAxis,
  changes: ReadonlyArray<number>,
  at: number,
  end: number
): Bar => {
  let shown = barAt(run, axis, changes, at)
  let isReplaced = false
  for (let next = at; next < end; next++) {
    const { proposed, to } = run.changes[changes[next]!]!
    isReplaced ||= proposed !== undefined
    const { family } = lookOf(to.tag)
    if (family !== "failed" || shown.family === "failed") continue
    shown = { ...shown, family, kind: "mark" }
  }
  const until = changes[end] ?? -1
  return {
    ...shown,
    until,
    to: until === -1 ? shown.from : axis.ofChange(until),
    count: end - at,
    isReplaced
  }
}

const hasEnded = ({ end }: Run): boolean => end !== undefined
