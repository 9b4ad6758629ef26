/**
 * The clock of the page: plays, steps and jumps through a run, and shows how much happens when.
 */
/// <reference types="vite/client" />
import { batch } from "@preact/signals-core"
import { densityOf } from "../run/Density.ts"
import { formatElapsed } from "../run/Elapsed.ts"
import { nextChangeOf, nextFailure, previousFailure } from "../run/Jumps.ts"
import { formatSpeed, speeds } from "../run/Speed.ts"
import { axisOf } from "../run/TimeAxis.ts"
import type { Commands, Store } from "../Store.ts"
import { button, node, onFrame, svg } from "./element.ts"
import { dragThroughTime, drawSlider, makeSlider } from "./TimeSlider.ts"
import "./clock.css"

/** Makes the bar. */
export const makeClockBar = (store: Store, _commands: Commands): HTMLElement => {
  const scrubber = makeScrubber(store)
  return node(
    "div",
    { className: "clock" },
    transport(store),
    speedChoice(store),
    scrubber,
    jumps(store),
    readout(store)
  )
}

// -----------------------------------------------------------------------------
// Buttons
// -----------------------------------------------------------------------------

const icons = {
  start: "M3 3h2v10H3zM14 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2.5v11L13.5 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  ahead: "M5 3v10l7-5z",
  end: "M11 3h2v10h-2zM2 3v10l8-5z",
  // An arrow to the next mark on a line, and marks of failure with an arrow to either side.
  task: "M1 7.25h8V4l5 4-5 4V8.75H1z",
  failureBack:
    "M5 4v8L0 8zM7.1 5.2 9.9 8l-2.8 2.8 1.1 1.1L11 9.1l2.8 2.8 1.1-1.1L12.1 8l2.8-2.8-1.1-1.1L11 6.9 8.2 4.1z",
  failureAhead:
    "M11 4v8l5-4zM1.1 5.2 3.9 8l-2.8 2.8 1.1 1.1L5 9.1l2.8 2.8 1.1-1.1L6.1 8l2.8-2.8-1.1-1.1L5 6.9 2.2 4.1z"
} as const

type Icon = keyof typeof icons

