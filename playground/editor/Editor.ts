/**
 * The editor: files in tabs, the compiler's help, and what becomes of each task beside its line.
 */
/// <reference types="vite/client" />
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, historyKeymap, indentWithTab } from "@codemirror/commands"
import { javascript } from "@codemirror/lang-javascript"
import { bracketMatching, indentOnInput } from "@codemirror/language"
import { lintGutter, lintKeymap } from "@codemirror/lint"
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search"
import { EditorState, type Extension, Prec } from "@codemirror/state"
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection
} from "@codemirror/view"
import { effect } from "@preact/signals-core"
import { layers } from "virtual:type-pack"
import type { Commands, Store } from "../Store.ts"
import { node } from "../view/element.ts"
import { startAutoRun } from "./AutoRun.ts"
import { codeTheme } from "./CodeTheme.ts"
import { completions } from "./Completion.ts"
import { makeDefinitions } from "./Definitions.ts"
import { type Documents, makeDocuments } from "./Documents.ts"
import "./editor.css"
import { explanations } from "./Explain.ts"
import { makeFiles } from "./Files.ts"
import { makeLanguageClient } from "./language/LanguageClient.ts"
import { makeProblemBar } from "./ProblemBar.ts"
import { makeProblems } from "./Problems.ts"
import { makeTabs, panelId, tabId } from "./Tabs.ts"
import { showTaskStates, taskAnnotations } from "./TaskAnnotations.ts"
import { wrapping } from "./Wrapping.ts"

/** An editor of the program in the store. */
export interface Editor {
  readonly element: HTMLElement
  readonly focus: () => void
  readonly dispose: () => void
}

const hintId = "editor-hint"

/** Makes the editor; what is typed goes into the store, and what comes from there is shown. */
export const makeEditor = (store: Store, commands: Commands): Editor => {
  const run = (): void => {
    documents.flush()
    commands.run()
  }
  const language = makeLanguageClient(layers, () => {
    documents.flush()
    return store.files.peek()
  })
  const definitions = makeDefinitions(() => documents, language)
  const documents: Documents = makeDocuments(store, (file, isForeign) => [
    always,
    Prec.high(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
    EditorView.contentAttributes.of({
      "aria-label": `${file}, code`,
      "aria-describedby": hintId,
      tabindex: "0"
    }),
    definitions(file),
    explanations(language, file),
    taskAnnotations(store),
    isForeign ? [] : completions(language, file),
    keymaps
  ])
  const problems = makeProblems(store, documents, language)
  const files = makeFiles(store, documents, language)
  const tabs = makeTabs(store, documents, files, problems)
  const textOf = (file: string): string =>
    store.files.value.find(({ name }) => name === file)?.text ?? ""
  const bar = makeProblemBar(documents, problems, language, textOf, commands)

  const panel = node("div", { className: "editor-panel", id: panelId, role: "tabpanel" })
  panel.append(hint(), documents.view.dom)
  const stopLabel = effect(() =>
    panel.setAttribute("aria-labelledby", tabId(documents.shown.value))
  )
  const element = node("div", { className: "editor" }, tabs.element, panel, bar.element)
  const stopStates = showTaskStates(store, documents)
  const stopAutoRun = startAutoRun(store, documents, problems, commands)

  return {
    element,
    focus: () => documents.view.focus(),
    dispose: () => {
      for (const stop of [stopLabel, stopStates, stopAutoRun]) stop()
      for (const part of [tabs, bar, problems, documents, language]) part.dispose()
    }
  }
}

const hint = (): HTMLElement =>
  node(
    "p",
    { id: hintId, className: "editor-hint" },
    "Tab indents; Escape and then Tab leaves the editor. Control or Command with Enter runs the " +
      "program, F12 goes to a definition, Control or Command with I says what something is, F8 " +
      "goes to the next problem, Alt with Enter selects the task."
  )

/** Once Escape was pressed, Tab leaves, until something else is pressed: without a hurry. */
const escapeThenTab = EditorView.domEventObservers({
  keyup: ({ key }, view) => {
    if (key === "Escape") view.setTabFocusMode(600_000)
  }
})

const always: Extension = [
  codeTheme,
  wrapping,
  javascript({ typescript: true }),
  lineNumbers(),
  lintGutter(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  highlightSpecialChars(),
  highlightSelectionMatches(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  crosshairCursor(),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(2),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  search({ top: true }),
  escapeThenTab
]

const keymaps: Extension = keymap.of([
  ...closeBracketsKeymap,
  ...completionKeymap,
  ...searchKeymap,
  ...lintKeymap,
  ...historyKeymap,
  ...defaultKeymap,
  indentWithTab
])
