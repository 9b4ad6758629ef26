/**
 * Says what happens to those who cannot see the page, at most once a second.
 */
import { effect } from "@preact/signals-core"
import type { Run } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import { node } from "./element.ts"

/** What says it. */
export interface Announcer {
  readonly element: HTMLElement
  readonly announce: (text: string) => void
}

const apart = 1000

/** Makes what tells of each change that the cursor reaches, or of the last of many. */
export const makeAnnouncer = (store: Store): Announcer => {
  const element = node("div", { className: "unseen", id: "announcer", ariaLive: "polite" })
  element.setAttribute("aria-atomic", "true")
  const waiting: Array<string> = []
  let change: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const sayNext = (): void => {
    const text = waiting.shift() ?? change
    timer = undefined
    if (text === undefined) return
    if (waiting.length === 0) change = undefined
    element.textContent = text
    timer = setTimeout(sayNext, apart)
  }
  const saySoon = (): void => {
    timer ??= setTimeout(sayNext, 0)
  }

  let isFirst = true
  effect(() => {
    const cursor = store.cursor.value
    const run = store.run.peek()
    if (!isFirst && cursor > 0) {
      change = describeChange(run, cursor - 1)
      saySoon()
    }
    isFirst = false
  })
  return {
    element,
    announce: (text) => {
      waiting.push(text)
      saySoon()
    }
  }
}

/** A change as one says it: `clean[1]: Running to Retrying, attempt 1`. */
export const describeChange = ({ changes, subjectOf, subjects }: Run, index: number): string => {
  const { from, run, to } = changes[index]!
  const { name } = subjects[subjectOf[index]!]!
  return `${name}: ${from.tag} to ${to.tag}, attempt ${run}`
}
