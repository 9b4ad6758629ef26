/**
 * The records of a flow case in the form in which they are compared: what the engine keeps apart and
 * the recorded one does not is put where the recorded one has it.
 *
 * @module
 */
import type { FlowCase, RunRecord, StateRecord, TaskRecord } from "./corpus.ts"
import { inOrder } from "./graph.ts"
import { translateLiterals, translatePrinted } from "./printed.ts"
import type { FlowOutcome } from "./flowCase.ts"
import type { Written } from "./states.ts"
import { inNoOrder } from "./terminal.ts"

/** What a case expects, to be compared with {@link comparable}. */
export const expectedOf = ({ expected }: FlowCase): FlowOutcome => {
  const { graph, runs } = expected
  const translated = {
    runs: runs.map(translateRun),
    ...(graph === undefined ? {} : { graph: { ...graph, edges: inOrder(graph.edges) } })
  }
  return translateTexts(translated) as FlowOutcome
}

const translateRun = ({ passes: _passes, ...run }: RunRecord): RunRecord => ({
  ...run,
  flow: translateSubject(run.flow),
  tasks: Object.fromEntries(
    Object.entries(run.tasks).map(([name, task]) => [name, translateSubject(task)])
  )
})

const translateSubject = <Subject extends TaskRecord>(subject: Subject): Subject => {
  const { children, printed, terminalHandlerCalls } = subject
  return {
    ...subject,
    ...(children && { children: children.map(translateSubject) }),
    ...(printed && { printed: printed.map(translatePrinted) }),
    ...(terminalHandlerCalls && {
      terminalHandlerCalls: terminalHandlerCalls.map(({ referenceStates, state }) => ({
        state,
        referenceStates: inNoOrder(referenceStates)
      }))
    })
  }
}

/** All names and messages with the values as they are printed here. */
const translateTexts = (value: unknown): unknown => {
  if (typeof value === "string") return translateLiterals(value)
  if (Array.isArray(value)) return value.map(translateTexts)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [translateLiterals(key), translateTexts(item)])
  )
}

/**
 * What a case came to, in the form of what it expects: the signal of a state stands as its result
 * where one is expected, and the result of a flow that has task states counts as those.
 */
export const comparable = (expected: FlowOutcome, got: FlowOutcome): FlowOutcome => {
  const result = align(expected, got) as FlowOutcome
  if (expected.graph !== undefined) return result
  const { graph: _graph, ...rest } = result
  return rest
}

/** Puts what is kept apart where it is expected; see {@link comparable}. */
export const align = (expected: unknown, got: unknown): unknown => {
  if (Array.isArray(got)) {
    return got.map((item, i) => align(Array.isArray(expected) ? expected[i] : undefined, item))
  }
  if (typeof got !== "object" || got === null) return got
  const counterpart = (expected ?? {}) as Readonly<Record<string, unknown>>
  const aligned = Object.fromEntries(
    Object.entries(got).map(([key, value]) => [key, align(counterpart[key], value)])
  )
  return isWritten(got) ? alignState(counterpart as Partial<StateRecord>, aligned) : aligned
}

const isWritten = (value: object): value is Written => "type" in value

const alignState = (
  expected: Partial<StateRecord>,
  { signal, ...state }: Readonly<Record<string, unknown>>
): unknown => {
  if (expected.result === "$tasks") return { ...state, result: "$tasks" }
  const wantsSignal = state.result === undefined && isSignal(expected.result)
  return wantsSignal && signal !== undefined ? { ...state, result: signal } : state
}

const isSignal = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "$signal" in value
