/**
 * The parts of the page: on a phone one is shown at a time, in a page within a page only some are.
 */
import { effect, signal } from "@preact/signals-core"
import { button, node } from "./element.ts"

/** The parts, as the address names them. */
export const parts = ["code", "graph", "time", "details"] as const

const labels = { code: "Code", graph: "Graph", time: "Time", details: "Details" } as const

/** One part of the page. */
export type PartName = typeof parts[number]

/** The parts that `?embed=graph,time` asks for; nothing where the whole page is wanted. */
export const embeddedParts = (search: string): ReadonlyArray<PartName> | undefined => {
  const asked = new URLSearchParams(search).get("embed")
  if (asked === null) return undefined
  const named = asked.split(",")
  const found = parts.filter((part) => named.includes(part))
  return found.length === 0 ? ["graph"] : found
}

const chosen = signal<PartName>("graph")

/** Shows a part where only one of them can be seen. */
export const showPart = (part: PartName): void => {
  chosen.value = part
}

/** Makes the buttons that say which part a phone shows. */
export const makePartButtons = (
  shown: ReadonlyArray<PartName> = parts
): ReadonlyArray<HTMLElement> => {
  if (!shown.includes(chosen.peek())) chosen.value = shown[0]!
  effect(() => {
    document.body.dataset["part"] = chosen.value
  })
  return shown.map((part) => {
    const element = button(labels[part], () => showPart(part))
    effect(() => {
      element.ariaCurrent = chosen.value === part ? "true" : null
    })
    return element
  })
}

/** Leaves only the named parts of the page. */
export const embed = (shown: ReadonlyArray<PartName>): void => {
  document.body.dataset["embed"] = shown.join(" ")
  for (const part of parts) document.getElementById(part)!.hidden = !shown.includes(part)
  const link = node("a", { className: "embed-link", target: "_blank" }, "Open in the playground")
  const aim = (): void => {
    link.href = location.pathname + location.hash
  }
  aim()
  addEventListener("hashchange", aim)
  document.getElementById("panes")!.append(link)
}
