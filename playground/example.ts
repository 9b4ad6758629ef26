/**
 * What the files in `examples/` have in common, and how their opening paragraph is read.
 */
import type { Effect } from "effect"
import type { Flow } from "signalbox"

/** A flow that anyone can run, here or there: no part of it knows a platform. */
export interface Example {
  /** The name of its file, which is also what to call it by. */
  readonly name: string
  readonly flow: Flow.Any
  /** One run of the flow with all that it needs. What goes wrong in its tasks is in their states. */
  readonly run: Effect.Effect<Flow.Run<unknown, unknown>>
  /** Whether the run takes hours, which nobody waits for in a terminal. */
  readonly isLong?: boolean
}

/** The file of an example, from the folder of this one. */
export const fileOf = ({ name }: Pick<Example, "name">): string => `./examples/${name}.ts`

/**
 * The paragraph that the source of an example begins with. It is written once, for whoever opens
 * the file, and shown by the page and the terminal too.
 */
export const aboutIn = (source: string): string => {
  const comment = /^\/\*\*(.*?)\*\//s.exec(source)?.[1]
  if (comment === undefined) throw new Error("An example must begin with a paragraph: /** … */")
  return comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim()).join(" ").trim()
}

/** The first sentence of a paragraph: what a list has room for. */
export const firstSentence = (paragraph: string): string =>
  /^.*?\.(?=\s|$)/s.exec(paragraph)?.[0] ?? paragraph
