/**
 * Many seeds at once: what became of each, those with the same end together.
 */
import { effect, signal } from "@preact/signals-core"
import { formatDuration } from "../run/Elapsed.ts"
import type { Commands, ShakeOutcome, Store } from "../Store.ts"
import { button, node } from "./element.ts"
import { refill } from "./refill.ts"
import { stateLabel } from "./StateLabel.ts"

/** The button that shakes, and the table of what came of it. */
export interface Shake {
  readonly element: HTMLElement
  readonly outcomes: HTMLElement
  readonly hasOutcomes: () => boolean
  readonly draw: () => void
}

const seeds = 100
/** How many seeds with the same end are listed. */
const shownSeeds = 12

/** Makes it. */
export const makeShake = (store: Store, commands: Commands): Shake => {
  const found = signal<ReadonlyArray<ShakeOutcome>>([])
  const isShaking = signal(false)
  // What was found holds for the program and the faults that it was found with.
  effect(() => {
    void store.files.value
    void store.faults.value
    found.value = []
  })
  const shake = async (): Promise<void> => {
    if (isShaking.peek()) return commands.stop()
    const all: Array<ShakeOutcome> = []
    found.value = []
    isShaking.value = true
    store.comparedTo.value = undefined
    await commands.shake(seeds, (outcome) => {
      all.push(outcome)
      found.value = [...all]
    })
    isShaking.value = false
    commands.announce(`${all.length} seeds were tried, with ${groupsOf(all).length} kinds of end`)
  }
  const start = button(`Shake: try ${seeds} seeds`, () => void shake(), { id: "shake" })
  const outcomes = node("div", { className: "outcomes" })
  const open = (seed: number): void => {
    store.seed.value = seed
    commands.run()
  }
  return {
    element: start,
    outcomes,
    hasOutcomes: () => isShaking.value || found.value.length > 0,
    draw: () => {
      const all = found.value
      start.textContent = isShaking.value
        ? `Stop (${all.length} of ${seeds})`
        : `Shake: try ${seeds} seeds`
      const groups = groupsOf(all)
      refill(
        outcomes,
        node(
          "table",
          {},
          node("caption", {}, captionOf(all.length, groups.length)),
          node("thead", {}, rowOf("th", "End", "Runs", "Changes", "Duration", "Seeds")),
          node("tbody", {}, ...groups.map((group) => groupRow(group, all.length, open)))
        )
      )
    }
  }
}

const captionOf = (tried: number, kinds: number): string => {
  if (tried === 0) return "Trying …"
  const ends = kinds === 1 ? "end the same" : `end in ${kinds} ways`
  const what = tried < seeds
    ? `${tried} of ${seeds} were tried: they ${ends}.`
    : `${kinds === 1 ? "All " : ""}${seeds} seeds ${ends}.`
  return `${what} Choose one to see its run.`
}

/** Outcomes with the same end, the rarest first: it is what one looks for. */
const groupsOf = (all: ReadonlyArray<ShakeOutcome>): ReadonlyArray<ReadonlyArray<ShakeOutcome>> =>
  [...Map.groupBy(all, ({ state }) => state).values()]
    .toSorted((one, other) => one.length - other.length)

const groupRow = (
  group: ReadonlyArray<ShakeOutcome>,
  total: number,
  open: (seed: number) => void
): HTMLElement => {
  const [{ state, tag }] = group as readonly [ShakeOutcome]
  const share = node("meter", { min: 0, max: total, value: group.length })
  share.ariaLabel = "Share of the runs"
  const links = group.slice(0, shownSeeds).map(({ seed }) =>
    button(String(seed), () => open(seed), {
      className: "link",
      id: `shake-${seed}`,
      ariaLabel: `Seed ${seed}`
    })
  )
  const more = group.length - shownSeeds
  return rowOf(
    "td",
    node("span", {}, stateLabel(tag), ` ${messageIn(state)}`),
    node("span", { className: "share" }, share, String(group.length)),
    range(group.map(({ changes }) => changes), String),
    range(group.map(({ duration }) => duration), formatDuration),
    node("span", { className: "links" }, ...links, ...more > 0 ? [`and ${more} more`] : [])
  )
}

/** The message in a printed state, without its quotes. */
const messageIn = (state: string): string => /^\w+\("?(.*?)"?\)$/s.exec(state)?.[1] ?? state

const range = (values: ReadonlyArray<number>, format: (value: number) => string): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? format(least) : `${format(least)} – ${format(most)}`
}

const rowOf = (
  tag: "th" | "td",
  ...cells: ReadonlyArray<HTMLElement | string>
): HTMLTableRowElement =>
  node("tr", {}, ...cells.map((cell) => node(tag, tag === "th" ? { scope: "col" } : {}, cell)))
