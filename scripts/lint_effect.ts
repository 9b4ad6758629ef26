/**
 * Effect's own diagnostics over the core; tests do odd things on purpose. The tool passes when it
 * has checked nothing, which is what it does when tsconfig.json does not name its plugin; this does
 * not.
 */
import { spawnSync } from "node:child_process"
import { relative } from "node:path"

interface Report {
  readonly diagnostics: ReadonlyArray<{
    readonly file: string
    readonly line: number
    readonly column: number
    readonly severity: string
    readonly name: string
    readonly message: string
  }>
  readonly summary: { readonly filesChecked: number; readonly totalFiles: number }
}

const diagnose = (): Report => {
  const { error, stderr, stdout } = spawnSync(
    "effect-language-service",
    ["diagnostics", "--project", "tsconfig.core.json", "--strict", "--format", "json"],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }
  )
  if (error !== undefined) throw error
  if (stdout === "") throw new Error(`effect-language-service reported nothing\n${stderr}`)
  return JSON.parse(stdout) as Report
}

const { diagnostics, summary } = diagnose()
const problems = diagnostics.filter(({ severity }) =>
  severity === "error" || severity === "warning"
)

for (const { column, file, line, message, name, severity } of problems) {
  console.log(`${relative(".", file)}:${line}:${column} ${severity} ${name}: ${message}`)
}
console.log(`Effect diagnostics: ${problems.length} in ${summary.filesChecked} files`)

const sawEverything = summary.filesChecked > 0 && summary.filesChecked === summary.totalFiles
if (!sawEverything) {
  console.log(`Only ${summary.filesChecked} of ${summary.totalFiles} were checked`)
}
process.exitCode = problems.length === 0 && sawEverything ? 0 : 1
