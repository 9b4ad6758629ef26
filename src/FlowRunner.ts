/**
 * One run of one flow from its start to its end: the turns of its workers, approvals, interruption.
 *
 * Driven by events: a worker begins what the agenda has ready, and between the turns the run waits
 * for a task to end, an approval or the next time at which something is due.
 *
 * @module
 */
import { Cause, Clock, Context, DateTime, Effect, Exit, Fiber, Random, Scheduler } from "effect"
import { Agenda } from "./Agenda.ts"
import * as CachePolicy from "./CachePolicy.ts"
import * as Executor from "./Executor.ts"
import * as FlowOutcome from "./FlowOutcome.ts"
import type * as FlowGraph from "./FlowGraph.ts"
import * as Mapping from "./Mapping.ts"
import { RunContext } from "./RunContext.ts"
import * as ResultStore from "./ResultStore.ts"
import * as State from "./State.ts"
import * as StateHandler from "./StateHandler.ts"
import * as HandlerRunner from "./HandlerRunner.ts"
import * as StateChange from "./StateChange.ts"
import { inputsOf, TaskRun } from "./TaskRun.ts"
import * as TaskRunner from "./TaskRunner.ts"
import { OneQueue, type Work, Worker } from "./Worker.ts"
import {
  type FlowSubject,
  flowSubject,
  type HandlerCall,
  type Observer,
  observersIn,
  type Subject
} from "./Transition.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** What a flow run is asked to do. */
export interface Settings {
  readonly graph: FlowGraph.FlowGraph
  /** The handlers of the flow itself. */
  readonly handlers: ReadonlyArray<StateHandler.Any>
  /** The value of each parameter, defaults included. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** What bodies and handlers find as `values` in their run context. */
  readonly values: Readonly<Record<string, unknown>>
  /** How many bodies may run at the same time. */
  readonly concurrency: number
  /** The state that the flow begins with; `Scheduled` unless given. */
  readonly state: State.State | undefined
  /** The states that tasks begin with, by their place; `Pending` unless given. */
  readonly states: ReadonlyMap<number, State.State>
  /** The date of the run: when it begins, unless given. */
  readonly date: DateTime.Utc | undefined
  /** Whether results are written at their locations. */
  readonly checkpointing: boolean
  /** Decides on the final state, before the flow's handlers hear of it. */
  readonly terminalStateHandler: TerminalStateHandler | undefined
  /** Told of every run that is paused. */
  readonly onPause: ((pause: Pause) => Effect.Effect<unknown>) | undefined
}

/** Decides on the final state of a flow from the states of its reference tasks. */
export type TerminalStateHandler<E = unknown, R = never> = (
  subject: FlowSubject,
  state: State.State,
  referenceStates: ReadonlyArray<State.State>
) => Effect.Effect<State.State | void, E, R>

/** A run that waits for an approval. */
export interface Pause {
  readonly subject: Subject
  readonly state: State.Paused
  /** Approves the run; tells whether it still waited. */
  readonly resume: Effect.Effect<boolean>
}

/** What became of a flow run. */
export interface Outcome {
  readonly flowRunId: string
  readonly state: State.State
  /** The state of each task, by its place. */
  readonly states: ReadonlyArray<State.State>
}

// How long the handlers may take to hear that a run was interrupted.
const interruptionGrace = "5 seconds"

// So many bodies may want to go on before no more are started: those go first, and their workers take
// the next runs. Ten thousand that only give way need no ten thousand fibres.
const maxWaiting = 128

const runningFlow = State.running({ message: "Running flow." })

/** Runs a flow, and gives what became of it; what went wrong in tasks is in the states. */
export const run = (settings: Settings): Effect.Effect<Outcome> =>
  Effect.withFiber((fiber) => {
    const flowRun = new FlowRun(settings, fiber)
    const running = Effect.onInterrupt(flowRun.run(), () => flowRun.cancel())
    // Bodies find their own run in the context of the fibre; when the flow ends, or is interrupted,
    // the context is again what it was.
    return Effect.provideService(running, RunContext, flowRun)
  })

