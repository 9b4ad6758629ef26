/**
 * Chance that a seed fixes: the same seed gives the same numbers on every runtime.
 *
 * @module
 */
import { Random } from "effect"

type RandomService = (typeof Random.Random)["Service"]

/** A source of chance for one purpose of one run. */
export interface SeededRandom extends RandomService {
  /** A whole number from 0 to below `bound`. */
  readonly below: (bound: number) => number
}

/**
 * Makes a source of chance.
 *
 * Each `purpose` of one seed has numbers of its own, so that drawing more for one of them leaves
 * the others as they were.
 */
export const make = (seed: number, purpose: string): SeededRandom => new Sfc32(seed, purpose)

/** The generator "small fast counting", of 128 bits: whole 32-bit arithmetic, exact everywhere. */
class Sfc32 implements SeededRandom {
  private a: number
  private b: number
  private c = 1
  private d = 1

  constructor(seed: number, purpose: string) {
    this.a = Math.trunc(seed) | 0
    this.b = Math.floor(seed / 0x1_0000_0000) | 0
    for (let i = 0; i < purpose.length; i++) {
      this.c = Math.imul(this.c ^ purpose.charCodeAt(i), 0x0100_0193)
    }
    this.c ^= Math.trunc((seed % 1) * 0x1_0000_0000)
    for (let i = 0; i < 12; i++) this.next()
  }

  private next(): number {
    const sum = (this.a + this.b + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum | 0
    return sum >>> 0
  }

  nextDoubleUnsafe(): number {
    return ((this.next() >>> 5) * 0x400_0000 + (this.next() >>> 6)) / 0x20_0000_0000_0000
  }

  nextIntUnsafe(): number {
    const span = Number.MAX_SAFE_INTEGER - Number.MIN_SAFE_INTEGER + 1
    return Math.floor(this.nextDoubleUnsafe() * span) + Number.MIN_SAFE_INTEGER
  }

  below(bound: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * bound)
  }
}
