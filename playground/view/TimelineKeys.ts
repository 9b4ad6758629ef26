/**
 * What keys do among the rows of a timeline.
 */
import { barsIn } from "../run/Bars.ts"
import type { Store } from "../Store.ts"
import { type Active, rowHeight, type TimelineRows } from "./TimelineRows.ts"
import type { TimelineScale } from "./TimelineScale.ts"

/** Opens or folds a mapped task. */
export const toggleOpened = ({ opened }: Store, key: string): void => {
  const next = new Set(opened.peek())
  if (!next.delete(key)) next.add(key)
  opened.value = next
}

/** Lets the arrow keys move among rows and bars, Enter go there, and + and - change the scale. */
export const listenToKeys = (store: Store, rows: TimelineRows, scale: TimelineScale): void => {
  const subjectAt = (id: number) => store.run.peek().subjects[id]!
  const isMapped = (id: number): boolean =>
    subjectAt(id).index === undefined &&
    store.run.peek().header.nodes[subjectAt(id).node]?.mapped === true

  const current = (): Active => {
    const ids = rows.ids.peek()
    const active = rows.active.peek()
    if (active !== undefined && ids.includes(active.id)) return active
    const selected = store.selected.peek()
    const id = selected === undefined ? undefined : store.run.peek().idOf(selected)
    return { id: id !== undefined && ids.includes(id) ? id : ids[0] ?? 0, change: undefined }
  }
  const activate = (active: Active): void => {
    rows.active.value = active
    rows.reveal(active.id)
    if (active.change !== undefined) scale.reveal(scale.current().axis.ofChange(active.change))
  }
  const moveRow = (by: number): void => {
    const ids = rows.ids.peek()
    const { id } = current()
    const isFresh = rows.active.peek()?.id !== id
    const to = Math.max(0, Math.min(ids.length - 1, ids.indexOf(id) + (isFresh ? 0 : by)))
    if (ids[to] !== undefined) activate({ id: ids[to], change: undefined })
  }
  const moveBar = (by: 1 | -1): void => {
    const { change, id } = current()
    const key = subjectAt(id).key
    if (change === undefined && isMapped(id) && store.opened.peek().has(key) !== by > 0) {
      return toggleOpened(store, key)
    }
    const { axis, pixel } = scale.current()
    const bars = barsIn(store.run.peek(), axis, id, 0, axis.length, 4 * pixel)
    const at = bars.findIndex((bar) => bar.change === change)
    const to = change === undefined && by < 0 ? -1 : at + by
    activate({ id, change: to < 0 ? undefined : bars[Math.min(to, bars.length - 1)]?.change })
  }
  const choose = (): void => {
    const { change, id } = current()
    const { key } = subjectAt(id)
    if (change === undefined && isMapped(id) && store.selected.peek() === key) {
      return toggleOpened(store, key)
    }
    store.select(key)
    if (change === undefined) return
    store.playing.value = false
    store.seek(change + 1)
  }
  const page = (): number => Math.max(1, Math.floor(rows.element.clientHeight / rowHeight) - 1)
  const middle = (): number => scale.width.peek() / 2
  const actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => moveRow(1),
    ArrowUp: () => moveRow(-1),
    PageDown: () => moveRow(page()),
    PageUp: () => moveRow(-page()),
    ArrowRight: () => moveBar(1),
    ArrowLeft: () => moveBar(-1),
    Enter: choose,
    "+": () => scale.zoomAt(middle(), 1.5),
    "=": () => scale.zoomAt(middle(), 1.5),
    "-": () => scale.zoomAt(middle(), 1 / 1.5),
    "0": () => scale.reset()
  }
  rows.element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.shiftKey && event.key !== "+") return
    const action = actions[event.key]
    if (action === undefined) return
    event.preventDefault()
    action()
  })
}
