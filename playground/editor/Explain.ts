/**
 * What something is: shown where one points, where one chooses among proposals, and while the
 * arguments of a call are written.
 */
import { javascriptLanguage, typescriptLanguage } from "@codemirror/lang-javascript"
import { type Extension, StateEffect, StateField } from "@codemirror/state"
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view"
import { highlightCode } from "@lezer/highlight"
import { node } from "../view/element.ts"
import { codeColours } from "./CodeTheme.ts"
import type { CallSignature } from "./language/Answers.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

// -----------------------------------------------------------------------------
// Elements
// -----------------------------------------------------------------------------

/** Makes an element with a piece of TypeScript in colours. */
export const codeElement = (code: string, strong?: readonly [number, number]): HTMLElement => {
  const element = node("code", { className: "explained-code" })
  const parser = code.length > 4000 ? javascriptLanguage.parser : typescriptLanguage.parser
  let at = 0
  const add = (text: string, classes: string): void => {
    const isStrong = strong !== undefined && at >= strong[0] && at < strong[1]
    element.append(node(isStrong ? "b" : "span", { className: classes }, text))
    at += text.length
  }
  highlightCode(code, parser.parse(code), codeColours, (text, classes) => {
    // What is to be strong may begin or end within a piece of one colour.
    const cuts = [0, ...(strong ?? []).map((each) => each - at), text.length]
      .filter((each) => each >= 0 && each <= text.length)
    for (let index = 1; index < cuts.length; index++) {
      const piece = text.slice(cuts[index - 1], cuts[index])
      if (piece !== "") add(piece, classes)
    }
  }, () => add("\n", ""))
  return element
}

/** Makes an element with a documentation, in which what stands in backticks is code. */
export const documentationElement = (documentation: string): HTMLElement =>
  node(
    "p",
    { className: "explained-text" },
    ...documentation
      .replace(/\{@link(?:code|plain)?\s+([^}|\s]+)[^}]*\}/g, "`$1`")
      .split("`")
      .map((part, index) => index % 2 === 1 ? node("code", {}, part) : part)
  )

/** Makes the element that says what something is. */
export const explanationElement = (
  { documentation, signature }: { readonly signature: string; readonly documentation: string },
  strong?: readonly [number, number]
): HTMLElement => {
  const element = node("div", { className: "explained" }, codeElement(signature, strong))
  if (documentation !== "") element.append(documentationElement(documentation))
  return element
}

// -----------------------------------------------------------------------------
// Where one points
// -----------------------------------------------------------------------------

/** Says what the mouse points at. */
export const explainHovered = (language: LanguageClient, file: string): Extension =>
  hoverTooltip(async (view, at) => {
    const doc = view.state.doc
    const explanation = await language.ask("explain", file, at).catch(() => undefined)
    if (explanation === undefined || view.state.doc !== doc) return null
    return {
      pos: explanation.from,
      end: explanation.to,
      above: true,
      create: () => ({ dom: explanationElement(explanation) })
    }
  }, { hoverTime: 250 })

const setExplained = StateEffect.define<Tooltip | null>()

/** A tooltip that stays until something is typed or the cursor leaves. */
const explained = StateField.define<Tooltip | null>({
  create: () => null,
  update: (value, { docChanged, effects, selection }) => {
    for (const each of effects) if (each.is(setExplained)) return each.value
    return docChanged || selection !== undefined ? null : value
  },
  provide: (field) => showTooltip.from(field)
})

const explainHere = (language: LanguageClient, file: string) => (view: EditorView): boolean => {
  const { doc, selection } = view.state
  const show = async (): Promise<void> => {
    const found = await language.ask("explain", file, selection.main.head).catch(() => undefined)
    if (found === undefined || view.state.doc !== doc) return
    const dom = explanationElement(found)
    dom.role = "status"
    const tooltip: Tooltip = { pos: found.from, above: true, create: () => ({ dom }) }
    view.dispatch({ effects: setExplained.of(tooltip) })
  }
  void show()
  return true
}

const dismiss = (view: EditorView): boolean => {
  const isShown = view.state.field(explained) !== null || view.state.field(calling) !== null
  if (isShown) view.dispatch({ effects: [setExplained.of(null), setCalling.of(null)] })
  return false
}

// -----------------------------------------------------------------------------
// While arguments are written
// -----------------------------------------------------------------------------

const setCalling = StateEffect.define<CallSignature | null>()

const calling = StateField.define<Tooltip | null>({
  create: () => null,
  update: (value, { changes, effects }) => {
    for (const each of effects) {
      if (each.is(setCalling)) return each.value === null ? null : tooltipOf(each.value)
    }
    return value === null ? null : { ...value, pos: changes.mapPos(value.pos) }
  },
  provide: (field) => showTooltip.from(field)
})

const tooltipOf = (signature: CallSignature): Tooltip => ({
  pos: signature.from,
  above: true,
  create: () => ({ dom: explanationElement(signature, signature.argument) })
})

/** Asks again as long as one writes within a call, and begins at a bracket or a comma. */
const explainCalls = (language: LanguageClient, file: string): Extension => {
  const ask = async (view: EditorView): Promise<void> => {
    const { doc, selection } = view.state
    const found = await language.ask("callSignature", file, selection.main.head)
      .catch(() => undefined)
    const isOpen = view.state.field(calling, false) !== null
    if (view.state.doc !== doc || (found === undefined && !isOpen)) return
    view.dispatch({ effects: setCalling.of(found ?? null) })
  }
  return EditorView.updateListener.of(({ docChanged, selectionSet, state, view }) => {
    if (!docChanged && !selectionSet) return
    const { head } = state.selection.main
    const begins = docChanged && /[(,]\s?$/.test(state.sliceDoc(Math.max(0, head - 2), head))
    if (begins || state.field(calling) !== null) void ask(view)
  })
}

/** Says what things are. */
export const explanations = (language: LanguageClient, file: string): Extension => [
  explained,
  calling,
  explainHovered(language, file),
  explainCalls(language, file),
  keymap.of([
    { key: "Mod-i", run: explainHere(language, file), preventDefault: true },
    { key: "Escape", run: dismiss }
  ])
]
