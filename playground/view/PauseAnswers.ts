/**
 * The buttons that answer a pause, at the moment that one looks at.
 */
import { formatDuration } from "../run/Elapsed.ts"
import { type Answer, answer, type Pause } from "../run/Pauses.ts"
import type { Commands, Store } from "../Store.ts"
import { button, node } from "./element.ts"

const choices: ReadonlyArray<readonly [label: string, as: Answer]> = [
  ["Approve", undefined],
  ["Skip", "Skip"],
  ["Fail", "Fail"]
]

/** Makes the buttons; an answer is part of the plan, and the program runs with it at once. */
export const pauseAnswers = (store: Store, commands: Commands, pause: Pause): HTMLElement => {
  const after = Math.max(0, Math.round(store.time.peek() - pause.at))
  const name = store.run.peek().subjects[pause.subject]!.name
  const buttons = choices.map(([label, as]) =>
    button(label, () => {
      store.faults.value = answer(store.faults.peek(), pause, after, as)
      commands.run()
    }, { id: `answer-${pause.change}-${label}`, ariaLabel: `${label} ${name}` })
  )
  const when = after === 0 ? "at once" : `after ${formatDuration(after)}`
  return node("span", { className: "answers" }, `Answer ${when}:`, ...buttons)
}
