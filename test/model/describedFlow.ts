/** A description of a flow, built and run through the public API. */
import { Clock, Effect } from "effect"
import {
  Flow,
  RunContext,
  Signal,
  State,
  StateHandler,
  Task,
  type Transition,
  Trigger
} from "signalbox"
import { type FaultPlan, type Report, Simulation } from "signalbox/testing"
import type {
  Behaviour,
  Change,
  ErrorName,
  Fate,
  Fates,
  FlowOf,
  Given,
  Handler,
  Raised,
  Rule,
  TaskOf,
  TriggerOf
} from "./ReferenceModel.ts"

// -----------------------------------------------------------------------------
// Building
// -----------------------------------------------------------------------------

const errorClasses = { TypeError, RangeError }

const errorOf = (name: ErrorName, message: string): Error => new errorClasses[name](message)

const signalOf = ({ after, kind, ...options }: Raised, now: number): Signal.Signal => {
  const timed = { ...options, ...after === undefined ? {} : { startTime: now + after } }
  switch (kind) {
    case "Fail":
      return Signal.fail(options)
    case "TriggerFail":
      return Signal.triggerFail(options)
    case "ValidationFail":
      return Signal.validationFail(options)
    case "Success":
      return Signal.success(options)
    case "Skip":
      return Signal.skip(options)
    case "Loop":
      return Signal.loop(options)
    case "Retry":
      return Signal.retry(timed)
    default:
      return Signal.pause(timed)
  }
}

const stateOf = ({ after, tag, ...options }: Given, now: number): State.State =>
  State.make(tag as State.Tag, {
    ...options,
    ...after === undefined ? {} : { startTime: now + after }
  })

const answerOf = (
  answer: Rule["answer"],
  from: State.State
): Effect.Effect<State.State, unknown> => {
  // What needs no time is answered at once, without an effect to run.
  if (answer.do === "Keep") return Effect.succeed(from)
  if (answer.do === "Replace" && answer.state.after === undefined) {
    return Effect.succeed(stateOf(answer.state, 0))
  }
  return Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<State.State, unknown> => {
    switch (answer.do) {
      case "Replace":
        return Effect.succeed(stateOf(answer.state, now))
      case "Raise":
        return Effect.fail(signalOf(answer.signal, now))
      case "EndRun":
        return Effect.fail(Signal.endRun(stateOf(answer.state, now)))
      default:
        return Effect.fail(new Error(answer.message))
    }
  })
}

const handlerOf = ({ ignored, rules }: Handler): StateHandler.StateHandler => {
  const used = new Map<string, number>()
  const handle = StateHandler.make(
    (subject, from, to) => {
      const run = subject._tag === "Task" ? String(subject.mapIndex) : ""
      const keyOf = (i: number) => `${run}/${i}`
      const found = rules.findIndex((rule, i) =>
        rule.on === to._tag && (used.get(keyOf(i)) ?? 0) < rule.times
      )
      if (found < 0) return Effect.void
      used.set(keyOf(found), (used.get(keyOf(found)) ?? 0) + 1)
      return answerOf(rules[found]!.answer, from) as Effect.Effect<State.State | void>
    },
    ignored ? { policy: "ignore" } : {}
  )
  return handle as StateHandler.StateHandler
}

const namedTriggers = {
  allSuccessful: Trigger.allSuccessful,
  allFailed: Trigger.allFailed,
  anySuccessful: Trigger.anySuccessful,
  anyFailed: Trigger.anyFailed,
  allFinished: Trigger.allFinished,
  manualOnly: Trigger.manualOnly,
  notAllSkipped: Trigger.notAllSkipped
}

const triggerOf = ({ name, ...bounds }: TriggerOf): Trigger.Trigger<any> => {
  switch (name) {
    case "someFailed":
      return Trigger.someFailed(bounds)
    case "someSuccessful":
      return Trigger.someSuccessful(bounds)
    case "no":
      return () => false
    case "broken":
      return () => Effect.fail(new Error("broken trigger"))
    default:
      return namedTriggers[name]
  }
}

const sum = (value: unknown): number => {
  if (typeof value === "number") return value
  if (value instanceof Error || typeof value !== "object" || value === null) return 0
  return Object.values(value).reduce((total: number, each) => total + sum(each), 0)
}

const bodyOf = (behaviour: Behaviour, inputs: unknown): Effect.Effect<unknown, unknown> => {
  switch (behaviour.do) {
    case "Return": {
      const { sleep = 0, value } = behaviour
      return sleep === 0 ? Effect.succeed(value) : Effect.delay(Effect.succeed(value), sleep)
    }
    case "Gather":
      return Effect.succeed(inputs)
    case "Add":
      return Effect.succeed(sum(inputs))
    case "Fail":
      return Effect.fail(errorOf(behaviour.error, behaviour.message))
    case "Die":
      return Effect.die(errorOf(behaviour.error, behaviour.message))
    case "Raise":
      return Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.fail(signalOf(behaviour.signal, now))
      )
    default:
      return Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.fail(Signal.endRun(stateOf(behaviour.state, now)))
      )
  }
}

