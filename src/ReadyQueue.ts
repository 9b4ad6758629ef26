/**
 * The tasks of a flow that are ready to run, by their place: the first place goes first, so a flow
 * that runs one task at a time runs them in the order they were written.
 *
 * @module
 */

/**
 * A set of places with a fast minimum: one bit a place, and above it levels of bits that tell
 * which words below hold any. Adding and removing touch one word a level: 4 for a million places.
 */
export class ReadyQueue {
  private readonly levels: ReadonlyArray<Int32Array>

  constructor(levels: ReadonlyArray<Int32Array>) {
    this.levels = levels
  }

  /** Adds a place, unless it is in the queue. */
  add(place: number): void {
    const { levels } = this
    for (let i = 0, bit = place; i < levels.length; i++, bit >>>= 5) {
      const before = levels[i]![bit >>> 5]!
      levels[i]![bit >>> 5] = before | (1 << (bit & 31))
      if (before !== 0) return
    }
  }

  /** The first place, which stays in the queue; -1 when none is ready. */
  first(): number {
    const { levels } = this
    let place = 0
    for (let i = levels.length - 1; i >= 0; i--) {
      const bits = levels[i]![place]!
      if (bits === 0) return -1
      place = (place << 5) | (31 - Math.clz32(bits & -bits))
    }
    return place
  }

  /** Takes out a place, if it is in the queue. */
  remove(place: number): void {
    const { levels } = this
    for (let i = 0, bit = place; i < levels.length; i++, bit >>>= 5) {
      const bits = levels[i]![bit >>> 5]! &= ~(1 << (bit & 31))
      if (bits !== 0) return
    }
  }

  /** Another queue with the same places in it. */
  copy(): ReadyQueue {
    return new ReadyQueue(this.levels.map((level) => level.slice()))
  }
}

/** An empty queue for places below a number. */
export const make = (places: number): ReadyQueue => {
  const levels: Array<Int32Array> = []
  let words = places
  do {
    words = Math.max(1, (words + 31) >>> 5)
    levels.push(new Int32Array(words))
  } while (words > 1)
  return new ReadyQueue(levels)
}
