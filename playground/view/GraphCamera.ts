/**
 * Which part of a drawing is seen, and how large: moved by pointers, the wheel and keys.
 */
import type { Box } from "./GraphScene.ts"

/** A point of the drawing is seen at `x + k * its own x`, in pixels of the page. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly k: number
}

/** How much room there is to look through. */
export interface Frame {
  readonly width: number
  readonly height: number
}

const [leastZoom, mostZoom] = [0.01, 4]
const margin = 20
/** The height of the buttons above. */
const tools = 44
/** Names can be read well from here on. */
const legible = 0.6

/** All of a drawing, in the middle of what the buttons leave and not larger than life. */
export const fit = (drawing: Frame, frame: Frame): Camera => {
  const [width, height] = [Math.max(1, drawing.width), Math.max(1, drawing.height)]
  const [wide, high] = [frame.width - 2 * margin, frame.height - margin - tools]
  const k = Math.max(leastZoom, Math.min(1, wide / width, high / height))
  return { k, x: (frame.width - k * width) / 2, y: tools + (high - k * height) / 2 }
}

/**
 * The same, but of a drawing that could nearly be read its beginning, so that it can: the left, at
 * the height `start` if not all of its height can be seen.
 */
export const begin = (drawing: Frame, frame: Frame, start: number): Camera => {
  const all = fit(drawing, frame)
  if (all.k >= legible || all.k < legible / 3) return all
  const [width, height] = [legible * drawing.width, legible * drawing.height]
  const high = frame.height - margin - tools
  const top = height <= high
    ? (high - height) / 2
    : Math.max(high - height, Math.min(0, high / 2 - start * legible))
  return { k: legible, x: Math.max(margin, (frame.width - width) / 2), y: tools + top }
}

/** Zooms by a factor; the point at `x`, `y` of the frame stays. */
export const zoom = (camera: Camera, by: number, x: number, y: number): Camera => {
  const k = Math.max(leastZoom, Math.min(mostZoom, camera.k * by))
  const ratio = k / camera.k
  return { k, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio }
}

/** Moves as little as needed to see a box, or the beginning of one that is too large. */
export const reveal = (camera: Camera, box: Box, frame: Frame): Camera => {
  const shift = (start: number, length: number, room: number): number => {
    if (start < margin || length > room - 2 * margin) return margin - start
    return Math.min(0, room - margin - start - length)
  }
  const [x, y] = [camera.x + box.x * camera.k, camera.y + box.y * camera.k]
  const isSeen = x >= 0 && y >= 0 && x + box.width * camera.k <= frame.width &&
    y + box.height * camera.k <= frame.height
  if (isSeen) return camera
  return {
    k: camera.k,
    x: camera.x + shift(x, box.width * camera.k, frame.width),
    y: camera.y + shift(y, box.height * camera.k, frame.height)
  }
}

/** What moves a camera. */
export interface Handlers {
  readonly get: () => Camera
  readonly set: (camera: Camera) => void
  /** A press that was no drag, in pixels of the frame. */
  readonly onPress: (x: number, y: number, event: PointerEvent) => void
}

/** How far a finger or a mouse may move while it presses. */
const slack = 4

/** Lets pointers and the wheel move a camera. */
export const steer = (surface: HTMLElement, { get, onPress, set }: Handlers): void => {
  const pointers = new Map<number, { x: number; y: number }>()
  let travelled = 0
  const at = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = surface.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const pinch = (): { x: number; y: number; length: number } | undefined => {
    const [a, b] = [...pointers.values()]
    if (a === undefined || b === undefined) return undefined
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) }
  }
  surface.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return
    if (pointers.size === 0) travelled = 0
    else travelled = Infinity
    pointers.set(event.pointerId, at(event))
  })
  surface.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId)
    if (before === undefined) return
    const pinched = pinch()
    const now = at(event)
    travelled += Math.hypot(now.x - before.x, now.y - before.y)
    if (travelled <= slack) return
    // Not before it is a drag: else a click would no more be one of what lies below.
    if (!surface.hasPointerCapture(event.pointerId)) surface.setPointerCapture(event.pointerId)
    surface.dataset["dragging"] = ""
    pointers.set(event.pointerId, now)
    const camera = get()
    const after = pinch()
    if (pinched === undefined || after === undefined) {
      set({ k: camera.k, x: camera.x + now.x - before.x, y: camera.y + now.y - before.y })
      return
    }
    const moved = {
      ...camera,
      x: camera.x + after.x - pinched.x,
      y: camera.y + after.y - pinched.y
    }
    set(zoom(moved, after.length / Math.max(1, pinched.length), after.x, after.y))
  })
  const release = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return
    delete surface.dataset["dragging"]
    if (event.type === "pointerup" && travelled <= slack) onPress(at(event).x, at(event).y, event)
  }
  surface.addEventListener("pointerup", release)
  surface.addEventListener("pointercancel", release)
  surface.addEventListener("wheel", (event) => {
    event.preventDefault()
    const camera = get()
    const scale = event.deltaMode === 1 ? 20 : 1
    if (event.shiftKey) {
      set({ ...camera, x: camera.x - (event.deltaX + event.deltaY) * scale })
      return
    }
    const { x, y } = at(event)
    set(zoom(camera, Math.exp(-event.deltaY * scale * (event.ctrlKey ? 0.01 : 0.0016)), x, y))
  }, { passive: false })
}
