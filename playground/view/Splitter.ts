/**
 * Bars between parts of the page that are dragged, by pointer or by arrow keys, to share the room.
 */
import { node } from "./element.ts"

/** The parts whose shares of the room can be changed. */
export type Part = "code" | "stack" | "graph" | "time" | "details"

/** The share of each part, in the direction in which it has neighbours. */
export type Shares = Readonly<Record<Part, number>>

const usual: Shares = { code: 38, stack: 62, graph: 36, time: 30, details: 34 }
const storageKey = "signalbox.shares"
const least = 12
const step = 4

/** Makes the bars of the page, which remember in this browser where they were put. */
export const makeSplitters = (panes: HTMLElement): ReadonlyArray<HTMLElement> => {
  let shares = readShares()
  const apply = (next: Shares): void => {
    shares = next
    for (const [part, share] of Object.entries(shares)) {
      panes.style.setProperty(`--share-${part}`, `${share}fr`)
    }
    for (const draw of drawings) draw()
  }
  const drawings: Array<() => void> = []
  const make = (
    before: Part,
    after: Part,
    label: string,
    isUpright: boolean
  ): HTMLElement => {
    const bar = node("div", {
      className: `splitter splitter-${before}`,
      role: "separator",
      tabIndex: 0,
      ariaLabel: label,
      ariaOrientation: isUpright ? "vertical" : "horizontal"
    })
    bar.ariaValueMin = String(least)
    bar.ariaValueMax = String(100 - least)
    const sum = (): number => shares[before] + shares[after]
    const percent = (): number => Math.round(shares[before] / sum() * 100)
    const set = (percent: number): void => {
      const share = Math.max(least, Math.min(100 - least, percent)) / 100 * sum()
      apply({ ...shares, [before]: share, [after]: sum() - share })
    }
    const keep = (): void => writeShares(shares)
    drawings.push(() => {
      bar.ariaValueNow = String(percent())
    })
    const less = isUpright ? "ArrowLeft" : "ArrowUp"
    const more = isUpright ? "ArrowRight" : "ArrowDown"
    bar.addEventListener("keydown", (event) => {
      if (event.key === less) set(percent() - step)
      else if (event.key === more) set(percent() + step)
      else if (event.key === "Home") set(least)
      else if (event.key === "End") set(100 - least)
      else if (event.key === "Enter") apply({ ...shares, ...ofPair(before, after, sum()) })
      else return
      event.preventDefault()
      keep()
    })
    bar.addEventListener("dblclick", () => {
      apply({ ...shares, ...ofPair(before, after, sum()) })
      keep()
    })
    bar.addEventListener("pointerdown", (down) => {
      down.preventDefault()
      bar.setPointerCapture(down.pointerId)
      const room = roomOf(bar, isUpright)
      const move = (event: PointerEvent): void => {
        const at = isUpright ? event.clientX : event.clientY
        set((at - room.from) / (room.to - room.from) * 100)
      }
      bar.addEventListener("pointermove", move)
      bar.addEventListener("lostpointercapture", () => {
        bar.removeEventListener("pointermove", move)
        keep()
      }, { once: true })
    })
    return bar
  }
  const bars = [
    make("code", "stack", "Width of the code", true),
    make("graph", "time", "Height of the graph", false),
    make("time", "details", "Height of the timeline", false)
  ]
  apply(shares)
  return bars
}

/** The usual shares of two neighbours, of the room that they have together. */
const ofPair = (before: Part, after: Part, sum: number): Partial<Shares> => {
  const share = usual[before] / (usual[before] + usual[after]) * sum
  return { [before]: share, [after]: sum - share }
}

/** From where to where the two neighbours of a bar reach. */
const roomOf = (bar: HTMLElement, isUpright: boolean): { from: number; to: number } => {
  const all = bar.parentElement!.getBoundingClientRect()
  if (isUpright) return { from: all.left, to: all.right }
  const isFirst = bar.classList.contains("splitter-graph")
  const [above, below] = isFirst ? ["graph", "time"] : ["time", "details"]
  return {
    from: document.getElementById(above!)!.getBoundingClientRect().top,
    to: document.getElementById(below!)!.getBoundingClientRect().bottom
  }
}

const readShares = (): Shares => {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Shares>
    const isShare = (share: unknown): boolean =>
      typeof share === "number" && share > 0 && share < 100
    return Object.values(stored).every(isShare) ? { ...usual, ...stored } : usual
  } catch {
    return usual
  }
}

const writeShares = (shares: Shares): void => {
  try {
    localStorage.setItem(storageKey, JSON.stringify(shares))
  } catch {
    // Some browsers keep nothing for a page; the bars then begin where they usually are.
  }
}
