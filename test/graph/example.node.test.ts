/** The example in the documentation of `Graph.svg` runs as it stands there. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { assert, it } from "vitest"

const root = resolve(import.meta.dirname, "../..")

it("the example of Graph.svg draws the flow and what became of it", () => {
  const source = readFileSync(join(root, "src/graph/Graph.ts"), "utf8")
  const example = /@example.*?```ts\n(.*?)```/s.exec(source)![1]!.replace(/^ \* ?/gm, "")
  // Inside the repository, so that the example finds the package by its own name.
  const folder = mkdtempSync(join(root, "test", "graph", "run-"))
  try {
    writeFileSync(join(folder, "example.ts"), `${example}\nconsole.log(plan, outcome)\n`)
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join(folder, "example.ts")],
      { encoding: "utf8" }
    )
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout.match(/<\/svg>/g)?.length, 2)
    assert.include(stdout, "✓ Success")
    assert.include(stdout, "✓3")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