// -----------------------------------------------------------------------------
// The run
// -----------------------------------------------------------------------------

class FlowRun implements StateChange.FlowRunInfo, StateChange.Changing, RunContext, Work {
  readonly graph: FlowGraph.FlowGraph
  readonly flowRunId: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, unknown>>
  readonly scheduledStartTime: DateTime.Utc
  date: DateTime.Utc
  readonly states: ReadonlyArray<State.State>
  readonly observers: ReadonlyArray<Observer>
  readonly executor: Executor.Executor
  readonly execute: Work["execute"]
  readonly cache: CachePolicy.Cache
  readonly resultStore: ResultStore.ResultStore
  readonly checkpointing: boolean
  readonly subject: FlowSubject
  readonly handlers: ReadonlyArray<HandlerRunner.Resolved>
  readonly flowName: string
  readonly flow = this

  // The fields of a task in the run context are open for a flow.
  declare readonly taskName: undefined
  declare readonly taskFullName: undefined
  declare readonly taskSlug: undefined
  readonly taskTags: ReadonlyArray<string> = []
  declare readonly taskRunId: undefined
  readonly runCount = 1
  declare readonly mapIndex: undefined
  declare readonly loopCount: undefined
  declare readonly loopResult: undefined
  readonly resume = false

  state: State.State
  from: State.State
  log: ReadonlyArray<HandlerCall> | undefined = undefined
  ended = false
  sequence = 0

  private readonly settings: Settings
  private readonly limit: number
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private readonly context: Context.Context<never>
  /** What workers run in. */
  private readonly workerContext: Context.Context<never>
  private readonly clock: Clock.Clock
  private readonly dispatcher: Scheduler.SchedulerDispatcher
  private readonly queue: OneQueue
  private readonly inScope: ReadonlyArray<StateHandler.Any>
  readonly handlerLists: ReadonlyArray<ReadonlyArray<HandlerRunner.Resolved>>

  private readonly agenda: Agenda
  /** The callers that may approve a paused run. */
  private readonly pauses = new Set<Fiber.Fiber<unknown>>()
  /** The workers whose run is under way. */
  private readonly workers = new Set<Worker>()
  /** The time as it was last read, until something has happened that may have taken long. */
  private time: number | undefined = undefined
  /** Whether the flow or a worker lets others have a turn. */
  private givingWay = false
  /** Takes up the turns again, while they wait for a run to end. */
  private wake: (() => void) | undefined = undefined
  /** Whether a run has ended since the last turn. */
  private moved = false
  /** What an observer or the engine itself died of, in a run on a fibre of its own. */
  private broken: Cause.Cause<never> | undefined = undefined
  private over = false

  constructor(settings: Settings, fiber: Fiber.Fiber<unknown, unknown>) {
    const { graph } = settings
    this.graph = graph
    this.flowName = graph.flow
    this.settings = settings
    this.fiber = fiber
    this.parameters = settings.parameters
    this.values = settings.values
    this.limit = settings.concurrency
    this.context = fiber.context
    this.dispatcher = fiber.currentDispatcher
    this.queue = new OneQueue(fiber.getRef(Scheduler.Scheduler), this.dispatcher)
    // Flat, for each task adds its run to it: on top of many additions each would copy the whole.
    const services = new Map(fiber.context.mapUnsafe).set(Scheduler.Scheduler.key, this.queue)
    this.workerContext = Context.makeUnsafe(services)
    this.clock = fiber.getRef(Clock.Clock)
    this.cache = fiber.getRef(CachePolicy.Cache)
    this.resultStore = fiber.getRef(ResultStore.ResultStore)
    this.checkpointing = settings.checkpointing
    this.executor = fiber.getRef(Executor.Executor)
    this.execute = this.executor === Executor.local
      ? TaskRunner.advance
      : (run) => this.executeElsewhere(run)
    this.flowRunId = uuid(fiber.getRef(Random.Random))
    this.observers = observersIn(this.context)
    this.inScope = StateHandler.inScope(this.context)
    this.subject = flowSubject(graph.flow)
    this.handlers = this.handlersOf(settings.handlers)
    // A handler without a layer is told before anything runs.
    this.handlerLists = graph.handlerLists.map((list) => this.handlersOf(list))
    this.state = this.adopt(State.unwrap(settings.state ?? State.scheduled()))
    this.date = settings.date ?? DateTime.makeUnsafe(this.now())
    this.scheduledStartTime = DateTime.makeUnsafe(State.dueTime(this.state) ?? this.now())
    this.from = this.state
    this.agenda = new Agenda(this)
    this.states = this.agenda.states
  }

