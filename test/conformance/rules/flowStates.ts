/**
 * How a flow ends, and what is known of its tasks then.
 *
 * @module
 */
import type { Handler, RunRecord, StateRecord, SubjectRecord, TaskRecord } from "../corpus.ts"
import { anything, like, oneOf, something, stateOf } from "../promises.ts"
import { eachSubject, isTold, ofRuns, type Rule } from "./rule.ts"

// -----------------------------------------------------------------------------
// Flow handlers
// -----------------------------------------------------------------------------

/** What a flow handler decides on is the flow's state; it keeps no run from ending. */
export const handlersDecideOnFlow: Rule = ofRuns((run, _text, { flow }) => {
  const { error, ...rest } = run
  const deciding = (flow.handlers ?? []).flatMap(decisionOf)
  if (error === undefined || deciding.length === 0 || error.type === "ValueError") return run
  return {
    ...rest,
    flow: {
      ...run.flow,
      final: oneOf(deciding.map(({ message, type }) => stateOf(type, (found) => found === message)))
    },
    tasks: withFinals(run)
  }
})

/** The state that a handler puts in place of another. */
const decisionOf = (handler: Handler): ReadonlyArray<StateRecord> => {
  if (handler.kind === "replace" || handler.kind === "raiseEndrun") {
    const { message, state } = handler.with
    return [{ type: state, ...(message === undefined ? {} : { message }) }]
  }
  if (handler.kind !== "raiseSignal") return []
  const { message, signal } = handler
  const type = signalStates[signal]
  if (type === undefined) return []
  return [{ type, ...(message === undefined ? {} : { message }) }]
}

const signalStates: Readonly<Record<string, string>> = {
  FAIL: "Failed",
  TRIGGERFAIL: "TriggerFailed",
  VALIDATIONFAIL: "ValidationFailed",
  SUCCESS: "Success",
  SKIP: "Skipped",
  RETRY: "Retrying",
  PAUSE: "Paused",
  LOOP: "Looped"
}

// -----------------------------------------------------------------------------
// The states of tasks
// -----------------------------------------------------------------------------

/** The states of all tasks are known however the flow ended. */
export const taskStatesAreKept: Rule = ofRuns((run) =>
  run.error === undefined && run.stalled === undefined ? { ...run, tasks: withFinals(run) } : run
)

const withFinals = (run: RunRecord): RunRecord["tasks"] =>
  Object.fromEntries(
    Object.entries(run.tasks).map(([name, task]) => [name, withFinal(task)])
  )

const withFinal = (task: TaskRecord): TaskRecord =>
  eachSubject(
    task,
    (subject) => subject.final === undefined ? { ...subject, final: leftIn(subject) } : subject
  )

/** A task that was never begun is pending; else its handlers may have had the last word. */
const leftIn = ({ transitions }: SubjectRecord): StateRecord =>
  transitions.length === 0 ? stateOf("Pending") : something

// -----------------------------------------------------------------------------
// Terminal state handlers
// -----------------------------------------------------------------------------

/** The terminal state handler is asked once, about the end. */
export const terminalHandlerIsAskedOnce: Rule = ofRuns((run) => {
  const { terminalHandlerCalls, ...flow } = run.flow
  if (terminalHandlerCalls === undefined || !isTold(run.flow)) return run
  const last = terminalHandlerCalls.filter(({ state }) => state.type !== "Running")
  return { ...run, flow: last.length === 0 ? flow : { ...flow, terminalHandlerCalls: last } }
})

// -----------------------------------------------------------------------------
// Parameters
// -----------------------------------------------------------------------------

/** A required parameter without a value is an error before anything runs, in a single pass too. */
export const parametersAreCheckedFirst: Rule = ofRuns((run, { mode, parameters = {} }, test) => {
  const missing = test.flow.tasks.filter((task) =>
    task.kind === "parameter" && (task.required ?? task.default === undefined) &&
    !Object.hasOwn(parameters, task.name)
  )
  if (mode !== "single" || missing.length === 0) return run
  const names = missing.map(({ name }) => name).toSorted().join(", ")
  return {
    flow: { transitions: [] },
    tasks: Object.fromEntries(Object.keys(run.tasks).map((name) => [name, { transitions: [] }])),
    elapsedSeconds: 0,
    error: {
      type: "ValueError",
      message: `Flow.run did not receive the following required parameters: ${names}`
    }
  }
})

// -----------------------------------------------------------------------------
// Flows that break off
// -----------------------------------------------------------------------------

/** What the engine could not map over, or a handler put in place of the fan-out, breaks no flow. */
export const mappingBreaksNoFlow: Rule = ofRuns((run) => {
  const { final } = run.flow
  if (final?.message?.startsWith?.("Unexpected error while running flow:") !== true) return run
  const tasks = Object.keys(run.tasks).map((name) => [name, something] as const)
  return {
    ...run,
    flow: like({ ...whatever, final: didNotBreak }),
    tasks: Object.fromEntries(tasks)
  }
})

const whatever = { transitions: something, handlerCalls: anything, onFailureCalls: anything }

const didNotBreak = oneOf(
  ["Success", "Failed"].map((type) =>
    stateOf(type, (message) => message?.startsWith("Unexpected error") === false)
  )
)
