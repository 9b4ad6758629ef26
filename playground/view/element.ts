/**
 * Elements of the page, made of data: text goes in as text, never as markup.
 */
import { effect } from "@preact/signals-core"

/** What an element can hold. */
export type Child = Node | string

/** Makes an element. Properties are those of its class; `aria…`, `role` and `tabIndex` are too. */
export const node = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[K] => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** Makes an SVG element from its attributes. */
export const svg = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: ReadonlyArray<Child>
): SVGElementTagNameMap[K] => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.append(...children)
  return element
}

/** Makes a button that does something when it is pressed. */
export const button = (
  label: string,
  onPress: () => void,
  properties: Partial<HTMLButtonElement> = {}
): HTMLButtonElement => {
  const element = node("button", { type: "button", ...properties }, label)
  element.addEventListener("click", onPress)
  return element
}

/**
 * Runs `draw` now and, at most once for each frame, whenever a signal has changed that it reads.
 * Gives what ends that.
 */
export const onFrame = (draw: () => void): () => void => {
  let frame = 0
  let stopReading = (): void => {}
  // An effect is subscribed to what it read the last time, so each drawing is an effect of its own.
  const drawNow = (): void => {
    frame = 0
    stopReading()
    let isFirst = true
    stopReading = effect(() => {
      if (isFirst) draw()
      else if (frame === 0) frame = requestAnimationFrame(drawNow)
      isFirst = false
    })
  }
  drawNow()
  return () => {
    cancelAnimationFrame(frame)
    stopReading()
  }
}