  readonly now = (): number => this.time ??= this.clock.currentTimeMillisUnsafe()
  /** Lets the clock be read again: what has just happened may have taken long. */
  readonly timePassed = (): void => {
    this.time = undefined
  }

  adopt(state: State.State): State.State {
    this.timePassed()
    return State.takeOver(state, this)
  }

  private handlersOf(list: ReadonlyArray<StateHandler.Any>): ReadonlyArray<HandlerRunner.Resolved> {
    const action = `Cannot run flow "${this.flowName}"`
    return HandlerRunner.resolve([...list, ...this.inScope], this.context, action)
  }

  // ---------------------------------------------------------------------------
  // From start to end
  // ---------------------------------------------------------------------------

  run(): Effect.Effect<Outcome> {
    return Effect.gen({ self: this }, function* () {
      if (State.isPending(this.state)) yield* this.begin()
      if (this.ended || !State.isRunning(this.state)) this.agenda.skip()
      else yield* this.visit()
      return { flowRunId: this.flowRunId, state: this.state, states: this.states }
    })
  }

  /** Lets the flow run when its time has come. */
  private *begin() {
    const time = State.dueTime(this.state) ?? 0
    if (time > this.now()) yield* this.sleepUntil(time)
    this.timePassed()
    this.date = this.settings.date ?? DateTime.makeUnsafe(this.now())
    yield* this.become(runningFlow)
  }

  private *visit() {
    this.agenda.begin(this.settings.states)
    for (const text of this.graph.warnings) yield* Effect.logWarning(text)
    yield* this.turns
    this.enter(this)
    const last = yield* (this.agenda.isFinished ? this.finalState() : this.stalledState())
    this.enter(this)
    yield* this.become(last)
    yield* this.keepResults()
    // A handler that leaves the flow running at its end would make it wait for nothing.
    if (!State.isRunning(this.state)) return
    const left = `the flow was left in ${this.state} by a handler`
    this.state = FlowOutcome.stalledState(this.flowName, [left])
  }

  private readonly turns: Effect.Effect<void> = Effect.catchCause(
    Effect.whileLoop({
      while: () => !this.over,
      body: () => this.turn(),
      step: () => {}
    }),
    (cause) => this.giveUp(cause)
  )

  private stalledState(): Effect.Effect<State.State> {
    const waiting = this.agenda.whatWaits()
    return Effect.map(Effect.uninterruptible(this.release), () => {
      this.agenda.settleMapped()
      return FlowOutcome.stalledState(this.flowName, waiting)
    })
  }

  /** What may be used again is kept at the end, so one flow run never uses its own results. */
  private keepResults(): Effect.Effect<void> {
    const kept = this.graph.keeping.flatMap((node) => {
      const key = TaskRunner.cacheKey(node, this.flowName)
      const results = Mapping.expand(this.states[node.index]!).filter(State.isCached)
      return results.map((state) => this.cache.keep(key, state, this.now()))
    })
    return Effect.all(kept, { discard: true })
  }

