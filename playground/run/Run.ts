/**
 * A recorded run, indexed so that any moment of it can be shown at once.
 *
 * It is built line by line, while the run goes on or from a file, and only ever grows: what was read
 * from it before stays right.
 */
import type { TraceLine } from "signalbox/testing"

type Change = TraceLine.Change

/** Whom the changes are about: the flow, a task, or one item of a mapped task. */
export interface Subject {
  /** Its place in the list of subjects; the flow is 0, its tasks follow in their order. */
  readonly id: number
  /** `flow`, `slug` or `slug[2]`; unique. */
  readonly key: string
  /** What people read. */
  readonly name: string
  /** The place of its task in the header; -1 for the flow. */
  readonly node: number
  /** The place of the item, for one of a mapped task. */
  readonly index: number | undefined
  /** The numbers of its changes, in order. */
  readonly changes: ReadonlyArray<number>
  /** The ids of the items of a mapped task, in the order in which they began. */
  readonly items: ReadonlyArray<number>
}

/** A recorded run, or as much of it as has come so far. */
export interface Run {
  readonly header: TraceLine.Header
  /** Numbered from 0; a cursor of `n` means that the first `n` of them have happened. */
  readonly changes: ReadonlyArray<Change>
  /** When each happened, on an axis that never goes back, as a clock that is set back would. */
  readonly times: ReadonlyArray<number>
  /** The id of the subject of each change. */
  readonly subjectOf: ReadonlyArray<number>
  /** The number of the change before it of the same subject, or -1. */
  readonly previous: ReadonlyArray<number>
  readonly subjects: ReadonlyArray<Subject>
  readonly logs: ReadonlyArray<TraceLine.Log>
  /** How many changes had happened when each log line was printed. */
  readonly logCursor: ReadonlyArray<number>
  readonly end: TraceLine.End | undefined
  /** The time of the end, or of the last line so far, in milliseconds since the start. */
  readonly duration: number
  /** The id of a subject by its key. */
  readonly idOf: (key: string) => number | undefined
  /** How many lines have come: it tells a view whether there is anything new. */
  readonly size: number
}

/** What the flow's own subject is called as a key. */
export const flowKey = "flow"

interface GrowingSubject extends Subject {
  readonly changes: Array<number>
  readonly items: Array<number>
}

/** Builds a run from its lines. */
export class RunBuilder implements Run {
  readonly header: TraceLine.Header
  readonly changes: Array<Change> = []
  readonly times: Array<number> = []
  readonly subjectOf: Array<number> = []
  readonly previous: Array<number> = []
  readonly subjects: Array<GrowingSubject> = []
  readonly logs: Array<TraceLine.Log> = []
  readonly logCursor: Array<number> = []
  end: TraceLine.End | undefined = undefined
  duration = 0
  size = 0
  private readonly ids = new Map<string, number>()
  private readonly nodes = new Map<string, number>()

  constructor(header: TraceLine.Header) {
    this.header = header
    this.addSubject(flowKey, header.flow, -1, undefined)
    for (const [node, { name, slug }] of header.nodes.entries()) {
      this.nodes.set(slug, node)
      const isOnly = header.nodes.every((other, at) => at === node || other.name !== name)
      this.addSubject(keyOf(slug, undefined), isOnly ? name : slug, node, undefined)
    }
  }

  readonly idOf = (key: string): number | undefined => this.ids.get(key)

  /** Adds the next line; a second header begins another run and is refused. */
  add(line: TraceLine.TraceLine): void {
    this.size++
    if ("to" in line) this.addChange(line)
    else if ("log" in line) {
      this.logs.push(line)
      this.logCursor.push(this.changes.length)
      this.duration = Math.max(this.duration, line.at)
    } else if ("end" in line) {
      this.end = line
      this.duration = Math.max(this.duration, line.at)
    } else {
      throw new Error(
        `Cannot add a line to the run of "${this.header.flow}": it begins another run`
      )
    }
  }

  private addChange(change: Change): void {
    const id = this.subjectFor(change)
    if (id === undefined) return
    const { changes } = this.subjects[id]!
    this.previous.push(changes.at(-1) ?? -1)
    changes.push(this.changes.length)
    this.subjectOf.push(id)
    this.changes.push(change)
    this.times.push(Math.max(this.times.at(-1) ?? 0, change.at))
    this.duration = Math.max(this.duration, change.at)
  }

  /** Flows that run within the flow have changes of their own, which are not shown. */
  private subjectFor({ flow, index, task }: Change): number | undefined {
    if (flow !== this.header.flow) return undefined
    if (task === undefined) return 0
    const key = keyOf(task, index)
    const known = this.ids.get(key)
    if (known !== undefined || index === undefined) return known
    const node = this.nodes.get(task)
    if (node === undefined) return undefined
    const parent = this.subjects[node + 1]!
    const id = this.addSubject(key, `${parent.name}[${index}]`, node, index)
    parent.items.push(id)
    return id
  }

  private addSubject(key: string, name: string, node: number, index: number | undefined): number {
    const id = this.subjects.length
    this.subjects.push({ id, key, name, node, index, changes: [], items: [] })
    this.ids.set(key, id)
    return id
  }
}

/** The key of a task, or of one of its items. */
export const keyOf = (slug: string, index: number | undefined): string =>
  index === undefined ? slug : `${slug}[${index}]`

/** Builds a run from all its lines, the header first. */
export const fromLines = (lines: ReadonlyArray<TraceLine.TraceLine>): Run => {
  const [header, ...rest] = lines
  if (header === undefined || !("signalbox" in header)) {
    throw new Error("Cannot open a trace: its first line is no header")
  }
  const run = new RunBuilder(header)
  for (const line of rest) run.add(line)
  return run
}

// -----------------------------------------------------------------------------
// Moments
// -----------------------------------------------------------------------------

/** How many changes have happened at a time, all those at that very time included. */
export const cursorAt = ({ times }: Run, time: number): number => {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** The number of the last change of a subject among the first `cursor`, or -1. */
export const lastChange = ({ subjects }: Run, id: number, cursor: number): number => {
  const changes = subjects[id]?.changes ?? []
  let [low, high] = [0, changes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (changes[middle]! < cursor) low = middle + 1
    else high = middle
  }
  return low === 0 ? -1 : changes[low - 1]!
}

const pending: TraceLine.State = { tag: "Pending" }
const scheduled: TraceLine.State = { tag: "Scheduled" }

/** The state of a subject when the first `cursor` changes have happened. */
export const stateAt = (run: Run, id: number, cursor: number): TraceLine.State => {
  const last = lastChange(run, id, cursor)
  if (last !== -1) return run.changes[last]!.to
  const first = run.subjects[id]?.changes[0]
  return first === undefined ? id === 0 ? scheduled : pending : run.changes[first]!.from
}

/** A state in its printed form: `Running("Starting task run.")`, `Pending()`. */
export const printState = ({ message, tag }: TraceLine.State): string =>
  `${tag}(${message === undefined ? "" : JSON.stringify(message)})`
