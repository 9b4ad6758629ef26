/**
 * One change of state of one run: the handlers decide what it becomes, then the observers are told.
 *
 * @module
 */
import { type DateTime, Effect, Exit } from "effect"
import type * as CachePolicy from "./CachePolicy.ts"
import type { Executor } from "./Executor.ts"
import type * as FlowGraph from "./FlowGraph.ts"
import type { ResultStore } from "./ResultStore.ts"
import { isState, type State } from "./State.ts"
import * as HandlerRunner from "./HandlerRunner.ts"
import type { HandlerCall, Observer, Transition } from "./Transition.ts"

/** What all runs of one flow run share. */
export interface FlowRunInfo {
  readonly graph: FlowGraph.FlowGraph
  /** The handlers of each list of the graph, ready to be called. */
  readonly handlerLists: ReadonlyArray<ReadonlyArray<HandlerRunner.Resolved>>
  readonly flowRunId: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, unknown>>
  readonly scheduledStartTime: DateTime.Utc
  readonly date: DateTime.Utc
  /** The current state of each task, by its place. */
  readonly states: ReadonlyArray<State>
  readonly observers: ReadonlyArray<Observer>
  readonly executor: Executor
  readonly cache: CachePolicy.Cache
  readonly resultStore: ResultStore
  /** Whether results are written. */
  readonly checkpointing: boolean
  /** The time, in milliseconds since 1970. */
  readonly now: () => number
  /** Lets the clock be read again: what has just happened may have taken long. */
  readonly timePassed: () => void
  /** The place of the next change among the changes of the flow run. */
  sequence: number
}

/** A run of a task or of a flow, as far as its changes of state go. */
export interface Changing extends HandlerRunner.Change {
  readonly flow: FlowRunInfo
  readonly handlers: ReadonlyArray<HandlerRunner.Resolved>
  readonly runCount: number
  state: State
  from: State
}

const noCalls: ReadonlyArray<HandlerCall> = []

/**
 * Lets the handlers decide on a proposed state, and tells the observers what it became.
 *
 * Gives nothing when that was done at once. The state that the run is in is no change.
 */
export const change = (
  run: Changing,
  before: State,
  proposal: State
): Effect.Effect<void> | undefined => {
  if (proposal === before) return undefined
  // Most proposals have nothing that could be left open.
  const isWhole = proposal._tag === "Success" || proposal._tag === "Running"
  const proposed = isWhole ? proposal : run.adopt(proposal)
  run.from = before
  if (run.handlers.length === 0) {
    run.state = proposed
    return observe(run, before, proposed)
  }
  return ask(run, proposed)
}

// A function with a closure in it pays for one at each call: the hot ones have none.

const ask = (run: Changing, proposed: State): Effect.Effect<void> | undefined => {
  run.log = run.flow.observers.length === 0 ? undefined : noCalls
  const settled = HandlerRunner.settle(run.handlers, run, proposed)
  return isState(settled) ? take(run, proposed, settled) : takeAfter(run, proposed, settled)
}

const takeAfter = (
  run: Changing,
  proposed: State,
  settled: Effect.Effect<State>
): Effect.Effect<void> =>
  Effect.flatMap(settled, (left) => take(run, proposed, left) ?? Effect.void)

const take = (
  run: Changing,
  proposed: State,
  settled: State
): Effect.Effect<void> | undefined => {
  run.flow.timePassed()
  run.state = settled
  return observe(run, run.from, proposed)
}

/** Tells all observers, one after the other; gives nothing when all of them answered at once. */
export const observe = (
  run: Changing,
  from: State,
  proposed: State
): Effect.Effect<void> | undefined => {
  const { flow } = run
  if (flow.observers.length === 0) return undefined
  const transition: Transition = {
    flow: flow.graph.flow,
    flowRunId: flow.flowRunId,
    sequence: flow.sequence++,
    at: flow.now(),
    subject: run.subject,
    runCount: run.runCount,
    from,
    proposed,
    to: run.state,
    handlers: run.log ?? noCalls
  }
  for (let i = 0; i < flow.observers.length; i++) {
    const told = flow.observers[i]!(transition)
    // What most observers answer with; the general question costs more.
    if (told === Effect.void) continue
    if (!Exit.isExit(told) || Exit.isFailure(told)) {
      return tellOthers(told, flow.observers.slice(i + 1), transition)
    }
  }
  return undefined
}

const tellOthers = (
  told: Effect.Effect<void>,
  others: ReadonlyArray<Observer>,
  transition: Transition
): Effect.Effect<void> =>
  // What is settled is told to all of them, although the run is interrupted meanwhile.
  Effect.uninterruptible(others.reduce(
    (rest, observer) => Effect.andThen(rest, Effect.suspend(() => observer(transition))),
    told
  ))
