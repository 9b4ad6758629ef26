/**
 * What waits for an answer at the moment that one looks at, with the buttons that give it.
 */
import { pausesIn } from "../run/Pauses.ts"
import { lastChange } from "../run/Run.ts"
import type { Commands, Store } from "../Store.ts"
import { button, node, onFrame } from "./element.ts"
import { pauseAnswers } from "./PauseAnswers.ts"
import { refill } from "./refill.ts"

/** Makes the strip, which is there only while something waits. */
export const makePauseStrip = (store: Store, commands: Commands): HTMLElement => {
  const element = node("section", { className: "pause-strip", hidden: true })
  element.ariaLabel = "Waiting for an answer"
  onFrame(() => {
    const run = store.run.value
    const cursor = store.cursor.value
    void store.revision.value
    void store.time.value
    const open = pausesIn(run).filter(({ change, subject }) =>
      change < cursor && lastChange(run, subject, cursor) === change
    )
    const [first] = open
    element.hidden = first === undefined
    if (first === undefined) return refill(element)
    const { key, name } = run.subjects[first.subject]!
    const { message } = run.changes[first.change]!.to
    refill(
      element,
      button(name, () => store.select(key), { className: "link", id: "pause-subject" }),
      node("span", {}, message ?? "waits for an answer"),
      pauseAnswers(store, commands, first, "waiting"),
      open.length > 1 ? node("span", { className: "quiet" }, `${open.length - 1} more wait`) : ""
    )
  })
  return element
}
