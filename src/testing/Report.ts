/**
 * What became of a simulated run, in the form in which tests ask.
 *
 * @module
 */
import type { Duration } from "effect"
import { make as definitionError } from "../DefinitionError.ts"
import type * as Flow from "../Flow.ts"
import type * as FlowGraph from "../FlowGraph.ts"
import * as State from "../State.ts"
import * as StateHandler from "../StateHandler.ts"
import * as Task from "../Task.ts"
import type { Subject, TaskSubject, Transition } from "../Transition.ts"
import type { FaultPlan, Strike } from "./FaultPlan.ts"
import * as Trace from "./Trace.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** One run in simulated time. */
export interface Report<out A, out E = never> {
  readonly seed: number
  /** What went wrong on purpose. */
  readonly faults: FaultPlan
  /** Where it did, as often as the bound of the trace allows. */
  readonly strikes: ReadonlyArray<Strike>
  /** Whether the flow ended, and not the simulation before it. */
  readonly ended: boolean
  /** What became of the flow and its tasks; before the end, as far as they got. */
  readonly run: Flow.Run<A, E>
  /** The last state of the flow. */
  readonly state: State.State<A, E>
  /** How long it took, in virtual time. */
  readonly elapsed: Duration.Duration
  readonly trace: Trace.Trace
  /** The changes of a task, or of the flow itself if none is named, one line for each. */
  readonly transitions: (task?: TaskLike) => ReadonlyArray<string>
  /** The last state of a task. */
  readonly final: (task: TaskLike) => State.State
  /** What a handler was asked, in order; named as in its options, or by its service. */
  readonly handlerCalls: (
    handler: string | { readonly key: string }
  ) => ReadonlyArray<HandlerCalled>
}

/**
 * A task of a flow: its reference or slug, or the task or its name if the flow uses it once;
 * `name[2]` for one item of a mapped task.
 */
export type TaskLike = Parameters<Flow.Run<unknown, unknown>["stateOf"]>[0]

/** One call of a handler. */
export interface HandlerCalled {
  /** Virtual time since the start, in milliseconds. */
  readonly at: number
  readonly subject: Subject
  readonly oldState: State.State
  /** The state it was shown as new. */
  readonly newState: State.State
  /** The state it left. */
  readonly decided: State.State
  /** What went wrong in it. */
  readonly error: unknown
}

// -----------------------------------------------------------------------------
// Recording
// -----------------------------------------------------------------------------

/** The changes of a run while it goes on. */
export interface Recording {
  /** The last change of the flow, under `""`, and of each task, by {@link keyOf}. */
  readonly latest: ReadonlyMap<string, Transition>
  /** The id of the run that was begun first: runs within it are of other flows. */
  readonly flowRunId: () => string | undefined
  readonly changes: () => number
  readonly underWay: () => ReadonlyArray<string>
  readonly trace: () => Trace.Trace
  readonly strikes: ReadonlyArray<Strike>
  readonly add: (change: Transition) => void
  /** Calls a listener whenever a flow run begins. */
  readonly whenBegun: (listener: () => void) => void
  /** Takes down where a fault struck. */
  readonly strike: (strike: Strike) => void
  /** Takes down nothing more. */
  readonly stop: () => void
}

/** Begins a recording that keeps the first changes and the first strikes, as many as `bound`. */
export const record = (start: number, bound: number): Recording => {
  const changes: Array<Transition> = []
  const strikes: Array<Strike> = []
  const latest = new Map<string, Transition>()
  let dropped = 0
  let flowRunId: string | undefined
  let stopped = false
  let begun = (): void => {}
  return {
    latest,
    strikes,
    flowRunId: () => flowRunId,
    changes: () => changes.length + dropped,
    underWay: () =>
      [...latest.values()].flatMap(({ subject, to }) =>
        subject._tag === "Task" && State.isRunning(to) ? [`task "${nameOf(subject)}"`] : []
      ),
    trace: () => ({ start, changes, dropped }),
    add: (change) => {
      if (stopped) return
      if (change.sequence === 0) begun()
      flowRunId ??= change.flowRunId
      if (change.flowRunId === flowRunId) latest.set(keyOf(change.subject), change)
      if (changes.length < bound) changes.push(change)
      else dropped++
    },
    whenBegun: (listener) => {
      begun = listener
    },
    strike: (strike) => {
      if (!stopped && strikes.length < bound) strikes.push(strike)
    },
    stop: () => {
      stopped = true
    }
  }
}

const nameOf = ({ mapIndex, name }: TaskSubject): string => keyOfTask(name, mapIndex)

const keyOf = (subject: Subject): string =>
  subject._tag === "Flow" ? "" : keyOfTask(subject.slug, subject.mapIndex)

const keyOfTask = (slug: string, mapIndex: number | undefined): string =>
  mapIndex === undefined ? slug : `${slug}[${mapIndex}]`

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

