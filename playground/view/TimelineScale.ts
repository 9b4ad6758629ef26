/**
 * Which part of the axis a timeline shows, and where on the screen each position of it is.
 */
import { effect, type Signal, signal, untracked } from "@preact/signals-core"
import { axisOf, type TimeAxis } from "../run/TimeAxis.ts"
import type { Store } from "../Store.ts"

/** A range of positions of the axis. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What is shown of the axis. */
export interface Scale extends Range {
  readonly axis: TimeAxis
  /** In pixels. */
  readonly width: number
  /** The length of a pixel on the axis. */
  readonly pixel: number
  readonly xOf: (position: number) => number
  readonly positionAt: (x: number) => number
}

/** Room on either side of the run, in pixels: for the playhead, and for the marks at the end. */
const [roomBefore, roomAfter] = [8, 34]

/** How much of the axis is seen at least: as much as two changes of one instant. */
const narrowest = 2

/** The scale of one timeline, and what changes it. */
export class TimelineScale {
  readonly width: Signal<number> = signal(0)
  /** What one looks at, where that is not everything. */
  readonly zoom: Signal<Range | undefined> = signal(undefined)
  private readonly store: Store

  constructor(store: Store) {
    this.store = store
    let before = axisOf(store.run.peek(), store.axis.peek())
    effect(() => {
      void store.revision.value
      const axis = axisOf(store.run.value, store.axis.value)
      untracked(() => this.keepMoments(before, axis))
      before = axis
    })
  }

  /** The scale as it is now. */
  current(): Scale {
    const { revision, run, axis: kind } = this.store
    void revision.value
    const axis = axisOf(run.value, kind.value)
    const width = Math.max(1, this.width.value)
    const { from, to } = this.zoom.value ?? this.everything(axis, width)
    const pixel = (to - from) / width
    return {
      axis,
      from,
      to,
      width,
      pixel,
      xOf: (position) => (position - from) / pixel,
      positionAt: (x) => from + x * pixel
    }
  }

  reset(): void {
    this.zoom.value = undefined
  }

  /** Shows a range, or as much of it as there is. */
  show(from: number, to: number): void {
    const { axis, width } = untracked(() => this.current())
    const all = this.everything(axis, width)
    const least = this.store.axis.peek() === "real" ? Math.min(narrowest, all.to) : narrowest
    const length = Math.max(least, to - from)
    if (length >= all.to - all.from) return this.reset()
    const begin = Math.max(all.from, Math.min(all.to - length, (from + to - length) / 2))
    this.zoom.value = { from: begin, to: begin + length }
  }

  /** Makes everything larger around a place on the screen, or smaller. */
  zoomAt(x: number, factor: number): void {
    const { from, positionAt, to } = untracked(() => this.current())
    const middle = positionAt(x)
    this.show(middle - (middle - from) / factor, middle + (to - middle) / factor)
  }

  /** Moves along by so many pixels. */
  pan(pixels: number): void {
    const zoom = this.zoom.peek()
    if (zoom === undefined) return
    const by = pixels * untracked(() => this.current()).pixel
    this.show(zoom.from + by, zoom.to + by)
  }

  /** Moves along until a position is seen. */
  reveal(position: number): void {
    const zoom = this.zoom.peek()
    if (zoom === undefined || (position >= zoom.from && position <= zoom.to)) return
    const length = zoom.to - zoom.from
    const begin = position < zoom.from ? position - length * 0.1 : position - length * 0.2
    this.show(begin, begin + length)
  }

  private everything(axis: TimeAxis, width: number): Range {
    const pixel = axis.length / Math.max(1, width - roomBefore - roomAfter)
    return { from: -roomBefore * pixel, to: axis.length + roomAfter * pixel }
  }

  /** Another axis, or that of another run, shows the same moments at other positions. */
  private keepMoments(before: TimeAxis, axis: TimeAxis): void {
    const zoom = this.zoom.peek()
    if (zoom === undefined) return
    const [from, to] = [before.momentAt(zoom.from), before.momentAt(zoom.to)]
    const [left, right] = [axis.positionOf(from), axis.positionOf(to)]
    if (before.positionOf(from) !== left || before.positionOf(to) !== right) this.show(left, right)
  }
}
