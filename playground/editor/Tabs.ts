/**
 * The files of the program as tabs, and what can be done with them.
 */
import { effect, type Signal, signal } from "@preact/signals-core"
import type { Store } from "../Store.ts"
import { button, node } from "../view/element.ts"
import type { Documents } from "./Documents.ts"
import { entry, type Files } from "./Files.ts"
import type { Problems } from "./Problems.ts"

/** The id of what the tabs switch. */
export const panelId = "editor-panel"

type Asking = { readonly rename: string } | { readonly add: true } | undefined

/** Makes the row above the code. */
export const makeTabs = (
  store: Store,
  documents: Documents,
  files: Files,
  problems: Problems
): { readonly element: HTMLElement; readonly dispose: () => void } => {
  const asking = signal<Asking>(undefined)
  const list = node("div", { role: "tablist", ariaLabel: "Files", className: "editor-tablist" })
  const tools = node("div", { className: "editor-tools" })
  const rename = (name: string): void => {
    asking.value = { rename: name }
  }
  list.addEventListener("keydown", (event) => {
    const names = store.files.peek().map(({ name }) => name)
    if (!actOn(event, names, documents, files, rename)) return
    event.preventDefault()
    event.stopPropagation()
  })
  const stopList = effect(() => {
    const shown = documents.shown.value
    const foreign = documents.foreign.value?.name
    const withErrors = new Set(problems.errors.value.map(({ file }) => file))
    const names = store.files.value.map(({ name }) => name)
    const hadFocus = list.contains(document.activeElement)
    list.replaceChildren(...[...names, ...foreign === undefined ? [] : [foreign]].map((name) => {
      const tab = tabOf(name, name === shown, withErrors.has(name))
      if (name === foreign) tab.classList.add("editor-tab-foreign")
      else tab.addEventListener("click", () => documents.show(name))
      if (name !== foreign && name !== entry) tab.addEventListener("dblclick", () => rename(name))
      return tab
    }))
    const selected = list.querySelector<HTMLElement>('[aria-selected="true"]')
    if (hadFocus) selected?.focus()
    selected?.scrollIntoView({ block: "nearest", inline: "nearest" })
  })
  const stopTools = effect(() => showTools(tools, asking, documents, files))
  return {
    element: node("div", { className: "editor-tabs" }, list, tools),
    dispose: () => {
      stopList()
      stopTools()
    }
  }
}

// -----------------------------------------------------------------------------
// Tabs
// -----------------------------------------------------------------------------

const tabOf = (name: string, isShown: boolean, hasErrors: boolean): HTMLElement => {
  const tab = node("button", {
    type: "button",
    role: "tab",
    id: tabId(name),
    className: "editor-tab",
    ariaSelected: String(isShown),
    tabIndex: isShown ? 0 : -1,
    title: name
  }, name.slice(name.lastIndexOf("/") + 1))
  tab.setAttribute("aria-controls", panelId)
  if (hasErrors) tab.append(errorMark())
  return tab
}

/** Does what a key does on the tab of the shown file, if it does anything. */
const actOn = (
  { key }: KeyboardEvent,
  names: ReadonlyArray<string>,
  documents: Documents,
  files: Files,
  rename: (name: string) => void
): boolean => {
  const shown = documents.shown.peek()
  const at = names.indexOf(shown)
  const next = {
    ArrowLeft: names.at(at <= 0 ? -1 : at - 1),
    ArrowRight: names[(at + 1) % names.length],
    Home: names[0],
    End: names.at(-1)
  }[key]
  if (next !== undefined) documents.show(next)
  else if (key === "Delete" && at === -1) documents.look(undefined)
  else if (at === -1 || shown === entry) return false
  else if (key === "F2") rename(shown)
  else if (key === "Delete") files.remove(shown)
  else return false
  return true
}

// -----------------------------------------------------------------------------
// Tools
// -----------------------------------------------------------------------------

const showTools = (
  tools: HTMLElement,
  asking: Signal<Asking>,
  documents: Documents,
  files: Files
): void => {
  const question = asking.value
  const shown = documents.shown.value
  const isForeign = documents.foreign.value !== undefined
  const deleted = files.deleted.value
  const hadFocus = tools.contains(document.activeElement)
  if (question !== undefined) {
    tools.replaceChildren(nameForm(question, files, () => asking.value = undefined))
    tools.querySelector("input")!.select()
    return
  }
  const ofShown = isForeign
    ? [tool("✕", `Close ${shown}`, () => documents.look(undefined))]
    : shown === entry
    ? []
    : [
      tool("✎", `Rename ${shown}`, () => asking.value = { rename: shown }),
      tool("✕", `Delete ${shown}`, () => files.remove(shown))
    ]
  tools.replaceChildren(
    tool("+", "Add a file", () => asking.value = { add: true }),
    ...ofShown,
    ...deleted === undefined
      ? []
      : [button(`Restore ${deleted.name}`, files.restore, { className: "editor-restore" })]
  )
  if (hadFocus) tools.querySelector("button")!.focus()
}

/** The id of the tab of a file. */
export const tabId = (name: string): string => `editor-tab-${name.replaceAll(/[^\w.-]/g, "-")}`

const errorMark = (): HTMLElement =>
  node("span", { className: "editor-tab-error", role: "img", ariaLabel: "has errors" }, "●")

const tool = (glyph: string, label: string, onPress: () => void): HTMLButtonElement =>
  button(glyph, onPress, { className: "editor-tool", ariaLabel: label, title: label })

const nameForm = (
  question: NonNullable<Asking>,
  files: Files,
  done: () => void
): HTMLElement => {
  const old = "rename" in question ? question.rename : undefined
  const label = old === undefined ? "Name of the new file" : `New name of ${old}`
  const input = node("input", {
    type: "text",
    value: old ?? files.freeName(),
    ariaLabel: label,
    spellcheck: false,
    size: 14
  })
  const form = node(
    "form",
    { className: "editor-name" },
    input,
    node("button", { type: "submit" }, old === undefined ? "Add" : "Rename")
  )
  const named = (): string => {
    const name = input.value.trim()
    return name.endsWith(".ts") ? name : `${name}.ts`
  }
  input.addEventListener("input", () => input.setCustomValidity(""))
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const name = named()
    const reason = files.whyNot(name, old)
    input.setCustomValidity(reason ?? "")
    if (!input.reportValidity()) return
    done()
    if (old === undefined) files.add(name)
    else void files.rename(old, name)
  })
  form.addEventListener("keydown", (event) => {
    event.stopPropagation()
    if (event.key === "Escape") done()
  })
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && form.contains(relatedTarget))) done()
  })
  return form
}
