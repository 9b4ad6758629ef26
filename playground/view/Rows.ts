/**
 * A table of any length: only the rows that can be seen are elements.
 */
import { type Child, node } from "./element.ts"

/** What a table shows. */
export interface Table {
  readonly label: string
  /** The headings, each with the width of its column and its line where there is little room. */
  readonly columns: ReadonlyArray<readonly [heading: string, width: string, line: 1 | 2]>
  /** How narrow it can be before it scrolls sideways. */
  readonly width: string
  /** How many rows there are now. */
  readonly count: () => number
  readonly cells: (row: number) => ReadonlyArray<Child>
  /** More classes of a row. */
  readonly classOf?: (row: number) => string
  /** The row that one is at, which is marked, or -1. */
  readonly current?: () => number
  /** What Enter or a click on a row does. */
  readonly onPick?: (row: number) => void
  /** What stands there when there is no row. */
  readonly empty: () => string
}

/** A table on the page. */
export interface Rows {
  readonly element: HTMLElement
  /** Draws what can be seen again. */
  readonly draw: () => void
  /** Scrolls to a row unless it can be seen already. */
  readonly reveal: (row: number) => void
}

/** The height of a row in one line, and in two where the table is narrower than that. */
const [oneLine, twoLines, narrow] = [26, 48, 560]
const spare = 4
let tables = 0

/** Makes a table; it draws itself when it is scrolled, and otherwise when it is told to. */
export const makeRows = (table: Table): Rows => {
  const prefix = `rows-${++tables}-`
  const body = node("div", { className: "rows-body", role: "rowgroup" })
  const empty = node("p", { className: "empty" })
  const element = node(
    "div",
    { className: "rows", role: "grid", tabIndex: 0, ariaLabel: table.label },
    node(
      "div",
      { className: "rows-inner", role: "presentation" },
      node("div", { role: "rowgroup", className: "rows-head" }, headOf(table)),
      body
    ),
    empty
  )
  element.style.setProperty("--columns", table.columns.map(([, width]) => width).join(" "))
  element.style.setProperty("--least", table.width)
  /** The row that the arrow keys have reached, which is not where the cursor is. */
  let active = -1
  let rowHeight = oneLine
  // As it was last told: to ask the element would have the browser lay out the page once more.
  let [width, height, scrolled] = [0, 0, 0]
  /** The row that is to be seen as soon as the table can be. */
  let unseen: number | undefined

  /** There is room for all rows, however few of them are elements. */
  const makeRoom = (): void => {
    const isNarrow = width > 0 && width < narrow
    element.classList.toggle("is-narrow", isNarrow)
    rowHeight = isNarrow ? twoLines : oneLine
    body.style.height = `${table.count() * rowHeight}px`
  }

  const draw = (): void => {
    makeRoom()
    const count = table.count()
    const current = table.current?.() ?? -1
    const first = Math.max(0, Math.min(count, Math.floor(scrolled / rowHeight)) - spare)
    const last = Math.min(count, Math.ceil((scrolled + (height || 400)) / rowHeight) + spare)
    active = Math.min(active, count - 1)
    const rows: Array<HTMLElement> = []
    for (let row = first; row < last; row++) {
      const line = lineOf(table, prefix + row, row)
      line.style.top = `${row * rowHeight}px`
      line.className = `rows-row ${table.classOf?.(row) ?? ""}`
      if (row === current) line.ariaCurrent = "true"
      if (row === active) line.dataset["active"] = ""
      rows.push(line)
    }
    body.replaceChildren(...rows)
    element.ariaRowCount = String(count + 1)
    empty.hidden = count > 0
    if (count === 0) empty.textContent = table.empty()
    const isDrawn = active >= first && active < last
    if (isDrawn) element.setAttribute("aria-activedescendant", prefix + active)
    else element.removeAttribute("aria-activedescendant")
  }

  const reveal = (row: number): void => {
    unseen = height === 0 ? row : undefined
    if (unseen !== undefined) return
    makeRoom()
    const top = row * rowHeight
    const room = height - 2 * rowHeight
    if (top < scrolled) scrollTo(top)
    else if (top > scrolled + room) scrollTo(top - room)
  }

  const scrollTo = (top: number): void => {
    element.scrollTop = top
    scrolled = element.scrollTop
  }

  const activate = (row: number): void => {
    active = Math.max(0, Math.min(table.count() - 1, row))
    reveal(active)
    draw()
  }

  element.addEventListener("scroll", () => {
    scrolled = element.scrollTop
    draw()
  }, { passive: true })
  new ResizeObserver(() => {
    ;[width, height] = [element.clientWidth, element.clientHeight]
    scrolled = element.scrollTop
    if (unseen !== undefined) reveal(unseen)
    draw()
  }).observe(element)
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
    const from = active === -1 ? table.current?.() ?? 0 : active
    const page = Math.max(1, Math.floor(height / rowHeight) - 2)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active === -1 ? from : from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page
    }
    const to = moves[event.key]
    if (to !== undefined) activate(to)
    else if (event.key === "Enter" && active !== -1) table.onPick?.(active)
    else return
    event.preventDefault()
  })
  if (table.onPick !== undefined) {
    body.classList.add("pickable")
    body.addEventListener("click", (event) => {
      const line = (event.target as Element).closest<HTMLElement>(".rows-row")
      if (line === null || getSelection()?.type === "Range") return
      active = Number(line.dataset["row"])
      table.onPick?.(active)
      draw()
    })
  }
  return { element, draw, reveal }
}

const headOf = (table: Table): HTMLElement => {
  const cells = table.columns.map(([heading]) => node("div", { role: "columnheader" }, heading))
  const head = node("div", { className: "rows-row", role: "row" }, ...inLines(table, cells))
  head.ariaRowIndex = "1"
  return head
}

const lineOf = (table: Table, id: string, row: number): HTMLElement => {
  const cells = table.cells(row).map((cell) => node("div", { role: "gridcell" }, cell))
  const line = node("div", { id, role: "row" }, ...inLines(table, cells))
  line.ariaRowIndex = String(row + 2)
  line.dataset["row"] = String(row)
  return line
}

/** Cells in the two lines that a row has where there is little room. */
const inLines = ({ columns }: Table, cells: ReadonlyArray<HTMLElement>): ReadonlyArray<Child> =>
  [1, 2].map((line) =>
    node(
      "div",
      { className: "rows-line", role: "presentation" },
      ...cells.filter((_, column) => columns[column]![2] === line)
    )
  )
