/**
 * Values that become due at a time: a heap of entries, first in first out among equal times.
 *
 * @module
 */

/** A queue ordered by time; adding and taking cost the logarithm of its size. */
export class DueQueue<A> {
  private readonly heap: Array<Entry<A>> = []
  private count = 0

  /** How many values wait. */
  get size(): number {
    return this.heap.length
  }

  /** The value that is due first, and its time. */
  get next(): Entry<A> | undefined {
    return this.heap[0]
  }

  /** Adds a value that is due at a time. */
  add(time: number, value: A): void {
    const { heap } = this
    const entry = { time, order: this.count++, value }
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent]!, entry)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  /** Takes out the earliest value. */
  take(): A | undefined {
    const { heap, next } = this
    const last = heap.pop()
    if (heap.length > 0) this.sink(last!)
    return next?.value
  }

  /** Finds the place for what was last, from the first one down. */
  private sink(entry: Entry<A>): void {
    const { heap } = this
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (isBefore(entry, heap[child]!)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = entry
  }
}

/** A value and the time at which it is due. */
export interface Entry<out A> {
  readonly time: number
  readonly order: number
  readonly value: A
}

const isBefore = (one: Entry<unknown>, other: Entry<unknown>): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order)
