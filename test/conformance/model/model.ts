/**
 * The recorded engine once more, as plainly as it can be said: pass by pass, over records.
 *
 * Each departure is a switch in it, so that it tells what a departure makes of a case, to the letter.
 * Nothing here is shared with the engine.
 *
 * @module
 */
import type { ChildRecord, FlowCase, RunRecord, RunText, TaskRecord } from "../corpus.ts"
import { build, isRequired, type ModelGraph } from "./graph.ts"
import { change, step, type Subject } from "./handlers.ts"
import { Passes, type States } from "./pass.ts"
import {
  type FlowRun,
  logOf,
  type NextMoment,
  type Surroundings,
  type Switch,
  World
} from "./run.ts"
import {
  full,
  given,
  isA,
  isFinished,
  isMapped,
  isPending,
  isTimed,
  make,
  type ModelState,
  unwrap
} from "./states.ts"
import { itemsOf } from "./taskRun.ts"
import { failed, Raised, RaisedEnd, RaisedSignal } from "./thrown.ts"
import { isError, type Thrown } from "./values.ts"

/** What becomes of the runs of a case where departures are made. */
export const tell = (
  test: FlowCase,
  departures: ReadonlySet<Switch>,
  surroundings: Surroundings
): ReadonlyArray<RunRecord> => {
  const world = new World(test, departures, surroundings)
  const graph = build(test.flow, (departure) => world.has(departure))
  return (test.runs ?? [{}]).map((text) => {
    world.now += text.advanceSeconds ?? 0
    return new Run(world, graph, text).tell()
  })
}

/** How a flow that can never move again ends. */
export const stalled = "Cannot finish flow"

// How many passes a run takes that never ends, where nothing else is said.
const maxPasses = 60

// A handler that sends its task back each time would do so for ever.
const maxReturns = 100

class Run {
  private readonly world: World
  private readonly graph: ModelGraph
  private readonly text: RunText
  private readonly run: FlowRun
  private readonly subject: Subject
  private readonly begun: number
  private readonly answers: Array<string>
  private readonly passes: Passes
  private states: States
  /** How many passes in a row something moved, but no time passed. */
  private returns = 0
  private isStalled = false
  private hasBegun = false
  /** The pauses that were not approved. */
  private readonly refused = new WeakSet<ModelState>()
  private error: RunRecord["error"]

  constructor(world: World, graph: ModelGraph, text: RunText) {
    const { flow } = world.test
    this.world = world
    this.graph = graph
    this.text = text
    this.begun = world.now
    this.answers = [...text.pauseAnswers ?? []]
    const log = { transitions: [] }
    const { now } = world
    const times = { scheduled: now, date: now }
    const run = { world, text, ...times, writes: [], prompts: [], log, logs: new Map() }
    this.run = { ...run, parameters: this.parameters() }
    for (const { name } of graph.tasks) logOf(this.run, name, undefined)
    this.passes = new Passes(graph, this.run)
    this.subject = {
      context: { world, key: "" },
      log,
      printed: `<Flow: name="${flow.name}">`,
      mapIndex: undefined,
      handlers: flow.handlers ?? [],
      tellsFailure: flow.onFailure === true,
      runnerHandlers: []
    }
    this.states = new Map(
      Object.entries(text.initialTaskStates ?? {}).map(([name, state]) => [name, this.given(state)])
    )
  }

  private given(text: Parameters<typeof given>[0]): ModelState {
    return given(text, { now: this.world.now })
  }

  private make(type: string, message?: string): ModelState {
    return make(type, { message }, { now: this.world.now })
  }

  private parameters(): FlowRun["parameters"] {
    const defaults = this.world.test.flow.tasks
      .filter((task) => task.kind === "parameter" && !isRequired(task))
      .map((task) => [task.name, task.default ?? null] as const)
    return { ...Object.fromEntries(defaults), ...this.text.parameters }
  }

  // ---------------------------------------------------------------------------
  // From start to end
  // ---------------------------------------------------------------------------

