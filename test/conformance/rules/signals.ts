/**
 * Signals are no data: what raised SUCCESS or SKIP without a result has none.
 *
 * @module
 */
import type { Json, JsonObject, StateRecord, SubjectRecord, TaskRecord } from "../corpus.ts"
import { eachState, eachSubject, ofTasks, type Place, type Rule } from "./rule.ts"

/** Tasks downstream of SUCCESS or SKIP get nothing instead of the signal. */
export const signalsAreNoData: Rule = ofTasks((task, place) => {
  const rewritten = eachSubject(task, withoutSignals)
  return rewritten === task ? task : withMerged(rewritten, place)
})

// The recorded engine takes branches in the order of the texts "task_1", "task_10", "task_2", …
const inOrderOfTexts = 9

/** A merge takes its branches in the order they were given, however many there are. */
export const mergesGoInOrder: Rule = ofTasks((task, place) =>
  (branchesOf(place)?.length ?? 0) > inOrderOfTexts ? withMerged(task, place) : task
)

/** A filter drops signals as it drops errors. */
export const filtersDropSignals: Rule = ofTasks((task, place) =>
  isFilter(place) ? eachSubject(task, (subject) => eachState(subject, dropSignals)) : task
)

const branchesOf = ({ name, test }: Place): ReadonlyArray<string> | undefined => {
  for (const it of test.flow.constructs ?? []) {
    if (it.construct === "merge" && it.name === name) return it.tasks
  }
  return undefined
}

const isFilter = ({ name, test }: Place): boolean =>
  test.flow.constructs?.some((it) => it.construct === "filter" && it.name === name) ?? false

const withoutSignals = <Subject extends SubjectRecord>(subject: Subject): Subject => {
  const rewritten = eachState(subject, withoutSignal)
  const { calls } = rewritten
  if (calls === undefined || !calls.some(holdsSignal)) return rewritten
  return { ...rewritten, calls: calls.map((call) => erase(call) as JsonObject) }
}

const withoutSignal = (state: StateRecord): StateRecord => {
  if (state.result === undefined || !holdsSignal(state.result) || isMadeBySignal(state)) {
    return state
  }
  const { result, ...rest } = state
  const erased = erase(result)
  return erased === null ? rest : { ...rest, result: erased }
}

/** Whether a state has the signal that made it as its result: here it is in a field of its own. */
const isMadeBySignal = ({ message, result, type }: StateRecord): boolean =>
  result !== undefined && isSignal(result) && (result.$signal.message ?? undefined) === message &&
  (result.$signal.name === "SKIP") === (type === "Skipped")

/** The record of a merge with the first result that one of its branches has; of any other, as it is. */
const withMerged = (task: TaskRecord, place: Place): TaskRecord => {
  const branches = branchesOf(place)
  if (branches === undefined) return task
  const result = branches
    .map((branch) => place.runRecord.tasks[branch]?.final?.result)
    .find((result) => result !== undefined && result !== null && !isErased(result))
  return eachSubject(task, (subject) =>
    eachState(subject, (state, isBrief) => {
      const { result: recorded, ...rest } = state
      if (state.type !== "Success" || isBrief || recorded === result) return state
      return result === undefined ? rest : { ...rest, result }
    }))
}

const dropSignals = (state: StateRecord): StateRecord => {
  const { result } = state
  if (!Array.isArray(result) || result.every(isKept)) return state
  return { ...state, result: result.filter(isKept) }
}

/** Whether a filter keeps an item; a signal that is no data is nothing by now. */
const isKept = (item: Json): boolean => item !== null && !isSignal(item)

const endsWell = new Set(["SUCCESS", "SKIP"])

interface SignalRecord extends JsonObject {
  readonly $signal: { readonly name: string; readonly message: string | null }
}

const isSignal = (value: Json): value is SignalRecord =>
  typeof value === "object" && value !== null && "$signal" in value

const isErased = (value: Json): boolean => isSignal(value) && endsWell.has(value.$signal.name)

const holdsSignal = (value: Json): boolean => {
  if (isErased(value)) return true
  if (Array.isArray(value)) return value.some(holdsSignal)
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSignal)
}

const erase = (value: Json): Json => {
  if (isErased(value)) return null
  if (Array.isArray(value)) return value.map(erase)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, erase(item)]))
}
