/**
 * Signals are no data: what raised SUCCESS or SKIP without a result has none.
 *
 * @module
 */
import type { Json, JsonObject, StateRecord, SubjectRecord } from "../corpus.ts"
import { something } from "../promises.ts"
import { eachState, eachSubject, ofTasks, type Place, type Rule } from "./rule.ts"

/** Tasks downstream of SUCCESS or SKIP get nothing instead of the signal. */
export const signalsAreNoData: Rule = ofTasks((task, place) => {
  const rewritten = eachSubject(task, withoutSignals)
  return isMerge(place) && rewritten !== task ? eachSubject(rewritten, withOtherBranch) : rewritten
})

/** A filter drops signals as it drops errors. */
export const filtersDropSignals: Rule = ofTasks((task, place) =>
  isFilter(place) ? eachSubject(task, (subject) => eachState(subject, dropSignals)) : task
)

const isMerge = ({ name, test }: Place): boolean =>
  test.flow.constructs?.some((it) => it.construct === "merge" && it.name === name) ?? false

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

/** A merge passes over the branch without a result, to the next one that has one, if any. */
const withOtherBranch = <Subject extends SubjectRecord>(subject: Subject): Subject =>
  eachState(
    subject,
    (state) =>
      state.type === "Success" && state.result === undefined
        ? { ...state, result: something }
        : state
  )

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
