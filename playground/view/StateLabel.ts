/**
 * A state in a line of text: its glyph, its word and its colour.
 */
import { lookOf } from "../run/StateLook.ts"
import { node } from "./element.ts"

/** The glyph and the word of a kind of state, in its colour. */
export const stateLabel = (tag: string, title = ""): HTMLElement => {
  const { family, glyph } = lookOf(tag)
  const mark = node("span", { className: "glyph", ariaHidden: "true" }, glyph)
  return node("span", { className: `state state-${family}`, title }, mark, tag)
}
