/**
 * Values that become due at a time: a binary heap, first in first out among equal times.
 *
 * @module
 */

interface Entry<A> {
  readonly time: number
  readonly order: number
  readonly value: A
}

/** A queue ordered by time; adding and taking cost the logarithm of its size. */
export class DueQueue<A> {
  private readonly heap: Array<Entry<A>> = []
  private count = 0

  /** How many values wait. */
  get size(): number {
    return this.heap.length
  }

  /** The earliest time at which a value is due. */
  get nextTime(): number | undefined {
    return this.heap[0]?.time
  }

  /** Adds a value that is due at a time. */
  add(time: number, value: A): void {
    const { heap } = this
    const entry = { time, order: this.count++, value }
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  /** Takes out the earliest value. */
  take(): A | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.value
    this.sink(last)
    return first.value
  }

  private sink(entry: Entry<A>): void {
    const { heap } = this
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, entry)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = entry
  }
}

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order)
