/**
 * Something that one drags through the time of a run, by pointer or by keys: the playhead and the
 * strip of the clock.
 */
import { batch } from "@preact/signals-core"
import { formatElapsed } from "../run/Elapsed.ts"
import { axisOf, type Moment } from "../run/TimeAxis.ts"
import type { Store } from "../Store.ts"

/** Goes to a moment, and stops what plays. */
export const goTo = (store: Store, { cursor, time }: Moment): void => {
  const before = store.run.peek().times[cursor - 1] ?? 0
  batch(() => {
    store.playing.value = false
    if (time > before) store.seekTime(time)
    else store.seek(cursor)
  })
}

/** Makes an element a slider, which `drawSlider` keeps up to date. */
export const makeSlider = (element: HTMLElement, store: Store, label: string): void => {
  element.setAttribute("role", "slider")
  element.tabIndex = 0
  element.ariaLabel = label
  element.ariaValueMin = "0"
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const cursor = store.cursor.peek()
    const { length } = store.run.peek().changes
    const page = Math.max(1, Math.round(length / 10))
    const to: number | undefined = ({
      ArrowRight: cursor + 1,
      ArrowUp: cursor + 1,
      ArrowLeft: cursor - 1,
      ArrowDown: cursor - 1,
      PageUp: cursor + page,
      PageDown: cursor - page,
      Home: 0,
      End: length
    } as Readonly<Record<string, number>>)[event.key]
    if (to === undefined) return
    event.preventDefault()
    store.playing.value = false
    store.seek(to)
  })
}

/** Says where a slider is. */
export const drawSlider = (element: HTMLElement, { cursor, run, time }: Store): void => {
  const { changes, duration } = run.value
  element.ariaValueMax = String(changes.length)
  element.ariaValueNow = String(cursor.value)
  element.ariaValueText = `${formatElapsed(time.value)} of ${formatElapsed(duration)}, ` +
    `change ${cursor.value} of ${changes.length}`
}

/**
 * Lets a pointer go through time from where it is pressed on an element; `positionAt` says to which
 * position of the axis a place on the screen belongs.
 */
export const dragThroughTime = (
  element: HTMLElement,
  store: Store,
  positionAt: (clientX: number) => number
): void => {
  const follow = ({ clientX }: PointerEvent): void =>
    goTo(store, axisOf(store.run.peek(), store.axis.peek()).momentAt(positionAt(clientX)))
  element.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return
    element.setPointerCapture(down.pointerId)
    element.classList.add("is-dragged")
    follow(down)
    element.addEventListener("pointermove", follow)
    element.addEventListener("lostpointercapture", () => {
      element.removeEventListener("pointermove", follow)
      element.classList.remove("is-dragged")
    }, { once: true })
  })
}
