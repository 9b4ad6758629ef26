/**
 * A console that hands on what is printed as text, for places that show it in their own way.
 */
import { type Console, Formatter } from "effect"

/** Where the lines of a {@link textConsole} go. */
export interface Lines {
  /** What is printed as output. */
  readonly out: (text: string) => void
  /** What is printed as a warning or an error. */
  readonly err: (text: string) => void
}

/** A console for Effect's `Console.Console`; the rarer methods are still those of the platform. */
export const textConsole = ({ err, out }: Lines): Console.Console => {
  const to = (write: (text: string) => void) => (...values: ReadonlyArray<unknown>): void =>
    write(values.map(print).join(" "))
  return Object.assign(Object.create(globalThis.console) as Console.Console, {
    debug: to(out),
    info: to(out),
    log: to(out),
    warn: to(err),
    error: to(err)
  })
}

const print = (value: unknown): string =>
  typeof value === "string" ? value : Formatter.format(value)
