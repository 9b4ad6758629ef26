/**
 * The tables of all states and all signals.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { Signal, State } from "signalbox"
import type { Json, PredicatesCase } from "./corpus.ts"
import { guardNames, guardOf } from "./guards.ts"
import { translatePrinted } from "./printed.ts"
import { makeSignal, signalNames } from "./signals.ts"
import { writeState } from "./states.ts"
import type { Offset } from "./values.ts"

interface Tables {
  readonly states: Readonly<Record<string, unknown>>
  readonly signals: Readonly<Record<string, unknown>>
}

/** The tables of this engine, to be compared with {@link expectedTables}. */
export const runPredicatesCase = (offset: Offset): Effect.Effect<Tables> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const taker: State.Taker = { now: () => now, runCount: 1, loopCount: undefined }
    const states = State.tags.map((tag) => [tag, rowOf(tag, taker, offset)])
    const signals = signalNames.map((name) => [name, signalRow(name, taker, offset)])
    return { states: Object.fromEntries(states), signals: Object.fromEntries(signals) }
  })

const rowOf = (tag: State.Tag, taker: State.Taker, offset: Offset): unknown => {
  const state = State.takeOver(State.make(tag), taker)
  const { startTime } = state as Partial<State.Scheduled>
  return {
    parents: State.parents(tag),
    color: State.color(tag),
    predicates: Object.fromEntries(guardNames.map((name) => [name, guardOf(name)(state)])),
    repr: String(state),
    reprWithMessage: String(State.make(tag, { message: "hello" })),
    ...("startTime" in state
      ? { defaultStartTime: startTime ? offset(startTime.epochMilliseconds) : null }
      : {})
  }
}

const signalRow = (name: string, taker: State.Taker, offset: Offset): unknown => {
  const signal = makeSignal({ signal: name, message: "m" }, taker.now())
  const state = State.takeOver(Signal.toState(signal), taker)
  const { signal: made, ...written } = writeState(state, offset)
  return {
    state: state._tag,
    default: "result" in written ? written : { ...written, result: made }
  }
}

/**
 * The recorded tables in the form of this engine, where the common root of all states and the
 * parents of signals are types.
 */
export const expectedTables = ({ signals, states }: PredicatesCase["expected"]): Tables => ({
  states: mapValues(withoutRoot(states), ({ parents, repr, reprWithMessage, ...row }) => ({
    ...row,
    parents: (parents as ReadonlyArray<string>).filter((name) => !roots.has(name)),
    repr: translatePrinted(String(repr)),
    reprWithMessage: translatePrinted(String(reprWithMessage))
  })),
  signals: mapValues(signals, ({ parents: _parents, ...row }) => row)
})

const roots = new Set(["State", "_MetaState"])

const withoutRoot = ({ State: _root, ...states }: Readonly<Record<string, Row>>) => states

type Row = Readonly<Record<string, Json>>

const mapValues = (
  record: Readonly<Record<string, Row>>,
  change: (row: Row) => unknown
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).map(([key, row]) => [key, change(row)]))
