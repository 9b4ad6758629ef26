/**
 * Values that become due at a time: a heap of four branches, first in first out among equal times.
 *
 * It is three lists instead of one of entries: a heap spends its time comparing, and numbers that
 * lie side by side compare several times faster than those of objects all over the memory.
 *
 * @module
 */

/** A queue ordered by time; adding and taking cost the logarithm of its size. */
export class DueQueue<A> {
  private readonly times: Array<number> = []
  /** Which of equal times came first. */
  private readonly orders: Array<number> = []
  private readonly values: Array<A> = []
  private count = 0

  /** How many values wait. */
  get size(): number {
    return this.times.length
  }

  /** The earliest time at which a value is due. */
  get nextTime(): number | undefined {
    return this.times[0]
  }

  /** Adds a value that is due at a time. */
  add(time: number, value: A): void {
    let at = this.times.length
    while (at > 0) {
      const parent = (at - 1) >> 2
      // It is the last to come, so it stays behind its equals.
      if (this.times[parent]! <= time) break
      this.put(at, this.times[parent]!, this.orders[parent]!, this.values[parent]!)
      at = parent
    }
    this.put(at, time, this.count++, value)
  }

  /** Takes out the earliest value. */
  take(): A | undefined {
    const time = this.times.pop()
    if (time === undefined) return undefined
    const order = this.orders.pop()!
    const value = this.values.pop()!
    if (this.times.length === 0) return value
    const first = this.values[0]!
    this.sink(time, order, value)
    return first
  }

  /** Finds the place for what was last, from the first one down. */
  private sink(time: number, order: number, value: A): void {
    const { orders, times, values } = this
    let at = 0
    for (let child = 1; child < times.length; child = 4 * at + 1) {
      const earliest = this.earliest(child)
      const isBehind = times[earliest]! < time ||
        (times[earliest] === time && orders[earliest]! < order)
      if (!isBehind) break
      this.put(at, times[earliest]!, orders[earliest]!, values[earliest]!)
      at = earliest
    }
    this.put(at, time, order, value)
  }

  /** The earliest of four neighbours, or of as many as there are. */
  private earliest(from: number): number {
    const { orders, times } = this
    const end = Math.min(from + 4, times.length)
    let found = from
    for (let at = from + 1; at < end; at++) {
      const isEarlier = times[at]! < times[found]! ||
        (times[at] === times[found] && orders[at]! < orders[found]!)
      if (isEarlier) found = at
    }
    return found
  }

  private put(at: number, time: number, order: number, value: A): void {
    this.times[at] = time
    this.orders[at] = order
    this.values[at] = value
  }
}
