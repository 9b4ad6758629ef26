/**
 * A table about moments of a run that moves with the cursor: what has not happened yet is dimmed,
 * and picking a row goes to its moment.
 */
import type { ReadonlySignal } from "@preact/signals-core"
import { keyOf, type Run, type Subject } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import type { Panel } from "./Panel.ts"
import type { Child } from "./element.ts"
import { makeRows, type Table } from "./Rows.ts"

/** One row, which has happened when the cursor is at `cursor`. */
export interface Moment {
  readonly cursor: number
  /** The id of the subject, or -1. */
  readonly subject: number
}

/** What a list shows. */
export interface List<Row extends Moment> extends Pick<Table, "label" | "columns" | "width"> {
  /** Adds the rows of whatever of the run comes after `next`, and gives the `next` after that. */
  readonly extend: (run: Run, next: number, add: (row: Row) => void) => number
  /** What the filter looks into. */
  readonly textOf: (run: Run, row: Row) => string
  readonly cells: (run: Run, row: Row) => ReadonlyArray<Child>
  readonly classOf?: (run: Run, row: Row) => string
  /** Whether a row has happened: by its cursor unless given; no later row may have happened then. */
  readonly hasHappened?: (store: Store, row: Row) => boolean
  readonly empty: string
}

const byCursor = (store: Store, { cursor }: Moment): boolean => cursor <= store.cursor.peek()

/** Whether only what is selected is listed; its items are, too. */
export type OnlySelected = ReadonlySignal<boolean>

/** Makes a list; it grows with the run, and what it has found once it does not look for again. */
export const makeList = <Row extends Moment>(
  store: Store,
  only: OnlySelected,
  list: List<Row>
): Panel => {
  const { hasHappened = byCursor } = list
  let run: Run = store.run.peek()
  let filter = ""
  /** Whom the list is about, if it is about one of them only. */
  let about: Subject | undefined
  let next = 0
  let all: Array<Row> = []
  let shown: Array<Row> = []
  let searched = 0
  let current = -1
  let moment = -1

  const rows = makeRows({
    label: list.label,
    columns: list.columns,
    width: list.width,
    count: () => shown.length,
    cells: (row) => list.cells(run, shown[row]!),
    classOf: (row) => {
      const { subject } = shown[row]!
      const isSelected = run.subjects[subject]?.key === store.selected.peek()
      return [
        list.classOf?.(run, shown[row]!) ?? "",
        row > current ? "future" : "",
        isSelected ? "selected" : ""
      ].join(" ")
    },
    current: () => current,
    onPick: (row) => {
      const { cursor, subject } = shown[row]!
      store.seek(cursor)
      const key = run.subjects[subject]?.key
      if (key !== undefined) store.select(key)
    },
    empty: () => {
      if (filter !== "") return `Nothing here fits “${filter}”.`
      return about === undefined ? list.empty : `Nothing here is about ${about.name}.`
    }
  })

  const collect = (): void => {
    const asked = store.filter.value.trim().toLowerCase()
    if (store.run.value !== run) {
      run = store.run.value
      ;[next, searched, all, shown] = [0, 0, [], []]
    }
    next = list.extend(run, next, (row) => all.push(row))
    const chosen = only.value ? run.subjects[run.idOf(store.selected.value ?? "") ?? -1] : undefined
    if (asked !== filter || chosen !== about) {
      ;[filter, about] = [asked, chosen]
      ;[searched, shown] = [0, []]
    }
    for (; searched < all.length; searched++) {
      const row = all[searched]!
      if (about !== undefined && !isOf(run, row, about)) continue
      if (filter === "" || list.textOf(run, row).toLowerCase().includes(filter)) shown.push(row)
    }
  }

  return {
    element: rows.element,
    draw: () => {
      void store.revision.value
      void store.selected.value
      const cursor = store.cursor.value + store.time.value / 2 ** 42
      collect()
      current = countWhile(shown, (row) => hasHappened(store, row)) - 1
      if (cursor !== moment) rows.reveal(Math.max(0, current))
      moment = cursor
      rows.draw()
    }
  }
}

const isOf = (run: Run, row: Moment, about: Subject): boolean => {
  const subject = run.subjects[row.subject]
  return subject === about || (about.index === undefined && subject?.node === about.node)
}

/** How many of the first rows something holds for that holds for none after them. */
const countWhile = <Row>(rows: ReadonlyArray<Row>, holds: (row: Row) => boolean): number => {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(rows[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

/** The id of whatever has printed a line. */
export const printerOf = (
  run: Run,
  { index, task }: { readonly task?: string; readonly index?: number }
): number => {
  if (task === undefined) return -1
  return run.idOf(keyOf(task, index)) ?? run.idOf(task) ?? -1
}