/** Makes the report; `run` is what the flow gave, if it ended. */
export const make = <A, E>(
  flow: Flow.Flow<never, A, E, never>,
  recording: Recording,
  given: {
    readonly seed: number
    readonly faults: FaultPlan
    readonly elapsed: Duration.Duration
    readonly run: Flow.Run<A, E> | undefined
  }
): Report<A, E> => {
  const trace = recording.trace()
  const run = given.run ?? runSoFar(flow, recording)
  const changesOf = (task: TaskLike | undefined) => {
    const key = task === undefined ? "" : keyFrom(flow.graph, task, recording)
    return trace.changes.filter((change) =>
      change.flowRunId === recording.flowRunId() && keyOf(change.subject) === key
    )
  }
  return {
    seed: given.seed,
    faults: given.faults,
    strikes: recording.strikes,
    ended: given.run !== undefined,
    run,
    state: run.state,
    elapsed: given.elapsed,
    trace,
    transitions: (task) => changesOf(task).map((change) => Trace.formatChange(trace.start, change)),
    final: (task) =>
      recording.latest.get(keyFrom(flow.graph, task, recording))?.to ?? State.pending(),
    handlerCalls: (handler) => {
      const name = typeof handler === "string" ? handler : handler.key
      const calls = trace.changes.flatMap((change) => callsOf(trace.start, change, name))
      // Those in scope for everything are known by their calls alone, and hear of the first change.
      if (calls.length === 0 && trace.changes.length > 0) checkHandler(flow, trace, name)
      return calls
    }
  }
}

const checkHandler = (flow: Flow.Any, { changes }: Trace.Trace, name: string): void => {
  const lists = [flow.handlers, ...flow.graph.nodes.map(({ task }) => task.policies.handlers)]
  const defined = lists.flat().map((handler) =>
    StateHandler.isStateHandler(handler) ? handler.name : handler.key
  )
  const called = changes.flatMap(({ handlers }) => handlers.map(({ handler }) => handler))
  const known = new Set([...defined, ...called])
  if (!known.has(name)) throw refuse(flow.name, `it has no handler "${name}"`, [...known])
}

const callsOf = (
  start: number,
  { at, from, handlers, subject }: Transition,
  name: string
): ReadonlyArray<HandlerCalled> =>
  handlers.filter(({ handler }) => handler === name).map(({ decided, error, proposed }) => ({
    at: at - start,
    subject,
    oldState: from,
    newState: proposed,
    decided,
    error
  }))

/** What became of a flow that did not end. */
const runSoFar = <A, E>(
  { graph }: Flow.Flow<never, A, E, never>,
  recording: Recording
): Flow.Run<A, E> => {
  const { flowRunId, latest } = recording
  const stateOf = (key: string): State.State<any, any> => latest.get(key)?.to ?? State.pending()
  return {
    flow: graph.flow,
    flowRunId: flowRunId() ?? "",
    state: latest.get("")?.to as State.State<A, E> ?? State.scheduled(),
    tasks: graph.nodes.map(({ slug, subject }) => ({
      name: subject.name,
      slug,
      state: stateOf(slug)
    })),
    stateOf: (task) => stateOf(keyFrom(graph, task, recording))
  }
}

const item = /^(.+)\[(\d+)\]$/

const keyFrom = (
  graph: FlowGraph.FlowGraph,
  task: TaskLike,
  { latest }: Pick<Recording, "latest">
): string => {
  if (Task.isRef(task)) return task.slug
  const [, name, index] = typeof task === "string" ? item.exec(task) ?? [] : []
  if (name === undefined) return slugOf(graph, task)
  const slug = slugOf(graph, name)
  if (!graph.nodes[graph.indexBySlug.get(slug)!]!.isMapped) {
    throw refuse(graph.flow, `task "${slug}" is not mapped and has no item`, [index!])
  }
  const state = latest.get(slug)?.to
  const count = state !== undefined && State.isMapped(state) ? state.nMapStates : undefined
  if (count !== undefined && Number(index) >= count) {
    throw refuse(graph.flow, `task "${slug}" has ${count} items`, [index!])
  }
  return keyOfTask(slug, Number(index))
}

const slugOf = (graph: FlowGraph.FlowGraph, task: unknown): string => {
  if (typeof task === "string" && graph.indexBySlug.has(task)) return task
  const found = graph.nodes.filter((node) => node.task === task || node.subject.name === task)
  if (found.length === 1) return found[0]!.slug
  const reason = found.length === 0
    ? `it has no task "${task}"`
    : `it has ${found.length} tasks "${task}"; name one by its slug`
  throw refuse(
    graph.flow,
    reason,
    (found.length === 0 ? graph.nodes : found).map(({ slug }) => slug)
  )
}

const shown = 20

const refuse = (flow: string, reason: string, values: ReadonlyArray<string>) =>
  definitionError(
    `Cannot read a report of flow "${flow}"`,
    reason,
    values.slice(0, shown).join(", ")
  )
