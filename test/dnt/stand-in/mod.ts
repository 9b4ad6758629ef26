/**
 * Stands in for dnt where JSR cannot be reached. It has the types of what `scripts/build_npm.ts` uses
 * of dnt, builds nothing, and writes down what it was asked for, where dnt would build.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export interface EntryPoint {
  kind?: "bin" | "export"
  name: string
  path: string
}

export interface PackageJson {
  name: string
  version: string
  // deno-lint-ignore no-explicit-any
  [propertyName: string]: any
}

export interface BuildOptions {
  entryPoints: Array<string | EntryPoint>
  outDir: string
  package: PackageJson
  importMap?: string
  shims: { deno?: boolean | "dev" }
  test?: boolean
  typeCheck?: "both" | "single" | false
  scriptModule?: "cjs" | "umd" | false
  compilerOptions?: {
    target?: "ES2021" | "ES2022" | "ES2023" | "Latest"
    lib?: Array<"ES2022" | "ES2023" | "ESNext" | "DOM" | "DOM.Iterable">
    sourceMap?: boolean | "inline"
  }
}

export const emptyDir = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}

export const build = async (options: BuildOptions): Promise<void> => {
  writeFileSync(join(options.outDir, "asked.json"), JSON.stringify(options))
  // dnt writes a manifest of its own, in which the Effect of the source is a dependency.
  const written = { ...options.package, dependencies: { effect: "4.1.0" } }
  writeFileSync(join(options.outDir, "package.json"), JSON.stringify(written))
}
