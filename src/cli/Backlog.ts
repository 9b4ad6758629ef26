/**
 * All lines of a run that goes on, for whoever comes late.
 *
 * Bound: as many lines as a run tells of (100,000 and two more), and 64 MB of text. When there is
 * more text, the oldest lines go, but never the first one, which says what the flow is.
 *
 * @module
 */

/** Some lines that follow each other. */
export interface Part {
  readonly lines: ReadonlyArray<string>
  /** The number of the last of them, 0 for the first line of the run. */
  readonly last: number
}

const defaultMaxCharacters = 64 * 1024 * 1024

/** Keeps lines, numbered from 0, and tells when there are more. */
export class Backlog {
  private readonly maxCharacters: number
  private readonly lines: Array<string | undefined> = []
  private readonly listeners = new Set<() => void>()
  /** The number of the oldest line that is there besides the first. */
  private oldest = 1
  private characters = 0

  constructor(maxCharacters = defaultMaxCharacters) {
    this.maxCharacters = maxCharacters
  }

  /** How many lines there have been. */
  get length(): number {
    return this.lines.length
  }

  /** Adds a line and tells everyone. */
  add(line: string): void {
    this.lines.push(line)
    this.characters += line.length
    while (this.characters > this.maxCharacters && this.oldest < this.lines.length - 1) {
      this.characters -= this.lines[this.oldest]!.length
      this.lines[this.oldest++] = undefined
    }
    for (const listener of this.listeners) listener()
  }

  /** The next lines from a number on, at most so many; none where there are no more yet. */
  from(number: number, most: number): Part | undefined {
    if (number >= this.lines.length) return undefined
    // What is numbered by its last line has no gap, so the first line goes alone before one.
    if (number <= 0 && this.oldest > 1) return { lines: [this.lines[0]!], last: 0 }
    const first = number <= 0 ? 0 : Math.max(number, this.oldest)
    const lines = this.lines.slice(first, first + most) as ReadonlyArray<string>
    return { lines, last: first + lines.length - 1 }
  }

  /** Calls a function whenever there are more; gives what ends that. */
  onMore(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
}