const taskOf = (name: string, described: TaskOf): Task.Task<any, unknown, unknown> => {
  const { calls, maxRetries, retryDelay, retryOn, skipOnUpstreamSkip, timeout } = described
  const called = new Map<string, number>()
  const retries = retryOn === undefined
    ? { maxRetries, retryDelay }
    : { maxRetries, retryDelay, retryOn: [errorClasses[retryOn]] }
  return Task.make(name, {
    handlers: described.handlers.map(handlerOf),
    trigger: triggerOf(described.trigger),
    skipOnUpstreamSkip,
    ...maxRetries > 0 ? retries : {},
    ...timeout === undefined ? {} : { timeout },
    run: (inputs: Readonly<Record<string, unknown>>) =>
      Effect.gen(function* () {
        const { mapIndex } = yield* RunContext.RunContext
        const call = called.get(String(mapIndex)) ?? mapIndex ?? 0
        called.set(String(mapIndex), call + 1)
        return yield* bodyOf(calls[Math.min(call, calls.length - 1)]!, inputs)
      })
  }) as Task.Task<any, unknown, unknown>
}

type Ref = Task.Ref<any, unknown>

const callOf = (place: number, described: TaskOf, refs: ReadonlyArray<Ref>) => {
  const name = `t${place}`
  const isMapped = described.inputs.some(({ mapped }) => mapped)
  const options = { slug: name, after: described.after.map((from) => refs[from]!) }
  const inputs = Object.fromEntries(described.inputs.map(({ from, key, mapped, value }) => {
    const given = from === undefined ? value : refs[from]!
    return [key, isMapped && !mapped ? Task.unmapped(given) : given]
  }))
  const task = taskOf(name, described)
  return isMapped ? Task.map(task, inputs as any, options) : task(inputs, options)
}

const flowOf = ({ handlers, references, tasks }: FlowOf): Flow.Flow<{}, unknown, unknown> =>
  Flow.make("described", { handlers: handlers.map(handlerOf) }, function* () {
    const refs: Array<Ref> = []
    for (const [place, described] of tasks.entries()) {
      refs.push(yield* callOf(place, described, refs) as Task.Call<any, unknown>)
    }
    if (references !== undefined) {
      yield* Flow.referenceTasks(...references.map((place) => refs[place]!))
    }
  }) as Flow.Flow<{}, unknown, unknown>

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/** What a value is to the model, which knows errors and signals by their printed form. */
const plain = (value: unknown): unknown => {
  if (value instanceof Error) {
    const message = value.message === "" ? "" : `'${value.message}'`
    return { thrown: `${value.name}(${message})` }
  }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

const keyOf = ({ subject }: Transition.Transition): string => {
  if (subject._tag === "Flow") return ""
  return subject.mapIndex === undefined ? subject.slug : `${subject.slug}[${subject.mapIndex}]`
}

/** What waits for what is for other tests to read. */
const print = (state: State.State): string =>
  String(state).replace(/^Failed\("Cannot finish flow.*/, 'Failed("Cannot finish flow")')

const fateOf = (
  changes: ReadonlyArray<Transition.Transition>,
  state: State.State,
  start: number
): Fate => ({
  changes: changes.map(({ at, from, proposed, to }): Change => ({
    at: at - start,
    from: print(from),
    proposed: print(proposed),
    to: print(to)
  })),
  final: print(state),
  result: State.isFinished(state) ? plain(state.result) : undefined
})

/** A described flow and the plan that approves its pauses, to be run on the simulated clock. */
export const toSimulate = (described: FlowOf) => {
  const { approveAfter: after, concurrency } = described
  const faults: FaultPlan.FaultPlan = after === undefined ? [] : [{ kind: "Resume", after }]
  return { flow: flowOf(described), concurrency, faults }
}

/** Runs a described flow on the simulated clock. */
export const runToReport = (described: FlowOf) => {
  const { flow, ...options } = toSimulate(described)
  return Simulation.run(flow, options)
}

/** What became of a described flow, by the report of its run. */
export const fatesIn = (described: FlowOf, report: Report.Report<unknown, unknown>): Fates => {
  const { run, trace } = report
  const changes = Map.groupBy(trace.changes, keyOf)
  const fates = new Map<string, Fate>()
  const add = (key: string, state: State.State) =>
    fates.set(key, fateOf(changes.get(key) ?? [], state, trace.start))
  add("", run.state)
  for (const place of described.tasks.keys()) {
    const state = run.stateOf(`t${place}`)
    add(`t${place}`, state)
    if (State.isMapped(state)) {
      state.mapStates.forEach((item, i) => {
        const key = `t${place}[${i}]`
        // An item that waits for something that never came has had no run.
        if (changes.has(key) || !State.isPending(item)) add(key, item)
      })
    }
  }
  return fates
}

/** What becomes of a described flow, by the engine. */
export const runDescribed = (described: FlowOf): Effect.Effect<Fates, unknown> =>
  Effect.map(runToReport(described), (report) => fatesIn(described, report))