  private become(state: State.State): Effect.Effect<void> {
    this.timePassed()
    const rest = StateChange.change(this, this.state, state)
    if (rest === undefined) return Effect.void
    this.enter(this)
    return rest
  }

  /** What runs on a fibre from now on finds `run` as its run context. */
  private enter(run: RunContext): void {
    this.fiber.setContext(Context.add(this.context, RunContext, run))
  }

  // ---------------------------------------------------------------------------
  // Turns
  // ---------------------------------------------------------------------------

  /** Starts workers for what is ready, or gives what to wait for; without any, the flow is over. */
  private turn(): Effect.Effect<unknown> {
    if (this.broken !== undefined) return Effect.failCause(this.broken)
    this.moved = false
    this.timePassed()
    this.agenda.takeDue()
    this.queue.waiting = 0
    return this.hasWork ? this.startWorkers() : this.wait()
  }

  /** Ends with what the engine itself died of; nothing goes on behind its back. */
  private giveUp(broken: Cause.Cause<never>): Effect.Effect<never> {
    this.over = true
    const ended = Fiber.interruptAll(this.fibers([...this.workers]))
    return Effect.ensuring(Effect.andThen(ended, Effect.failCause(broken)), this.release)
  }

  /** The fibres of workers, and of whoever was asked about a pause. */
  private fibers(workers: ReadonlyArray<Worker>): ReadonlyArray<Fiber.Fiber<unknown, unknown>> {
    return [...workers.flatMap(({ fiber }) => fiber ?? []), ...this.pauses]
  }

  private get hasWork(): boolean {
    return this.workers.size < this.limit && this.agenda.hasReady && !this.givingWay
  }

  /** Starts workers until there is nothing to start, none may be added, or many wait for a turn. */
  private startWorkers(): Effect.Effect<void> {
    while (this.hasWork) {
      if (this.queue.waiting > maxWaiting) return this.giveWay
      const worker = new Worker(this)
      if (worker.while()) this.fork(worker)
    }
    return Effect.void
  }

  /** Gives a worker a fibre, as soon as there is something that needs one. */
  private fork(worker: Worker): void {
    this.workers.add(worker)
    const fiber = Effect.runForkWith(this.contextOf(worker.run ?? this))(worker.work())
    worker.fiber = fiber
    fiber.addObserver(this.onWorkerExit)
  }

  private readonly onWorkerExit = (exit: Exit.Exit<unknown>): void => {
    if (Exit.isSuccess(exit)) return
    this.broken = exit.cause
    this.scheduleWake()
  }

