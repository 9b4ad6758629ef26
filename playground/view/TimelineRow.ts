/**
 * One row of a timeline: the name of a subject with its state, and its bars.
 */
import type { FaultPlan } from "signalbox/testing"
import type { Bar } from "../run/Bars.ts"
import { itemCountsAt } from "../run/ItemCounts.ts"
import { type Run, stateAt, type Subject } from "../run/Run.ts"
import { families, lookOf } from "../run/StateLook.ts"
import { glyphOf, sayBar } from "./BarText.ts"
import { node } from "./element.ts"
import { faultsAt, placeOf } from "./TimelineFaults.ts"
import type { Scale } from "./TimelineScale.ts"

/** A bar narrower than this has no room for its glyph, in pixels. */
const glyphRoom = 13
/** And from here on there is room for the sign of a fault beside it. */
const faultyRoom = 28
/** The mark at the end of a row, and one of a state that a handler decided on. */
const [markWidth, replacedWidth] = [17, 30]
/** No bar is narrower. */
const least = 3

/** The glyphs with which counts of a family are listed. */
const countGlyphs = families.map((family) =>
  ({
    failed: "✕",
    retrying: "↻",
    paused: "Ⅱ",
    running: "▶",
    waiting: "○",
    succeeded: "✓",
    mapped: "⋮",
    skipped: "⊘",
    cancelled: "⊗"
  })[family]
)

/** What was last written to the element of a bar; asking the element itself is slow. */
interface Written {
  readonly element: HTMLElement
  css: string
  className: string
  glyph: string
  said: string
}

/** A row; its elements stay while what they show changes, even the subject. */
export class TimelineRow {
  readonly element: HTMLElement
  bars: ReadonlyArray<Bar> = []
  private readonly fold = node("span", { className: "row-fold", ariaHidden: "true" })
  private readonly glyph = node("span", { className: "row-glyph", ariaHidden: "true" })
  private readonly task = node("span", { className: "row-task" })
  private readonly item = document.createTextNode("")
  private readonly label = node("span", { className: "row-label" }, this.task, this.item)
  private readonly state = node("span", { className: "row-state" })
  private readonly track = node("div", { className: "row-track", role: "presentation" })
  private readonly written: Array<Written> = []
  private run: Run
  private of: Subject
  private isMapped = false
  private tag = ""

  constructor(run: Run, subject: Subject, id: string) {
    const { fold, glyph, label, state, track } = this
    const name = node("div", { className: "row-name" }, fold, glyph, label, state)
    name.setAttribute("role", "rowheader")
    this.element = node("div", { id, className: "row", role: "row" }, name, track)
    this.run = run
    this.of = subject
    this.show(run, subject)
  }

  get subject(): Subject {
    return this.of
  }

  /** Makes it the row of another subject. */
  show(run: Run, subject: Subject): void {
    const { id, index, name, node } = subject
    const { element } = this
    const item = index === undefined ? "" : `[${index}]`
    this.run = run
    this.of = subject
    this.tag = ""
    this.bars = []
    this.isMapped = index === undefined && run.header.nodes[node]?.mapped === true
    this.task.textContent = item === "" ? name : name.slice(0, -item.length)
    this.item.data = item
    this.label.title = name
    this.fold.textContent = ""
    this.state.replaceChildren()
    this.state.className = "row-state"
    delete this.state.dataset["counts"]
    element.dataset["id"] = String(id)
    element.ariaLevel = id === 0 ? "1" : item === "" ? "2" : "3"
    if (!this.isMapped) element.ariaExpanded = null
    element.classList.toggle("is-item", item !== "")
  }

  /** The id of the element of a bar. */
  idOf(bar: number): string {
    return `${this.element.id}-${bar}`
  }

  elementOf(bar: number): HTMLElement | undefined {
    return this.written[bar]?.element
  }

  /** Puts the row at its place and says how it is. */
  place(row: number, top: number, isSelected: boolean, isOpen: boolean): void {
    const { element } = this
    element.style.transform = `translateY(${top}px)`
    element.ariaRowIndex = String(row + 1)
    element.ariaSelected = String(isSelected)
    if (!this.isMapped) return
    element.ariaExpanded = String(isOpen)
    this.fold.textContent = isOpen ? "▾" : "▸"
  }

