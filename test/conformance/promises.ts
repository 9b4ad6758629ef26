/**
 * What a departure promises where it does not name a value: each stands in an expected record for
 * all values that keep the promise.
 *
 * @module
 */

/** A promise about a value that is not known to the letter. */
export class Promised {
  private readonly words: string
  readonly isKeptBy: (got: unknown) => boolean

  constructor(words: string, isKeptBy: (got: unknown) => boolean) {
    this.words = words
    this.isKeptBy = isKeptBy
  }

  toJSON(): string {
    return `<${this.words}>`
  }
}

/** A text that begins with another. */
export const textFrom = (start: string): Promised =>
  new Promised(
    `a text that begins with ${JSON.stringify(start)}`,
    (got) => typeof got === "string" && got.startsWith(start)
  )

/** A text that says more in the places between others. */
export const textAround = (parts: ReadonlyArray<string>): Promised => {
  const escaped = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
  const pattern = new RegExp(`^${escaped.join(".*")}$`, "s")
  return new Promised(
    `a text like ${JSON.stringify(parts.join("…"))}`,
    (got) => typeof got === "string" && pattern.test(got)
  )
}

/** Any text. */
export const someText: Promised = new Promised("a text", (got) => typeof got === "string")

/** Any value but nothing. */
export const something: Promised = new Promised("something", (got) => got !== undefined)
