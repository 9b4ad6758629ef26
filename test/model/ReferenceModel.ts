/**
 * The rules of the engine a second time, as plainly as they can be said: a flow is data, a task is
 * taken through its whole life as soon as those before it have had theirs, and time is a number.
 *
 * Nothing here is shared with the engine, so that a mistake in one of the two shows.
 */

// -----------------------------------------------------------------------------
// Descriptions of flows
// -----------------------------------------------------------------------------

/** A state that a body or a handler brings up; `after` is its start time, in milliseconds from now. */
export interface Given {
  readonly tag: string
  readonly message?: string
  readonly result?: unknown
  readonly after?: number
}

export type SignalKind =
  | "Fail"
  | "TriggerFail"
  | "ValidationFail"
  | "Success"
  | "Skip"
  | "Retry"
  | "Pause"
  | "Loop"

/** A signal that a body or a handler raises. */
export interface Raised {
  readonly kind: SignalKind
  readonly message?: string
  readonly result?: unknown
  readonly after?: number
}

export type ErrorName = "TypeError" | "RangeError"

/** What one call of a body does. */
export type Behaviour =
  | { readonly do: "Return"; readonly value: unknown; readonly sleep?: number }
  | { readonly do: "Gather" }
  | { readonly do: "Add" }
  | { readonly do: "Fail"; readonly error: ErrorName; readonly message: string }
  | { readonly do: "Die"; readonly error: ErrorName; readonly message: string }
  | { readonly do: "Raise"; readonly signal: Raised }
  | { readonly do: "EndRun"; readonly state: Given }

/** What a handler answers to a state of one kind, the first `times` that it is shown one. */
export interface Rule {
  readonly on: string
  readonly times: number
  readonly answer:
    | { readonly do: "Replace"; readonly state: Given }
    | { readonly do: "Keep" }
    | { readonly do: "Raise"; readonly signal: Raised }
    | { readonly do: "EndRun"; readonly state: Given }
    | { readonly do: "Break"; readonly message: string }
}

export interface Handler {
  readonly rules: ReadonlyArray<Rule>
  readonly ignored: boolean
}

export type TriggerName =
  | "allSuccessful"
  | "allFailed"
  | "anySuccessful"
  | "anyFailed"
  | "allFinished"
  | "manualOnly"
  | "notAllSkipped"
  | "someFailed"
  | "someSuccessful"
  | "no"
  | "broken"

export interface TriggerOf {
  readonly name: TriggerName
  readonly atLeast?: number
  readonly atMost?: number
}

/** An input: the result of the task at a place, or a value. */
export interface Input {
  readonly key: string
  readonly from?: number
  readonly value?: unknown
  readonly mapped: boolean
}

/** A task; its inputs and `after` name tasks by their place, and only those before it. */
export interface TaskOf {
  readonly inputs: ReadonlyArray<Input>
  readonly after: ReadonlyArray<number>
  /**
   * What each call of the body does; the last stands for all that follow, and the item at a place
   * begins with the call at that place, so that items differ.
   */
  readonly calls: ReadonlyArray<Behaviour>
  readonly trigger: TriggerOf
  readonly skipOnUpstreamSkip: boolean
  readonly maxRetries: number
  readonly retryDelay: number
  readonly retryOn?: ErrorName
  readonly timeout?: number
  readonly handlers: ReadonlyArray<Handler>
}

/** A flow; the task at place 3 is called `t3`. */
export interface FlowOf {
  readonly tasks: ReadonlyArray<TaskOf>
  readonly references?: ReadonlyArray<number>
  readonly handlers: ReadonlyArray<Handler>
  readonly concurrency: number | "unbounded"
  /** How long after it began each pause is approved, in milliseconds; without, none is. */
  readonly approveAfter?: number
}

// -----------------------------------------------------------------------------
// What becomes of them
// -----------------------------------------------------------------------------

/** One change of one run: when, and from what to what. */
export interface Change {
  readonly at: number
  readonly from: string
  readonly proposed: string
  readonly to: string
}

export interface Fate {
  readonly changes: ReadonlyArray<Change>
  readonly final: string
  /** The result of a run that has ended; open for one that never does. */
  readonly result: unknown
}

