/**
 * What a browser has to load, measured as a bundler finds the npm package in `dist/` when a program
 * has installed it. What is larger than its budget fails.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { build, type Rolldown } from "vite"
import { firstFlowOf } from "./first_flow.ts"
import { entryPoints, manifest, specifierOf } from "./manifest.ts"
import { textTable } from "./text_table.ts"

interface Program {
  readonly name: string
  readonly code: string
}

/** The most that a program may load beside Effect, in kB after gzip. */
const budgets: Readonly<Record<string, number>> = {
  "all of signalbox": 25,
  // As much as all of it, as soon as bundlers can no longer leave out what is not used.
  "State alone": 5
}

const programs: ReadonlyArray<Program> = [
  ...entryPoints.map(specifierOf).map((specifier) => ({
    name: `all of ${specifier}`,
    code: `export * from "${specifier}"`
  })),
  { name: "State alone", code: `export { State } from "${manifest.name}"` },
  { name: "first flow of the README", code: firstFlowOf(readFileSync("README.md", "utf8")).code }
]

// ---------------------------------------------------------------------------------------------
// How they are measured
// ---------------------------------------------------------------------------------------------

const folder = mkdtempSync(join(tmpdir(), "signalbox-size-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, "node_modules"))
symlinkSync(resolve("dist"), join(folder, "node_modules", manifest.name))
symlinkSync(resolve("node_modules/effect"), join(folder, "node_modules/effect"))

/** The size of a program when it is built for browsers, in kB after gzip. */
const sizeOf = async ({ code }: Program, external: RegExp | undefined): Promise<number> => {
  const input = join(folder, "program.ts")
  writeFileSync(input, code)
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      rolldownOptions: {
        input,
        preserveEntrySignatures: "strict",
        ...(external === undefined ? {} : { external })
      }
    }
  })
  const { output } = built as Rolldown.RolldownOutput
  const text = output.map((file) => file.type === "chunk" ? file.code : "").join("")
  return gzipSync(text).length / 1000
}

interface Measured {
  readonly name: string
  readonly besideEffect: number
  readonly withEffect: number
  readonly budget: number | undefined
}

const measured: Array<Measured> = []
for (const program of programs) {
  measured.push({
    name: program.name,
    besideEffect: await sizeOf(program, /^effect(\/|$)/),
    withEffect: await sizeOf(program, undefined),
    budget: budgets[program.name]
  })
}

const kB = (size: number | undefined): string => size === undefined ? "" : `${size.toFixed(1)} kB`
console.log(textTable(
  ["gzip, minified", "beside Effect", "at most", "with what it uses of Effect"],
  measured.map(({ besideEffect, budget, name, withEffect }) => [
    name,
    kB(besideEffect),
    kB(budget),
    kB(withEffect)
  ])
))

const budgeted = measured.filter(({ budget }) => budget !== undefined)
const failed = budgeted.filter(({ besideEffect, budget = 0 }) => besideEffect > budget)
const unmeasured = Object.keys(budgets).length - budgeted.length
for (const { name } of failed) console.log(`\nLarger than its budget: ${name}`)
process.exitCode = failed.length + unmeasured === 0 ? 0 : 1
console.log(`\n${budgeted.length - failed.length} passed, ${failed.length + unmeasured} failed`)
