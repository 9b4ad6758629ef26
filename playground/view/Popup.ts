/**
 * A button that opens a small window below it, which closes again when one looks elsewhere.
 */
import { type Child, node } from "./element.ts"

/** A button and what it opens. */
export interface Popup {
  readonly element: HTMLElement
  readonly button: HTMLButtonElement
  readonly close: () => void
}

let popups = 0

/** Makes a popup; what it shows is made anew each time that it opens. */
export const makePopup = (
  label: string,
  contents: (close: () => void) => ReadonlyArray<Child>,
  properties: Partial<HTMLElement> = {}
): Popup => {
  const id = `popup-${++popups}`
  const panel = node("div", { id, popover: "auto", ...properties })
  panel.classList.add("popup")
  panel.setAttribute("role", "dialog")
  panel.ariaLabel = label
  const button = node("button", { type: "button", ariaHasPopup: "dialog" }, label)
  button.ariaExpanded = "false"
  button.popoverTargetElement = panel
  const close = (): void => panel.hidePopover()

  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open") panel.replaceChildren(...contents(close))
  })
  panel.addEventListener("toggle", ({ newState }) => {
    const isOpen = newState === "open"
    button.ariaExpanded = String(isOpen)
    if (!isOpen) return
    placeBelow(button, panel)
    const first = panel.querySelector<HTMLElement>("[aria-current]") ??
      panel.querySelector<HTMLElement>("button, input, select")
    first?.focus()
  })
  panel.addEventListener("keydown", (event) => moveFocus(panel, event))
  return { element: node("span", { className: "popup-anchor" }, button, panel), button, close }
}

const placeBelow = (button: HTMLElement, panel: HTMLElement): void => {
  const { bottom, left } = button.getBoundingClientRect()
  const room = document.documentElement.clientWidth - panel.offsetWidth - 8
  panel.style.left = `${Math.max(8, Math.min(left, room))}px`
  panel.style.top = `${bottom + 4}px`
}

/** The arrow keys go from one choice to the next. */
const moveFocus = (panel: HTMLElement, event: KeyboardEvent): void => {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
  if (step === 0 || event.target instanceof HTMLInputElement) return
  const choices = [...panel.querySelectorAll<HTMLElement>("button")]
  const at = choices.indexOf(document.activeElement as HTMLElement)
  choices[(at + step + choices.length) % choices.length]?.focus()
  event.preventDefault()
}