/** What becomes of each run: under `""` the flow, `t3` a task, `t3[0]` an item of it that began. */
export type Fates = ReadonlyMap<string, Fate>

/** A flow, told to its end. */
export interface Told {
  readonly fates: Fates
  /**
   * Whether all times are fixed: a run that was sent back without having run its body goes on
   * when something else has moved, and the rules do not say when that is.
   */
  readonly isTimely: boolean
}

/** An error or a signal, where it is the result of a state. */
export interface Thrown {
  readonly thrown: string
}

// -----------------------------------------------------------------------------
// States
// -----------------------------------------------------------------------------

interface State {
  readonly tag: string
  readonly message?: string | undefined
  readonly result?: unknown
  readonly startTime?: number | undefined
  readonly runCount?: number | undefined
  readonly loopCount?: number | undefined
  /** Where in a loop the attempt after this `Retrying` goes on. */
  readonly loop?: { readonly count: number } | undefined
}

const successes = ["Success", "Cached", "Mapped", "Skipped"]
const failures = ["Failed", "TimedOut", "TriggerFailed", "ValidationFailed"]
const timed = ["Scheduled", "Paused", "Resume", "Retrying"]

const isSuccessful = ({ tag }: State) => successes.includes(tag)
const isFailed = ({ tag }: State) => failures.includes(tag)
const isSkipped = ({ tag }: State) => tag === "Skipped"
const isFinished = (state: State) =>
  isSuccessful(state) || isFailed(state) || ["Looped", "Cancelled", "Finished"].includes(state.tag)

const print = ({ message, tag }: State): string =>
  message === undefined ? `${tag}()` : `${tag}("${message}")`

const printError = (name: string, message: string | undefined): string =>
  message === undefined ? `${name}()` : `${name}('${message}')`

const stateOfSignal: Readonly<Record<SignalKind, string>> = {
  Fail: "Failed",
  TriggerFail: "TriggerFailed",
  ValidationFail: "ValidationFailed",
  Success: "Success",
  Skip: "Skipped",
  Retry: "Retrying",
  Pause: "Paused",
  Loop: "Looped"
}

const signalResult = ({ kind, message }: Raised): unknown => {
  const printed = printError(kind.toUpperCase(), message)
  if (["Fail", "TriggerFail", "ValidationFail"].includes(kind)) return { thrown: printed }
  return kind === "Loop" ? printed : undefined
}

const signalState = (signal: Raised, now: number): State => ({
  tag: stateOfSignal[signal.kind],
  message: signal.message,
  result: "result" in signal ? signal.result : signalResult(signal),
  startTime: signal.after === undefined ? undefined : now + signal.after
})

const givenState = ({ after, message, result, tag }: Given, now: number): State => ({
  tag,
  message,
  result,
  startTime: after === undefined ? undefined : now + after
})

// -----------------------------------------------------------------------------
// Handlers
// -----------------------------------------------------------------------------

/** A handler on its way: how often each of its rules may still be used. */
interface Asked {
  readonly handler: Handler
  readonly left: Array<number>
}

const asked = (handler: Handler): Asked => ({
  handler,
  left: handler.rules.map(({ times }) => times)
})

const answerTo = ({ handler, left }: Asked, proposed: State) => {
  const i = handler.rules.findIndex(({ on }, i) => on === proposed.tag && left[i]! > 0)
  if (i < 0) return undefined
  left[i]!--
  return handler.rules[i]!.answer
}

interface Settled {
  readonly state: State
  readonly ends: boolean
}

/** Asks the handlers in order; tells what the state is from then on, and whether the run is over. */
const settle = (
  handlers: ReadonlyArray<Asked>,
  from: State,
  proposed: State,
  now: number,
  adopt: (state: State) => State
): Settled => {
  let state = proposed
  for (const handler of handlers) {
    const answer = answerTo(handler, state)
    if (answer === undefined) continue
    if (answer.do === "Keep") state = adopt(from)
    else if (answer.do === "Replace") state = adopt(givenState(answer.state, now))
    else if (answer.do === "EndRun") {
      return { state: adopt(givenState(answer.state, now)), ends: true }
    } else if (answer.do === "Raise") {
      const raised = adopt(signalState(answer.signal, now))
      return { state: raised, ends: raised.tag === "Paused" }
    } else if (!handler.handler.ignored) {
      const error = printError("Error", answer.message)
      const message = `Unexpected error while calling state handlers: ${error}`
      return { state: { tag: "Failed", message, result: { thrown: error } }, ends: true }
    }
  }
  return { state, ends: false }
}

