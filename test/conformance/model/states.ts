/**
 * The states of the recorded engine, as plainly as they can be said: records that are changed in
 * place where that engine does so.
 *
 * @module
 */
import type { Json, JsonObject, StateRecord, StateText } from "../corpus.ts"

/** A state; two are the same only if they are one object. */
export interface ModelState {
  readonly type: string
  message: string | undefined
  /** Nothing is `null`. */
  result: Json
  /** Whether it was made with a result, be it nothing. */
  readonly hasResult: boolean
  /** The signal that made it, where that is no data. */
  readonly signal?: Json
  /** The states of all tasks, for those of flows. */
  tasks?: Map<string, ModelState>
  readonly startTime?: number | null
  readonly runCount?: number
  readonly loopCount?: number
  readonly cachedUntil?: number | null
  readonly inputs?: JsonObject
  readonly parameters?: JsonObject
  mapStates?: Array<ModelState | null>
  readonly nMapStates?: number
  readonly wraps?: ModelState
  /** The attempt in which it was made. */
  readonly attempt?: number | undefined
  /** The round of a loop in which the next attempt goes on. */
  readonly round?: number | undefined
}

const parents: Readonly<Record<string, ReadonlyArray<string>>> = {
  Scheduled: ["Pending"],
  Paused: ["Scheduled", "Pending"],
  Resume: ["Scheduled", "Pending"],
  Retrying: ["Scheduled", "Pending"],
  Cancelling: ["Running"],
  Looped: ["Finished"],
  Success: ["Finished"],
  Cached: ["Success", "Finished"],
  Mapped: ["Success", "Finished"],
  Skipped: ["Success", "Finished"],
  Cancelled: ["Finished"],
  Failed: ["Finished"],
  TimedOut: ["Failed", "Finished"],
  TriggerFailed: ["Failed", "Finished"],
  ValidationFailed: ["Failed", "Finished"]
}

/** Whether a state is of a class or below it. */
export const isA = ({ type }: ModelState, name: string): boolean =>
  name === "State" || type === name || (parents[type]?.includes(name) ?? false)

export const isFinished = (state: ModelState): boolean => isA(state, "Finished")
export const isSuccessful = (state: ModelState): boolean => isA(state, "Success")
export const isFailed = (state: ModelState): boolean => isA(state, "Failed")
export const isSkipped = ({ type }: ModelState): boolean => type === "Skipped"
export const isMapped = ({ type }: ModelState): boolean => type === "Mapped"
export const isPending = (state: ModelState): boolean => isA(state, "Pending")

/** Whether a state says when its run goes on. */
export const isTimed = (state: ModelState): boolean =>
  isA(state, "Scheduled") || state.type === "Queued"

const wrapping = new Set(["Submitted", "Queued", "ClientFailed"])

/** The check of a recorded name, such as `is_failed`. */
export const checkOf = (name: string): (state: ModelState) => boolean => {
  if (name === "is_meta_state") return ({ type }) => wrapping.has(type)
  if (name === "is_scheduled") return isTimed
  const [, word = ""] = /^is_(\w+)$/.exec(name) ?? []
  const type = word === "successful" ? "Success" : word[0]?.toUpperCase() + word.slice(1)
  return (state) => isA(state, type)
}

/** The state that counts where one is given: what is innermost, and nothing for an empty wrapper. */
export const unwrap = (state: ModelState | undefined): ModelState | undefined => {
  let inner = state
  while (inner?.wraps !== undefined) inner = inner.wraps
  return inner !== undefined && wrapping.has(inner.type) ? undefined : inner
}

/** What a state is made in. */
export interface Making {
  readonly now: number
  readonly attempt?: number | undefined
  readonly round?: number | undefined
}

/** What a state may be made with. */
export type Fields = {
  -readonly [K in keyof Omit<ModelState, "type" | "hasResult">]?: ModelState[K] | undefined
}

/** Makes a state; what is left open is filled in from where it is made. */
export const make = (type: string, fields: Fields, making: Making): ModelState => {
  const { message, result, ...others } = fields
  const known = Object.fromEntries(
    Object.entries(others).filter(([, value]) => value !== undefined)
  )
  const state: ModelState = {
    ...openFields(type, making),
    ...known,
    type,
    message: message ?? undefined,
    result: result ?? null,
    hasResult: result !== undefined
  }
  if (type !== "Mapped") return state
  const mapStates = fields.mapStates ?? []
  return { ...state, mapStates, nMapStates: fields.nMapStates ?? mapStates.length }
}

const openFields = (type: string, { attempt, now, round }: Making): Partial<ModelState> => {
  switch (type) {
    case "Paused":
      return { startTime: null, attempt }
    case "Scheduled":
    case "Resume":
      return { startTime: now, attempt }
    case "Retrying":
      return { startTime: now, attempt, runCount: attempt ?? 1 }
    case "Looped":
      return { loopCount: round ?? 1 }
    case "Cached":
      return { cachedUntil: null }
    default:
      return {}
  }
}

/** The state that a description asks for; `proposed` is the one that it replaces. */
export const given = (
  text: StateText,
  making: Making,
  proposed?: ModelState | undefined
): ModelState => {
  const { cachedForSeconds, keepResult, mapStates, startInSeconds, state, wraps, ...rest } = text
  const isKept = keepResult === true && proposed !== undefined
  return make(state, {
    ...rest,
    ...(isKept && proposed.hasResult ? { result: proposed.result } : {}),
    ...(isKept ? { tasks: proposed.tasks, signal: proposed.signal } : {}),
    ...(typeof startInSeconds === "number" ? { startTime: making.now + startInSeconds } : {}),
    ...(startInSeconds === null ? { startTime: null } : {}),
    cachedUntil: cachedForSeconds === undefined ? undefined : making.now + cachedForSeconds,
    mapStates: mapStates?.map((item) => item === null ? null : given(item, making)),
    wraps: wraps && given(wraps, making)
  }, making)
}

/** The brief form of a state. */
export const brief = ({ message, type }: ModelState): StateRecord => ({
  type,
  ...(message === undefined ? {} : { message })
})

/** The full form of a state; its signal stands as its result. */
export const full = (state: ModelState): StateRecord => {
  const result = state.tasks !== undefined ? "$tasks" : state.result ?? state.signal ?? null
  return { ...brief(state), ...(result === null ? {} : { result }), ...ownOf(state) }
}

const ownOf = (state: ModelState): Partial<StateRecord> => {
  switch (state.type) {
    case "Scheduled":
    case "Paused":
    case "Resume":
      return { startTime: state.startTime ?? null }
    case "Retrying":
      return { startTime: state.startTime ?? null, runCount: state.runCount! }
    case "Looped":
      return { loopCount: state.loopCount! }
    case "Cached":
      return { cachedUntil: state.cachedUntil ?? null }
    case "Mapped":
      return { nMapStates: state.nMapStates! }
    default:
      return {}
  }
}
