/**
 * Long lines are wrapped, so that nothing of a program and no state beside it is out of sight; what is
 * wrapped is indented like its line, and a bit more.
 */
import { type Extension, RangeSetBuilder } from "@codemirror/state"
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate
} from "@codemirror/view"

/** By how many characters what is wrapped is indented besides. */
const hanging = 2

/** The deepest indentation that is kept: beyond there would be no room for the text. */
const deepest = 24

const byDepth = new Map<number, Decoration>()

const indented = (depth: number): Decoration => {
  const known = byDepth.get(depth) ??
    Decoration.line({ attributes: { style: `--wrapped: ${depth}ch` } })
  byDepth.set(depth, known)
  return known
}

const inSight = ({ state, visibleRanges }: EditorView): DecorationSet => {
  const lines = new RangeSetBuilder<Decoration>()
  let next = 0
  for (const { from, to } of visibleRanges) {
    let at = Math.max(from, next)
    while (at <= to) {
      const line = state.doc.lineAt(at)
      const indent = /^ */.exec(line.text)![0].length
      lines.add(line.from, line.from, indented(Math.min(indent, deepest) + hanging))
      at = next = line.to + 1
    }
  }
  return lines.finish()
}

const indentation = ViewPlugin.define(
  (view) => ({
    lines: inSight(view),
    update({ docChanged, view, viewportChanged }: ViewUpdate) {
      if (docChanged || viewportChanged) this.lines = inSight(view)
    }
  }),
  { decorations: ({ lines }) => lines }
)

/** Wraps lines. */
export const wrapping: Extension = [
  EditorView.lineWrapping,
  indentation,
  EditorView.theme({
    ".cm-line": {
      paddingLeft: "calc(6px + var(--wrapped, 0ch))",
      textIndent: "calc(0px - var(--wrapped, 0ch))"
    }
  })
]
