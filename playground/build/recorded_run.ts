/**
 * Runs the example that the page opens with on the real engine while the page is built, so that there
 * is a run to look at before the engine has been loaded.
 */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { TraceLine } from "signalbox/testing"
import type { Plugin } from "vite"
import { aboutIn, firstSentence } from "../example.ts"

const runId = "virtual:recorded-run"
const examplesId = "virtual:examples"
const opening = "replace-a-state"
const seed = 0

const folder = resolve(import.meta.dirname, "../examples")
const pathOf = (example: string): string => resolve(folder, `${example}.ts`)
const exampleList = resolve(folder, "../examples.ts")
const testing = resolve(import.meta.dirname, "../../src/testing/index.ts")

/** Node itself loads the engine and the example, so that there is one engine for both. */
const load = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(path).href)

const record = async (): Promise<ReadonlyArray<TraceLine.TraceLine>> => {
  const { Program } = await load(testing) as typeof import("signalbox/testing")
  const lines: Array<TraceLine.TraceLine> = []
  const program = Program.find(opening, await load(pathOf(opening)))
  await Effect.runPromise(
    Effect.flatMap(program, (program) =>
      Program.simulate(program, {
        seed,
        onLine: (line) => void lines.push(line)
      }))
  )
  return lines
}

const listExamples = async () => {
  const { examples } = await load(exampleList) as typeof import("../examples.ts")
  return examples.map(({ name }) => {
    const about = firstSentence(aboutIn(readFileSync(pathOf(name), "utf8")))
    return { name, about }
  })
}

const asModule = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
    .join("\n")

/** Provides `virtual:recorded-run`, the opening example with its lines, and `virtual:examples`. */
export const recordedRun = (): Plugin => ({
  name: "signalbox-recorded-run",
  resolveId: (id) => [runId, examplesId].includes(id) ? `\0${id}` : undefined,
  async load(id) {
    if (id === `\0${runId}`) {
      this.addWatchFile(pathOf(opening))
      const text = readFileSync(pathOf(opening), "utf8")
      return asModule({ opening, seed, text, lines: await record() })
    }
    if (id !== `\0${examplesId}`) return undefined
    const examples = await listExamples()
    for (const { name } of examples) this.addWatchFile(pathOf(name))
    return asModule({ examples })
  }
})
