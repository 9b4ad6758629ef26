/**
 * There are no passes: what is ready runs, what is due goes on, and what has ended stays as it is.
 *
 * @module
 */
import type {
  HandlerCallRecord,
  StateRecord,
  SubjectRecord,
  TaskRecord,
  TransitionRecord
} from "../corpus.ts"
import { anything, fewerThan, notLater, stateOf } from "../promises.ts"
import { eachState, eachSubject, isTold, ofRuns, ofTasks, ofTasksAlone, type Rule } from "./rule.ts"

// -----------------------------------------------------------------------------
// Nothing waits for a pass
// -----------------------------------------------------------------------------

/** What was sent back or approved goes on at once: the same happens, none of it later. */
export const nothingWaitsForAPass: Rule = ofRuns((run) => {
  if (run.elapsedSeconds === 0 || !Object.values(run.tasks).some(cameBack)) return run
  const tasks = Object.entries(run.tasks).map(([name, task]) =>
    [name, eachSubject(task, (subject) => eachState(subject, earlier))] as const
  )
  return {
    ...run,
    tasks: Object.fromEntries(tasks),
    elapsedSeconds: notLater(run.elapsedSeconds)
  }
})

/** Whether a task was taken up again that waited for nothing but the next pass. */
const cameBack = (task: TaskRecord): boolean =>
  [task, ...task.children ?? []].filter(isTold).some(({ transitions }) =>
    transitions.some(({ old }, i) => i > 0 && old.type !== "Running" && isPending(old.type))
  )

const isPending = (type: string): boolean =>
  ["Pending", "Scheduled", "Paused", "Resume", "Retrying"].includes(type)

const earlier = (state: StateRecord): StateRecord => {
  const { cachedUntil, startTime } = state
  if (typeof startTime !== "number" && typeof cachedUntil !== "number") return state
  return {
    ...state,
    ...(typeof startTime === "number" ? { startTime: notLater(startTime) } : {}),
    ...(typeof cachedUntil === "number" ? { cachedUntil: notLater(cachedUntil) } : {})
  }
}

// -----------------------------------------------------------------------------
// What has ended stays
// -----------------------------------------------------------------------------

/** A resource is set up and a secret is read once in a run, whatever is retried elsewhere. */
export const onceIsEnough: Rule = ofTasksAlone((task, { name, test, text }) => {
  const { constructs = [] } = test.flow
  const isOfResource = constructs.some((it) =>
    it.construct === "resource" && [`${it.name}.setup`, `${it.name}.cleanup`].includes(name)
  )
  if (!isOfResource && text?.kind !== "secret") return task
  const { calls, handlerCalls, transitions } = task
  const again = transitions.findIndex((change, i) => i > 0 && isFirstStart(change))
  if (again === -1) return task
  const start = transitions.slice(again).filter(isFirstStart).length + 1
  return {
    ...task,
    transitions: transitions.slice(0, again),
    ...(calls && { calls: calls.slice(0, Math.ceil(calls.length / start)) }),
    ...(handlerCalls && {
      handlerCalls: handlerCalls.slice(0, Math.ceil(handlerCalls.length / start))
    })
  }
})

const isFirstStart = ({ old }: TransitionRecord): boolean =>
  old.type === "Pending" && old.message === undefined

/** What a task has cached in a run is its result in this run, even when it expires meanwhile. */
export const cachedStaysCached: Rule = ofTasks((task) => eachSubject(task, untilCached))

const untilCached = <Subject extends SubjectRecord>(subject: Subject): Subject => {
  const { transitions } = subject
  const again = transitions.findIndex((change, i) => isInvalid(change) && wasCached(transitions, i))
  if (again === -1) return subject
  const { calls, final, handlerCalls } = subject
  return {
    ...subject,
    transitions: transitions.slice(0, again),
    ...(calls && { calls: fewerThan(calls) }),
    ...(handlerCalls && { handlerCalls: untilInvalid(handlerCalls) }),
    callbackCalls: anything,
    onFailureCalls: anything,
    ...(final && { final: stateOf("Cached") })
  }
}

const isInvalid = (change: TransitionRecord): boolean =>
  change.old.type === "Cached" && change.new.message === "Cache was invalid; ready to run."

const wasCached = (transitions: ReadonlyArray<TransitionRecord>, before: number): boolean =>
  transitions.slice(0, before).some((change) => change.new.type === "Cached")

const untilInvalid = (
  calls: ReadonlyArray<HandlerCallRecord>
): ReadonlyArray<HandlerCallRecord> => calls.slice(0, calls.findIndex(isInvalid))
