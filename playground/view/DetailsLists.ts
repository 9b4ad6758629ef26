/**
 * The lists among the details: calls of handlers, changes of state, and what was printed.
 */
import type { TraceLine } from "signalbox/testing"
import { formatElapsed } from "../run/Elapsed.ts"
import type { Run } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import { makeList, type Moment, type OnlySelected, printerOf } from "./DetailsList.ts"
import type { Panel } from "./Panel.ts"
import { type Child, node } from "./element.ts"
import { stateLabel } from "./StateLabel.ts"

type State = TraceLine.State

const nameOf = (run: Run, { subject }: Moment): string => run.subjects[subject]?.name ?? ""

const subjectOf = (run: Run, row: Moment): HTMLElement =>
  node("span", { className: "subject" }, nameOf(run, row))

const messageOf = ({ message }: State): string => message ?? ""

/** States one after the other, with the sign of what made the next of each. */
const chain = (...parts: ReadonlyArray<State | "→" | "⇒">): HTMLElement =>
  node(
    "span",
    { className: "chain" },
    ...parts.map((part) =>
      typeof part === "string"
        ? node("span", { className: "arrow" }, part)
        : stateLabel(part.tag, messageOf(part))
    )
  )

// -----------------------------------------------------------------------------
// Changes
// -----------------------------------------------------------------------------

interface Event extends Moment {
  readonly change: number
}

/** Makes the list of all changes of state. */
export const makeEventsPanel = (store: Store, only: OnlySelected): Panel =>
  makeList<Event>(store, only, {
    label: "Events",
    width: "46rem",
    columns: [
      ["Time", "6.5rem", 1],
      ["Subject", "minmax(8rem, 1fr)", 1],
      ["Attempt", "4rem", 1],
      ["Change", "minmax(15rem, 1.4fr)", 2],
      ["Message", "minmax(12rem, 2fr)", 2]
    ],
    extend: (run, next, add) => {
      for (let change = next; change < run.changes.length; change++) {
        add({ change, cursor: change + 1, subject: run.subjectOf[change]! })
      }
      return run.changes.length
    },
    textOf: (run, row) => {
      const { from, to } = run.changes[row.change]!
      return `${nameOf(run, row)} ${from.tag} ${to.tag} ${messageOf(to)}`
    },
    cells: (run, row) => {
      const { at, from, proposed, run: attempt, to } = run.changes[row.change]!
      const states = proposed === undefined
        ? chain(from, "→", to)
        : chain(from, "→", proposed, "⇒", to)
      const message = messageOf(to)
      return [
        formatElapsed(at),
        subjectOf(run, row),
        String(attempt),
        states,
        node("span", { title: message }, message)
      ]
    },
    empty: "Nothing has changed in this run."
  })

// -----------------------------------------------------------------------------
// Handlers
// -----------------------------------------------------------------------------

interface Call extends Moment {
  readonly change: number
  readonly call: TraceLine.HandlerCall
  /** The state that the handler was shown. */
  readonly proposed: State
}

const callsOf = (run: Run, change: number): ReadonlyArray<Call> => {
  const { handlers = [], proposed, to } = run.changes[change]!
  let shown = proposed ?? to
  return handlers.map((call) => {
    const row = {
      change,
      call,
      proposed: shown,
      cursor: change + 1,
      subject: run.subjectOf[change]!
    }
    shown = call.decided ?? shown
    return row
  })
}

/** Makes the list of all calls of handlers. */
export const makeCallsPanel = (store: Store, only: OnlySelected): Panel =>
  makeList<Call>(store, only, {
    label: "Handler calls",
    width: "50rem",
    columns: [
      ["Time", "6.5rem", 1],
      ["Subject", "minmax(8rem, 1fr)", 1],
      ["Handler", "minmax(8rem, 1fr)", 1],
      ["Old → proposed ⇒ decided", "minmax(18rem, 2fr)", 2],
      ["Message", "minmax(12rem, 2fr)", 2]
    ],
    extend: (run, next, add) => {
      for (let change = next; change < run.changes.length; change++) {
        callsOf(run, change).forEach(add)
      }
      return run.changes.length
    },
    textOf: (run, row) => {
      const { from } = run.changes[row.change]!
      const decided = row.call.decided
      return [
        nameOf(run, row),
        row.call.handler,
        from.tag,
        row.proposed.tag,
        decided?.tag,
        messageOf(decided ?? row.proposed)
      ].join(" ")
    },
    cells: (run, { call, change, proposed, ...row }) => {
      const { at, from } = run.changes[change]!
      const { decided, error, handler } = call
      const states = decided === undefined
        ? chain(from, "→", proposed)
        : chain(from, "→", proposed, "⇒", decided)
      return [
        formatElapsed(at),
        subjectOf(run, row),
        handler,
        states,
        error === undefined ? quoted(messageOf(decided ?? proposed)) : errorText(error)
      ]
    },
    classOf: (_run, { call }) => call.error === undefined ? "" : "is-error",
    empty: "No handler is asked in this run. Tasks and flows name theirs as “handlers”."
  })

const quoted = (message: string): HTMLElement => node("span", { title: message }, message)

const errorText = (error: TraceLine.HandlerCall["error"]): Child => {
  const text = typeof error === "string" ? error : JSON.stringify(error)
  return node("span", { title: text }, `failed: ${text}`)
}

// -----------------------------------------------------------------------------
// What was printed
// -----------------------------------------------------------------------------

interface LogLine extends Moment {
  readonly at: number
  readonly text: string
  readonly isError: boolean
  readonly isFirst: boolean
}

const linesOf = (run: Run, log: number): ReadonlyArray<LogLine> => {
  const { at, level, log: text, ...place } = run.logs[log]!
  const subject = printerOf(run, place)
  // Whatever was printed while a change was being settled is part of that change.
  const cursor = Math.min(run.logCursor[log]! + 1, Number.MAX_SAFE_INTEGER)
  return text.split("\n").map((line, index) => ({
    at,
    cursor,
    subject,
    text: line,
    isError: level === "err",
    isFirst: index === 0
  }))
}

/** Makes the list of what was printed. */
export const makeLogPanel = (store: Store, only: OnlySelected): Panel =>
  makeList<LogLine>(store, only, {
    label: "Log",
    width: "32rem",
    columns: [
      ["Time", "6.5rem", 1],
      ["Subject", "minmax(7rem, 12rem)", 1],
      ["Printed", "minmax(20rem, 1fr)", 2]
    ],
    extend: (run, next, add) => {
      for (let log = next; log < run.logs.length; log++) linesOf(run, log).forEach(add)
      return run.logs.length
    },
    hasHappened: hasBeenPrinted,
    textOf: (run, row) => `${nameOf(run, row)} ${row.text}`,
    cells: (run, row) => [
      row.isFirst ? formatElapsed(row.at) : "",
      row.isFirst ? subjectOf(run, row) : "",
      node("span", { className: "printed", title: row.text }, row.text)
    ],
    classOf: (_run, { isError }) => isError ? "is-error" : "",
    empty: "Nothing was printed in this run."
  })

/** By its change, or by its time where it was printed after the last change before the cursor. */
const hasBeenPrinted = (store: Store, { at, cursor }: LogLine): boolean => {
  const { changes } = store.run.peek()
  const now = store.cursor.peek()
  if (cursor <= now || now === changes.length) return true
  const last = changes[now - 1]?.at ?? -1
  return cursor === now + 1 && at > last && at <= store.time.peek()
}