  tell(): RunRecord {
    const error = this.wrongParameters()
    if (error !== undefined) return this.refuse(error)
    const { mode, runOnSchedule } = this.text
    try {
      if (mode === "single") return this.record(this.end(this.runOnce()))
      const { nextMoment } = this.world.surroundings
      if (nextMoment !== undefined && runOnSchedule !== false) return this.serve(nextMoment)
      const final = this.runToEnd(this.beginning())
      return this.record(this.isStalled ? undefined : this.end(final))
    } catch (thrown) {
      if (!(thrown instanceof RaisedSignal)) throw thrown
      this.error = { type: thrown.name, message: thrown.state.message ?? "" }
      return this.record(undefined)
    }
  }

  private wrongParameters(): string | undefined {
    const { mode, parameters = {} } = this.text
    const known = this.world.test.flow.tasks.filter(({ kind }) => kind === "parameter")
    const list = (names: ReadonlyArray<string>) => names.toSorted().join(", ")
    const unknown = Object.keys(parameters).filter((key) => !known.some(({ name }) => name === key))
    if (mode === "single" && !this.world.has("parametersAreCheckedFirst")) return undefined
    if (unknown.length > 0) {
      return `Flow.run received the following unexpected parameters: ${list(unknown)}`
    }
    const missing = known.filter((task) => isRequired(task) && !(task.name in parameters))
    const names = missing.map(({ name }) => name)
    return missing.length === 0
      ? undefined
      : `Flow.run did not receive the following required parameters: ${list(names)}`
  }

  private refuse(message: string): RunRecord {
    this.error = { type: "ValueError", message }
    return this.record(undefined)
  }

  private runOnce(): ModelState {
    const { initialFlowState } = this.text
    let state = this.pass(initialFlowState && this.given(initialFlowState))
    if (this.endsStalls() && this.isKeptRunning(state)) return this.stalled()
    if (!this.world.has("nothingWaitsForAPass") && !this.endsStalls()) return state
    let before = -1
    for (let passes = 0; passes < maxReturns && before < this.changes(); passes++) {
      if (isFinished(state) || !this.isUnderWay(state)) return state
      before = this.changes()
      state = this.pass(state)
      if (this.endsStalls() && this.isKeptRunning(state)) return this.stalled()
    }
    return isFinished(state) || !this.isUnderWay(state) || this.isWaiting()
      ? state
      : this.stall(state)
  }

  /** Runs at every moment of the schedule. */
  private serve(nextMoment: NextMoment): RunRecord {
    let final: ModelState | undefined
    const next = () => nextMoment(this.world.now)
    for (let moment = next(); moment !== undefined; moment = next()) {
      this.run.parameters = { ...this.parameters(), ...moment.parameters }
      // Given states are those of the first run.
      if (final !== undefined) this.states = new Map()
      const { now } = this.world
      final = this.end(this.runToEnd(make("Scheduled", { startTime: moment.at }, { now })))
      if (final === undefined) break
    }
    return final === undefined && this.error === undefined
      ? this.refuse("Flow has no more scheduled runs.")
      : this.record(final)
  }

  private beginning(): ModelState {
    const { initialFlowState } = this.text
    return initialFlowState === undefined ? this.make("Scheduled") : this.given(initialFlowState)
  }

  private isUnderWay(state: ModelState): boolean {
    return state.tasks !== undefined && isA(state, "Running")
  }

  private runToEnd(start: ModelState): ModelState {
    let state = start
    if (typeof state.startTime === "number") this.sleepUntil(state.startTime)
    this.run.scheduled = state.startTime ?? this.world.now
    this.run.date = this.world.now
    for (let passes = 0; !isFinished(state); passes++) {
      if (!this.endsStalls() && passes >= (this.world.test.stallAfterPasses ?? maxPasses)) {
        this.isStalled = true
        return state
      }
      const before = this.changes()
      state = this.pass(state)
      if (this.endsStalls() && this.isKeptRunning(state)) return this.stalled()
      if (state.tasks === undefined || isTimed(state) || isFinished(state)) break
      if (this.world.has("handlersDecideOnFlow") && !isA(state, "Running")) break
      const due = this.startTimes()
      const isApproved = this.askAboutPauses()
      const hasMoved = isApproved || this.changes() > before
      if (!this.wait(due, hasMoved) && this.endsStalls()) return this.stall(state)
    }
    return state
  }