// -----------------------------------------------------------------------------
// Triggers
// -----------------------------------------------------------------------------

const refusals: Partial<Record<TriggerName, string>> = {
  allSuccessful: 'Trigger was "all_successful" but some of the upstream tasks failed.',
  allFailed: 'Trigger was "all_failed" but some of the upstream tasks succeeded.',
  anySuccessful: 'Trigger was "any_successful" but none of the upstream tasks succeeded.',
  anyFailed: 'Trigger was "any_failed" but none of the upstream tasks failed.',
  notAllSkipped: 'Trigger was "not_all_skipped" but some of the upstream tasks failed.',
  someFailed: 'Trigger was "some_failed" but thresholds were not met.',
  someSuccessful: 'Trigger was "some_successful" but thresholds were not met.',
  no: "Trigger failed"
}

const isWithin = ({ atLeast, atMost }: TriggerOf, count: number, all: number): boolean => {
  const scale = (bound: number) => bound < 1 ? bound * all : bound
  return count >= scale(atLeast ?? 0) && count <= scale(atMost ?? all)
}

const passes = (trigger: TriggerOf, states: ReadonlyArray<State>, edges: number): boolean => {
  const count = (test: (state: State) => boolean) => states.filter(test).length
  switch (trigger.name) {
    case "allSuccessful":
    case "notAllSkipped":
      return states.every(isSuccessful)
    case "allFailed":
      return states.every(isFailed)
    case "anySuccessful":
      return edges === 0 || count(isSuccessful) > 0
    case "anyFailed":
      return edges === 0 || count(isFailed) > 0
    case "someFailed":
      return edges === 0 || isWithin(trigger, count(isFailed), states.length)
    case "someSuccessful":
      return edges === 0 || isWithin(trigger, count(isSuccessful), states.length)
    default:
      return trigger.name === "allFinished"
  }
}

/** The state that a task ends with instead of running; nothing where its trigger lets it run. */
const refusal = (
  trigger: TriggerOf,
  states: ReadonlyArray<State>,
  edges: number,
  resume: boolean
): State | undefined => {
  if (trigger.name === "manualOnly") {
    return resume ? undefined : { tag: "Paused", message: 'Trigger function is "manual_only"' }
  }
  if (trigger.name === "broken") {
    const error = printError("Error", "broken trigger")
    const message = `Unexpected error while checking task trigger: ${error}`
    return { tag: "TriggerFailed", message, result: { thrown: error } }
  }
  if (trigger.name === "notAllSkipped" && states.every(isSkipped)) {
    return { tag: "Skipped", message: "All upstreams were skipped" }
  }
  if (passes(trigger, states, edges)) return undefined
  return signalState({ kind: "TriggerFail", message: refusals[trigger.name]! }, 0)
}

// -----------------------------------------------------------------------------
// One run
// -----------------------------------------------------------------------------

/** The life of one run: of a task, or of one item of a mapped one. */
interface Life {
  readonly changes: ReadonlyArray<Change>
  readonly state: State
  /** When it ended; `Infinity` for a run that never does. */
  readonly end: number
  /** The state that its last attempt began with. */
  readonly begun: State
  readonly wasSentBack: boolean
}

const neverBegun: Life = {
  changes: [],
  state: { tag: "Pending" },
  end: Infinity,
  begun: { tag: "Pending" },
  wasSentBack: false
}

/** What a dependency is to a run: the states that count, and the value of the input if it has a key. */
interface Dependency {
  readonly key: string | undefined
  readonly states: ReadonlyArray<State>
  readonly value: unknown
}

