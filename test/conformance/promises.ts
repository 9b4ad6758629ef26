/**
 * What a departure promises where it does not name a value: each stands in an expected record for
 * all values that keep the promise.
 *
 * @module
 */

/** Whether a value is what is expected, to the letter or by a promise. */
export type Compare = (expected: unknown, got: unknown) => boolean

type Check = (got: unknown, isAsExpected: Compare) => boolean

/** A promise about a value that is not known to the letter. */
export class Promised {
  private readonly words: string
  readonly isKeptBy: Check
  /** What the value looks like, as far as that is known. */
  readonly pattern: unknown

  constructor(words: string, isKeptBy: Check, pattern?: unknown) {
    this.words = words
    this.isKeptBy = isKeptBy
    this.pattern = pattern
  }

  toJSON(): string {
    return `<${this.words}>`
  }
}

// A promise stands where the type of the recorded value is expected.
const promise = (words: string, isKeptBy: Check, pattern?: unknown): never =>
  new Promised(words, isKeptBy, pattern) as never

/** Any value, or none. */
export const anything = promise("anything", () => true)

/** Any value. */
export const something = promise("something", (got) => got !== undefined)

/** A number that is not greater: things happen at that time or before it. */
export const notLater = (time: number): never =>
  promise(`not later than ${time}`, (got) => typeof got === "number" && got <= time)

/** A record of promises, which no other rule has anything to add to. */
export const like = (record: object): never =>
  promise(JSON.stringify(record), (got, isAsExpected) => isAsExpected(record, got), record)

/** A list that begins with these items. */
export const startingWith = (items: ReadonlyArray<unknown>): never =>
  promise(
    `${items.length} items as recorded, and more`,
    (got, isAsExpected) =>
      Array.isArray(got) && got.length >= items.length &&
      items.every((item, i) => isAsExpected(item, got[i])),
    items
  )

/** A list that is shorter, or none. */
export const fewerThan = (items: ReadonlyArray<unknown>): never =>
  promise(
    `fewer than ${items.length} items`,
    (got) => got === undefined || (Array.isArray(got) && got.length < items.length)
  )

/** One of several values. */
export const oneOf = (values: ReadonlyArray<unknown>): never =>
  promise(
    values.map((value) => JSON.stringify(value)).join(" or "),
    (got, isAsExpected) => values.some((value) => isAsExpected(value, got)),
    values[0]
  )

/** A state of a type, and with a message if one is given or promised; all else is left open. */
export const stateOf = (
  type: string,
  isMessage: (message: string | undefined) => boolean = () => true
): never =>
  promise(`a ${type} state`, (got) => {
    const { message, type: found } = (got ?? {}) as { message?: string; type?: string }
    return found === type && isMessage(message)
  })