  /** Waits for the next pass; tells whether there is anything to wait for. */
  private wait(due: ReadonlyArray<number>, hasMoved: boolean): boolean {
    const goesOn = hasMoved && this.returns++ < maxReturns
    if (!this.world.has("nothingWaitsForAPass")) {
      if (due.length === 0) return goesOn
      this.sleepUntil(Math.min(...due))
      return true
    }
    if (goesOn) return true
    this.returns = 0
    const next = this.startTimes().filter((time) => time > this.world.now)
    if (next.length === 0) return false
    this.sleepUntil(Math.min(...next))
    return true
  }

  /** Whether a handler left the flow running although its tasks have ended. */
  private isKeptRunning(state: ModelState): boolean {
    const isOver = state.tasks === undefined || this.all().every(isFinished)
    return this.hasBegun && isA(state, "Running") && isOver
  }

  private endsStalls(): boolean {
    return this.world.has("stallsAreErrors")
  }

  private sleepUntil(time: number): void {
    this.world.now = Math.max(this.world.now, time)
  }

  /** How many changes of state there were so far. */
  private changes(): number {
    let count = 0
    for (const logs of this.run.logs.values()) {
      for (const { transitions } of logs.values()) count += transitions.length
    }
    return count
  }

  private all(): ReadonlyArray<ModelState> {
    return [...this.states.values()].flatMap((state) => [state, ...itemsOf(state)])
  }

  private startTimes(): ReadonlyArray<number> {
    return this.all().filter(isTimed).flatMap(({ startTime }) => startTime ?? [])
  }

  private isWaiting(): boolean {
    return this.startTimes().length > 0 || this.all().some(({ type }) => type === "Paused")
  }

  /** Ends a flow that can never move again. */
  private stall(state: ModelState): ModelState {
    for (const left of this.states.values()) {
      // Only items that have all ended make a list of results.
      if (isMapped(left) && !itemsOf(left).every(isFinished)) left.result = null
    }
    const ended = this.decide(() => change(this.subject, state, this.stalled()))
    return isA(ended, "Running") ? this.stalled() : ended
  }

  private stalled(): ModelState {
    return make("Failed", { message: stalled, tasks: this.states }, { now: this.world.now })
  }

  /** The state that is settled on, or that a handler ends the run with. */
  private decide(settle: () => ModelState): ModelState {
    try {
      return settle()
    } catch (thrown) {
      if (thrown instanceof RaisedEnd) return thrown.state
      if (thrown instanceof RaisedSignal && this.world.has("handlersDecideOnFlow")) {
        return thrown.state
      }
      throw thrown
    }
  }

  // ---------------------------------------------------------------------------
  // Passes
  // ---------------------------------------------------------------------------

  private pass(start: ModelState | undefined): ModelState {
    let state = unwrap(start) ?? this.make("Pending")
    const take = (method: (state: ModelState) => ModelState) => {
      state = step(this.subject, state, method)
    }
    const end = (state: ModelState): never => {
      throw new RaisedEnd(state)
    }
    const settle = () => {
      take((state) => isPending(state) || isA(state, "Running") ? state : end(state))
      take((state) => isTimed(state) && state.startTime! > this.world.now ? end(state) : state)
      take((state) => isPending(state) ? this.make("Running", "Running flow.") : state)
      take((state) => {
        if (!isA(state, "Running")) return end(state)
        this.hasBegun = true
        if (!this.world.has("aRunHasOneDate")) this.run.date = this.world.now
        this.passes.visit(this.states)
        return this.passes.determine(state, this.states)
      })
      return state
    }
    try {
      return this.decide(settle)
    } catch (thrown) {
      if (!(thrown instanceof Raised)) throw thrown
      return change(this.subject, state, failed("Unexpected error while running flow", thrown))
    }
  }

  /** Asks about all tasks that are paused; tells whether one was approved. */
  private askAboutPauses(): boolean {
    let isApproved = false
    for (const [name, state] of this.states) {
      if (state.type === "Paused") {
        const approved = this.askAbout(name, state)
        if (approved !== state) this.states.set(name, approved)
        isApproved ||= approved !== state
      }
      if (!isMapped(state) || !this.world.has("itemsCanBeApproved")) continue
      state.mapStates = (state.mapStates ?? []).map((item) => {
        if (item?.type !== "Paused") return item
        const approved = this.askAbout(name, item)
        isApproved ||= approved !== item
        return approved
      })
    }
    return isApproved
  }