/** One run on its way. */
class Run {
  readonly changes: Array<Change> = []
  private readonly approveAfter: number
  private readonly task: TaskOf
  private readonly dependencies: ReadonlyArray<Dependency>
  private readonly mapping: ((resume: boolean) => State) | undefined
  private readonly handlers: ReadonlyArray<Asked>
  private state: State
  private begun: State
  private now: number
  private ended = false
  private runCount = 1
  private loop: { readonly count: number } | undefined = undefined
  private resume = false
  private called: number
  private wasSentBack = false

  /** `mapping` decides how a mapped task fans out: then the run does only that. */
  constructor(
    { approveAfter = Infinity }: Pick<FlowOf, "approveAfter">,
    task: TaskOf,
    dependencies: ReadonlyArray<Dependency>,
    state: State,
    now: number,
    { mapping, place = 0 }: {
      readonly mapping?: (resume: boolean) => State
      readonly place?: number
    } = {}
  ) {
    this.approveAfter = approveAfter
    this.task = task
    this.dependencies = dependencies
    this.state = state
    this.begun = state
    this.now = now
    this.mapping = mapping
    this.called = place
    this.handlers = task.handlers.map(asked)
  }

  /** Tries until the run has ended, or can never go on. */
  live(): Life {
    while (!isFinished(this.state)) {
      if (this.state.tag === "Paused") this.approve()
      const due = this.dueTime()
      if (due === Infinity) return this.life(Infinity)
      this.now = Math.max(this.now, due)
      const { called } = this
      this.attempt()
      const isDue = this.dueTime() <= this.now
      const hasRun = this.called > called && this.state.tag !== "Pending"
      if (!isFinished(this.state) && isDue && !hasRun) this.wasSentBack = true
    }
    return this.life(this.now)
  }

  private life(end: number): Life {
    const { begun, changes, state, wasSentBack } = this
    return { changes, state, end, begun, wasSentBack }
  }

  private dueTime(): number {
    if (this.state.tag === "Pending") return this.now
    return timed.includes(this.state.tag) ? this.state.startTime ?? Infinity : Infinity
  }

  /** Lets a pause end by its approval, unless its time comes before. */
  private approve(): void {
    const at = this.now + this.approveAfter
    if (at >= this.dueTime()) return
    const from = print(this.state)
    this.now = at
    this.state = { tag: "Resume", message: "Approval given to resume.", startTime: at }
    this.changes.push({ at, from, proposed: print(this.state), to: print(this.state) })
  }

  private attempt(): void {
    const { state } = this
    this.begun = state
    this.runCount = state.tag === "Retrying" ? state.runCount! + 1 : state.runCount ?? 1
    this.resume = state.tag === "Resume" || state.tag === "Paused"
    this.loop = state.loop
    this.round()
    while (!this.ended && this.state.tag === "Looped") {
      const count = this.state.loopCount!
      this.state = { tag: "Pending", message: `Looping task (on loop index ${count})` }
      this.runCount = 1
      this.loop = { count: count + 1 }
      this.round()
    }
  }

  /** The steps, in order. */
  private round(): void {
    this.ended = false
    this.checkSkip()
    if (this.mapping !== undefined) {
      return this.ended ? undefined : this.end(this.mapping(this.resume))
    }
    if (!this.ended) this.checkTrigger()
    if (this.ended) return
    this.become({ tag: "Running", message: "Starting task run." })
    if (this.state.tag !== "Running") this.ended = true
    if (!this.ended) this.callBody()
    if (!this.ended && isFailed(this.state)) this.checkRetry()
  }

  private checkSkip(): void {
    const upstream = this.dependencies.flatMap(({ states }) => states)
    if (!this.task.skipOnUpstreamSkip || !upstream.some(isSkipped)) return
    const message = "Upstream task was skipped; if this was not the intended behavior, " +
      "consider changing `skip_on_upstream_skip=False` for this task."
    this.end({ tag: "Skipped", message })
  }

  private checkTrigger(): void {
    const states = [...new Set(this.dependencies.flatMap(({ states }) => states))]
    const refused = refusal(this.task.trigger, states, this.dependencies.length, this.resume)
    if (refused !== undefined) this.end(refused)
  }

