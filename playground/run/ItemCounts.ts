/**
 * How many items of a mapped task are in which states at any moment, without looking at each item.
 */
import type { Run } from "./Run.ts"
import { families, type Family, lookOf } from "./StateLook.ts"
import { firstAtLeast } from "./TimeAxis.ts"

/** How many items there are of each family, in the order of `families`. */
export type ItemCounts = ReadonlyArray<number>

/** All counts are written down after so many changes; those between are counted from there. */
const stride = 128
const places = new Map<Family, number>(families.map((family, place) => [family, place]))
const placeOf = (tag: string): number => places.get(lookOf(tag).family)!

/** The changes of all items of one task. */
class Items {
  private readonly changes: Array<number> = []
  /** The family before each change, or -1 for the first one of an item. */
  private readonly from: Array<number> = []
  private readonly to: Array<number> = []
  private readonly latest = new Array<number>(families.length).fill(0)
  private readonly kept: Array<ReadonlyArray<number>> = []

  add(change: number, from: number, to: number): void {
    if (this.changes.length % stride === 0) this.kept.push([...this.latest])
    this.changes.push(change)
    this.from.push(from)
    this.to.push(to)
    move(this.latest, from, to)
  }

  at(cursor: number): ItemCounts {
    const end = firstAtLeast(this.changes, cursor)
    const key = Math.min(Math.floor(end / stride), this.kept.length - 1)
    if (key < 0) return this.latest
    const counts = [...this.kept[key]!]
    for (let at = key * stride; at < end; at++) move(counts, this.from[at]!, this.to[at]!)
    return counts
  }
}

const move = (counts: Array<number>, from: number, to: number): void => {
  if (from !== -1) counts[from]!--
  counts[to]!++
}

interface Known {
  readonly nodes: Map<number, Items>
  seen: number
}

const known = new WeakMap<Run, Known>()
const none: ItemCounts = families.map(() => 0)

/** The counts of the items of the task at a place of the header, of those that have begun. */
export const itemCountsAt = (run: Run, node: number, cursor: number): ItemCounts => {
  const entry = known.get(run) ?? { nodes: new Map<number, Items>(), seen: 0 }
  known.set(run, entry)
  for (; entry.seen < run.changes.length; entry.seen++) {
    const subject = run.subjects[run.subjectOf[entry.seen]!]!
    if (subject.index === undefined) continue
    const items = entry.nodes.get(subject.node) ?? new Items()
    entry.nodes.set(subject.node, items)
    const previous = run.previous[entry.seen]!
    const from = previous === -1 ? -1 : placeOf(run.changes[previous]!.to.tag)
    items.add(entry.seen, from, placeOf(run.changes[entry.seen]!.to.tag))
  }
  return entry.nodes.get(node)?.at(cursor) ?? none
}
