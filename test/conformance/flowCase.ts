/**
 * Cases of flows: builds the flow, runs it as often as the case says, and writes down what happens.
 *
 * @module
 */
import { Cause, Clock, ConfigProvider, DateTime, Effect, Exit, Layer, Option } from "effect"
import {
  CachePolicy,
  Flow,
  type FlowGraph,
  ResultStore,
  State,
  StateHandler,
  Transition
} from "signalbox"
import type {
  ChildRecord,
  FlowCase,
  GraphRecord,
  JsonObject,
  RunRecord,
  RunText,
  SubjectRecord,
  TaskRecord
} from "./corpus.ts"
import { reasonOf, recordedName } from "./errors.ts"
import { buildFlow, type Built, provideSecrets } from "./flow.ts"
import { recordGraph } from "./graph.ts"
import { makeHandlers, only } from "./handlers.ts"
import { CaseLog, type RunLog, type SubjectLog } from "./log.ts"
import { answerPauses } from "./pauses.ts"
import { makeState } from "./states.ts"

/** What a case of a flow came to. */
export interface FlowOutcome {
  readonly runs: ReadonlyArray<RunRecord>
  readonly graph?: GraphRecord
}

/** Runs a case of a flow; its time begins at the epoch, in milliseconds since 1970. */
export const runFlowCase = (test: FlowCase, epoch: number): Effect.Effect<FlowOutcome> =>
  Effect.suspend(() => {
    const log = new CaseLog(epoch)
    const built = buildFlow(test.flow, log, epoch)
    const runs = Effect.forEach(test.runs ?? [{}], (run) => runOnce(built, run, log))
    const world = Layer.merge(
      CachePolicy.layerMemory,
      Layer.sync(ResultStore.ResultStore, () => recordingStore(test.store, log))
    )
    return Effect.flatMap(
      Effect.provide(runs, world),
      (runs) =>
        log.unknown.length > 0
          ? Effect.die(new Error(log.unknown[0]))
          : Effect.succeed({ runs, graph: recordGraph(built) })
    )
  })

/** A store in memory that writes down what is written into it. */
const recordingStore = (
  initial: JsonObject | undefined,
  log: CaseLog
): ResultStore.ResultStore => {
  const store = ResultStore.makeMemory(initial)
  return {
    read: store.read,
    write: (location, result) =>
      Effect.suspend(() => {
        log.run.writes.push({ location, value: log.value(result) })
        return store.write(location, result)
      })
  }
}

// -----------------------------------------------------------------------------
// One run
// -----------------------------------------------------------------------------

const runOnce = (built: Built, text: RunText, log: CaseLog): Effect.Effect<RunRecord> =>
  Effect.gen(function* () {
    yield* Effect.sleep((text.advanceSeconds ?? 0) * 1000)
    log.begin(text)
    const { run } = log
    const start = yield* Clock.currentTimeMillis
    const given = givenStates(text, start)
    const exit = yield* Effect.exit(
      text.mode === "single"
        ? onePass(runFlow(built, text, given, log), log)
        : runFlow(built, text, given, log)
    )
    const end = yield* Clock.currentTimeMillis
    return {
      ...recordRun(built, run, exit, given, log),
      elapsedSeconds: Math.floor((end - start) / 1000)
    }
  })

/** What is given to a run: states that were made when it began. */
interface Given {
  readonly flow: State.State | undefined
  readonly tasks: Readonly<Record<string, State.State>>
}

const givenStates = (
  { initialFlowState, initialTaskStates = {}, mode }: RunText,
  now: number
): Given => ({
  // A single pass begins with no state at all, which counts as Pending.
  flow: initialFlowState === undefined
    ? mode === "single" ? State.pending() : undefined
    : makeState(initialFlowState, now),
  tasks: Object.fromEntries(
    Object.entries(initialTaskStates).map(([name, state]) => [name, makeState(state, now)])
  )
})

type FlowExit = Exit.Exit<Flow.Run<unknown, unknown> | undefined, unknown>

const runFlow = (
  { attached, flow, names, schedule }: Built,
  text: RunText,
  given: Given,
  log: CaseLog
): Effect.Effect<Flow.Run<unknown, unknown>, unknown> => {
  const slugs = new Map([...names].map(([slug, name]) => [name, slug]))
  const runnerHandlers = makeHandlers(text.taskRunnerHandlers, log, "runnerHandlerCalls")
    .map((handler) => only(({ _tag }) => _tag === "Task", handler))
  const options = {
    parameters: text.parameters ?? {},
    ...contextOf(text),
    checkpointing: text.checkpointing,
    initialTaskStates: Object.fromEntries(
      Object.entries(given.tasks).map(([name, state]) => [slugs.get(name) ?? name, state])
    ),
    onPause: text.mode === "single" ? () => Effect.never : answerPauses(log.run)
  }
  const isServed = text.runOnSchedule !== false && text.mode !== "single"
  const run = schedule !== undefined && isServed
    ? Flow.serve(flow, schedule, options)
    : Flow.run(flow, { ...options, initialState: given.flow })
  const surroundings = Layer.mergeAll(
    StateHandler.layer(...attached, ...runnerHandlers),
    Transition.layer(keepLeft(log)),
    ConfigProvider.layer(provideSecrets(text.secrets))
  )
  return Effect.provide(run, surroundings)
}