  private callBody(): void {
    const { calls, timeout } = this.task
    const behaviour = calls[Math.min(this.called++, calls.length - 1)]!
    const { sleep = 0 } = behaviour as { readonly sleep?: number }
    this.now += Math.min(sleep, timeout ?? Infinity)
    if (timeout !== undefined && sleep > timeout) {
      const result = { thrown: "TaskTimeoutSignal('Execution timed out.')" }
      this.become({ tag: "TimedOut", message: "Task timed out during execution.", result })
    } else this.behave(behaviour)
  }

  private behave(behaviour: Behaviour): void {
    const succeed = (result: unknown) =>
      this.become({ tag: "Success", message: "Task run succeeded.", result })
    switch (behaviour.do) {
      case "Return":
        return succeed(behaviour.value)
      case "Gather":
        return succeed(this.inputs())
      case "Add":
        return succeed(sum(this.inputs()))
      case "Raise":
        return this.become(this.raised(behaviour.signal))
      case "EndRun":
        return this.end(givenState(behaviour.state, this.now))
      default: {
        const thrown = printError(behaviour.error, behaviour.message)
        const message = `Error during execution of task: ${thrown}`
        this.become({ tag: "Failed", message, result: { thrown } })
      }
    }
  }

  private raised(signal: Raised): State {
    const state = signalState(signal, this.now)
    return state.tag === "Looped" && state.message === undefined
      ? { ...state, message: `Task is looping (${this.loop?.count ?? 1})` }
      : state
  }

  private inputs(): Record<string, unknown> {
    const keyed = this.dependencies.filter(({ key }) => key !== undefined)
    return Object.fromEntries(keyed.map(({ key, value }) => [key!, value]))
  }

  private checkRetry(): void {
    const { maxRetries, retryDelay, retryOn } = this.task
    const { result } = this.state
    if (retryOn !== undefined && result !== undefined && !isThrownBy(result, retryOn)) return
    if (this.runCount > maxRetries) return
    this.become({
      tag: "Retrying",
      message: `Retrying Task (after attempt ${this.runCount} of ${maxRetries + 1})`,
      startTime: this.now + retryDelay,
      runCount: this.runCount,
      loop: this.loop
    })
  }

  /** A state as this run takes it over: what was left open is now, and this attempt's. */
  private adopt(state: State): State {
    if (state.tag === "Looped") {
      return { ...state, loopCount: state.loopCount ?? this.loop?.count ?? 1 }
    }
    if (!timed.includes(state.tag)) return state
    const startTime = state.startTime ?? (state.tag === "Paused" ? undefined : this.now)
    return { ...state, startTime, runCount: state.runCount ?? this.runCount }
  }

  private end(proposed: State): void {
    this.become(proposed)
    this.ended = true
  }

  private become(proposal: State): void {
    const from = this.state
    const proposed = this.adopt(proposal)
    const { ends, state } = settle(
      this.handlers,
      from,
      proposed,
      this.now,
      (state) => this.adopt(state)
    )
    this.state = state
    if (ends) this.ended = true
    const [was, would, is] = [from, proposed, state].map(print) as [string, string, string]
    this.changes.push({ at: this.now, from: was, proposed: would, to: is })
  }
}

const isThrownBy = (result: unknown, name: string): boolean =>
  typeof result === "object" && result !== null && "thrown" in result &&
  String(result.thrown).startsWith(`${name}(`)

/** The sum of all numbers in a value. */
const sum = (value: unknown): number => {
  if (typeof value === "number") return value
  if (typeof value !== "object" || value === null) return 0
  return Object.values(value).reduce((total: number, each) => total + sum(each), 0)
}

// -----------------------------------------------------------------------------
// One task
// -----------------------------------------------------------------------------

/** What became of a task: its own life, and those of its items if it fanned out. */
interface Story {
  readonly own: Life
  readonly items: ReadonlyArray<Life> | undefined
}

/** When all of a task is over. */
const endOf = ({ items, own }: Story): number =>
  items === undefined ? own.end : Math.max(own.end, ...items.map(({ end }) => end))

