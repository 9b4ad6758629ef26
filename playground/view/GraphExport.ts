/**
 * A graph as a file: drawn by the same code that draws flows in Node and Deno.
 */
import * as Graph from "../../src/graph/Graph.ts"
import { node as html } from "./element.ts"
import type { GraphStates } from "./GraphStates.ts"

/** The text of an SVG file of what a graph shows now. */
export const svgText = (
  states: GraphStates,
  opened: ReadonlySet<string>,
  scheme: "light" | "dark" | "auto" = "auto"
): string => {
  const { header } = states.run
  const stateOf = (node: number): Graph.NodeState => {
    if (Object.keys(states.countsOf(node)).length === 0) return states.stateOf(node)
    const items = Array.from(
      { length: states.itemCount(node) },
      (_, item) => states.stateOf(node, item).tag
    )
    return { ...states.stateOf(node), items }
  }
  const shown = Object.fromEntries(
    header.nodes.flatMap(({ slug }, node) => states.hasStates(node) ? [[slug, stateOf(node)]] : [])
  )
  return Graph.svg(header, { states: shown, opened, scheme })
}

/** Saves what a graph shows now as an SVG file. */
export const saveSvg = (states: GraphStates, opened: ReadonlySet<string>): void =>
  save(new Blob([svgText(states, opened)], { type: "image/svg+xml" }), states, "svg")

/** Saves what a graph shows now as a picture, at twice its size as far as that is possible. */
export const savePng = async (
  states: GraphStates,
  opened: ReadonlySet<string>
): Promise<void> => {
  const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"
  const text = svgText(states, opened, scheme)
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }))
  try {
    const image = html("img", { src: url })
    await image.decode()
    const { height, width } = image
    const scale = Math.min(2, longest / Math.max(height, width))
    const canvas = html("canvas", {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale))
    })
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
    if (blob === null) throw new Error("Cannot draw the graph as PNG: it is too large")
    save(blob, states, "png")
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What browsers draw at most on one side. */
const longest = 8192

const save = (blob: Blob, { run }: GraphStates, extension: string): void => {
  const url = URL.createObjectURL(blob)
  const name = run.header.flow.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80) || "flow"
  html("a", { href: url, download: `${name}.${extension}` }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
