/**
 * New contents for an element, without losing the place of whoever is in the middle of it.
 */
import type { Child } from "./element.ts"

/**
 * Replaces what is in an element. What had the focus has it again if it is there by the same id, or
 * else the element, if it can have it.
 */
export const refill = (element: HTMLElement, ...children: ReadonlyArray<Child>): void => {
  const focused = document.activeElement
  const hadFocus = focused !== null && focused !== element && element.contains(focused)
  element.replaceChildren(...children)
  if (!hadFocus) return
  const again = focused.id === "" ? null : document.getElementById(focused.id)
  const next = again ?? (element.tabIndex === -1 ? null : element)
  next?.focus({ preventScroll: true })
}
