/**
 * What is ready, what is due next, and what each run that was left makes ready in turn.
 *
 * @module
 */
import { Array as Arr } from "effect"
import { type Due, DueQueue } from "./DueQueue.ts"
import type * as FlowGraph from "./FlowGraph.ts"
import { isOver, MappedRun } from "./MappedRun.ts"
import * as Mapping from "./Mapping.ts"
import type { ReadyQueue } from "./ReadyQueue.ts"
import * as State from "./State.ts"
import type { FlowRunInfo } from "./StateChange.ts"
import { TaskRun } from "./TaskRun.ts"

// A handler may send its task back a few times; one that always does would make the flow spin, so
// after this many times without anything else moving the task counts as stuck.
const maxReturns = 100

/** The state of each task of a flow run, and what follows from it. */
export class Agenda {
  /** The current state of each task, by its place. */
  readonly states: Array<State.State>
  private readonly flow: FlowRunInfo
  private readonly graph: FlowGraph.FlowGraph
  /** How many releases by upstream tasks each task waits for. */
  private readonly waiting: Int32Array
  private readonly ready: ReadyQueue
  private readonly due = new DueQueue<DueRun>()
  /** The runs that have begun and wait, by the place of their task and of their item. */
  private readonly parked = new Map<string | number, TaskRun>()
  private readonly mapped = new Map<number, MappedRun>()
  /** The runs that were sent back at once without having run; they go behind all others. */
  private sentBack: Array<TaskRun> = []
  private unfinished: number
  /** Whether no task has ended as anything but `Success` so far. */
  hasOnlySuccess = true

  constructor(flow: FlowRunInfo) {
    const { graph } = flow
    this.flow = flow
    this.graph = graph
    this.states = new Array(graph.nodes.length).fill(State.pending())
    this.waiting = graph.waitsFor.slice()
    this.ready = graph.roots.copy()
    this.unfinished = graph.nodes.length
  }

  /** Takes over the states that tasks begin with; what has ended with them is not run. */
  begin(given: ReadonlyMap<number, State.State>): void {
    for (const index of this.graph.constants) {
      this.states[index] = State.success({ result: this.graph.nodes[index]!.constant!.value })
    }
    for (const [index, state] of given) this.states[index] = this.adopt(state)
    const begun = new Set([...this.graph.constants, ...given.keys()])
    for (const index of begun) {
      if (!isOver(this.states[index]!)) continue
      this.ready.remove(index)
      this.finish(index)
    }
  }

  /** A state that was given from outside, with nothing left open. */
  private adopt(state: State.State): State.State {
    return State.takeOver(State.unwrap(state), {
      now: this.flow.now,
      runCount: 1,
      loopCount: undefined
    })
  }

  /** Leaves the tasks as they are: the flow does not get to them. */
  skip(): void {
    this.states.fill(State.pending({ message: "Task not run." }))
  }

  /** Whether a run can be taken. */
  get hasReady(): boolean {
    return this.ready.first() !== -1
  }

  /** Whether all tasks have ended. */
  get isFinished(): boolean {
    return this.unfinished === 0
  }

  /** The next time at which a run is due, in milliseconds since 1970. */
  get nextTime(): number | undefined {
    const { due } = this
    // What has gone on since keeps nobody waiting.
    while (due.next !== undefined && !isDue(due.next)) due.take()
    return due.next?.time
  }

  /** Takes the first run that is ready or due, if any; the caller brings it back by {@link settle}. */
  take(): TaskRun | undefined {
    if (this.due.size > 0) this.takeDue()
    const index = this.ready.first()
    if (index === -1) return undefined
    const node = this.graph.nodes[index]!
    const mapped = node.isMapped ? this.mapped.get(index) : undefined
    const place = mapped?.takeReady()
    if (mapped?.hasReady !== true) this.ready.remove(index)
    const state = (mapped ?? this).states[place ?? index]!
    // The run that waited, or a new one at its first step, which is where most begin.
    const parked = this.parked.size === 0 ? undefined : this.unpark(keyOf(index, place))
    const run = parked ?? new TaskRun(this.flow, node, mapped, place)
    if (run === parked || run.state !== state) run.start(state)
    return run
  }

