/**
 * The runs that are kept: to show one again, to compare two, and to try many seeds.
 */
import { formatDuration } from "../run/Elapsed.ts"
import type { Commands, KeptRun, Store } from "../Store.ts"
import { makeComparison } from "./CompareView.ts"
import type { Panel } from "./Panel.ts"
import { button, node } from "./element.ts"
import { refill } from "./refill.ts"
import { makeShake } from "./ShakeView.ts"
import { runName, runOutcome, runSettings } from "./Toolbar.ts"

/** Makes the panel of the runs. */
export const makeRunsPanel = (store: Store, commands: Commands): Panel => {
  const list = node("ul", { className: "run-list", ariaLabel: "Runs" })
  const shake = makeShake(store, commands)
  const comparison = makeComparison(store)
  const element = node(
    "div",
    { className: "runs-panel" },
    node("div", { className: "runs-kept" }, shake.element, list),
    node("div", { className: "runs-beside" }, shake.outcomes, comparison.element)
  )
  return {
    element,
    draw: () => {
      const shown = store.shown.value
      const compared = store.comparedTo.value
      const runs = store.runs.value
      void store.revision.value
      const all = runs.includes(shown) ? runs : [shown, ...runs]
      refill(list, ...all.map((kept) => entryOf(store, commands, kept, shown, compared)))
      shake.outcomes.hidden = compared !== undefined || !shake.hasOutcomes()
      comparison.element.hidden = compared === undefined
      shake.draw()
      comparison.draw()
    }
  }
}

const entryOf = (
  store: Store,
  commands: Commands,
  kept: KeptRun,
  shown: KeptRun,
  compared: KeptRun | undefined
): HTMLElement => {
  const id = `run-${kept.number}`
  const show = button("", () => store.show(kept), { className: "choice", id: `${id}-show` })
  const duration = formatDuration(kept.run.duration)
  show.append(
    node("strong", {}, runName(kept)),
    node("span", { className: "quiet" }, `${runSettings(kept)}, ${duration}`),
    runOutcome(kept)
  )
  if (kept === shown) show.ariaCurrent = "true"
  const isCompared = kept === compared
  const compare = button("Compare", () => {
    store.comparedTo.value = isCompared ? undefined : kept
  }, {
    className: "link",
    id: `${id}-compare`,
    disabled: kept === shown,
    ariaLabel: `Compare with ${runName(kept)}`
  })
  compare.ariaPressed = String(isCompared)
  if (kept.source !== undefined) return node("li", {}, show, compare)
  const restore = button("Restore", () => commands.open(kept.plan), {
    className: "link",
    id: `${id}-restore`,
    title: "Take back the program, the seed and the faults of this run",
    ariaLabel: `Restore the program of ${runName(kept)}`
  })
  return node("li", {}, show, compare, restore)
}
