/**
 * The code: plain at first, in an editor as soon as that has been loaded, with what is wrong below.
 */
import { effect } from "@preact/signals-core"
import type { Commands, Store } from "../Store.ts"
import { node } from "./element.ts"

/** The code, and what puts an editor in the place of the plain text. */
export interface CodeView {
  readonly element: HTMLElement
  readonly replace: (editor: { readonly element: HTMLElement; readonly focus: () => void }) => void
}

/** Makes the view of the code. */
export const makeCodeView = (store: Store, commands: Commands): CodeView => {
  const area = node("textarea", {
    className: "code-text",
    ariaLabel: "flow.ts",
    spellcheck: false,
    autocapitalize: "off",
    wrap: "soft"
  })
  area.addEventListener("input", () => write(store, area.value))
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    commands.run()
  })
  const stopReading = effect(() => {
    const name = store.activeFile.value
    const text = store.files.value.find((file) => file.name === name)?.text ?? ""
    area.ariaLabel = name
    if (area.value !== text) area.value = text
  })
  const element = node("div", { className: "code" }, area, statusLine(store))
  return {
    element,
    replace: (editor) => {
      const hadFocus = document.activeElement === area
      stopReading()
      area.replaceWith(editor.element)
      if (hadFocus) editor.focus()
    }
  }
}

const write = (store: Store, text: string): void => {
  const name = store.activeFile.peek()
  store.files.value = store.files.peek().map((file) => file.name === name ? { name, text } : file)
}

/** What is not worth a word is not said. */
const words = {
  loading: "The engine is being loaded …",
  ready: "",
  running: "",
  failed: ""
} as const

const statusLine = (store: Store): HTMLElement => {
  const element = node("div", { className: "code-status" })
  const text = node("p", { role: "status" })
  const problem = node("p", { role: "alert", className: "code-problem" })
  element.append(text, problem)
  effect(() => {
    const status = store.status.value
    element.dataset["phase"] = status.phase
    element.hidden = status.phase === "ready" || status.phase === "running"
    const failed = status.phase === "failed" ? status.problem : undefined
    text.textContent = failed === undefined ? words[status.phase] : ""
    if (failed === undefined) problem.replaceChildren()
    else problem.replaceChildren(...placeOf(failed), node("span", {}, failed.message))
    // A program that could not begin has no run: what is beside it is of another.
    const { number, plan } = store.shown.peek()
    const isOther = failed !== undefined && plan.files !== store.files.peek()
    if (isOther) problem.append(node("span", { className: "quiet" }, ` ${shownInstead(number)}`))
  })
  return element
}

const shownInstead = (number: number): string =>
  `Still shown: ${number === 0 ? "the recorded run" : `run ${number}`}.`

const placeOf = (
  { file, line }: { readonly file: string | undefined; readonly line: number | undefined }
): ReadonlyArray<HTMLElement> => {
  if (file === undefined) return []
  return [node("strong", {}, line === undefined ? `${file} ` : `${file}:${line} `)]
}
