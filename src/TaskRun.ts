/**
 * One task on its way through the steps, and what its body can ask of it.
 *
 * @module
 */
import type { DateTime, Duration, Pull } from "effect"
import * as FlowGraph from "./FlowGraph.ts"
import * as Mapping from "./Mapping.ts"
import type { RunContext } from "./RunContext.ts"
import type { MappedRun } from "./MappedRun.ts"
import * as State from "./State.ts"
import type { Changing, FlowRunInfo } from "./StateChange.ts"
import type * as HandlerRunner from "./HandlerRunner.ts"
import { type HandlerCall, type Subject, taskSubject } from "./Transition.ts"

type ScheduleStep = (
  now: number,
  input: unknown
) => Pull.Pull<[unknown, Duration.Duration], never, unknown>

const pending = State.pending()

/** A task on its way through the steps; it is also what the body sees as its run context. */
export class TaskRun implements RunContext, Changing {
  // There is one for each task: what the constructor sets is not set to nothing before, and fields
  // with a value would be set by a function of their own.
  declare readonly flow: FlowRunInfo
  declare readonly node: FlowGraph.Node
  declare readonly handlers: ReadonlyArray<HandlerRunner.Resolved>
  /** The mapped task that it is one item of. */
  declare readonly mapped: MappedRun | undefined
  declare readonly mapIndex: number | undefined
  /** Whether this run only fans out: the items of a mapped task have runs of their own. */
  declare readonly isFanOut: boolean
  declare readonly subject: Subject
  /** Whether its body has run since it was started. */
  declare bodyRan: boolean
  /** How often in a row it was sent back while nothing else moved. */
  declare returns: number
  /** What the effect that the task runner gave last is for. */
  declare awaiting: "body" | "step" | "change"
  declare state: State.State
  /** The state that it was started with. */
  declare begun: State.State
  /** The state before the change that handlers are asked about. */
  declare from: State.State
  declare runCount: number
  declare resume: boolean
  /** The place of the next step. */
  declare step: number
  /** Whether the run is over, whatever steps are left. */
  declare ended: boolean

  // What few runs need takes no room in the others.

  /** Whether it waits to be made ready, and may be approved if it is paused. */
  declare waits: boolean | undefined
  /** How a mapped task fans out, once that is decided. */
  declare plan: Mapping.Plan | undefined
  declare log: ReadonlyArray<HandlerCall> | undefined
  declare loopCount: number | undefined
  declare loopResult: unknown
  declare scheduleStep: ScheduleStep | undefined
  /** The state that the policies of the task made for another attempt: it goes on where it was. */
  declare retried: State.State | undefined

  constructor(
    flow: FlowRunInfo,
    node: FlowGraph.Node,
    mapped?: MappedRun,
    mapIndex?: number
  ) {
    this.flow = flow
    this.node = node
    this.handlers = flow.handlerLists[node.handlerList]!
    this.mapped = mapped
    this.mapIndex = mapIndex
    this.isFanOut = node.isMapped && mapped === undefined
    this.subject = mapIndex === undefined ? node.subject : taskSubject(node.subject, mapIndex)
    this.bodyRan = false
    this.returns = 0
    this.awaiting = "step"
    this.state = pending
    this.begun = pending
    this.runCount = 1
    this.resume = false
    this.step = 0
    this.ended = false
  }

  /** Puts the run at its first step, with the state that it starts from. */
  start(state: State.State): void {
    const from = State.unwrap(state)
    this.begun = from
    this.state = from
    this.step = 0
    this.ended = false
    this.bodyRan = false
    // What handlers made of an earlier change is no part of what comes next.
    this.log = undefined
    this.runCount = runCountOf(from)
    if (from !== this.retried) {
      this.loopCount = undefined
      this.loopResult = undefined
      this.scheduleStep = undefined
    }
    this.resume = State.isResume(from) ||
      (State.isPaused(from) && (State.dueTime(from) ?? Number.POSITIVE_INFINITY) <= this.now())
  }

  /** The state of what a dependency gives to this run alone; nothing where it gives the whole. */
  itemState(edge: number): State.State | undefined {
    return this.mapped?.stateFor(edge, this.mapIndex!)
  }

  /** The state that triggers and skips look at for a dependency. */
  upstreamState(edge: number): State.State {
    return this.itemState(edge) ?? this.flow.states[this.node.edges[edge]!.upstream]!
  }

  now(): number {
    return this.flow.now()
  }

  /** A state as this run takes it over, with nothing left open. */
  adopt(state: State.State): State.State {
    // A handler may have taken its time.
    this.flow.timePassed()
    return State.takeOver(state, this)
  }

  /** What follows a name for one item of a mapped task, such as `[3]`. */
  get item(): string {
    return this.mapIndex === undefined ? "" : `[${this.mapIndex}]`
  }
  get flowName(): string {
    return this.flow.graph.flow
  }
  get flowRunId(): string {
    return this.flow.flowRunId
  }
  get parameters(): Readonly<Record<string, unknown>> {
    return this.flow.parameters
  }
  get checkpointing(): boolean {
    return this.flow.checkpointing
  }
  get values(): Readonly<Record<string, unknown>> {
    return this.flow.values
  }
  get scheduledStartTime(): DateTime.Utc {
    return this.flow.scheduledStartTime
  }
  get date(): DateTime.Utc {
    return this.flow.date
  }
  get taskName(): string {
    return this.node.subject.name
  }
  get taskFullName(): string {
    return this.taskName + this.item
  }
  get taskSlug(): string {
    return this.node.slug
  }
  get taskTags(): ReadonlyArray<string> {
    return this.node.subject.tags
  }
  get taskRunId(): string {
    return `${this.flowRunId}/${this.taskSlug}${this.item}/${this.runCount}`
  }
}

/** An attempt after a retry counts on; what waited during an attempt keeps its count. */
const runCountOf = (state: State.State): number => {
  if (state._tag === "Pending") return 1
  if (State.isRetrying(state)) return (state.runCount ?? 1) + 1
  return State.isPending(state) && "runCount" in state ? state.runCount ?? 1 : 1
}

const noInputs: Readonly<Record<string, unknown>> = Object.freeze({})

/** The inputs of a run, by key, from the results of the tasks that it depends on. */
export const inputsOf = (run: TaskRun): Readonly<Record<string, unknown>> => {
  const list = run.node.inputs
  if (list.length === 0) return noInputs
  const inputs: Record<string, unknown> = {}
  for (let i = 0; i < list.length; i++) inputs[list[i]!.key] = inputOf(run, list[i]!)
  return inputs
}

const inputOf = (run: TaskRun, { edge, flatten, source }: FlowGraph.Input): unknown => {
  const { flow, mapped } = run
  if (edge >= 0 && mapped?.hasOwn(edge) === true) return mapped.valueFor(edge, run.mapIndex!)
  if (source._tag !== "Result") {
    return FlowGraph.read(source, (index) => flow.states[index]!.result)
  }
  const state = flow.states[source.index]!
  return flatten ? Mapping.flattenResult(state) : state.result
}
