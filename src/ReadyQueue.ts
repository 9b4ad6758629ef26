/**
 * The tasks of a flow that are ready to run, by their place: the first place goes first, so a flow
 * that runs one task at a time runs them in the order they were written.
 *
 * @module
 */

/**
 * A set of places with a fast minimum: one bit a place, and above it levels of bits that tell
 * which words below hold any. Adding and taking touch one word a level: 4 for a million places.
 */
export class ReadyQueue {
  private readonly levels: ReadonlyArray<Int32Array>
  private count = 0

  constructor(places: number) {
    const levels: Array<Int32Array> = []
    let words = places
    do {
      words = Math.max(1, (words + 31) >>> 5)
      levels.push(new Int32Array(words))
    } while (words > 1)
    this.levels = levels
  }

  /** How many places are ready. */
  get size(): number {
    return this.count
  }

  /** Adds a place, unless it is in the queue. */
  add(place: number): void {
    const { levels } = this
    if ((levels[0]![place >>> 5]! & (1 << (place & 31))) !== 0) return
    this.count++
    for (let i = 0, bit = place; i < levels.length; i++, bit >>>= 5) {
      const before = levels[i]![bit >>> 5]!
      levels[i]![bit >>> 5] = before | (1 << (bit & 31))
      if (before !== 0) return
    }
  }

  /** Takes out the first place; -1 when none is ready. */
  take(): number {
    if (this.count === 0) return -1
    this.count--
    const { levels } = this
    let place = 0
    for (let i = levels.length - 1; i >= 0; i--) {
      const bits = levels[i]![place]!
      place = (place << 5) | (31 - Math.clz32(bits & -bits))
    }
    for (let i = 0, bit = place; i < levels.length; i++, bit >>>= 5) {
      const bits = levels[i]![bit >>> 5]! &= ~(1 << (bit & 31))
      if (bits !== 0) break
    }
    return place
  }
}
