/**
 * Runs every example of the page on testing, each as its reader would.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { afterAll, assert, it } from "vitest"

const root = resolve(import.meta.dirname, "../..")
const page = readFileSync(join(root, "docs/testing-your-handlers.md"), "utf8")

/** Inside the repository, so that the examples find the package by its own name. */
const folder = mkdtempSync(join(root, "test", "docs", "run-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const runners: Readonly<Record<string, (file: string) => ReadonlyArray<string>>> = {
  vitest: (file) => [
    process.execPath,
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    "node",
    basename(file)
  ],
  node: (file) => [process.execPath, "--test", file],
  deno: (file) => ["node_modules/.bin/deno", "test", "--no-check", "--allow-all", file]
}

const examples = [...page.matchAll(/^```ts (\w+)\n(.*?)^```$/gms)]

it("the page has an example for each way to run tests", () => {
  const ways = new Set(examples.map(([, runner]) => runner))
  assert.deepStrictEqual([...ways].toSorted(), Object.keys(runners).toSorted())
})

it.for(examples.map(([, runner, code], index) => ({ runner: runner!, code: code!, index })))(
  "example $index runs with $runner",
  ({ code, index, runner }) => {
    const file = join(folder, `example_${index}.test.ts`)
    writeFileSync(file, code)
    const [command, ...args] = runners[runner]!(file)
    const { status, stderr, stdout } = spawnSync(command!, args, { cwd: root, encoding: "utf8" })
    rmSync(file)
    assert.strictEqual(status, 0, `${stdout}\n${stderr}`)
    assert.match(stdout + stderr, /[1-9] passed|pass [1-9]/)
  }
)
