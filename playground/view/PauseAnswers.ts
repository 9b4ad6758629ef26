/**
 * The buttons that answer a pause, at the moment that one looks at.
 */
import { formatDuration } from "../run/Elapsed.ts"
import { type Answer, answer, answerTo, type Pause } from "../run/Pauses.ts"
import type { Commands, Store } from "../Store.ts"
import { button, node } from "./element.ts"

const choices: ReadonlyArray<readonly [label: string, as: Answer]> = [
  ["Approve", undefined],
  ["Skip", "Skip"],
  ["Fail", "Fail"]
]

/**
 * Makes the buttons; an answer is part of the plan, and the program runs with it at once. `place`
 * tells those of one place on the page from those of another.
 */
export const pauseAnswers = (
  store: Store,
  commands: Commands,
  pause: Pause,
  place: string
): HTMLElement => {
  const after = Math.max(0, Math.round(store.time.peek() - pause.at))
  const name = store.run.peek().subjects[pause.subject]!.name
  const given = answerTo(store.faults.value, pause)
  const buttons = choices.map(([label, as]) => {
    const element = button(label, () => {
      commands.changeFaults((faults) => answer(faults, pause, after, as))
    }, { id: `${place}-${pause.change}-${label}`, ariaLabel: `${label} ${name}` })
    element.ariaPressed = String(given === as)
    return element
  })
  const when = after === 0 ? "at once" : `after ${formatDuration(after)}`
  return node("span", { className: "answers" }, `Answer ${when}:`, ...buttons)
}
