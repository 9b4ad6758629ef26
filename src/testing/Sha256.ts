/**
 * The SHA-256 of a text, at once and without a platform, so that it can be compared anywhere:
 * `sha256sum` of the same text gives the same.
 *
 * @module
 */

/** The SHA-256 of the UTF-8 bytes of a text, as 64 hexadecimal digits. */
export const sha256 = (text: string): string => {
  const hash = initial.slice()
  const bytes = padded(utf8(text))
  const words = new Int32Array(64)
  for (let at = 0; at < bytes.length; at += 64) addBlock(hash, words, bytes, at)
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

/** The first 32 bits of the fraction of a root of each of the first primes, as SHA-256 defines. */
const fractions = (count: number, root: (prime: number) => number): Int32Array => {
  const primes: Array<number> = []
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  }
  return Int32Array.from(primes, (prime) => ((root(prime) % 1) * 0x1_0000_0000) | 0)
}

const initial = fractions(8, Math.sqrt)
const constants = fractions(64, Math.cbrt)

const utf8 = (text: string): Array<number> => {
  const bytes: Array<number> = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return bytes
}

const tail = (bits: number): number => 0x80 | (bits & 0x3f)

const padded = (bytes: ReadonlyArray<number>): Uint8Array => {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n)
  return padded
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

const addBlock = (hash: Int32Array, w: Int32Array, bytes: Uint8Array, start: number): void => {
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < 64; i++) {
    if (i < 16) {
      w[i] = view.getInt32(start + 4 * i)
      continue
    }
    const [x, y] = [w[i - 15]!, w[i - 2]!]
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number
  ]
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) hash[i] = (hash[i]! + word) | 0
}
