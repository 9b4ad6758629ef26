/**
 * A run as a list of its changes: to store, to hash, to read and to compare.
 *
 * @module
 */
import * as State from "../State.ts"
import type { HandlerCall, Transition } from "../Transition.ts"
import * as Canonical from "./Canonical.ts"
import { sha256 } from "./Sha256.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** The changes of a run, in the order in which they happened. */
export interface Trace {
  /** When the run started, on its clock, in milliseconds since 1970. */
  readonly start: number
  /** The first changes, as many as the bound of the trace. */
  readonly changes: ReadonlyArray<Transition>
  /** How many later changes were not kept. */
  readonly dropped: number
}

/** Where two traces part. */
export interface Difference {
  /** How many changes they have in common. */
  readonly common: number
  /** The first line that differs, of the one; open where it has ended. */
  readonly left: string | undefined
  /** The same of the other. */
  readonly right: string | undefined
  /** What led to it: the last changes in common, readable. */
  readonly before: ReadonlyArray<string>
}

/** How many changes a trace keeps unless told otherwise; it counts those that come later. */
export const defaultBound = 100_000

// -----------------------------------------------------------------------------
// Canonical form
// -----------------------------------------------------------------------------

/**
 * The trace as lines of JSON, one for each change, the same bytes for the same run.
 *
 * Fields in order: `at` in virtual milliseconds since the start, `flow`, `task` (its slug), `index`
 * of a mapped item, `run` count, `from`, `to`, `proposed` where a handler changed it, `handlers`
 * with what each decided. Values are written as in `Canonical`.
 */
export const lines = (self: Trace): ReadonlyArray<string> => {
  const changes = self.changes.map((change) => JSON.stringify(changeToJson(self.start, change)))
  return self.dropped === 0 ? changes : [...changes, JSON.stringify({ dropped: self.dropped })]
}

/** The SHA-256 of the lines, each with a line feed at its end. */
export const hash = (self: Trace): string => sha256(lines(self).map((line) => `${line}\n`).join(""))

/**
 * One change as an object of {@link lines}. Most states come twice, as what a run went to and as what
 * it went on from: those in `known` are not written anew.
 */
export const changeToJson = (
  start: number,
  change: Transition,
  known?: WeakMap<object, Canonical.Json>
): { readonly [key: string]: Canonical.Json } => {
  const { at, flow, from, handlers, proposed, runCount, subject, to } = change
  const task = subject._tag === "Task"
    ? {
      task: subject.slug,
      ...subject.mapIndex === undefined ? {} : { index: subject.mapIndex }
    }
    : {}
  const left = Canonical.toJson(to)
  const before = known?.get(from) ?? Canonical.toJson(from)
  known?.delete(from)
  // What ends well is seldom gone on from, and may be kept for long.
  if (!State.isSuccessful(to)) known?.set(to, left)
  return {
    at: at - start,
    flow,
    ...task,
    run: runCount,
    from: before,
    to: left,
    ...proposed === to ? {} : { proposed: Canonical.toJson(proposed) },
    ...handlers.length === 0 ? {} : { handlers: handlers.map(callToJson) }
  }
}

const callToJson = ({ decided, error, handler, proposed }: HandlerCall): Canonical.Json => ({
  handler,
  ...decided === proposed ? {} : { decided: Canonical.toJson(decided) },
  ...error === undefined ? {} : { error: Canonical.toJson(error) }
})

// -----------------------------------------------------------------------------
// Comparison
// -----------------------------------------------------------------------------

const shownBefore = 5

/** The first difference of two traces, if they have one. */
export const compare = (left: Trace, right: Trace): Difference | undefined => {
  const [one, two] = [lines(left), lines(right)]
  const length = Math.max(one.length, two.length)
  for (let common = 0; common < length; common++) {
    if (one[common] === two[common]) continue
    return {
      common,
      left: one[common],
      right: two[common],
      before: left.changes.slice(Math.max(0, common - shownBefore), common)
        .map((change) => formatSubjectChange(left.start, change))
    }
  }
  return undefined
}

/** A difference in a few lines, for people. */
export const formatDifference = ({ before, common, left, right }: Difference): string =>
  [
    `The traces have ${common} changes in common${before.length === 0 ? "." : ", the last ones:"}`,
    ...before.map((line) => `  ${line}`),
    "Then one has",
    `  ${left ?? "ended"}`,
    "and the other",
    `  ${right ?? "ended"}`
  ].join("\n")

// -----------------------------------------------------------------------------
// Readable form
// -----------------------------------------------------------------------------

/**
 * A time since the start: `HH:MM:SS`, with more hours where a day is not enough and with `.mmm`
 * where it is no whole second.
 */
export const formatElapsed = (millis: number): string => {
  const sign = millis < 0 ? "-" : ""
  const whole = Math.abs(Math.round(millis))
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  const fraction = whole % 1000 === 0 ? "" : `.${String(whole % 1000).padStart(3, "0")}`
  const seconds = whole / 1000
  return `${sign}${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`
}

/** A change in one line: `00:00:00 Pending() → Running("Starting task run.")`. */
export const formatChange = (start: number, { at, from, to }: Transition): string =>
  `${formatElapsed(at - start)} ${from} → ${to}`

const formatSubjectChange = (start: number, change: Transition): string =>
  `${formatElapsed(change.at - start)} ${nameOf(change)} ${change.from} → ${change.to}`

/** What a change is about, as tables and diagrams call it. */
export const nameOf = ({ flow, subject }: Transition): string =>
  subject._tag === "Flow"
    ? flow
    : subject.mapIndex === undefined
    ? subject.slug
    : `${subject.slug}[${subject.mapIndex}]`

/** The trace as a table of plain text: time, subject, attempt, change, handlers. */
export const formatTable = (self: Trace): string => {
  const header = ["time", "of", "run", "from", "to", "handlers"]
  const rows = self.changes.map((change) =>
    [
      formatElapsed(change.at - self.start),
      nameOf(change),
      String(change.runCount),
      String(change.from),
      String(change.to),
      change.handlers.map(formatCall).join(", ")
    ].map(cell)
  )
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length))
  )
  const print = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  const more = self.dropped === 0 ? [] : [`… and ${self.dropped} more`]
  return [print(header), ...rows.map(print), ...more].join("\n")
}

const maxCell = 100

/** What fits into one row: without line breaks, and not wider than can be read. */
const cell = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ")
  return line.length <= maxCell ? line : `${line.slice(0, maxCell - 1)}…`
}

const formatCall = ({ decided, error, handler, proposed }: HandlerCall): string =>
  error !== undefined
    ? `${handler} failed`
    : decided === proposed
    ? handler
    : `${handler} → ${decided._tag}`