  private unpark(key: string | number): TaskRun | undefined {
    const run = this.parked.get(key)
    this.parked.delete(key)
    return run
  }

  /** Makes ready what is due. */
  takeDue(): void {
    const { due } = this
    while (due.next !== undefined && due.next.time <= this.flow.now()) {
      const next = due.take()!
      if (isDue(next)) this.addReady(next.run)
    }
  }

  /** Makes a run ready that waits; one that was made so before, or is under way, has its turn. */
  private addReady(run: TaskRun): void {
    if (run.waits !== true) return
    run.waits = false
    const { index } = run.node
    if (run.mapIndex !== undefined) this.mapped.get(index)!.addReady(run.mapIndex)
    this.ready.add(index)
  }

  /** Takes over what a run was left in, and lets begin what waited for it. */
  settle(run: TaskRun): void {
    const { mapIndex, node, state } = run
    if (!State.isFinished(state)) this.park(run)
    else if (mapIndex !== undefined) this.finishItem(run.mapped!, mapIndex, state)
    else if (run.isFanOut && State.isMapped(state)) this.fanOut(run, state)
    else {
      this.states[node.index] = state
      this.finish(node.index)
    }
  }

  /** Lets all tasks begin that waited for nothing but this one. */
  private finish(index: number): void {
    this.unfinished--
    if (this.states[index]!._tag !== "Success") this.hasOnlySuccess = false
    if (this.sentBack.length > 0) this.noteProgress()
    this.release(index, this.graph.nodes[index]!.isMapped && this.mapped.has(index) ? 0 : undefined)
  }

  /** Releases what depends on a task: the early dependencies, the others (0), or all. */
  private release(index: number, which: 0 | 1 | undefined): void {
    const { downstream, early, offsets } = this.graph
    for (let i = offsets[index]!; i < offsets[index + 1]!; i++) {
      if (which !== undefined && early[i] !== which) continue
      const next = downstream[i]!
      if (--this.waiting[next]! === 0 && !isOver(this.states[next]!)) this.admit(next)
    }
  }

  /** Makes a task ready that nothing stands in the way of any more. */
  private admit(index: number): void {
    const node = this.graph.nodes[index]!
    if (!node.isMapped || Mapping.canFanOut(node, this.states)) return this.ready.add(index)
    // Its trigger will be asked about the items of its other lists: those must have ended.
    const underWay = node.upstream.filter((up) => this.mapped.get(up)?.isFinished === false)
    if (underWay.length === 0) return this.ready.add(index)
    this.waiting[index] = underWay.length
    for (const up of underWay) this.mapped.get(up)!.heldBack.push(index)
  }

  private fanOut(run: TaskRun, state: State.Mapped): void {
    const { index } = run.node
    const begun = this.adopt(State.isMapped(run.begun) ? State.pending() : run.begun)
    const mapped = new MappedRun(run.node, state, run.plan!, begun)
    this.states[index] = state
    this.mapped.set(index, mapped)
    for (const [edge, share] of mapped.plan.shares.entries()) {
      if (share?._tag === "Runs") mapped.dependOn(edge, this.mapped.get(share.upstream)!)
    }
    // Those without a state of their own begin with one that waits for nothing.
    for (const place of state.mapStates.keys()) {
      const given = mapped.states[place]
      if (given === undefined) break
      mapped.states[place] = this.adopt(given)
      if (isOver(given)) mapped.finish(place, given)
    }
    mapped.begin()
    this.release(index, 1)
    if (mapped.isFinished) this.finishMapped(mapped)
    else if (mapped.hasReady) this.ready.add(index)
  }

  private finishItem(mapped: MappedRun, place: number, state: State.State): void {
    mapped.finish(place, state)
    if (this.sentBack.length > 0) this.noteProgress()
    const { dependents } = mapped
    for (let i = 0; i < dependents.length; i++) {
      if (dependents[i]!.release(place)) this.ready.add(dependents[i]!.node.index)
    }
    if (mapped.isFinished) this.finishMapped(mapped)
  }

