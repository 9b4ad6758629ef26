/**
 * The SHA-256 of a text, at once and without a platform, so that it can be compared anywhere:
 * `sha256sum` of the same text gives the same.
 *
 * @module
 */

/** The SHA-256 of the UTF-8 bytes of a text, as 64 hexadecimal digits. */
export const sha256 = (text: string): string => {
  const hash = initial.slice()
  const blocks = paddedWords(text)
  const words = new Int32Array(64)
  for (let at = 0; at < blocks.length; at += 16) {
    words.set(blocks.subarray(at, at + 16))
    addBlock(hash, words)
  }
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

/** Writes the UTF-8 bytes of a text, and gives how many they are. */
const writeUtf8 = (text: string, bytes: Uint8Array): number => {
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!
    if (code < 0x80) {
      bytes[length++] = code
      continue
    }
    const tails = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
    // As many ones as there are bytes, and then what is left of the code above the tails.
    bytes[length++] = ((0xff00 >> (tails + 1)) & 0xff) | (code >> (6 * tails))
    for (let i = tails - 1; i >= 0; i--) bytes[length++] = 0x80 | ((code >> (6 * i)) & 0x3f)
    if (tails === 3) at++
  }
  return length
}

/** The bytes of a text as whole blocks of 16 words, the last of which ends with their number. */
const paddedWords = (text: string): Int32Array => {
  const bytes = new Uint8Array(3 * text.length + 72)
  const length = writeUtf8(text, bytes)
  bytes[length] = 0x80
  const words = new Int32Array(Math.ceil((length + 9) / 64) * 16)
  for (let i = 0; i <= length; i++) words[i >> 2]! |= bytes[i]! << (24 - 8 * (i & 3))
  words[words.length - 2] = Math.floor(length / 0x2000_0000)
  words[words.length - 1] = length << 3
  return words
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** Adds the block of the first 16 words; the others are made of them. */
const addBlock = (hash: Int32Array, w: Int32Array): void => {
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!
    const y = w[i - 2]!
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0
  }
  let [a, b, c, d] = [hash[0]!, hash[1]!, hash[2]!, hash[3]!]
  let [e, f, g, h] = [hash[4]!, hash[5]!, hash[6]!, hash[7]!]
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
  const sums = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) hash[i] = (hash[i]! + sums[i]!) | 0
}