  /** Draws the bars; elements are used again in their order. */
  drawBars(
    bars: ReadonlyArray<Bar>,
    scale: Scale,
    faults: FaultPlan.FaultPlan,
    active: number | undefined
  ): void {
    const { written } = this
    while (written.length > bars.length) written.pop()!.element.remove()
    for (const [at, bar] of bars.entries()) {
      const before = this.bars[at]
      const target = written[at] ?? this.addBar(at)
      const { css, glyph: room, size } = this.styleOf(bar, bars[at + 1], scale)
      const isFaulty = this.isFaulty(bar, faults)
      const glyph = !isFaulty || room === "" ? room : size >= faultyRoom ? `⚡${room}` : "⚡"
      const className = classOf(bar, isFaulty, glyph === "", at === active)
      if (target.css !== css) target.element.style.cssText = target.css = css
      if (target.className !== className) target.element.className = target.className = className
      if (target.glyph !== glyph) target.element.textContent = target.glyph = glyph
      const isSame = before?.change === bar.change && before.until === bar.until &&
        before.count === bar.count && bar.until !== -1
      if (isSame) continue
      const said = sayBar(this.run, bar)
      if (target.said !== said) target.element.ariaLabel = target.said = said
    }
    this.bars = bars
  }

  private addBar(at: number): Written {
    const element = node("div", { id: this.idOf(at), role: "gridcell" })
    element.dataset["bar"] = String(at)
    const written: Written = { element, css: "", className: "", glyph: "", said: "" }
    this.written.push(written)
    this.track.append(element)
    return written
  }

  private styleOf(
    bar: Bar,
    next: Bar | undefined,
    { width, xOf }: Scale
  ): { readonly css: string; readonly glyph: string; readonly size: number } {
    // What reaches beyond the edges would only make the page wider.
    const left = Math.max(-40, xOf(bar.from))
    const right = Math.min(width + 40, xOf(bar.to))
    const isEnd = bar.until === -1 && bar.kind === "mark"
    const wish = isEnd ? bar.isReplaced ? replacedWidth : markWidth : least
    const size = Math.max(wish, right - left - (next === undefined ? 0 : 1))
    const css = `left: ${left.toFixed(1)}px; width: ${size.toFixed(1)}px;`
    return { css, glyph: size >= glyphRoom ? glyphOf(this.run, bar) : "", size }
  }

  /** Whether a fault strikes the body that a bar is about. */
  private isFaulty({ change, kind }: Bar, faults: FaultPlan.FaultPlan): boolean {
    if (faults.length === 0 || kind === "mark" || kind === "map") return false
    const place = placeOf(this.run, change)
    if (place === undefined) return false
    // What answers a pause belongs to the pause, and whatever strikes a body to the whole attempt.
    return faultsAt(faults, place).some((fault) => kind === "pause" || fault.kind !== "Resume")
  }

  /** Says which state the subject has when so many changes have happened. */
  drawState(cursor: number): void {
    const { tag } = stateAt(this.run, this.of.id, cursor)
    if (this.isMapped) this.drawCounts(cursor)
    if (tag === this.tag) return
    this.tag = tag
    const { family, glyph } = lookOf(tag)
    this.glyph.textContent = glyph
    this.glyph.className = `row-glyph state-${family}`
    if (this.isMapped) return
    this.state.textContent = tag
    this.state.className = `row-state state-${family}`
  }

  private drawCounts(cursor: number): void {
    const counts = itemCountsAt(this.run, this.of.node, cursor)
    const shown = counts.map((count, at) => count === 0 ? "" : `${countGlyphs[at]}${count}`)
    const text = shown.join(" ")
    if (this.state.dataset["counts"] === text) return
    this.state.dataset["counts"] = text
    this.state.replaceChildren(
      ...shown.flatMap((text, at) =>
        text === "" ? [] : [node("span", { className: `state-${families[at]}` }, text)]
      )
    )
  }
}

const classOf = (
  { count, family, isReplaced, kind }: Bar,
  isFaulty: boolean,
  isNarrow: boolean,
  isActive: boolean
): string =>
  `bar bar-${kind} state-${family}` + (isNarrow ? " is-narrow" : "") +
  (count > 1 ? " is-many" : "") + (isReplaced && !isNarrow ? " is-replaced" : "") +
  (isFaulty ? " is-faulty" : "") + (isActive ? " is-active" : "")
