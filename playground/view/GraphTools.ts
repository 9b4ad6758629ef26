/**
 * The buttons of the graph: how near one is, and what one sees as a file.
 */
import { button, node as html } from "./element.ts"
import type { GraphStates } from "./GraphStates.ts"

/** What the buttons do. */
export interface Actions {
  readonly zoom: (by: number) => void
  readonly fit: () => void
  /** What a file is to show. */
  readonly shown: () => {
    readonly states: GraphStates
    readonly opened: ReadonlySet<string>
  }
  /** Tells why there is no file. */
  readonly tell: (text: string) => void
}

/** The buttons, and between them how near one is. */
export interface Tools {
  readonly element: HTMLElement
  readonly showZoom: (scale: number) => void
}

/** Makes the buttons. */
export const makeTools = ({ fit, shown, tell, zoom }: Actions): Tools => {
  const zoomed = html("output", { className: "graph-zoom", ariaLabel: "Zoom" })
  const save = (kind: "saveSvg" | "savePng") => async (): Promise<void> => {
    try {
      const files = await import("./GraphExport.ts")
      const { opened, states } = shown()
      await files[kind](states, opened)
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
  }
  const named = (name: string, key: string) => ({ ariaLabel: name, title: `${name} (${key})` })
  const element = html(
    "div",
    { className: "graph-tools", role: "group", ariaLabel: "Graph" },
    button("−", () => zoom(1 / 1.25), named("Zoom out", "−")),
    zoomed,
    button("+", () => zoom(1.25), named("Zoom in", "+")),
    button("Fit", fit, { title: "See all of it (f)", className: "graph-fit" }),
    button("SVG", save("saveSvg"), { title: "Save as SVG" }),
    button("PNG", save("savePng"), { title: "Save as PNG" })
  )
  const showZoom = (scale: number): void => {
    const text = `${Math.round(scale * 100)} %`
    if (zoomed.value !== text) zoomed.value = text
  }
  return { element, showZoom }
}