/** The states that stand for a task. */
const statesOf = ({ items, own }: Story): ReadonlyArray<State> =>
  items === undefined ? [own.state] : items.map(({ state }) => state)

const resultOf = ({ items, own }: Story): unknown =>
  items === undefined ? own.state.result : items.map(({ state }) => state.result)

/** How an input is told from a task that is only waited for. */
interface Edge {
  readonly key: string | undefined
  readonly mapped: boolean
  /** The task that it comes from; a value is a task that has ended with it. */
  readonly story: Story
}

const ofValue = (value: unknown): Story => ({
  own: { ...neverBegun, state: { tag: "Success", result: value }, end: 0 },
  items: undefined
})

const edgesOf = (task: TaskOf, stories: ReadonlyArray<Story>): ReadonlyArray<Edge> => [
  ...task.inputs.map(({ from, key, mapped, value }) => ({
    key,
    mapped,
    story: from === undefined ? ofValue(value) : stories[from]!
  })),
  ...task.after.map((from) => ({ key: undefined, mapped: false, story: stories[from]! }))
]

const whole = ({ key, story }: Edge): Dependency => ({
  key,
  states: statesOf(story),
  value: resultOf(story)
})

const tell = (flow: FlowOf, task: TaskOf, stories: ReadonlyArray<Story>): Story => {
  const edges = edgesOf(task, stories)
  if (edges.some(({ mapped }) => mapped)) return tellMapped(flow, task, edges)
  const begin = Math.max(0, ...edges.map(({ story }) => endOf(story)))
  if (begin === Infinity) return { own: neverBegun, items: undefined }
  const run = new Run(flow, task, edges.map(whole), neverBegun.state, begin)
  return { own: run.live(), items: undefined }
}

/** What one item gets from a list that is mapped over, or from the item of the same place. */
const share = (edge: Edge, place: number): Dependency => {
  const { key, mapped, story } = edge
  if (!mapped) return whole(edge)
  if (story.items !== undefined) {
    const { state } = story.items[place]!
    return { key, states: [state], value: state.result }
  }
  const { state } = story.own
  if (!isSuccessful(state)) return { key, states: [state], value: state.result }
  // A copy of the state for each item: it is told from that of the list itself.
  return { key, states: [{ ...state }], value: (state.result as ReadonlyArray<unknown>)[place] }
}

const lengthOf = ({ items, own }: Story): number =>
  items === undefined ? (own.state.result as ReadonlyArray<unknown>).length : items.length

/** How a mapped task fans out. */
const fanOut = (task: TaskOf, edges: ReadonlyArray<Edge>, resume: boolean): State => {
  const lists = edges.filter(({ mapped }) => mapped)
  const mappable = lists.filter(({ story }) => isSuccessful(story.own.state))
  if (mappable.length < lists.length) {
    const states = [...new Set(edges.flatMap(({ story }) => statesOf(story)))]
    const refused = refusal(task.trigger, states, edges.length, resume)
    if (refused !== undefined) return refused
    if (mappable.length === 0) {
      return { tag: "Failed", message: "No upstream states can be mapped over." }
    }
  }
  const isList = ({ story }: Edge) =>
    story.items !== undefined || Array.isArray(story.own.state.result)
  return mappable.every(isList)
    ? { tag: "Mapped", message: "Ready to proceed with mapping." }
    : { tag: "Failed", message: "At least one upstream state has an unmappable result." }
}

const tellMapped = (flow: FlowOf, task: TaskOf, edges: ReadonlyArray<Edge>): Story => {
  // A task that is mapped over need only have fanned out: its items are waited for one by one, unless
  // a list is missing, so that the trigger is asked about all items of the others.
  const isMissing = edges.some(({ mapped, story }) => mapped && !isSuccessful(story.own.state))
  const begin = Math.max(
    0,
    ...edges.map(({ mapped, story }) => mapped && !isMissing ? story.own.end : endOf(story))
  )
  if (begin === Infinity) return { own: neverBegun, items: undefined }
  const states = (edge: Edge): Dependency => ({
    ...whole(edge),
    states: edge.mapped ? [edge.story.own.state] : statesOf(edge.story)
  })
  const own = new Run(
    flow,
    task,
    edges.map(states),
    neverBegun.state,
    begin,
    { mapping: (resume) => fanOut(task, edges, resume) }
  ).live()
  if (own.state.tag !== "Mapped") return { own, items: undefined }
  const lists = edges.filter(({ mapped, story }) => mapped && isSuccessful(story.own.state))
  const length = Math.min(...lists.map(({ story }) => lengthOf(story)))
  const items = Array.from({ length }, (_, place) => tellItem(flow, task, edges, own, place))
  return { own, items }
}