  private askAbout(name: string, state: ModelState): ModelState {
    if (this.refused.has(state) && typeof state.startTime === "number") return state
    this.run.prompts.push(`<Task: ${name}> is currently Paused; enter 'y' to resume:\n`)
    const answer = this.answers.shift() ?? "y"
    if (answer.trim().toLowerCase() === "y") return this.make("Resume", "Approval given to resume.")
    if (!this.world.has("nothingWaitsForAPass")) return state
    // Without a pass to wait for it is asked again at once, unless it goes on by itself.
    this.refused.add(state)
    return typeof state.startTime === "number" ? state : this.askAbout(name, state)
  }

  // ---------------------------------------------------------------------------
  // What became of it
  // ---------------------------------------------------------------------------

  /** The state that the flow is known to have ended in; some keep it from being known. */
  private end(state: ModelState): ModelState | undefined {
    const isSingle = this.text.mode === "single"
    const isCutOff = isSingle && (this.isUnderWay(state) || this.run.log.transitions.length === 0)
    if (this.world.has("taskStatesAreKept")) state.tasks ??= this.hasBegun ? this.states : new Map()
    else if (isSingle) return state
    if (!isFinished(state) && !state.hasResult) state.tasks ??= new Map()
    if (state.tasks !== undefined) {
      this.keepResults(state.tasks)
      const message = isCutOff && !isFinished(state) ? undefined : "Task not run."
      for (const { name } of this.graph.tasks) {
        if (!state.tasks.has(name)) state.tasks.set(name, this.make("Pending", message))
      }
      return state
    }
    if (isError(state.result)) return state
    const { $signal } = (state.result ?? {}) as Thrown
    const type = $signal?.name ?? "NoneType"
    this.error = { type: "TypeError", message: `argument of type '${type}' is not iterable` }
    return undefined
  }

  private keepResults(states: States): void {
    const { caches, now } = this.world
    for (const { cacheKey, name } of this.graph.tasks) {
      const state = states.get(name)
      if (state === undefined) continue
      const key = cacheKey ?? name
      const cached = [state, ...itemsOf(state)].filter(({ type }) => type === "Cached")
      const isFresh = ({ cachedUntil }: ModelState) =>
        typeof cachedUntil === "number" && cachedUntil > now
      caches.set(key, [...caches.get(key) ?? [], ...cached].filter(isFresh))
    }
  }

  private record(final: ModelState | undefined): RunRecord {
    const { log, prompts, writes } = this.run
    const tasks = this.graph.tasks.map(({ name }) =>
      [name, this.recordTask(name, final?.tasks?.get(name))] as const
    )
    return {
      flow: { ...log, ...(final === undefined ? {} : { final: full(final) }) },
      tasks: Object.fromEntries(tasks),
      elapsedSeconds: this.world.now - this.begun,
      ...(prompts.length === 0 ? {} : { prompts: prompts.toSorted() }),
      ...(writes.length === 0 ? {} : { writes: writes.toSorted(byText) }),
      ...(this.error === undefined ? {} : { error: this.error }),
      ...(this.isStalled ? { stalled: true } : {})
    }
  }

  private recordTask(name: string, state: ModelState | undefined): TaskRecord {
    const logs = this.run.logs.get(name)!
    const items = state === undefined ? [] : isMapped(state) ? itemsOf(state) : []
    const count = Math.max(items.length, ...[...logs.keys()].map((place) => place + 1))
    const children = Array.from({ length: count }, (_, mapIndex): ChildRecord => ({
      mapIndex,
      ...logs.get(mapIndex) ?? { transitions: [] },
      ...(items[mapIndex] === undefined ? {} : { final: full(items[mapIndex]) })
    }))
    return {
      ...logs.get(-1)!,
      ...(state === undefined ? {} : { final: full(state) }),
      ...(children.length === 0 ? {} : { children })
    }
  }
}

const byText = (a: object, b: object): number => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
