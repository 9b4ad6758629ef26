/**
 * The states of all that a graph shows, at a moment that moves: each move tells what has changed, so
 * that nothing else has to be drawn again.
 */
import { families, type Family, lookOf } from "../run/StateLook.ts"
import type { Run } from "../run/Run.ts"

/** What a move has changed. */
export interface Moved {
  /** The places of the tasks in the header. */
  readonly nodes: ReadonlySet<number>
  /** Of mapped tasks, the places of the items that are in a state of another family now. */
  readonly cells: ReadonlyMap<number, ReadonlyArray<number>>
}

/** More items of one task than this are counted, but not drawn one by one. */
const mostItems = 20_000

/** The states of a run, at its beginning first. */
export class GraphStates {
  readonly run: Run
  cursor = 0
  /** The number of the last change of each subject. */
  private readonly last: Array<number> = []
  /** The place in the list of families of the state of each subject; -1 before its first change. */
  private readonly family: Array<number> = []
  private readonly familyOfTag = new Map<string, number>()
  /** How many items of each task are in a state of each family, of those that have begun. */
  private readonly counts: ReadonlyArray<Int32Array>
  /** How many items of each task there are by the end of the run. */
  private readonly itemCounts: Array<number>
  /** The subject of each item of each task. */
  private readonly items: ReadonlyArray<Array<number>>
  private known = 0
  private readonly seen: Array<number> = []
  private moves = 0

  constructor(run: Run) {
    this.run = run
    this.counts = run.header.nodes.map(() => new Int32Array(families.length))
    this.itemCounts = run.header.nodes.map(() => 0)
    this.items = run.header.nodes.map(() => [])
    this.grow()
  }

  /** Takes in subjects that are new; says which mapped tasks have more items than before. */
  grow(): ReadonlySet<number> {
    const { subjects } = this.run
    const grown = new Set<number>()
    for (; this.known < subjects.length; this.known++) {
      const { id, index, node } = subjects[this.known]!
      this.last[id] = -1
      this.family[id] = -1
      this.seen[id] = 0
      if (index === undefined) continue
      if (index < mostItems) this.items[node]![index] = id
      this.itemCounts[node] = Math.max(this.itemCounts[node]!, Math.min(index + 1, mostItems))
      grown.add(node)
    }
    return grown
  }

  /** Goes to another moment. */
  move(cursor: number): Moved {
    const touched = this.touched(cursor)
    const nodes = new Set<number>()
    const cells = new Map<number, Array<number>>()
    for (const id of touched) {
      const { index, node } = this.run.subjects[id]!
      if (node === -1) continue
      nodes.add(node)
      const [before, after] = [this.family[id]!, this.familyAt(this.last[id]!)]
      this.family[id] = after
      if (index === undefined) continue
      const changed = cells.get(node)
      if (changed === undefined) cells.set(node, [index])
      else changed.push(index)
      const counts = this.counts[node]!
      if (before !== -1) counts[before]!--
      if (after !== -1) counts[after]!++
    }
    return { nodes, cells }
  }

  /** Each subject once that has changes between there and here. */
  private touched(cursor: number): ReadonlyArray<number> {
    const { previous, subjectOf } = this.run
    const touched: Array<number> = []
    const move = ++this.moves
    const touch = (id: number, last: number): void => {
      this.last[id] = last
      if (this.seen[id] === move) return
      this.seen[id] = move
      touched.push(id)
    }
    for (; this.cursor < cursor; this.cursor++) touch(subjectOf[this.cursor]!, this.cursor)
    while (this.cursor > cursor) {
      this.cursor--
      touch(subjectOf[this.cursor]!, previous[this.cursor]!)
    }
    return touched
  }

  private familyAt(change: number): number {
    if (change === -1) return -1
    const { tag } = this.run.changes[change]!.to
    const known = this.familyOfTag.get(tag)
    if (known !== undefined) return known
    const found = families.indexOf(lookOf(tag).family)
    this.familyOfTag.set(tag, found)
    return found
  }

  /** How many items a mapped task has by the end of the run. */
  itemCount(node: number): number {
    return this.itemCounts[node]!
  }

  /** The family of the state of an item. */
  familyOf(node: number, item: number): Family {
    const id = this.items[node]![item]
    return families[id === undefined ? -1 : this.family[id]!] ?? "waiting"
  }

  /** Whether a task goes from state to state at all; what stands for a literal need not. */
  hasStates(node: number): boolean {
    return this.run.header.nodes[node]!.kind !== "constant" ||
      this.run.subjects[node + 1]!.changes.length > 0
  }

  /** The kind of the state of a task, or of one of its items, and the attempt that it is in. */
  stateOf(node: number, item?: number): { readonly tag: string; readonly attempt: number } {
    const id = item === undefined ? node + 1 : this.items[node]![item]
    const last = id === undefined ? -1 : this.last[id]!
    if (id !== undefined && last === -1) {
      const first = this.run.subjects[id]!.changes[0]
      const tag = first === undefined ? "Pending" : this.run.changes[first]!.from.tag
      return { tag, attempt: 1 }
    }
    const change = this.run.changes[last]
    return { tag: change?.to.tag ?? "Pending", attempt: change?.run ?? 1 }
  }

  /** How many items are in a state of each family, as soon as the task has fanned out. */
  countsOf(node: number): Readonly<Partial<Record<Family, number>>> {
    const counts = this.counts[node]!
    const found: Partial<Record<Family, number>> = {}
    let begun = 0
    for (const [i, count] of counts.entries()) {
      begun += count
      if (count > 0) found[families[i]!] = count
    }
    const hasFannedOut = begun > 0 || this.stateOf(node).tag === "Mapped"
    const unborn = this.itemCounts[node]! - begun
    if (hasFannedOut && unborn > 0) found.waiting = (found.waiting ?? 0) + unborn
    return found
  }
}
