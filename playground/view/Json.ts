/**
 * Data as a tree that can be read and folded.
 */
import { type Child, node } from "./element.ts"

/** What a tree can show. */
export type Value =
  | null
  | string
  | number
  | boolean
  | undefined
  | ReadonlyArray<Value>
  | { readonly [key: string]: Value }

/** How many entries of one value are shown before the rest is only counted. */
const shownEntries = 100

/** Values in values are open down to here. */
const openDepth = 3

/** Makes a tree of a value. */
export const jsonTree = (value: Value): HTMLElement => tree(value, [], 0)

const tree = (value: Value, key: ReadonlyArray<Child>, depth: number): HTMLElement => {
  if (value === null || typeof value !== "object") return leaf(value, key)
  const isArray = Array.isArray(value)
  const entries = Object.entries(value as { readonly [key: string]: Value })
    .filter(([, value]) => value !== undefined)
  if (entries.length === 0) return node("div", { className: "json" }, ...key, isArray ? "[]" : "{}")
  const list = node("ul", { className: "json-entries" })
  for (const [name, entry] of entries.slice(0, shownEntries)) {
    const label = node("span", { className: "json-key" }, `${name}: `)
    list.append(node("li", {}, tree(entry, [label], depth + 1)))
  }
  const more = entries.length - shownEntries
  if (more > 0) list.append(node("li", { className: "quiet" }, `… and ${more} more`))
  const count = isArray ? `[${entries.length}]` : `{${entries.length}}`
  const summary = node("summary", {}, ...key, count)
  return node("details", { className: "json", open: depth < openDepth }, summary, list)
}

const leaf = (
  value: null | string | number | boolean | undefined,
  key: ReadonlyArray<Child>
): HTMLElement => {
  const kind = value === null ? "null" : typeof value
  const text = node("span", { className: `json-${kind}` }, JSON.stringify(value) ?? "undefined")
  return node("div", { className: "json" }, ...key, text)
}
