/**
 * Builds the npm package into `dist/`: each module of the source is one ES module, with its types and
 * with maps to the source, which is shipped beside them.
 */
import { spawnSync } from "node:child_process"
import { cpSync, rmSync } from "node:fs"
import { completePackage } from "./manifest.ts"

rmSync("dist", { recursive: true, force: true })
cpSync("src", "dist/src", { recursive: true })
completePackage("dist")

const { error, status } = spawnSync("tsc", ["--project", "tsconfig.build.json"], {
  stdio: "inherit"
})
if (error !== undefined) throw error
process.exitCode = status ?? 1
