/**
 * The runs of one mapped task: which of its items are ready, and what became of each.
 *
 * @module
 */
import type * as FlowGraph from "./FlowGraph.ts"
import type * as Mapping from "./Mapping.ts"
import * as State from "./State.ts"

/** Whether a given state keeps its task from running: a mapped one has items that may not have. */
export const isOver = (state: State.State): boolean =>
  state._tag !== "Pending" && State.isFinished(state) && !State.isMapped(state) &&
  !State.isCached(state)

/** A mapped task that has fanned out. */
export class MappedRun {
  readonly node: FlowGraph.Node
  /** The state that it fanned out with. */
  readonly fannedOut: State.Mapped
  readonly states: Array<State.State>
  readonly plan: Mapping.Plan
  /** The mapped task whose items it maps over, for each dependency on one. */
  private readonly sources: Array<MappedRun | undefined> = []
  /** The mapped tasks of whose items each waits for the item of the same place here. */
  readonly dependents: Array<MappedRun> = []
  /** The tasks that wait for all items here because another of their lists is missing. */
  readonly heldBack: Array<number> = []
  /** How many items of upstream tasks each item waits for. */
  private readonly waiting: Int32Array
  /** How many items were ready from the start, where all were: they go first, and need no list. */
  private fresh = 0
  /** The items that became ready otherwise. */
  private readonly ready: Array<number> = []
  /** How many of the one and the other are taken. */
  private next = 0
  private unfinished: number

  /** `begun` is the state that the items begin with which have none of their own. */
  constructor(
    node: FlowGraph.Node,
    fannedOut: State.Mapped,
    plan: Mapping.Plan,
    begun: State.State
  ) {
    this.node = node
    this.fannedOut = fannedOut
    this.plan = plan
    const { mapStates } = fannedOut
    // The states that were given may be fewer than the items, or more.
    const { nMapStates } = State.isMapped(plan.state) ? plan.state : fannedOut
    // Filled at once and then written over: asking for each item takes several times as long.
    this.states = new Array<State.State>(nMapStates).fill(begun)
    for (let i = 0; i < Math.min(mapStates.length, nMapStates); i++) {
      this.states[i] = mapStates[i] ?? begun
    }
    this.waiting = new Int32Array(nMapStates)
    this.unfinished = nMapStates
  }

  /** Makes each item wait for the item of the same place of a task that is mapped too. */
  dependOn(edge: number, upstream: MappedRun): void {
    this.sources[edge] = upstream
    upstream.dependents.push(this)
    for (let i = 0; i < this.waiting.length; i++) {
      if (!State.isFinished(upstream.states[i]!)) this.waiting[i]!++
    }
  }

  /** Whether all items have ended. */
  get isFinished(): boolean {
    return this.unfinished === 0
  }

  get hasReady(): boolean {
    return this.next < this.fresh + this.ready.length
  }

  /** Takes the first ready item. */
  takeReady(): number {
    const { fresh, ready } = this
    const at = this.next++
    const place = at < fresh ? at : ready[at - fresh]!
    if (!this.hasReady) this.fresh = this.next = ready.length = 0
    return place
  }

  /** Makes an item ready, to begin or to go on. */
  addReady(place: number): void {
    this.ready.push(place)
  }

  /** Makes all items ready that wait for nothing and have not ended. */
  begin(): void {
    if (this.sources.length === 0 && this.unfinished === this.waiting.length) {
      this.fresh = this.unfinished
      return
    }
    for (let i = 0; i < this.waiting.length; i++) {
      if (this.waiting[i] === 0 && !isOver(this.states[i]!)) this.ready.push(i)
    }
  }

  /** Notes that an upstream item has ended; tells whether that made the item here ready. */
  release(place: number): boolean {
    if (place >= this.waiting.length || --this.waiting[place]! > 0) return false
    if (isOver(this.states[place]!)) return false
    this.ready.push(place)
    return true
  }

  /** Notes that an item has ended. */
  finish(place: number, state: State.State): void {
    this.states[place] = state
    this.unfinished--
  }

  /** Whether a dependency gives to each item something of its own, and not the whole to all. */
  hasOwn(edge: number): boolean {
    return this.plan.shares[edge] !== undefined
  }

  /** The state of what a dependency gives to an item; nothing where all items get the whole. */
  stateFor(edge: number, place: number): State.State | undefined {
    const share = this.plan.shares[edge]
    switch (share?._tag) {
      case "Items":
        return share.items[place]!.state
      case "Runs":
        return this.sources[edge]!.states[place]!
      default:
        return share?.state
    }
  }

  /** The value of what a dependency gives to an item, where it {@link hasOwn}. */
  valueFor(edge: number, place: number): unknown {
    const share = this.plan.shares[edge]
    if (share?._tag === "List") return share.values[place]
    if (share?._tag === "Items") return share.items[place]!.value
    return this.stateFor(edge, place)?.result
  }

  /** The state of the task with those of its items; with their results once all have ended. */
  finalState(): State.State {
    const { message } = this.fannedOut
    const result = this.isFinished ? this.states.map((state) => state.result) : undefined
    return State.mapped({ message, mapStates: this.states, result })
  }
}