  /** Notes what someone has died of who is no body, for the next turn. */
  private readonly noteEnd = (exit: Exit.Exit<unknown>): Effect.Effect<void> => {
    if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) this.broken = exit.cause
    this.scheduleWake()
    return Effect.void
  }

  /** Lets a worker go that has nothing left to do. */
  dismiss(worker: Worker): void {
    if (this.workers.delete(worker)) this.scheduleWake()
  }

  /** What runs on a fibre of this context finds `run` as its run context. */
  contextOf(run: RunContext): Context.Context<never> {
    return Context.addUnsafe(this.workerContext, RunContext.key, run)
  }

  /** Lets bodies under way, timers and interruption have a turn; no worker is added meanwhile. */
  readonly giveWay: Effect.Effect<void> = Effect.suspend(() => {
    this.givingWay = true
    return Effect.map(Effect.yieldNow, () => {
      this.givingWay = false
      this.timePassed()
    })
  })

  /** Takes the next ready run for a worker. */
  takeRun(): TaskRun | undefined {
    return this.over ? undefined : this.agenda.take()
  }

  /** Lets other workers begin while one waits for its run. */
  share(): void {
    if (this.hasWork) this.scheduleWake()
  }

  private executeElsewhere(run: TaskRun): Effect.Effect<unknown, unknown> | undefined {
    if (run.isFanOut) return TaskRunner.advance(run)
    const request: Executor.Request = {
      flow: run.flowName,
      flowRunId: run.flowRunId,
      task: run.taskSlug,
      mapIndex: run.mapIndex,
      runCount: run.runCount,
      inputs: inputsOf(run),
      state: run.state
    }
    const driven = Effect.onExit(TaskRunner.drive(run), this.noteEnd)
    const here = Effect.map(driven, () => run.state)
    const executed = Effect.exit(Effect.suspend(() => this.executor.execute(request, here)))
    return Effect.flatMap(executed, (exit) => {
      // The next turn ends the flow.
      if (this.broken !== undefined) return Effect.never
      if (Exit.isSuccess(exit)) {
        run.awaiting = "change"
        run.ended = true
        run.state = exit.value
      } else TaskRunner.expectBody(run)
      return exit
    })
  }

  /** One hop for all runs that end in the same batch. */
  private scheduleWake(): void {
    const { wake } = this
    this.moved = true
    if (wake === undefined) return
    this.wake = undefined
    this.dispatcher.scheduleTask(wake, 0)
  }

  /** Waits for a run to end, an approval or the next due time; without any, the flow is over. */
  private wait(): Effect.Effect<unknown> {
    const { isFinished, nextTime } = this.agenda
    // What was sent back goes on at once when nothing else can, but not for ever.
    const isIdle = this.workers.size === 0
    if (isIdle && this.agenda.retrySentBack()) return Effect.void
    if (isIdle && (this.pauses.size === 0 || isFinished)) {
      if (nextTime !== undefined && !isFinished) return this.sleepUntil(nextTime)
      this.over = true
      // Who was asked about a pause that has ended by itself is no longer waited for.
      return Fiber.interruptAll(this.pauses)
    }
    const wake = Effect.callback<void>((resume) => {
      // The fibre of the flow may have had to yield before it got here.
      if (this.moved) return resume(Effect.void)
      this.wake = () => resume(Effect.void)
    })
    if (nextTime === undefined) return wake
    return Effect.raceFirst(wake, this.sleepUntil(nextTime))
  }

  private sleepUntil(time: number): Effect.Effect<void> {
    return Effect.sleep(time - this.now())
  }

  // ---------------------------------------------------------------------------
  // What a run was left in
  // ---------------------------------------------------------------------------

  /** Takes over what a run was left in. */
  settle(run: TaskRun): void {
    this.agenda.settle(run)
    if (run.state._tag === "Paused") this.announcePause(run, run.state)
  }

  /** Lets the caller approve a paused run; the flow waits as long as the caller takes. */
  private announcePause(run: TaskRun, state: State.Paused): void {
    const { onPause } = this.settings
    if (onPause === undefined) return
    const resume = Effect.suspend(() => {
      if (run.waits !== true || run.state !== state || this.over) return Effect.succeed(false)
      this.timePassed()
      run.waits = false
      run.start(State.resume({ message: "Approval given to resume.", startTime: this.now() }))
      // Whoever approves lends a fibre for it, and nothing else of what it has.
      const told = StateChange.observe(run, state, run.state) ?? Effect.void
      const settled = Effect.onExit(Effect.provideContext(told, this.context), (exit) => {
        this.agenda.resume(run)
        return this.noteEnd(exit)
      })
      return Effect.as(Effect.uninterruptible(settled), true)
    })
    const asked = Effect.suspend(() => onPause({ subject: run.subject, state, resume }))
    const fiber = Effect.runForkWith(this.context)(Effect.onExit(asked, this.noteEnd))
    this.pauses.add(fiber)
    fiber.addObserver(() => this.pauses.delete(fiber))
  }

  private finalState(): Effect.Effect<State.State> {
    const { agenda, graph, states } = this
    const { terminalStateHandler } = this.settings
    // Where all is well there is no need to look at each.
    const isWell = agenda.hasOnlySuccess && terminalStateHandler === undefined
    const references = isWell ? [] : FlowOutcome.referenceStates(graph, states)
    const proposed = FlowOutcome.finalState(graph, states, references)
    if (terminalStateHandler === undefined) return Effect.succeed(proposed)
    const asked = Effect.suspend(() => {
      const given = terminalStateHandler(this.subject, proposed, references)
      return HandlerRunner.check({ name: "terminalStateHandler" }, this, given)
    })
    return Effect.matchCause(asked, {
      onSuccess: (answer) => answer ?? proposed,
      onFailure: (cause) => FlowOutcome.brokenState(proposed, cause)
    })
  }

  // ---------------------------------------------------------------------------
  // Trouble
  // ---------------------------------------------------------------------------

  /**
   * Ends the runs that are under way, releases resources, and lets handlers and observers hear of
   * it. What sets a resource up or releases it is waited for instead.
   */
  cancel(): Effect.Effect<unknown> {
    this.over = true
    const workers = [...this.workers]
    const vital = new Set(this.cleanups.flatMap(({ index, edges }) => [index, ...takenBy(edges)]))
    const releasing = workers.filter(({ run }) => run !== undefined && vital.has(run.node.index))
    const underWay = workers.filter((worker) => !releasing.includes(worker))
    const steps = [
      Fiber.interruptAll(this.fibers(underWay)),
      this.tellCancelled([...underWay.flatMap(({ run }) => run ?? []), ...this.agenda.waitingRuns]),
      Fiber.awaitAll(releasing.flatMap(({ fiber }) => fiber ?? [])),
      this.release,
      this.tellCancelled([this])
    ]
    // What one of them dies of keeps none of the others.
    return steps.reduceRight((rest, step) => Effect.ensuring(step, rest))
  }

  private tellCancelled(runs: ReadonlyArray<TaskRun | this>): Effect.Effect<unknown> {
    return Effect.forEach(
      runs,
      (run) => Effect.timeoutOption(this.cancelRun(run), interruptionGrace),
      { concurrency: "unbounded", discard: true }
    )
  }

  private get cleanups(): ReadonlyArray<FlowGraph.Node> {
    return this.graph.nodes.filter(({ role }) => role === "cleanup")
  }

  /** Runs the cleanups that are still due, although what is before them has not ended. */
  private readonly release: Effect.Effect<void> = Effect.suspend(() => {
    const due = this.cleanups.filter(({ edges, index }) =>
      !State.isFinished(this.states[index]!) &&
      takenBy(edges).every((upstream) => isSetUp(this.states[upstream]!))
    )
    return Effect.forEach(due, (node) => {
      const run = new TaskRun(this, node)
      const released = Effect.provideService(TaskRunner.runBodyOf(run), RunContext, run)
      return Effect.map(released, () => this.agenda.settle(run))
    }, { discard: true })
  })

  private cancelRun(run: TaskRun | this): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (State.isFinished(run.state)) return Effect.void
      this.timePassed()
      const message = "Flow run was interrupted."
      const rest = StateChange.change(run, run.state, State.cancelled({ message }))
      return rest === undefined ? Effect.void : Effect.provideService(rest, RunContext, run)
    })
  }
}

/** The tasks whose results a task takes. */
const takenBy = (edges: ReadonlyArray<FlowGraph.Edge>): ReadonlyArray<number> =>
  edges.flatMap(({ key, upstream }) => key === undefined ? [] : upstream)

const isSetUp = (state: State.State): boolean =>
  State.isSuccessful(state) && !State.isSkipped(state)

/** A version 4 UUID, from a generator that a seed can fix. */
const uuid = (random: Context.Service.Shape<typeof Random.Random>): string =>
  "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[x4y]/g, (place) => {
    const digit = Math.floor(random.nextDoubleUnsafe() * 16)
    return place === "4" ? place : (place === "y" ? 8 + (digit & 3) : digit).toString(16)
  })
