/**
 * Lines of a trace without anything that the program may have written.
 *
 * What stays: the names, kinds, edges, handlers and tags of the flow and its tasks, the seed and the
 * faults; of a state its kind, its attempt and its times. What goes: messages, results, payloads of
 * signals, causes, what handlers failed with, printed text and the reason of an end.
 *
 * @module
 */
import * as TraceLine from "../testing/TraceLine.ts"

const keptOfStates = new Set(["tag", "startTime", "runCount", "loopCount"])

/** The text that stands where something was. */
export const hidden = "(hidden)"

/** A line as it may be shown to anyone. */
export const redact = (line: TraceLine.TraceLine): TraceLine.TraceLine => {
  if (TraceLine.isHeader(line)) return line
  if (TraceLine.isLog(line)) return { ...line, log: hidden }
  if (TraceLine.isEnd(line)) {
    return line.error === undefined ? line : { ...line, error: hidden }
  }
  const { from, handlers, proposed, to, ...rest } = line
  return {
    ...rest,
    from: stateOf(from),
    to: stateOf(to),
    ...proposed === undefined ? {} : { proposed: stateOf(proposed) },
    ...handlers === undefined ? {} : { handlers: handlers.map(callOf) }
  }
}

const stateOf = (state: TraceLine.State): TraceLine.State => ({
  tag: state.tag,
  ...Object.fromEntries(Object.entries(state).filter(([key]) => keptOfStates.has(key)))
})

const callOf = ({ decided, error, handler }: TraceLine.HandlerCall): TraceLine.HandlerCall => ({
  handler,
  ...decided === undefined ? {} : { decided: stateOf(decided) },
  ...error === undefined ? {} : { error: hidden }
})
