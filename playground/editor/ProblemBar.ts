/**
 * The line below the code: how many problems there are, and the list of them when it is opened.
 */
import { computed, effect, signal } from "@preact/signals-core"
import type { Commands } from "../Store.ts"
import { button, node } from "../view/element.ts"
import type { Documents } from "./Documents.ts"
import { entry } from "./Files.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"
import type { Problems } from "./Problems.ts"

interface Row {
  readonly message: string
  readonly file: string
  readonly line: number | undefined
  readonly go: () => void
}

/** Makes it. */
export const makeProblemBar = (
  documents: Documents,
  problems: Problems,
  language: LanguageClient,
  textOf: (file: string) => string,
  commands: Commands
): { readonly element: HTMLElement; readonly dispose: () => void } => {
  const isOpen = signal(false)
  const list = node("ul", { className: "editor-problems", id: "editor-problems" })
  const toggle = button("", () => isOpen.value = !isOpen.value, { className: "editor-count" })
  toggle.setAttribute("aria-controls", list.id)
  const types = node("span", { className: "editor-types" })
  const bar = node("div", { className: "editor-status" }, toggle, types)
  const element = node("div", {}, list, bar)

  const rows = computed((): ReadonlyArray<Row> => {
    const ofRun = problems.ofRun.value
    return [
      ...ofRun === undefined ? [] : [{
        message: ofRun.message,
        file: ofRun.file ?? entry,
        line: ofRun.line,
        go: () => goToLine(documents, textOf, ofRun.file ?? entry, ofRun.line ?? 1)
      }],
      ...problems.errors.value.map((finding) => ({
        message: finding.message,
        file: finding.file,
        line: textOf(finding.file).slice(0, finding.from).split("\n").length,
        go: () => documents.select(finding)
      }))
    ]
  })
  let announced = 0
  const stop = effect(() => {
    const all = rows.value
    const readiness = language.readiness.value
    const label = all.length === 0
      ? "No problems"
      : `${all.length} ${all.length === 1 ? "problem" : "problems"}`
    toggle.textContent = `${all.length === 0 ? "✓" : "✕"} ${label}`
    toggle.classList.toggle("has-problems", all.length > 0)
    toggle.ariaExpanded = String(isOpen.value && all.length > 0)
    toggle.disabled = all.length === 0
    types.textContent = readiness.phase === "loading"
      ? "Types are being loaded …"
      : readiness.phase === "failed"
      ? `No types: ${readiness.reason}`
      : ""
    list.hidden = !isOpen.value || all.length === 0
    list.replaceChildren(...list.hidden ? [] : all.map(rowElement))
    if (all.length !== announced) commands.announce(label)
    announced = all.length
  })
  return { element, dispose: stop }
}

const rowElement = ({ file, go, line, message }: Row): HTMLElement => {
  const place = line === undefined ? file : `${file}:${line}`
  const row = button("", go, { className: "editor-problem" })
  row.append(node("span", { className: "editor-place" }, place), " ", message)
  return node("li", {}, row)
}

const goToLine = (
  documents: Documents,
  textOf: (file: string) => string,
  file: string,
  line: number
): void => {
  const lines = textOf(file).split("\n")
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0)
  documents.select({ file, from, to: from + (lines[line - 1] ?? "").length })
}
