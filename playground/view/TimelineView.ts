/**
 * The timeline: what each task was doing when, as bars beside each other on one axis of time.
 */
/// <reference types="vite/client" />
import { effect } from "@preact/signals-core"
import type { Axis, Commands, Store } from "../Store.ts"
import type { Subject } from "../run/Run.ts"
import { axisOf } from "../run/TimeAxis.ts"
import { describeBar } from "./BarText.ts"
import { button, node, onFrame } from "./element.ts"
import { makeTimelineFaults, type TimelineFaults } from "./TimelineFaults.ts"
import { listenToKeys, toggleOpened } from "./TimelineKeys.ts"
import { makeRuler } from "./TimelineRuler.ts"
import { TimelineRows } from "./TimelineRows.ts"
import { TimelineScale } from "./TimelineScale.ts"
import { makeTip, type Tip } from "./TimelineTip.ts"
import { goTo } from "./TimeSlider.ts"
import "./timeline.css"

/** Makes the timeline. */
export const makeTimelineView = (store: Store, commands: Commands): HTMLElement => {
  const scale = new TimelineScale(store)
  const rows = new TimelineRows(store, scale)
  const ruler = makeRuler(store, scale)
  const tip = makeTip()
  const faults = makeTimelineFaults(
    store,
    commands,
    (x, y) => rows.find(document.elementFromPoint(x, y))?.bar?.change,
    () => barForMenu(store, rows)
  )
  const head = node("div", { className: "timeline-head" }, ruler.element)
  const element = node(
    "div",
    { className: "timeline" },
    tools(store, scale, faults.chip),
    node("div", { className: "timeline-frame" }, head, ruler.lines, rows.element, ruler.overlay),
    tip.element
  )
  listenToKeys(store, rows, scale)
  listenToPointer(store, rows, scale, faults, tip)
  listenToWheel(element, scale)
  followSelected(store, rows)
  followTime(store, scale)
  new ResizeObserver(() => {
    const width = Math.max(40, rows.width - parseFloat(getComputedStyle(head).paddingLeft))
    element.style.setProperty("--track-width", `${width}px`)
    scale.width.value = width
    rows.measure()
  }).observe(rows.element)
  return element
}

// -----------------------------------------------------------------------------
// Tools
// -----------------------------------------------------------------------------

const axes: ReadonlyArray<readonly [axis: Axis, label: string, title: string]> = [
  ["compressed", "Compressed", "Long waits are short, changes at one instant are side by side"],
  ["real", "Real", "Each millisecond is as long as any other"]
]

const tools = (store: Store, scale: TimelineScale, chip: HTMLElement): HTMLElement => {
  const kinds = axes.map(([axis, label, title]) => {
    const choice = button(label, () => {
      store.axis.value = axis
    }, { title })
    effect(() => {
      choice.ariaPressed = String(store.axis.value === axis)
    })
    return choice
  })
  const zoom = (by: number) => (): void => scale.zoomAt(scale.width.peek() / 2, by)
  const named = (label: string): Partial<HTMLButtonElement> => ({ title: label, ariaLabel: label })
  const all = button("Fit", () => scale.reset(), {
    title: "Show the whole run",
    ariaLabel: "Fit the timeline"
  })
  const filter = button("", () => {
    store.filter.value = ""
  }, { className: "timeline-filter", title: "Show all rows" })
  onFrame(() => {
    all.ariaDisabled = String(scale.zoom.value === undefined)
    const text = store.filter.value.trim()
    filter.hidden = text === ""
    filter.textContent = `⌕ ${text} ✕`
    filter.ariaLabel = `Filter: ${text}. Show all rows`
  })
  return node(
    "div",
    { className: "timeline-tools" },
    node("div", { className: "joined", role: "group", ariaLabel: "Axis of time" }, ...kinds),
    node(
      "div",
      { className: "joined", role: "group", ariaLabel: "Scale" },
      button("−", zoom(1 / 2), named("Show more time")),
      button("+", zoom(2), named("Show less time, larger")),
      all
    ),
    filter,
    chip
  )
}

// -----------------------------------------------------------------------------
// Pointing
// -----------------------------------------------------------------------------

