/**
 * The examples as the page offers them: their names at once, their texts when one is opened.
 */
/// <reference types="vite/client" />
import { examples } from "virtual:examples"
import { opening, text } from "virtual:recorded-run"
import type { Plan } from "./Store.ts"

const texts = import.meta.glob<string>("./examples/*.ts", { query: "?raw", import: "default" })

/** The names of all examples, each with its first sentence. */
export const listed: ReadonlyArray<{ readonly name: string; readonly about: string }> = examples

/** An example as it is meant to be run, or nothing if there is none of that name. */
export const planOf = async (name: string): Promise<Plan | undefined> => {
  const found = name === opening ? text : await texts[`./examples/${name}.ts`]?.()
  if (found === undefined) return undefined
  return { files: [{ name: "flow.ts", text: found }], seed: 0, faults: [] }
}
