/**
 * The window beside a bar that tells about it.
 */
import { type Child, node } from "./element.ts"

/** The window. */
export interface Tip {
  readonly element: HTMLElement
  readonly show: (beside: Element, x: number | undefined, contents: ReadonlyArray<Child>) => void
  readonly hide: () => void
}

const gap = 6

/** Makes the window. What it says the bar says too, so that nobody has to hear it twice. */
export const makeTip = (): Tip => {
  const element = node("div", { className: "timeline-tip", popover: "manual", ariaHidden: "true" })
  return {
    element,
    show: (beside, x, contents) => {
      element.replaceChildren(...contents)
      element.showPopover()
      const { bottom, left, top } = beside.getBoundingClientRect()
      const { offsetHeight, offsetWidth } = element
      const isAbove = top > offsetHeight + gap
      const wanted = (x ?? left) - (x === undefined ? 0 : offsetWidth / 3)
      element.style.left = `${Math.max(gap, Math.min(wanted, innerWidth - offsetWidth - gap))}px`
      element.style.top = `${isAbove ? top - offsetHeight - gap : bottom + gap}px`
    },
    hide: () => {
      if (element.isConnected) element.hidePopover()
    }
  }
}
