/**
 * How code looks, in the colours that `editor.css` gives for light and dark.
 */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import type { Extension } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

const colour = (name: string): string => `var(--code-${name})`

/** The colours of the syntax. */
export const codeColours: HighlightStyle = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: colour("keyword") },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: colour("string") },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.self], color: colour("number") },
  { tag: tags.comment, color: colour("comment"), fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.namespace], color: colour("type") },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: colour("function")
  },
  { tag: [tags.propertyName, tags.labelName], color: colour("property") },
  { tag: [tags.operator, tags.punctuation, tags.bracket], color: colour("mark") },
  { tag: tags.invalid, color: colour("error") }
])

const squiggle = (name: string) => ({
  backgroundImage: "none",
  paddingBottom: "0",
  textDecoration: `underline wavy ${colour(name)}`,
  textDecorationSkipInk: "none",
  textUnderlineOffset: "3px"
})

const frame = EditorView.theme({
  "&": { height: "100%", color: colour("text"), backgroundColor: colour("ground") },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono, ui-monospace, monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: colour("caret"), padding: "6px 0 40vh" },
  ".cm-line": { paddingRight: "12px" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: colour("caret"), borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: colour("selection")
  },
  ".cm-selectionBackground": { background: colour("selection") },
  ".cm-gutters": {
    backgroundColor: colour("ground"),
    color: colour("quiet"),
    border: "none",
    paddingLeft: "6px"
  },
  ".cm-activeLine": { backgroundColor: colour("line") },
  ".cm-activeLineGutter": { backgroundColor: colour("line"), color: colour("text") },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: colour("match"),
    outline: `1px solid ${colour("border")}`
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: colour("error") },
  ".cm-selectionMatch": { backgroundColor: colour("match") },
  ".cm-searchMatch": { backgroundColor: colour("found"), outline: `1px solid ${colour("border")}` },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: colour("found-now") },
  ".cm-lintRange-info": { backgroundImage: "none" },
  ".cm-lintRange-hint": { backgroundImage: "none" },
  ".cm-lintPoint:after": { borderBottomColor: colour("error") },
  ".cm-lintRange-active": { backgroundColor: colour("match") },
  ".cm-unused": { opacity: "0.75", textDecoration: `underline dotted ${colour("quiet")}` },
  ".cm-deprecated": { textDecoration: "line-through" },
  // After those: what is wrong has to be seen, whatever else there is to say of the same word.
  ".cm-lintRange-warning": { ...squiggle("warning"), opacity: "1" },
  ".cm-lintRange-error": { ...squiggle("error"), opacity: "1" }
})

const popups = EditorView.theme({
  ".cm-tooltip": {
    color: colour("text"),
    backgroundColor: colour("popup"),
    border: `1px solid ${colour("border")}`,
    borderRadius: "6px",
    boxShadow: "0 4px 16px var(--shadow, #0003)"
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mono, ui-monospace, monospace)",
    maxHeight: "16em"
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    color: colour("text"),
    backgroundColor: colour("chosen")
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: colour("quiet"), fontStyle: "normal", marginLeft: "1em" },
  ".cm-completionIcon": { color: colour("quiet"), opacity: "1", width: "1.1em" },
  ".cm-completionDeprecated .cm-completionLabel": { textDecoration: "line-through" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", maxWidth: "min(440px, 80vw)" },
  ".cm-diagnostic": {
    padding: "4px 10px",
    whiteSpace: "pre-wrap",
    maxWidth: "min(560px, 85vw)",
    maxHeight: "40vh",
    overflow: "auto"
  },
  ".cm-diagnostic-error": { borderLeft: `4px solid ${colour("error")}` },
  ".cm-diagnostic-warning": { borderLeft: `4px solid ${colour("warning")}` },
  ".cm-diagnostic-info, .cm-diagnostic-hint": { borderLeft: `4px solid ${colour("quiet")}` },
  ".cm-diagnosticSource": { color: colour("quiet"), opacity: "1", fontSize: "85%" },
  ".cm-panels": {
    color: colour("text"),
    backgroundColor: colour("popup"),
    borderColor: colour("border")
  },
  ".cm-panels.cm-panels-top": { borderBottom: `1px solid ${colour("border")}` },
  ".cm-panels.cm-panels-bottom": { borderTop: `1px solid ${colour("border")}` },
  ".cm-textfield": {
    color: colour("text"),
    backgroundColor: colour("ground"),
    border: `1px solid ${colour("strong-border")}`,
    borderRadius: "4px"
  },
  ".cm-button": {
    color: colour("text"),
    background: colour("ground"),
    border: `1px solid ${colour("strong-border")}`,
    borderRadius: "4px"
  },
  ".cm-button:active": { backgroundImage: "none" },
  ".cm-panel.cm-search [name=close]": { color: colour("text") }
})

/** Everything that gives the editor its look. */
export const codeTheme: Extension = [frame, popups, syntaxHighlighting(codeColours)]