  private finishMapped(mapped: MappedRun): void {
    this.states[mapped.node.index] = mapped.finalState()
    this.finish(mapped.node.index)
    for (const index of mapped.heldBack) if (--this.waiting[index]! === 0) this.ready.add(index)
  }

  /** Lets a run wait for what its state says. */
  private park(run: TaskRun): void {
    this.keep(run)
    const { state } = run
    const inner = State.unwrap(state)
    const time = State.dueTime(inner)
    const isSentBack = inner._tag === "Pending" || State.isFinished(inner) ||
      (time !== undefined && time <= this.flow.now() && !run.bodyRan)
    if (isSentBack) this.sentBack.push(run)
    else if (time !== undefined) this.due.add({ time, order: 0, run, state })
  }

  private keep(run: TaskRun): void {
    const { mapIndex, node, state } = run
    run.waits = true
    this.parked.set(keyOf(node.index, mapIndex), run)
    if (mapIndex === undefined) this.states[node.index] = state
    else this.mapped.get(node.index)!.states[mapIndex] = state
  }

  /** Lets a run go on that was approved. */
  resume(run: TaskRun): void {
    this.sentBack = this.sentBack.filter((other) => other !== run)
    this.keep(run)
    this.addReady(run)
  }

  /** The runs that have begun and wait. */
  get waitingRuns(): ReadonlyArray<TaskRun> {
    return [...this.parked.values()]
  }

  /** Something has moved, so what was sent back is worth another try. */
  private noteProgress(): void {
    for (const run of this.sentBack.splice(0)) {
      run.returns = 0
      this.addReady(run)
    }
  }

  /**
   * Tries again what was sent back although nothing else can move, until each was so often that
   * it always will be; tells whether there is anything to try.
   */
  retrySentBack(): boolean {
    const { sentBack } = this
    const again = sentBack.filter((run) => run.returns < maxReturns)
    this.sentBack = sentBack.filter((run) => run.returns >= maxReturns)
    for (const run of again) {
      run.returns++
      this.addReady(run)
    }
    return again.length > 0
  }

  /** What waits for what, of all that has not ended. */
  whatWaits(): ReadonlyArray<string> {
    const runs = Arr.groupBy(this.waitingRuns, ({ node }) => `${node.index}`)
    return this.graph.nodes
      .filter((node) => !this.hasEnded(node.index))
      .map((node) => this.reasonToWait(node, runs[`${node.index}`]))
  }

  /** Lets the states of mapped tasks tell how far their items are, where the flow ends before them. */
  settleMapped(): void {
    for (const [index, mapped] of this.mapped) this.states[index] = mapped.finalState()
  }

  /** Whether a task has ended, and all items of a mapped one. */
  private hasEnded(index: number): boolean {
    return State.isFinished(this.states[index]!) && this.mapped.get(index)?.isFinished !== false
  }

  private reasonToWait(
    { slug, upstream }: FlowGraph.Node,
    runs: ReadonlyArray<TaskRun> = []
  ): string {
    const blocking = upstream.filter((up) => !this.hasEnded(up))
    if (blocking.length > 0) {
      const names = blocking.map((up) => `"${this.graph.nodes[up]!.slug}"`)
      return `"${slug}" waits for ${names.join(" and ")}`
    }
    return runs.map((run) => reasonOf(run)).join("; ")
  }
}

/** A run that may go on at a time, if it is in the same state then. */
interface DueRun extends Due {
  readonly run: TaskRun
  readonly state: State.State
}

const isDue = ({ run, state }: DueRun): boolean => run.state === state

const keyOf = (index: number, mapIndex: number | undefined): string | number =>
  mapIndex === undefined ? index : `${index}[${mapIndex}]`

const reasonOf = ({ item, node, returns, state }: TaskRun): string => {
  const name = `"${node.slug}${item}"`
  if (State.isPaused(state)) return `${name} is ${state} and waits for an approval`
  if (returns >= maxReturns) {
    return `${name} was sent back to ${state} ${maxReturns} times in a row`
  }
  return `${name} was left in ${state} with no time to go on`
}
