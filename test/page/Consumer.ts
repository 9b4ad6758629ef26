/**
 * A folder of someone who uses Signalbox: what the page gives to copy is put there and run.
 */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "../..")
const modules = join(root, "node_modules")

/** What became of a command. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A folder in which `signalbox`, `effect` and `vitest` are installed. */
export interface Consumer {
  readonly write: (name: string, text: string) => void
  /** Runs a line as a shell does. */
  readonly shell: (line: string) => Promise<Ended>
  readonly remove: () => void
}

/** Makes such a folder. */
export const makeConsumer = (): Consumer => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-consumer-"))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true })
  symlinkSync(root, join(folder, "node_modules/signalbox"))
  for (const name of ["effect", "vitest"]) {
    symlinkSync(join(modules, name), join(folder, "node_modules", name))
  }
  symlinkSync(
    join(root, "src/platform/signalbox.ts"),
    join(folder, "node_modules/.bin/signalbox")
  )
  write(
    "package.json",
    JSON.stringify({ type: "module", dependencies: { signalbox: "*", effect: "*", vitest: "*" } })
  )
  write("deno.json", JSON.stringify({ nodeModulesDir: "manual" }))
  const path = [join(modules, ".bin"), process.env["PATH"]].join(delimiter)
  const env = { ...process.env, NO_COLOR: "1", PATH: path }
  return {
    write,
    shell: (line) =>
      new Promise((resolve) =>
        execFile(
          "sh",
          ["-c", line],
          { cwd: folder, env },
          (error, out, err) =>
            resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err })
        )
      ),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
