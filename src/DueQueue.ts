/**
 * What becomes due at a time: a heap, first in first out among equal times.
 *
 * @module
 */

/** What waits for its time. */
export interface Due {
  readonly time: number
  /** Which of equal times came first; the queue sets it. */
  order: number
}

/** A queue ordered by time; adding and taking cost the logarithm of its size. */
export class DueQueue<A extends Due> {
  private readonly heap: Array<A> = []
  private count = 0

  /** How many wait. */
  get size(): number {
    return this.heap.length
  }

  /** The one that is due first. */
  get next(): A | undefined {
    return this.heap[0]
  }

  /** Adds one. */
  add(entry: A): void {
    const { heap } = this
    entry.order = this.count++
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      // It is the last to come, so it stays behind its equals.
      if (heap[parent]!.time <= entry.time) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  /** Takes out the one that is due first. */
  take(): A | undefined {
    const { heap, next } = this
    const last = heap.pop()
    if (heap.length > 0) this.sink(last!)
    return next
  }

  /** Finds the place for what was last, from the first one down. */
  private sink(entry: A): void {
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

const isBefore = (one: Due, other: Due): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order)
