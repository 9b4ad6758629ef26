/**
 * What a bar of the timeline says about itself.
 */
import type { TraceLine } from "signalbox/testing"
import { formatElapsed, formatSpan } from "../run/Elapsed.ts"
import type { Bar } from "../run/Bars.ts"
import { printState, type Run } from "../run/Run.ts"
import { lookOf } from "../run/StateLook.ts"
import { node } from "./element.ts"
import { stateLabel } from "./StateLabel.ts"

/** The time from the beginning of a bar to its end, or to the end of the run so far. */
const spanOf = (run: Run, { change, until }: Bar): readonly [from: number, to: number] => [
  run.times[change]!,
  until === -1 ? run.duration : run.times[until]!
]

/** A bar in one sentence. */
export const sayBar = (run: Run, bar: Bar): string => {
  const { from, run: attempt, to } = run.changes[bar.change]!
  const [begin, end] = spanOf(run, bar)
  if (bar.count > 1) {
    return `${bar.count} changes from ${formatElapsed(begin)} to ${formatElapsed(end)}`
  }
  const message = to.message === undefined ? "" : `: ${to.message}`
  const when = bar.kind === "mark" || end === begin
    ? `at ${formatElapsed(begin)}`
    : `${formatElapsed(begin)} to ${formatElapsed(end)}, ${formatSpan(end - begin)}`
  return `${from.tag} to ${to.tag}${message}, attempt ${attempt}, ${when}`
}

/** All that there is to say about a bar. */
export const describeBar = (run: Run, bar: Bar): ReadonlyArray<HTMLElement> => {
  const change = run.changes[bar.change]!
  const subject = run.subjects[run.subjectOf[bar.change]!]!
  const title = node("strong", {}, subject.name)
  const attempt = subject.id === 0 ? "" : `attempt ${change.run}`
  const head = node(
    "div",
    { className: "tip-head" },
    title,
    quiet(attempt),
    quiet(whenOf(run, bar))
  )
  if (bar.count > 1) {
    return [head, node("p", {}, `${bar.count} changes that are too close to be told apart here`)]
  }
  const states = node("p", { className: "tip-states" }, ...statesOf(change))
  const parts = [head, states, ...messageOf(change.to), ...callsOf(change), ...payloadOf(change.to)]
  const due = change.to["startTime"]
  if (typeof due === "string" && bar.kind === "wait") {
    const at = Date.parse(due) - run.header.start
    parts.push(node("p", { className: "quiet" }, `until ${formatElapsed(at)}`))
  }
  return parts
}

const quiet = (text: string): HTMLElement => node("span", { className: "quiet" }, text)

const whenOf = (run: Run, bar: Bar): string => {
  const [begin, end] = spanOf(run, bar)
  return bar.kind === "mark" || begin === end
    ? formatElapsed(begin)
    : `${formatElapsed(begin)} – ${formatElapsed(end)} (${formatSpan(end - begin)})`
}

const statesOf = ({ from, proposed, to }: TraceLine.Change): ReadonlyArray<HTMLElement | string> =>
  proposed === undefined
    ? [stateLabel(from.tag), " → ", stateLabel(to.tag)]
    : [stateLabel(from.tag), " → ", node("s", {}, proposed.tag), " ⇒ ", stateLabel(to.tag)]

const messageOf = ({ message }: TraceLine.State): ReadonlyArray<HTMLElement> =>
  message === undefined ? [] : [node("p", { className: "tip-message" }, message)]

/** Only calls that made a difference: the others are in the list of all calls. */
const callsOf = ({ handlers = [] }: TraceLine.Change): ReadonlyArray<HTMLElement> =>
  handlers.filter(({ decided, error }) => decided !== undefined || error !== undefined)
    .map(({ decided, error, handler }) =>
      node(
        "p",
        {},
        quiet(`${handler} ⇒ `),
        decided === undefined ? short(error) : printState(decided)
      )
    )

const payloadOf = ({ result, signal }: TraceLine.State): ReadonlyArray<HTMLElement> => {
  const value = signal ?? result
  return value === undefined ? [] : [node("p", { className: "tip-payload" }, short(value))]
}

const shortest = 200

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? ""
  return text.length > shortest ? `${text.slice(0, shortest)}…` : text
}

/** The glyph that is drawn on a bar, where there is room for it. */
export const glyphOf = (run: Run, { change, count, isReplaced }: Bar): string =>
  count > 1 ? "" : `${isReplaced ? "⇒" : ""}${lookOf(run.changes[change]!.to.tag).glyph}`
