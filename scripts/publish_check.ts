/**
 * What JSR would be given: the source as it is. Deno's dry run finds what JSR would refuse, but is as
 * content when it would publish nothing, so its list is compared with the source.
 */
import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { pathToFileURL } from "node:url"

const { error, status, stderr } = spawnSync("deno", ["publish", "--dry-run", "--allow-dirty"], {
  encoding: "utf8",
  env: { ...process.env, NO_COLOR: "1" }
})
if (error !== undefined) throw error
console.log(stderr.trimEnd())

const listed = new Set([...stderr.matchAll(/^ +(file:\S+) \(/gm)].map(([, file]) => file))
const expected = ["deno.json", "LICENSE", "README.md", ...globSync("src/**/*.ts")]
const missing = expected.filter((path) => !listed.has(pathToFileURL(path).href))

process.exitCode = status === 0 && missing.length === 0 ? 0 : 1
if (status === 0 && missing.length > 0) {
  console.log(["\nThese would not be published:", ...missing].join("\n  "))
}