const tellItem = (
  flow: FlowOf,
  task: TaskOf,
  edges: ReadonlyArray<Edge>,
  parent: Life,
  place: number
): Life => {
  const ends = edges.map(({ mapped, story }) => mapped ? story.items?.[place]?.end ?? 0 : 0)
  const begin = Math.max(parent.end, ...ends)
  if (begin === Infinity) return neverBegun
  const dependencies = edges.map((edge) => share(edge, place))
  return new Run(flow, task, dependencies, parent.begun, begin, { place }).live()
}

// -----------------------------------------------------------------------------
// One flow
// -----------------------------------------------------------------------------

const referencesOf = ({ references, tasks }: FlowOf): ReadonlyArray<number> => {
  if (references !== undefined) return references
  const used = new Set(tasks.flatMap(({ after, inputs }) => [
    ...after,
    ...inputs.flatMap(({ from }) => from ?? [])
  ]))
  return [...tasks.keys()].filter((place) => !used.has(place))
}

const flowState = (flow: FlowOf, stories: ReadonlyArray<Story>): State => {
  if (stories.some((story) => endOf(story) === Infinity)) {
    return { tag: "Failed", message: "Cannot finish flow" }
  }
  const references = referencesOf(flow).flatMap((place) => statesOf(stories[place]!))
  if (references.some(isFailed)) return { tag: "Failed", message: "Some reference tasks failed." }
  return references.every(isSuccessful)
    ? { tag: "Success", message: "All reference tasks succeeded." }
    : { tag: "Success", message: "No reference tasks failed." }
}

const tellFlow = (flow: FlowOf, stories: ReadonlyArray<Story>): Fate => {
  const handlers = flow.handlers.map(asked)
  const last = flow.tasks.length === 0 ? 0 : lastTime(stories)
  const changes: Array<Change> = []
  let state: State = { tag: "Scheduled" }
  const become = (proposed: State, at: number) => {
    const settled = settle(handlers, state, proposed, at, (state) => state).state
    changes.push({ at, from: print(state), proposed: print(proposed), to: print(settled) })
    state = settled
  }
  become({ tag: "Running", message: "Running flow." }, 0)
  become(flowState(flow, stories), last)
  return { changes, final: print(state), result: undefined }
}

/** When the last run came to its end, or to where it never goes on. */
const lastTime = (stories: ReadonlyArray<Story>): number =>
  Math.max(
    0,
    ...stories.flatMap(({ items, own }) =>
      [own, ...items ?? []].map(({ changes }) => changes.at(-1)?.at ?? 0)
    )
  )

const fateOf = ({ changes, end, state }: Life): Fate => ({
  changes,
  final: print(state),
  result: end === Infinity ? undefined : state.result
})

/** What becomes of a flow, by the rules. */
export const interpret = (flow: FlowOf): Told => {
  const stories: Array<Story> = []
  for (const task of flow.tasks) stories.push(tell(flow, task, stories))
  const fates = new Map<string, Fate>([["", tellFlow(flow, stories)]])
  stories.forEach((story, place) => {
    const result = endOf(story) === Infinity ? undefined : resultOf(story)
    fates.set(`t${place}`, { ...fateOf(story.own), result })
    story.items?.forEach((item, i) => {
      if (item !== neverBegun) fates.set(`t${place}[${i}]`, fateOf(item))
    })
  })
  const lives = stories.flatMap(({ items, own }) => [own, ...items ?? []])
  return {
    fates,
    isTimely: !lives.some(({ wasSentBack }) => wasSentBack)
  }
}
