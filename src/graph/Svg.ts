/**
 * Elements of SVG as data: printed as text here, made into elements of a page there.
 *
 * @module
 */

/** An element with what it holds. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly children: ReadonlyArray<Element | string>
}

/** Makes an element. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: ReadonlyArray<Element | string>
): Element => ({ name, attributes, children })

/** Prints an element, a line for each element that stands directly in a group. */
export const print = ({ attributes, children, name }: Element): string => {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? number(value) : escape(value)}"`)
    .join("")
  if (children.length === 0) return `<${name}${head}/>`
  const separator = name === "svg" ? "\n" : ""
  const inner = children.map((child) => typeof child === "string" ? escape(child) : print(child))
  return `<${name}${head}>${separator}${inner.join(separator)}${separator}</${name}>`
}

/** A number as it stands in a path: a hundredth of a pixel is as good as any. */
export const number = (value: number): string => String(Math.round(value * 100) / 100 + 0)

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;"
}

/** XML has no characters for control but tab and line break, and no half of a pair. */
const escape = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Surrogate}\ufffe\uffff]/gu,
    (bad) => "\t\n".includes(bad) ? bad : "\ufffd"
  )
    .replace(/[&<>"]/g, (character) => entities[character]!)
