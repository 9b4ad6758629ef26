/**
 * What the keyboard does wherever one is on the page, except in a field that one types into.
 */
import { nextChangeOf, nextFailure } from "../run/Jumps.ts"
import { flowKey } from "../run/Run.ts"
import type { Commands, Store } from "../Store.ts"

/** One key and what it does. */
export interface Binding {
  /** As people read it. */
  readonly keys: string
  readonly does: string
}

/** The speeds of the keys 1 to 6, in simulated milliseconds for each real one. */
export const speeds: ReadonlyArray<number> = [0.25, 1, 10, 100, 1000, Infinity]

/** All keys, in the order in which they are listed. */
export const bindings: ReadonlyArray<Binding> = [
  { keys: "Ctrl Enter, ⌘ Enter", does: "Run the program" },
  { keys: "Space", does: "Play or pause" },
  { keys: "→  ←", does: "Next or previous change" },
  { keys: "Shift →", does: "Next change of what is selected" },
  { keys: "n", does: "Next failure" },
  { keys: "Home  End", does: "Start or end of the run" },
  { keys: "1 … 5", does: "Speed: ¼×, 1×, 10×, 100×, 1000×" },
  { keys: "6", does: "Speed: from change to change" },
  { keys: "/", does: "Filter by task, state or message" },
  { keys: "f", does: "Fit the graph" },
  { keys: "Escape", does: "Select nothing" },
  { keys: "?", does: "Show these keys" }
]

/** What keys do that is not in the store. */
export interface Surroundings {
  readonly focusFilter: () => void
  readonly fitGraph: () => void
  readonly showHelp: () => void
}

/** Listens to the keyboard; gives what ends that. */
export const listenToKeyboard = (
  store: Store,
  commands: Commands,
  surroundings: Surroundings
): () => void => {
  const actions = actionsOf(store, surroundings)
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault()
      commands.run()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
    const shift = event.shiftKey && event.key.startsWith("Arrow") ? "Shift " : ""
    const action = actions[shift + event.key]
    if (action === undefined) return
    event.preventDefault()
    action()
  }
  addEventListener("keydown", onKey)
  return () => removeEventListener("keydown", onKey)
}

const actionsOf = (
  store: Store,
  { fitGraph, focusFilter, showHelp }: Surroundings
): Readonly<Record<string, () => void>> => {
  const stepTo = (cursor: number | undefined): void => {
    store.playing.value = false
    if (cursor !== undefined) store.seek(cursor)
  }
  const selectedId = (): number => store.run.peek().idOf(store.selected.peek() ?? flowKey) ?? 0
  return {
    " ": () => {
      store.playing.value = !store.playing.peek()
    },
    ArrowRight: () => stepTo(store.cursor.peek() + 1),
    ArrowLeft: () => stepTo(store.cursor.peek() - 1),
    "Shift ArrowRight": () =>
      stepTo(nextChangeOf(store.run.peek(), selectedId(), store.cursor.peek())),
    n: () => stepTo(nextFailure(store.run.peek(), store.cursor.peek())),
    Home: () => stepTo(0),
    End: () => stepTo(Infinity),
    "/": focusFilter,
    f: fitGraph,
    "?": showHelp,
    Escape: () => store.select(undefined),
    ...Object.fromEntries(speeds.map((speed, index) => [String(index + 1), () => {
      store.speed.value = speed
    }]))
  }
}

/** Whether what has the focus does something of its own with the key. */
const isTaken = ({ key, target }: KeyboardEvent): boolean => {
  if (!(target instanceof Element)) return false
  const box = target.closest<HTMLInputElement>("input")
  const isText = box !== null && box.type !== "checkbox"
  if (isText || target.closest("textarea, select, [contenteditable], dialog, [popover]") !== null) {
    return true
  }
  return key === " " && target.closest("button, a, summary, input, [role='button']") !== null
}
