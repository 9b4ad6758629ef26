/**
 * The rows of a timeline: only those that can be seen are elements, and one moves among them and
 * their bars with the arrow keys.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core"
import { type Bar, barsIn, rowsOf } from "../run/Bars.ts"
import type { Run, Subject } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import { node, onFrame } from "./element.ts"
import { TimelineRow } from "./TimelineRow.ts"
import type { TimelineScale } from "./TimelineScale.ts"

/** How high a row is, in pixels. */
export const rowHeight = 26
/** So many rows beyond the edges are there before one scrolls to them. */
const spare = 3
/** Bars that are narrower become one, in pixels. */
const narrowest = 4

/** Where the keyboard is among the rows: at a subject, or at one of its bars. */
export interface Active {
  readonly id: number
  /** The number of the change that began the bar. */
  readonly change: number | undefined
}

let timelines = 0

/** The rows of one timeline. */
export class TimelineRows {
  readonly element: HTMLElement
  readonly active: Signal<Active | undefined> = signal(undefined)
  /** The ids of the subjects in the rows. */
  readonly ids: ReadonlySignal<ReadonlyArray<number>>
  private readonly body = node("div", { className: "timeline-body", role: "rowgroup" })
  private readonly store: Store
  private readonly scale: TimelineScale
  private readonly top = signal(0)
  private readonly height = signal(0)
  private readonly prefix = `timeline-${++timelines}`
  private rows = new Map<number, TimelineRow>()
  private run: Run | undefined
  private made = 0

  constructor(store: Store, scale: TimelineScale) {
    this.store = store
    this.scale = scale
    this.element = node("div", {
      className: "timeline-rows",
      role: "treegrid",
      tabIndex: 0,
      ariaLabel: "Timeline: a row for each task"
    }, this.body)
    // Rows do not change whenever a run grows: a run of many changes has mostly few new subjects.
    const subjects = computed(() => {
      void store.revision.value
      return store.run.value.subjects.length
    })
    const grown = computed(() => store.filter.value === "" ? 0 : store.revision.value)
    this.ids = computed(() => {
      void subjects.value
      void grown.value
      return rowsOf(store.run.value, store.opened.value, store.filter.value)
    })
    this.element.addEventListener("scroll", () => {
      this.top.value = this.element.scrollTop
    }, { passive: true })
    onFrame(() => this.draw())
    onFrame(() => this.drawStates())
  }

  /** Takes the size that it has now on the screen. */
  measure(): void {
    this.height.value = this.element.clientHeight
    this.top.value = this.element.scrollTop
  }

  /** How much of its width is left for rows, beside a scroll bar. */
  get width(): number {
    return this.element.clientWidth
  }

  /** The row and the bar that an element belongs to; none of a run that is no more shown. */
  find(target: EventTarget | null): { row: TimelineRow; bar: Bar | undefined } | undefined {
    if (this.run !== this.store.run.peek()) return undefined
    const element = target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null
    const row = element === null ? undefined : this.rows.get(Number(element.dataset["id"]))
    if (row === undefined) return undefined
    const bar = (target as Element).closest<HTMLElement>("[data-bar]")
    return { row, bar: bar === null ? undefined : row.bars[Number(bar.dataset["bar"])] }
  }

  /** The element of the bar that the keyboard is at. */
  activeBar(): { readonly bar: Bar; readonly element: HTMLElement } | undefined {
    const active = this.active.peek()
    const row = active && this.rows.get(active.id)
    if (row === undefined || this.run !== this.store.run.peek()) return undefined
    const at = row.bars.findIndex(({ change }) => change === active!.change)
    return at === -1 ? undefined : { bar: row.bars[at]!, element: row.elementOf(at)! }
  }

  /** Scrolls until the row of a subject is seen. */
  reveal(id: number): void {
    const row = this.ids.peek().indexOf(id)
    const { element } = this
    if (row === -1 || element.clientHeight === 0) return
    const top = row * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight
    }
    this.top.value = element.scrollTop
  }

  private draw(): void {
    const { body, ids: { value: ids }, store } = this
    const run = store.run.value
    const scale = this.scale.current()
    const faults = store.faults.value
    const selected = store.selected.value
    const opened = store.opened.value
    const active = this.active.value
    const first = Math.max(0, Math.floor(this.top.value / rowHeight) - spare)
    const last = Math.min(
      ids.length,
      Math.ceil((this.top.value + this.height.value) / rowHeight) + spare
    )
    const isSameRun = run === this.run
    const known = isSameRun ? this.rows : new Map<number, TimelineRow>()
    const kept = new Set(ids.slice(first, last))
    const free = [...this.rows.values()].filter(({ subject }) =>
      !isSameRun || !kept.has(subject.id)
    )
    this.run = run
    this.rows = new Map()
    for (let at = first; at < last; at++) {
      const id = ids[at]!
      const subject = run.subjects[id]!
      const row = known.get(id) ?? this.useRow(free.pop(), run, subject)
      this.rows.set(id, row)
      row.place(at, at * rowHeight, subject.key === selected, opened.has(subject.key))
      const bars = barsIn(run, scale.axis, id, scale.from, scale.to, narrowest * scale.pixel)
      const chosen = active?.id === id && active.change !== undefined
        ? bars.findIndex(({ change }) => change === active.change)
        : undefined
      row.drawBars(bars, scale, faults, chosen)
      row.element.classList.toggle("is-active", active?.id === id && active.change === undefined)
    }
    for (const { element } of free) element.remove()
    body.style.height = `${ids.length * rowHeight}px`
    this.element.ariaRowCount = String(ids.length)
    this.pointToActive()
  }

  /** Shows a subject in a row that shows nothing else any more, or in a new one. */
  private useRow(free: TimelineRow | undefined, run: Run, subject: Subject): TimelineRow {
    const row = free ?? new TimelineRow(run, subject, `${this.prefix}-${++this.made}`)
    if (free === undefined) this.body.append(row.element)
    else row.show(run, subject)
    row.drawState(this.store.cursor.peek())
    return row
  }

  private pointToActive(): void {
    const active = this.active.peek()
    const row = active && this.rows.get(active.id)
    const bar = row?.bars.findIndex(({ change }) => change === active!.change) ?? -1
    const id = row === undefined ? undefined : bar === -1 ? row.element.id : row.idOf(bar)
    if (id === undefined) this.element.removeAttribute("aria-activedescendant")
    else this.element.setAttribute("aria-activedescendant", id)
  }

  private drawStates(): void {
    void this.store.revision.value
    const cursor = this.store.cursor.value
    for (const row of this.rows.values()) row.drawState(cursor)
  }
}