/** What is passed along; a date that can be read is that of the run, and any other is none. */
const contextOf = ({ context = {} }: RunText) => {
  const { date, ...values } = context
  const isDate = typeof date === "string" && Option.isSome(DateTime.make(date))
  return isDate ? { values, date } : { values }
}

/** Keeps the state that everything was left in by its last change. */
const keepLeft = (log: CaseLog): Transition.Observer => ({ subject, to }) =>
  Effect.sync(() => {
    log.of(subject).left = to
  })

/**
 * All that can happen without time moving. What is still under way then is left as it is: what its
 * interruption brings about belongs to no run.
 */
const onePass = <A, E>(run: Effect.Effect<A, E>, log: CaseLog): Effect.Effect<A | undefined, E> => {
  const later = Effect.map(Effect.sleep(1), () => {
    log.begin({})
    return undefined
  })
  return Effect.raceFirst(run, later)
}

// -----------------------------------------------------------------------------
// What became of it
// -----------------------------------------------------------------------------

const recordRun = (
  built: Built,
  run: RunLog,
  exit: FlowExit,
  given: Given,
  log: CaseLog
): Omit<RunRecord, "elapsedSeconds"> => {
  const outcome = Exit.isSuccess(exit) ? exit.value : undefined
  const flowState = Exit.isSuccess(exit) ? outcome?.state ?? run.flow.left ?? given.flow : undefined
  const tasks: Record<string, TaskRecord> = {}
  for (const node of built.flow.graph.nodes) {
    const name = built.names.get(node.slug)!
    const state = Exit.isSuccess(exit)
      ? outcome?.stateOf(node.slug) ?? leftOf(run, node, given.tasks[name])
      : undefined
    tasks[name] = recordTask(run, node, state, log)
  }
  return {
    flow: recordSubject(run.flow, flowState, log),
    tasks,
    ...(run.prompts.length === 0 ? {} : { prompts: run.prompts.toSorted() }),
    ...(run.writes.length === 0 ? {} : { writes: run.writes.toSorted(byText) }),
    ...(Exit.isFailure(exit) ? { error: errorOf(exit.cause) } : {})
  }
}

const byText = (a: object, b: object): number => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1

/** What a task was left in by a run that was cut off. */
const leftOf = (
  run: RunLog,
  { constant, slug }: FlowGraph.Node,
  given: State.State | undefined
): State.State => {
  const logs = run.tasks.get(slug)
  const begun = constant === undefined ? State.pending() : State.success({ result: constant.value })
  const left = logs?.get(undefined)?.left ?? given ?? begun
  if (!State.isMapped(left)) return left
  const mapStates = Array.from(
    { length: left.nMapStates },
    (_, place) => logs?.get(place)?.left ?? left.mapStates[place] ?? State.pending()
  )
  return State.make("Mapped", { ...left, mapStates, result: mapStates.map(({ result }) => result) })
}

const errorOf = (cause: Cause.Cause<unknown>): { type: string; message: string } => {
  const error = Cause.squash(cause)
  return error instanceof Error
    ? { type: recordedName(error), message: reasonOf(error) }
    : { type: typeof error, message: String(error) }
}

const recordTask = (
  run: RunLog,
  { slug }: FlowGraph.Node,
  state: State.State | undefined,
  log: CaseLog
): TaskRecord => {
  const logs = run.tasks.get(slug)
  const own = recordSubject(logs?.get(undefined), state, log)
  const states = state !== undefined && State.isMapped(state) ? state.mapStates : []
  const count = Math.max(
    states.length,
    ...[...logs?.keys() ?? []].map((place) => (place ?? -1) + 1)
  )
  const children = Array.from({ length: count }, (_, mapIndex): ChildRecord => ({
    mapIndex,
    ...recordSubject(logs?.get(mapIndex), states[mapIndex], log)
  }))
  return children.length === 0 ? own : { ...own, children }
}

const lists = [
  "handlerCalls",
  "runnerHandlerCalls",
  "callbackCalls",
  "onFailureCalls",
  "printed",
  "calls",
  "terminalHandlerCalls"
] as const

const recordSubject = (
  subject: SubjectLog | undefined,
  state: State.State | undefined,
  log: CaseLog
): SubjectRecord => {
  const filled = subject === undefined ? [] : lists.filter((list) => subject[list].length > 0)
  return {
    transitions: subject?.transitions ?? [],
    ...Object.fromEntries(filled.map((list) => [list, subject![list]])),
    ...(state === undefined ? {} : { final: log.write(state) })
  }
}
