/**
 * What is run: the program, the seed, and which of the runs is shown.
 */
import { effect } from "@preact/signals-core"
import { readDrafts } from "../Drafts.ts"
import { listed, planOf } from "../ExampleList.ts"
import { flowKey, stateAt } from "../run/Run.ts"
import type { Commands, KeptRun, Plan, Store } from "../Store.ts"
import { button, node } from "./element.ts"
import { showPart } from "./Parts.ts"
import { makePopup } from "./Popup.ts"
import { stateLabel } from "./StateLabel.ts"

/** Makes what is in the toolbar; `more` is at its end. */
export const makeToolbar = (
  store: Store,
  commands: Commands,
  more: ReadonlyArray<HTMLElement> = []
): ReadonlyArray<HTMLElement> => {
  const rest = node(
    "div",
    { className: "toolbar-rest", id: "toolbar-rest" },
    seedField(store, commands),
    runPicker(store),
    autoRunSwitch(store),
    node("span", { className: "toolbar-space" }),
    ...more
  )
  return [
    runButton(store, commands),
    examplePicker(store, commands),
    restSwitch(rest),
    rest
  ]
}

/** On a phone the rest of the toolbar is behind a button. */
const restSwitch = (rest: HTMLElement): HTMLElement => {
  const toggle = button("⋯", () => {
    const isOpen = rest.classList.toggle("is-open")
    toggle.ariaExpanded = String(isOpen)
  }, { className: "toolbar-more", ariaLabel: "More" })
  toggle.ariaExpanded = "false"
  toggle.setAttribute("aria-controls", rest.id)
  return toggle
}

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/** A run is mostly over before one could stop it: the button changes only where it is not. */
const patience = 250

const runButton = (store: Store, commands: Commands): HTMLElement => {
  let canStop = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const element = button("Run", () => canStop ? commands.stop() : commands.run(), {
    className: "primary run-button",
    title: "Run the program (Ctrl+Enter, ⌘Enter)"
  })
  const show = (isRunning: boolean): void => {
    canStop = isRunning
    element.textContent = isRunning ? "Stop" : "Run"
    element.classList.toggle("is-running", isRunning)
  }
  effect(() => {
    clearTimeout(timer)
    if (store.status.value.phase === "running") timer = setTimeout(() => show(true), patience)
    else show(false)
  })
  return element
}

const autoRunSwitch = (store: Store): HTMLElement => {
  const box = node("input", { type: "checkbox" })
  box.addEventListener("change", () => {
    store.autoRun.value = box.checked
  })
  effect(() => {
    box.checked = store.autoRun.value
  })
  const title = "Run by itself after each edit"
  return node("label", { className: "switch", title }, box, "Auto-run")
}

const seedField = (store: Store, commands: Commands): HTMLElement => {
  const input = node("input", {
    type: "number",
    id: "seed",
    min: "0",
    max: "4294967295",
    step: "1",
    autocomplete: "off"
  })
  const use = (seed: number): void => {
    if (seed === store.seed.peek()) return
    store.seed.value = seed
    commands.run()
  }
  input.addEventListener("change", () => {
    const seed = input.valueAsNumber
    if (input.checkValidity() && Number.isSafeInteger(seed)) return use(seed)
    input.value = String(store.seed.peek())
    commands.tell("A seed is a whole number from 0 to 4,294,967,295.")
  })
  effect(() => {
    input.value = String(store.seed.value)
  })
  const another = (): void => use(Math.floor(Math.random() * 1_000_000))
  return node(
    "span",
    { className: "field" },
    node("label", { htmlFor: "seed" }, "Seed"),
    input,
    button("⟳", another, { ariaLabel: "Run with another seed", title: "Run with another seed" })
  )
}

// -----------------------------------------------------------------------------
// Choosing
// -----------------------------------------------------------------------------

const examplePicker = (store: Store, commands: Commands): HTMLElement => {
  const open = async (name: string): Promise<void> => {
    const plan = await planOf(name)
    if (plan !== undefined) commands.open(plan, name)
  }
  const popup = makePopup("Examples", (close) => {
    const choiceOf = (name: string, about: string, choose: () => void): HTMLElement => {
      const choice = button("", () => {
        close()
        choose()
      }, { className: "choice" })
      choice.append(node("strong", {}, name), node("span", { className: "quiet" }, about))
      return choice
    }
    const drafts = readDrafts().map((draft) =>
      choiceOf(flowIn(draft), "What you have written.", () => commands.open(draft))
    )
    const examples = listed.map(({ about, name }) => {
      const choice = choiceOf(name, about, () => void open(name))
      if (name === store.example.peek()) choice.ariaCurrent = "true"
      return choice
    })
    return [...drafts, ...examples]
  }, { className: "example-menu" })
  const name = node("span", { className: "button-value" })
  popup.button.replaceChildren(node("span", { className: "button-label" }, "Example"), name)
  effect(() => {
    name.textContent = store.example.value ?? "your own"
  })
  return popup.element
}

/** What the flow of a program seems to be called. */
const flowIn = ({ files }: Plan): string =>
  files.map(({ text }) => /\bFlow\.make\(\s*"([^"]{1,60})"/.exec(text)?.[1])
    .find((name) => name !== undefined) ?? "Your own"

/** How a run is called. */
export const runName = ({ number, source }: KeptRun): string =>
  source ?? (number === 0 ? "Recorded run" : `Run ${number}`)

/** What a run was made with. */
export const runSettings = ({ plan: { faults, seed }, run, source }: KeptRun): string => {
  if (source !== undefined && run.header.seed === undefined) return "in real time"
  const count = faults.length
  return `seed ${seed}${count === 0 ? "" : count === 1 ? ", 1 fault" : `, ${count} faults`}`
}

/** The state in which a run has left its flow, and how far it came. */
export const runOutcome = ({ run }: KeptRun): HTMLElement =>
  node(
    "span",
    { className: "run-outcome" },
    stateLabel(stateAt(run, run.idOf(flowKey) ?? 0, run.changes.length).tag),
    node("span", { className: "quiet" }, `${run.changes.length} changes`)
  )

const runPicker = (store: Store): HTMLElement => {
  const popup = makePopup("Runs", (close) => {
    const runs = store.runs.peek()
    const shown = store.shown.peek()
    const all = runs.includes(shown) ? runs : [shown, ...runs]
    const compare = button("Compare two runs …", () => {
      close()
      store.detailsTab.value = "runs"
      showPart("details")
    }, { className: "choice" })
    return [
      ...all.map((kept) => {
        const choice = button("", () => {
          close()
          store.show(kept)
        }, { className: "choice" })
        choice.append(
          node("strong", {}, runName(kept)),
          node("span", { className: "quiet" }, runSettings(kept)),
          runOutcome(kept)
        )
        if (kept === shown) choice.ariaCurrent = "true"
        return choice
      }),
      compare
    ]
  }, { className: "run-menu" })
  const name = node("span", { className: "button-value" })
  const settings = node("span", { className: "run-settings quiet" })
  popup.button.replaceChildren(name, settings)
  effect(() => {
    name.textContent = runName(store.shown.value)
    settings.textContent = runSettings(store.shown.value)
  })
  return popup.element
}
