/**
 * The axis above a timeline: its lines with their times, and the playhead.
 */
import { kindOf } from "../run/Bars.ts"
import { formatElapsed } from "../run/Elapsed.ts"
import type { Gap, Tick, TimeAxis } from "../run/TimeAxis.ts"
import type { Store } from "../Store.ts"
import { node, onFrame } from "./element.ts"
import type { Scale, TimelineScale } from "./TimelineScale.ts"
import { dragThroughTime, drawSlider, goTo, makeSlider } from "./TimeSlider.ts"

/** The axis, and what belongs to it among the rows. */
export interface Ruler {
  readonly element: HTMLElement
  /** Lines behind the rows. */
  readonly lines: HTMLElement
  /** What lies over the rows: the playhead, and a veil over what has not happened yet. */
  readonly overlay: HTMLElement
}

/** How far apart the lines are at least, in pixels. */
const tickDistance = 88
/** How much room a letter of a time takes, in pixels. */
const letter = 6.6
/** Marks of what has just happened are to the right of the playhead, and are no less clear for it. */
const markRoom = 18
/** A pointer that has moved less has only clicked. */
const clickSlack = 4

/** Makes the axis of a timeline. */
export const makeRuler = (store: Store, scale: TimelineScale): Ruler => {
  const marks = node("div", { className: "ruler-marks", ariaHidden: "true" })
  const chosen = node("div", { className: "ruler-chosen", hidden: true })
  const flag = node("span", { className: "playhead-flag", ariaHidden: "true" })
  const head = node("div", { className: "playhead" }, flag)
  const element = node("div", { className: "ruler" }, marks, chosen, head)
  const lines = node("div", { className: "timeline-lines", ariaHidden: "true" })
  const line = node("div", { className: "playhead-line" })
  const veil = node("div", { className: "timeline-veil" })
  const overlay = node("div", { className: "timeline-overlay", ariaHidden: "true" }, veil, line)
  const placeOf = (clientX: number): number => clientX - element.getBoundingClientRect().left

  let drawn = ""
  onFrame(() => {
    const now = scale.current()
    const ticks = now.axis.ticks(Math.max(0, now.from), now.to, tickDistance * now.pixel)
    const gaps = now.axis.gaps(now.from, now.to, 40 * now.pixel)
    // A run that grows changes nothing in most of what is seen of it.
    const next = JSON.stringify([now.from, now.pixel, ticks, gaps])
    if (next !== drawn) drawMarks(now, ticks, gaps, marks, lines)
    drawn = next
  })
  onFrame(() => {
    const { axis, width, xOf } = scale.current()
    const x = xOf(axis.positionOf({ cursor: store.cursor.value, time: store.time.value }))
    const seen = Math.max(0, Math.min(width, x))
    for (const each of [head, line]) {
      each.style.transform = `translateX(${seen}px)`
      each.classList.toggle("is-outside", x !== seen)
    }
    const dim = Math.max(seen, xOf(happened(store, axis)) + markRoom)
    veil.style.transform = `translateX(${Math.min(dim, 2 * width)}px)`
    flag.textContent = formatElapsed(store.time.value)
    flag.classList.toggle("is-left", seen > width - 90)
    drawSlider(head, store)
  })
  makeSlider(head, store, "Playhead")
  dragThroughTime(head, store, (clientX) => scale.current().positionAt(placeOf(clientX)))
  chooseRange(element, head, chosen, scale, placeOf, (x) => {
    const { axis, positionAt } = scale.current()
    goTo(store, axis.momentAt(positionAt(x)))
  })
  element.addEventListener("dblclick", () => scale.reset())
  return { element, lines, overlay }
}

/** Up to where all has happened, marks of this very moment included. */
const happened = (store: Store, axis: TimeAxis): number => {
  const { changes, duration, times } = store.run.peek()
  const [cursor, time] = [store.cursor.peek(), store.time.peek()]
  if (cursor === changes.length && time >= duration) return Infinity
  if (cursor === 0 || time !== times[cursor - 1]) return -Infinity
  return kindOf(changes[cursor - 1]!.to.tag) === "mark" ? axis.ofChange(cursor - 1) : -Infinity
}

const drawMarks = (
  { xOf, width }: Scale,
  ticks: ReadonlyArray<Tick>,
  gaps: ReadonlyArray<Gap>,
  marks: HTMLElement,
  lines: HTMLElement
): void => {
  const [labels, through]: [Array<HTMLElement>, Array<HTMLElement>] = [[], []]
  let free = -Infinity
  for (const { from: begin, to: end } of gaps) {
    const gap = node("span", { className: "ruler-gap" })
    const [left, right] = [Math.max(-9, xOf(begin)), Math.min(width + 9, xOf(end))]
    gap.style.cssText = `left:${left}px;width:${right - left}px`
    labels.push(gap)
  }
  for (const { label, position } of ticks) {
    const x = xOf(position)
    const line = node("i", { className: "timeline-line" })
    line.style.left = `${x}px`
    through.push(line)
    if (x < free) continue
    const tick = node("span", { className: "ruler-tick" }, label)
    tick.style.left = `${x}px`
    labels.push(tick)
    free = x + (label.length + 2) * letter
  }
  marks.replaceChildren(...labels)
  lines.replaceChildren(...through)
}

/** A range that is drawn on the axis is shown larger; a click goes to its moment. */
const chooseRange = (
  element: HTMLElement,
  head: HTMLElement,
  chosen: HTMLElement,
  scale: TimelineScale,
  placeOf: (clientX: number) => number,
  onClick: (x: number) => void
): void => {
  element.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || head.contains(down.target as Node)) return
    down.preventDefault()
    element.setPointerCapture(down.pointerId)
    const begin = placeOf(down.clientX)
    let end = begin
    const move = ({ clientX }: PointerEvent): void => {
      end = Math.max(0, Math.min(element.clientWidth, placeOf(clientX)))
      chosen.hidden = Math.abs(end - begin) < clickSlack
      chosen.style.cssText = `left:${Math.min(begin, end)}px;width:${Math.abs(end - begin)}px`
    }
    const finish = ({ type }: PointerEvent): void => {
      element.removeEventListener("pointermove", move)
      element.removeEventListener("pointerup", finish)
      element.removeEventListener("pointercancel", finish)
      const isRange = !chosen.hidden
      chosen.hidden = true
      if (type !== "pointerup") return
      const { positionAt } = scale.current()
      const [left, right] = [Math.min(begin, end), Math.max(begin, end)]
      if (isRange) scale.show(positionAt(left), positionAt(right))
      else onClick(begin)
    }
    element.addEventListener("pointermove", move)
    element.addEventListener("pointerup", finish)
    element.addEventListener("pointercancel", finish)
  })
}