const iconButton = (icon: Icon, label: string, onPress: () => void): HTMLButtonElement => {
  const element = button("", onPress, { className: "clock-button", title: label, ariaLabel: label })
  element.append(
    svg(
      "svg",
      { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      svg("path", { d: icons[icon] })
    )
  )
  return element
}

const seek = (store: Store, cursor: number | undefined): void => {
  if (cursor === undefined) return
  batch(() => {
    store.playing.value = false
    store.seek(cursor)
  })
}

const transport = (store: Store): HTMLElement => {
  const play = iconButton("play", "Play", () => {
    store.playing.value = !store.playing.peek()
  })
  play.classList.add("clock-play")
  const step = (by: number) => (): void => seek(store, store.cursor.peek() + by)
  const start = iconButton("start", "Start of the run", () => seek(store, 0))
  const back = iconButton("back", "Previous change", step(-1))
  const ahead = iconButton("ahead", "Next change", step(1))
  const end = iconButton("end", "End of the run", () => seek(store, Infinity))
  onFrame(() => {
    const isPlaying = store.playing.value
    play.ariaLabel = play.title = isPlaying ? "Pause" : "Play"
    play.querySelector("path")!.setAttribute("d", icons[isPlaying ? "pause" : "play"])
  })
  onFrame(() => {
    void store.revision.value
    const cursor = store.cursor.value
    // A button that is turned off would lose the focus, so it is only said to be.
    for (const each of [start, back]) each.ariaDisabled = String(cursor === 0)
    const isAtEnd = cursor === store.run.value.changes.length
    for (const each of [ahead, end]) each.ariaDisabled = String(isAtEnd)
  })
  return group("Playing", start, back, play, ahead, end)
}

const group = (label: string, ...children: ReadonlyArray<HTMLElement>): HTMLElement =>
  node("div", { className: "clock-buttons", role: "group", ariaLabel: label }, ...children)

const jumps = (store: Store): HTMLElement => {
  const selected = (): number | undefined => {
    const key = store.selected.value
    return key === undefined ? undefined : store.run.value.idOf(key)
  }
  const task = iconButton("task", "Next change of what is selected", () => {
    const id = selected()
    if (id !== undefined) seek(store, nextChangeOf(store.run.peek(), id, store.cursor.peek()))
  })
  const back = iconButton(
    "failureBack",
    "Previous failure",
    () => seek(store, previousFailure(store.run.peek(), store.cursor.peek()))
  )
  const ahead = iconButton(
    "failureAhead",
    "Next failure",
    () => seek(store, nextFailure(store.run.peek(), store.cursor.peek()))
  )
  for (const each of [back, ahead]) each.classList.add("clock-failure")
  onFrame(() => {
    void store.revision.value
    const run = store.run.value
    const cursor = store.cursor.value
    const id = selected()
    const name = id === undefined ? "what is selected" : run.subjects[id]!.name
    const next = id === undefined ? undefined : nextChangeOf(run, id, cursor)
    task.ariaLabel = task.title = `Next change of ${name}`
    task.ariaDisabled = String(next === undefined)
    back.ariaDisabled = String(previousFailure(run, cursor) === undefined)
    ahead.ariaDisabled = String(nextFailure(run, cursor) === undefined)
  })
  return group("Jumping", task, back, ahead)
}

const speedChoice = (store: Store): HTMLElement => {
  const choice = node("select", { className: "clock-speed", ariaLabel: "Speed", title: "Speed" })
  choice.addEventListener("change", () => {
    store.speed.value = Number(choice.value)
  })
  onFrame(() => {
    const speed = store.speed.value
    const all = speeds.includes(speed) ? speeds : [speed, ...speeds]
    if (choice.options.length !== all.length || choice.options[0]!.value !== String(all[0])) {
      choice.replaceChildren(
        ...all.map((value) => node("option", { value: String(value) }, formatSpeed(value)))
      )
    }
    choice.value = String(speed)
  })
  return choice
}

// -----------------------------------------------------------------------------
// Where one is
// -----------------------------------------------------------------------------

const readout = (store: Store): HTMLElement => {
  const time = node("span", { className: "clock-time" })
  const cursor = node("span", { className: "clock-cursor" })
  const live = button("Live", () => {
    store.following.value = true
  }, { className: "clock-live", title: "Follow the run while it goes on" })
  const stopped = node("span", { className: "quiet" }, "stopped")
  onFrame(() => {
    void store.revision.value
    const { changes, duration, end } = store.run.value
    time.textContent = `${formatElapsed(store.time.value)} / ${formatElapsed(duration)}`
    cursor.textContent = `#${store.cursor.value}/${changes.length}`
    const isOpen = end === undefined
    // Only a run from elsewhere goes on by itself.
    const isOurs = store.shown.value.source === undefined
    live.hidden = !isOpen || isOurs
    stopped.hidden = !isOpen || !isOurs || store.status.value.phase === "running"
    live.ariaPressed = String(store.following.value)
  })
  return node("div", { className: "clock-readout" }, live, stopped, time, cursor)
}

/** How wide a column of the strip is, in pixels. */
const columnWidth = 3

const makeScrubber = (store: Store): HTMLElement => {
  const all = svg("path", { class: "scrubber-changes" })
  const failed = svg("path", { class: "scrubber-failures" })
  const drawing = svg(
    "svg",
    { class: "scrubber-density", "aria-hidden": "true", preserveAspectRatio: "none" },
    all,
    failed
  )
  const past = node("div", { className: "scrubber-past" })
  const head = node("div", { className: "scrubber-head" })
  const element = node("div", { className: "scrubber" }, past, drawing, head)
  makeSlider(element, store, "Time")
  let width = 0

  const drawDensity = (): void => {
    void store.revision.value
    const run = store.run.value
    const axis = axisOf(run, store.axis.value)
    const columns = Math.max(1, Math.floor(width / columnWidth))
    const { changes, failures, most } = densityOf(run, axis, columns)
    write(drawing, "viewBox", `0 0 ${columns} 1`)
    write(all, "d", columnsOf(changes, most))
    write(failed, "d", columnsOf(failures, most))
  }
  const drawHead = (): void => {
    void store.revision.value
    const axis = axisOf(store.run.value, store.axis.value)
    const moment = { cursor: store.cursor.value, time: store.time.value }
    const share = axis.positionOf(moment) / axis.length
    past.style.transform = `scaleX(${share})`
    head.style.transform = `translateX(${share * width}px)`
    drawSlider(element, store)
  }
  onFrame(drawDensity)
  onFrame(drawHead)
  new ResizeObserver(() => {
    width = element.clientWidth
    drawDensity()
    drawHead()
  }).observe(element)
  dragThroughTime(element, store, (clientX) => {
    const { left } = element.getBoundingClientRect()
    const share = Math.max(0, Math.min(1, (clientX - left) / Math.max(1, width)))
    return share * axisOf(store.run.peek(), store.axis.peek()).length
  })
  return element
}

/** Sets an attribute, unless that would only paint the same again. */
const write = (element: Element, name: string, value: string): void => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/** A path of columns from below; few changes are seen beside many, too. */
const columnsOf = (counts: ReadonlyArray<number>, most: number): string => {
  let path = ""
  for (const [column, count] of counts.entries()) {
    if (count === 0) continue
    const height = 0.3 + 0.7 * Math.sqrt(count / most)
    path += `M${column + 0.16} 1V${(1 - height).toFixed(3)}h.68V1z`
  }
  return path
}
