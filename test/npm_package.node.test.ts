/**
 * The npm package, as both of its builds describe it. The script that builds with dnt is run as it
 * is, by Deno, whose `links` answer its import from JSR with a stand-in for dnt.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, assert, it } from "vitest"
import { outputOf } from "../scripts/command.ts"
import { entryPoints, manifest } from "../scripts/manifest.ts"

const root = resolve(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "signalbox-dnt-"))
afterAll(() => rmSync(folder, { recursive: true }))

const readJson = (...path: ReadonlyArray<string>): unknown =>
  JSON.parse(readFileSync(join(...path), "utf8"))

it("the manifest leads from each entry point to what its module is compiled to", () => {
  assert.isNotEmpty(entryPoints)
  assert.strictEqual(Object.keys(manifest.exports).length, entryPoints.length)
  assert.deepStrictEqual(manifest.exports["."], {
    types: "./esm/index.d.ts",
    default: "./esm/index.js"
  })
  assert.deepStrictEqual(manifest.exports["./testing"], {
    types: "./esm/testing/index.d.ts",
    default: "./esm/testing/index.js"
  })
})

it("the manifest names nothing that only the repository needs", () => {
  const repository = Object.keys(readJson(root, "package.json") as object)
  const shared = Object.keys(manifest).filter((key) => repository.includes(key))
  const own = Object.keys(manifest).filter((key) => !repository.includes(key))
  assert.deepStrictEqual(shared, [
    "name",
    "version",
    "description",
    "keywords",
    "license",
    "type",
    "engines",
    "exports",
    "bin"
  ])
  assert.deepStrictEqual(own, ["files", "sideEffects", "peerDependencies"])
})

it("dnt is asked for the same package", async () => {
  const deno = join(root, "node_modules/.bin/deno")
  const config = join(root, "test/dnt/deno.json")
  const script = join(root, "scripts/build_npm.ts")
  await outputOf(folder, deno, "run", "--check", "--allow-all", "--config", config, script)

  const asked = readJson(folder, "dist/asked.json") as Record<string, unknown>
  assert.strictEqual(asked["outDir"], "./dist")
  assert.strictEqual(asked["importMap"], "deno.json")
  assert.strictEqual(asked["scriptModule"], false)
  assert.deepStrictEqual(asked["package"], manifest)
  assert.deepStrictEqual(
    asked["entryPoints"],
    entryPoints.map(({ source, subpath }) => ({ name: subpath, path: source }))
  )
})

it("dnt's package is completed as the other is: one Effect, a license, a text", () => {
  assert.deepStrictEqual(readJson(folder, "dist/package.json"), manifest)
  assert.includeMembers(readdirSync(join(folder, "dist")), ["LICENSE", "README.md"])
})
