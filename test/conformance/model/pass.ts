/**
 * One pass of the flow runner over all tasks.
 *
 * @module
 */
import type { ModelGraph, ModelTask } from "./graph.ts"
import { isMeant } from "./handlers.ts"
import { fanOut, flattenWhole, prepare } from "./mapping.ts"
import { type FlowRun, push } from "./run.ts"
import {
  brief,
  full,
  given as givenState,
  isFailed,
  isFinished,
  isMapped,
  isSuccessful,
  make,
  type ModelState
} from "./states.ts"
import { type Given, itemsOf, runTask } from "./taskRun.ts"
import { Raised } from "./thrown.ts"

/** The states of all tasks by their names. */
export type States = Map<string, ModelState>

/** Takes a flow through its passes. */
export class Passes {
  private readonly graph: ModelGraph
  private readonly run: FlowRun
  /** The states that runs were left in, as opposed to those that were given. */
  private readonly left = new WeakSet<ModelState>()

  constructor(graph: ModelGraph, run: FlowRun) {
    this.graph = graph
    this.run = run
  }

  private pending(message?: string): ModelState {
    return make("Pending", { message }, { now: this.run.world.now })
  }

  /** Visits all tasks once. */
  visit(states: States): void {
    const items = new Map<string, ReadonlyArray<ModelState>>()
    for (const task of this.graph.tasks) this.visitTask(task, states, items)
    for (const [name, state] of states) {
      if (isMapped(state)) attach(state, items.get(name))
    }
  }

  private visitTask(
    task: ModelTask,
    states: States,
    items: Map<string, ReadonlyArray<ModelState>>
  ): void {
    const { name } = task
    const state = this.begin(task, states)
    if (this.isOver(state)) return
    const upstream = this.upstreamOf(task, states, items)
    if (!upstream.some(({ edge }) => edge.mapped)) {
      states.set(name, this.runTask({ task, state, upstream }))
      return
    }
    const decide = fanOut(upstream, items, this.run)
    const parent = this.runTask({ task, state, upstream, fanOut: decide })
    states.set(name, parent)
    const own = state !== undefined && isMapped(state) ? state.mapStates : undefined
    const rows = prepare(parent, upstream, items, this.run)
    const runs = rows.map((upstream, mapIndex) => {
      const before = own === undefined ? state : own[mapIndex] ?? undefined
      return this.isOver(before)
        ? before!
        : this.runTask({ task, state: before, upstream, mapIndex })
    })
    if (isMapped(parent)) items.set(name, runs)
  }

  private runTask(running: Parameters<typeof runTask>[0]): ModelState {
    const state = runTask(running, this.run)
    // A given state has not been looked at before what is upstream has ended.
    const isLookedAt = running.upstream.every(({ state }) => isFinished(state))
    if (isLookedAt || state !== running.state) this.left.add(state)
    return state
  }

  /** The state that a task has before it is visited. */
  private begin({ constant, isRunAgain, name }: ModelTask, states: States): ModelState | undefined {
    let state = states.get(name)
    if (state === undefined && constant !== undefined) {
      state = make("Success", { result: constant }, { now: this.run.world.now })
    }
    const isAgain = isRunAgain === true && !this.run.world.has("onceIsEnough")
    if (isAgain && state !== undefined && isFinished(state) && state.type !== "Cached") {
      state = this.pending()
    }
    if (state !== undefined) states.set(name, state)
    return state
  }

  /** Whether a task is not visited again. */
  private isOver(state: ModelState | undefined): boolean {
    if (state === undefined || !isFinished(state) || isMapped(state)) return false
    return state.type !== "Cached" ||
      (this.run.world.has("cachedStaysCached") && this.left.has(state))
  }

  private upstreamOf(
    { constants = {}, name }: ModelTask,
    states: States,
    items: Map<string, ReadonlyArray<ModelState>>
  ): ReadonlyArray<Given> {
    const edges = this.graph.edgesTo(name).map((edge): Given => {
      const state = states.get(edge.from) ?? this.pending("Task state not available.")
      if (isMapped(state) && edge.mapped !== true) attach(state, items.get(edge.from))
      return flattenWhole({ edge, state }, items)
    })
    const { now } = this.run.world
    const bound = Object.entries(constants).map(([key, result]): Given => ({
      edge: { key },
      state: make("Success", { message: "Auto-generated constant value", result }, { now })
    }))
    return [...edges, ...bound]
  }

  /** The state of the flow after a pass; the one that it was in while it has not ended. */
  determine(flow: ModelState, states: States): ModelState {
    const { world } = this.run
    const { tasks, referenceTasks, terminalTasks } = this.graph
    const deciding = world.has("everyTaskEnds") ? tasks.map(({ name }) => name) : terminalTasks
    const references = this.expand(referenceTasks, states)
    let state = flow
    if (this.expand(deciding, states).every(isFinished)) {
      const [type, message] = references.some(isFailed)
        ? ["Failed", "Some reference tasks failed."] as const
        : references.every(isSuccessful)
        ? ["Success", "All reference tasks succeeded."] as const
        : ["Success", "No reference tasks failed."] as const
      state = make(type, { message, tasks: states }, { now: world.now })
    }
    const isUnfinished = state === flow
    if (isUnfinished) flow.tasks = states
    return this.askTerminalHandler(state, references, isUnfinished)
  }

  private expand(names: ReadonlyArray<string>, states: States): ReadonlyArray<ModelState> {
    return names.flatMap((name) => {
      const state = states.get(name) ?? this.pending("Task not evaluated by FlowRunner.")
      return isMapped(state) ? itemsOf(state) : [state]
    })
  }

  private askTerminalHandler(
    state: ModelState,
    references: ReadonlyArray<ModelState>,
    isUnfinished: boolean
  ): ModelState {
    const { log, world } = this.run
    const { terminalStateHandler: handler } = world.test.flow
    if (handler === undefined || (isUnfinished && world.has("terminalHandlerIsAskedOnce"))) {
      return state
    }
    const referenceStates = [...new Set(references)].map(brief)
    push(log, "terminalHandlerCalls", { state: full(state), referenceStates })
    const { error, kind, message, when, with: text } = handler
    if (!isMeant(when, state, state, undefined)) return state
    if (kind === "raise") throw new Raised({ error: error!, ...(message && { message }) })
    return kind === "replace" ? givenState(text!, { now: world.now }, state) : state
  }
}

const attach = (state: ModelState, items: ReadonlyArray<ModelState> | undefined): void => {
  if (items !== undefined) state.mapStates = [...items]
  state.result = itemsOf(state).map(({ result }) => result)
}
