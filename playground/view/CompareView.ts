/**
 * Two runs side by side, from the first change in which they differ.
 */
import { compare, type Comparison, differAt } from "../run/Comparison.ts"
import { formatElapsed } from "../run/Elapsed.ts"
import type { Run } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import { button, type Child, node } from "./element.ts"
import { makeRows } from "./Rows.ts"
import { stateLabel } from "./StateLabel.ts"
import { runName } from "./Toolbar.ts"

/** The comparison of the shown run with the one that was chosen for that. */
export interface CompareView {
  readonly element: HTMLElement
  readonly draw: () => void
}

/** Makes the comparison. */
export const makeComparison = (store: Store): CompareView => {
  const title = node("p", { className: "compare-title", role: "status" })
  let result: Comparison = { first: undefined, length: 0 }
  let compared = ""
  const other = (): Run => (store.comparedTo.peek() ?? store.shown.peek()).run
  const rows = makeRows({
    label: "Two runs side by side",
    width: "36rem",
    columns: [
      ["Number", "3.5rem", 1],
      ["Shown", "minmax(14rem, 1fr)", 1],
      ["Compared", "minmax(14rem, 1fr)", 2]
    ],
    count: () => result.length,
    cells: (row) => [String(row + 1), cell(store.run.peek(), row), cell(other(), row)],
    classOf: (row) => {
      if (row === result.first) return "first-difference"
      const isLater = result.first !== undefined && row > result.first
      return isLater && differAt(store.run.peek(), other(), row) ? "difference" : ""
    },
    current: () => store.cursor.peek() - 1,
    onPick: (row) => store.seek(row + 1),
    empty: () => "Neither run has a change."
  })
  const goToFirst = button("Go to the first difference", () => {
    if (result.first === undefined) return
    store.seek(result.first + 1)
    rows.reveal(result.first)
  })
  const close = button("Close", () => {
    store.comparedTo.value = undefined
  })
  return {
    element: node(
      "div",
      { className: "comparison" },
      node("div", { className: "compare-head" }, title, goToFirst, close),
      rows.element
    ),
    draw: () => {
      const kept = store.comparedTo.value
      if (kept === undefined) return
      void store.cursor.value
      void store.revision.value
      const shown = store.shown.value
      const now = [shown.number, shown.run.size, kept.number, kept.run.size].join()
      const isNew = now !== compared
      if (isNew) {
        compared = now
        result = compare(shown.run, kept.run)
        title.textContent = titleOf(result, runName(shown), runName(kept))
        goToFirst.hidden = result.first === undefined
      }
      rows.draw()
      if (isNew) rows.reveal(result.first ?? 0)
    }
  }
}

const titleOf = ({ first, length }: Comparison, one: string, other: string): string =>
  first === undefined
    ? `${one} and ${other}: all ${length} changes are the same.`
    : first === 0
    ? `${one} and ${other} are different from the first change on.`
    : `${one} and ${other}: the first ${first} changes are the same, number ${first + 1} is not.`

const cell = ({ changes, subjectOf, subjects }: Run, row: number): Child => {
  const change = changes[row]
  if (change === undefined) return node("span", { className: "quiet" }, "no more changes")
  const { at, to } = change
  return node(
    "span",
    { className: "chain" },
    node("span", { className: "quiet" }, formatElapsed(at)),
    subjects[subjectOf[row]!]!.name,
    node("span", { className: "arrow" }, "→"),
    stateLabel(to.tag),
    to.message ?? ""
  )
}
