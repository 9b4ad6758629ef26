/**
 * States as recorded cases describe them, and as they write them down.
 *
 * @module
 */
import { DateTime } from "effect"
import { State } from "signalbox"
import type { Json, StateRecord, StateText } from "./corpus.ts"
import { recordedMessage } from "./errors.ts"
import { type Offset, record } from "./values.ts"

/** The kind of state that a name stands for. */
export const tagOf = (name: string): State.Tag => {
  const tag = State.tags.find((tag) => tag === name)
  if (tag === undefined) throw new Error(`Unknown state: ${name}`)
  return tag
}

/** Whether a state is of a named class or below it; every state is a `State`. */
export const isNamed = (state: State.State, name: string): boolean =>
  name === "State" || State.isKind(state, tagOf(name))

/**
 * The state that a description asks for, made at a time in milliseconds since 1970; `proposed` is
 * the state that it replaces.
 */
export const makeState = (text: StateText, now: number, proposed?: State.State): State.State => {
  const { cachedForSeconds, mapStates, message, startInSeconds, wraps, ...counts } = text
  const kept = text.keepResult === true && proposed !== undefined
  return State.make(tagOf(text.state), {
    message,
    result: kept ? proposed.result : text.result ?? undefined,
    signal: kept ? proposed.signal : undefined,
    startTime: typeof startInSeconds === "number" ? now + startInSeconds * 1000 : startInSeconds,
    expiration: cachedForSeconds === undefined ? undefined : now + cachedForSeconds * 1000,
    mapStates: mapStates?.map((item) => item === null ? State.pending() : makeState(item, now)),
    state: wraps && makeState(wraps, now),
    runCount: counts.runCount,
    loopCount: counts.loopCount,
    nMapStates: counts.nMapStates
  })
}

/** A state as it is written down, with the signal that made it apart from its data. */
export interface Written extends StateRecord {
  readonly signal?: Json
}

/** The brief form of a state. */
export const writeBrief = ({ _tag, message }: State.State): StateRecord => ({
  type: _tag,
  ...(message === undefined ? {} : { message: recordedMessage(message) })
})

/** The full form of a state. */
export const writeState = (state: State.State, offset: Offset): Written => {
  const result = record(state.result, offset)
  const signal = record(state.signal, offset)
  return {
    ...writeBrief(state),
    ...(result === null ? {} : { result }),
    ...(signal === null ? {} : { signal }),
    ...writeOwn(state, offset)
  }
}

/** The fields that only states of its kind have. */
const writeOwn = (state: State.State, offset: Offset): Partial<StateRecord> => {
  switch (state._tag) {
    case "Scheduled":
    case "Paused":
    case "Resume":
      return { startTime: timeOf(state.startTime, offset) }
    case "Retrying":
      return { startTime: timeOf(state.startTime, offset), runCount: state.runCount ?? 1 }
    case "Looped":
      return { loopCount: state.loopCount ?? 1 }
    case "Cached":
      return { cachedUntil: timeOf(state.expiration, offset) }
    case "Mapped":
      return { nMapStates: state.nMapStates }
    default:
      return {}
  }
}

const timeOf = (time: DateTime.Utc | null | undefined, offset: Offset): number | null =>
  time === undefined || time === null ? null : offset(DateTime.toEpochMillis(time))
