/**
 * Short messages to everybody: those that go away by themselves, and those that stay until they are
 * dismissed.
 */
import { button, node } from "./element.ts"

/** What one can do about a message, which is dismissed by that. */
export type Action = readonly [label: string, act: () => void]

/** Where messages are shown. */
export interface Notices {
  readonly element: HTMLElement
  readonly tell: (text: string) => void
  readonly stay: (text: string, action?: Action) => void
}

const shownFor = 6000

/** Makes the place for messages. */
export const makeNotices = (): Notices => {
  const element = node("div", { id: "notices", role: "status" })
  const add = (text: string, action?: Action): HTMLElement => {
    const notice = node("div", { className: "notice" }, node("span", {}, text))
    if (action !== undefined) {
      const [label, act] = action
      notice.append(button(label, () => {
        notice.remove()
        act()
      }))
    }
    notice.append(
      button("✕", () => notice.remove(), { className: "quiet-button", ariaLabel: "Dismiss" })
    )
    element.append(notice)
    return notice
  }
  return {
    element,
    stay: (text, action) => void add(text, action),
    tell: (text) => {
      const notice = add(text)
      setTimeout(() => notice.remove(), shownFor)
    }
  }
}