const listenToPointer = (
  store: Store,
  rows: TimelineRows,
  scale: TimelineScale,
  faults: TimelineFaults,
  tip: Tip
): void => {
  const { element } = rows
  element.addEventListener("pointerover", ({ clientX, pointerType, target }) => {
    const bar = rows.find(target)?.bar
    if (bar === undefined) tip.hide()
    else if (pointerType === "mouse") {
      tip.show(target as Element, clientX, describeBar(store.run.peek(), bar))
    }
  })
  for (const type of ["pointerleave", "blur", "scroll", "wheel"] as const) {
    element.addEventListener(type, tip.hide, { passive: true })
  }
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tip.hide()
  })
  // Bars are drawn on the next frame, and so is what the keyboard is at.
  onFrame(() => {
    void rows.active.value
    requestAnimationFrame(() => {
      const active = rows.activeBar()
      if (active === undefined || document.activeElement !== element) return tip.hide()
      tip.show(active.element, undefined, describeBar(store.run.peek(), active.bar))
    })
  })
  element.addEventListener("click", (event) => {
    const found = rows.find(event.target)
    if (found === undefined) return
    const { bar, row: { subject } } = found
    const target = event.target as Element
    rows.active.value = { id: subject.id, change: bar?.change }
    if (target.closest(".row-fold") !== null) return toggleOpened(store, subject.key)
    store.select(subject.key)
    if (target.closest(".row-name") !== null) return
    if (bar !== undefined && bar.count === 1) {
      store.playing.value = false
      return store.seek(bar.change + 1)
    }
    const x = event.clientX - element.getBoundingClientRect().left -
      (rows.width - scale.width.peek())
    const { axis, positionAt } = scale.current()
    goTo(store, axis.momentAt(positionAt(x)))
  })
  element.addEventListener("dblclick", ({ target }) => {
    const found = rows.find(target)
    const isName = target instanceof Element && target.closest(".row-label, .row-state") !== null
    if (found?.row.element.ariaExpanded && isName) toggleOpened(store, found.row.subject.key)
  })
  element.addEventListener("contextmenu", (event) => {
    const isByKey = event.target === element
    const bar = isByKey ? rows.activeBar() : rows.find(event.target)
    if (bar?.bar === undefined) return
    event.preventDefault()
    tip.hide()
    const { bottom, left } = (isByKey ? rows.activeBar()!.element : event.target as Element)
      .getBoundingClientRect()
    if (isByKey) faults.openMenu(bar.bar.change, left, bottom + 4)
    else afterPress(event, () => faults.openMenu(bar.bar!.change, event.clientX, event.clientY))
  })
}

/** Where a press asks for the menu, not its end, the end would be a click beside the open menu. */
const afterPress = ({ buttons }: MouseEvent, open: () => void): void => {
  if (buttons === 0) return open()
  addEventListener("pointerup", () => setTimeout(open), { once: true })
}

/** The bar that a menu is about: the one that the keyboard is at, or where the selected task is. */
const barForMenu = (
  store: Store,
  rows: TimelineRows
): { readonly change: number; readonly element: Element } | undefined => {
  const active = rows.activeBar()
  if (active !== undefined) return { change: active.bar.change, element: active.element }
  const run = store.run.peek()
  const key = store.selected.peek()
  const id = (key === undefined ? undefined : run.idOf(key)) ?? rows.active.peek()?.id ?? 0
  const changes = run.subjects[id]?.changes ?? []
  const cursor = store.cursor.peek()
  const change = changes.findLast((change) => change < cursor) ?? changes[0]
  return change === undefined ? undefined : { change, element: rows.element }
}

/** With Ctrl or ⌘ the wheel changes the scale, as a pinch does; across, or with Shift, it moves along. */
const listenToWheel = (element: HTMLElement, scale: TimelineScale): void => {
  element.addEventListener("wheel", (event) => {
    const { ctrlKey, deltaX, deltaY, metaKey, shiftKey } = event
    if (ctrlKey || metaKey) {
      const { right } = element.getBoundingClientRect()
      const x = event.clientX - (right - scale.width.peek())
      scale.zoomAt(x, Math.exp(-Math.max(-60, Math.min(60, deltaY)) / 120))
    } else {
      const along = shiftKey && deltaX === 0 ? deltaY : deltaX
      if (scale.zoom.peek() === undefined || Math.abs(along) <= Math.abs(shiftKey ? 0 : deltaY)) {
        return
      }
      scale.pan(along)
    }
    event.preventDefault()
  }, { passive: false })
}

// -----------------------------------------------------------------------------
// Following
// -----------------------------------------------------------------------------

/** What is selected elsewhere is seen here: its task is opened, and its row is scrolled to. */
const followSelected = (store: Store, rows: TimelineRows): void => {
  let before = store.selected.peek()
  // At once, as by the next frame it may have been folded again.
  effect(() => {
    const subject = subjectOf(store, store.selected.value)
    if (subject?.index === undefined) return
    const task = store.run.peek().subjects[subject.node + 1]
    if (task !== undefined && !store.opened.peek().has(task.key)) toggleOpened(store, task.key)
  })
  onFrame(() => {
    const key = store.selected.value
    if (key === before) return
    before = key
    const subject = subjectOf(store, key)
    if (subject !== undefined) rows.reveal(subject.id)
  })
}

const subjectOf = (store: Store, key: string | undefined): Subject | undefined => {
  const run = store.run.peek()
  const id = key === undefined ? undefined : run.idOf(key)
  return id === undefined ? undefined : run.subjects[id]
}

/** The playhead stays in what one looks at when it is moved. */
const followTime = (store: Store, scale: TimelineScale): void => {
  onFrame(() => {
    const moment = { cursor: store.cursor.value, time: store.time.value }
    scale.reveal(axisOf(store.run.peek(), store.axis.peek()).positionOf(moment))
  })
}
