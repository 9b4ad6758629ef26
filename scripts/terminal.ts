/**
 * Where the examples print, with a line of progress below what they print: rewritten in place on a
 * terminal; elsewhere (a file, a pipe, a CI log) every step is a line of its own.
 */
import process from "node:process"
import type { Lines } from "../playground/text-console.ts"

/** A place to print. */
export interface Terminal extends Lines {
  /** Shows how far things are. */
  readonly progress: (text: string) => void
  /** Takes the progress away, when there is no more. */
  readonly clear: () => void
  /** Shows a question, and no progress below it until it is answered: then call what this gives. */
  readonly question: (text: string) => () => void
}

/** The terminal that this process writes to, or what stands in its place. */
export const openTerminal = (): Terminal =>
  process.stdout.isTTY ? liveTerminal(process.stdout, process.stderr) : plainTerminal

const plainTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  progress: (text) => void process.stdout.write(`${text}\n`),
  clear: () => {},
  question: (text) => {
    plainTerminal.out(text)
    return () => {}
  }
}

/** What empties the line that the cursor is on. */
export const eraseLine = "\r\u001b[2K"

// What a terminal that does not tell its width is taken to have.
const usualColumns = 80

/** A screen, or anything that text can be written to. */
export interface Output {
  readonly write: (text: string) => unknown
}

/** A terminal that keeps the line of progress below what is printed. */
export const liveTerminal = (
  screen: Output & { readonly columns: number },
  errors: Output
): Terminal => {
  let line = ""
  let isAsking = false
  const show = (text: string): void => {
    if (line !== "" && !isAsking) screen.write(eraseLine)
    line = text
    // What is typed must not run into it.
    if (!isAsking) screen.write(line)
  }
  const above = (output: Output) => (text: string): void => {
    const below = line
    show("")
    output.write(`${text}\n`)
    show(below)
  }
  return {
    out: above(screen),
    err: above(errors),
    // A line that wrapped could not be erased.
    progress: (text) => show(text.slice(0, (screen.columns || usualColumns) - 1)),
    clear: () => show(""),
    question: (text) => {
      if (line !== "") screen.write(eraseLine)
      screen.write(`${text}\n`)
      isAsking = true
      return () => {
        isAsking = false
        screen.write(line)
      }
    }
  }
}
