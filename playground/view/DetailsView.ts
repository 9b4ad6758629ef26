/**
 * What happened, in words: tabs that all show the same moment.
 */
import { effect, type Signal, signal, untracked } from "@preact/signals-core"
import type { Commands, DetailsTab, Store } from "../Store.ts"
import type { OnlySelected } from "./DetailsList.ts"
import { makeCallsPanel, makeEventsPanel, makeLogPanel } from "./DetailsLists.ts"
import { makeStatePanel } from "./DetailsState.ts"
import { button, node, onFrame } from "./element.ts"
import { makeFaultsPanel } from "./FaultsPanel.ts"
import type { Panel } from "./Panel.ts"
import { makeRunsPanel } from "./RunsPanel.ts"
import "./details.css"

type MakePanel = (store: Store, commands: Commands, only: OnlySelected) => Panel

const tabs: ReadonlyArray<readonly [tab: DetailsTab, label: string, make: MakePanel]> = [
  ["handlers", "Handlers", (store, _commands, only) => makeCallsPanel(store, only)],
  ["events", "Events", (store, _commands, only) => makeEventsPanel(store, only)],
  ["log", "Log", (store, _commands, only) => makeLogPanel(store, only)],
  ["state", "State", makeStatePanel],
  ["faults", "Faults", makeFaultsPanel],
  ["runs", "Runs", makeRunsPanel]
]

/** Makes the tabs; each is made when it is first looked at. */
export const makeDetailsView = (store: Store, commands: Commands): HTMLElement => {
  const panels = new Map<DetailsTab, Panel>()
  const only = signal(false)
  const list = node("div", { role: "tablist", className: "tabs", ariaLabel: "Details" })
  const panel = node("div", { role: "tabpanel", className: "details-panel", id: "details-panel" })
  const buttons = tabs.map(([tab, label]) => makeTab(store, tab, label))
  list.append(...buttons)
  list.addEventListener("keydown", (event) => {
    const to = tabAfter(store.detailsTab.peek(), event.key)
    if (to === undefined) return
    event.preventDefault()
    store.detailsTab.value = to
    buttons[indexOf(to)]!.focus()
  })

  const panelOf = (tab: DetailsTab): Panel => {
    const known = panels.get(tab)
    if (known !== undefined) return known
    const [, , make] = tabs[indexOf(tab)]!
    const made = make(store, commands, only)
    panels.set(tab, made)
    return made
  }
  // At once, so that Tab goes into the panel that was asked for and no other.
  effect(() => {
    const tab = store.detailsTab.value
    panel.replaceChildren(untracked(() => panelOf(tab)).element)
    panel.setAttribute("aria-labelledby", `details-tab-${tab}`)
  })
  onFrame(() => panelOf(store.detailsTab.value).draw())
  return node(
    "div",
    { className: "details" },
    node("div", { className: "details-head" }, list, onlySwitch(store, only), filterField(store)),
    panel
  )
}

const indexOf = (tab: DetailsTab): number => tabs.findIndex(([each]) => each === tab)

const makeTab = (store: Store, tab: DetailsTab, label: string): HTMLElement => {
  const count = node("span", { className: "count" })
  const element = node("button", { type: "button", role: "tab", id: `details-tab-${tab}` }, label)
  element.setAttribute("aria-controls", "details-panel")
  element.append(count)
  element.addEventListener("click", () => {
    store.detailsTab.value = tab
  })
  effect(() => {
    const isChosen = store.detailsTab.value === tab
    element.ariaSelected = String(isChosen)
    element.tabIndex = isChosen ? 0 : -1
  })
  onFrame(() => {
    const number = countOf(store, tab)
    count.textContent = number === undefined ? "" : String(number)
  })
  return element
}

const countOf = (store: Store, tab: DetailsTab): number | undefined => {
  void store.revision.value
  if (tab === "events") return store.run.value.changes.length
  if (tab === "log") return store.run.value.logs.length
  if (tab === "faults") return store.faults.value.length
  if (tab === "runs") return store.runs.value.length
  return undefined
}

const tabAfter = (tab: DetailsTab, key: string): DetailsTab | undefined => {
  const at = indexOf(tab)
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: (at + tabs.length - 1) % tabs.length,
    ArrowRight: (at + 1) % tabs.length,
    Home: 0,
    End: tabs.length - 1
  }
  const to = moves[key]
  return to === undefined ? undefined : tabs[to]![0]
}

const onlySwitch = (store: Store, only: Signal<boolean>): HTMLElement => {
  const element = button("Selected only", () => {
    only.value = !only.peek()
  }, { className: "only-selected" })
  effect(() => {
    element.ariaPressed = String(only.value)
    element.hidden = store.selected.value === undefined && !only.value
  })
  return element
}

const filterField = (store: Store): HTMLElement => {
  const input = node("input", {
    type: "search",
    id: "filter",
    className: "filter",
    placeholder: "Filter  /",
    ariaLabel: "Filter by task, state or message",
    autocomplete: "off",
    spellcheck: false
  })
  input.addEventListener("input", () => {
    store.filter.value = input.value
  })
  input.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return
    store.filter.value = ""
    input.blur()
  })
  effect(() => {
    if (input.value !== store.filter.value) input.value = store.filter.value
  })
  return input
}
