/**
 * What the npm package says of itself. All of it comes from the repository's own package.json, whose
 * `exports` are the one list of entry points: deno.json has to repeat it, and a test compares them.
 */
import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import repository from "../package.json" with { type: "json" }

export interface EntryPoint {
  /** What users write after the name of the package: `.`, `./testing`. */
  readonly subpath: string
  /** The module that answers, from the root of the repository: `./src/testing/index.ts`. */
  readonly source: string
}

export const entryPoints: ReadonlyArray<EntryPoint> = Object.entries(repository.exports)
  .map(([subpath, source]) => ({ subpath, source }))

/** What users import: `signalbox`, `signalbox/testing`. */
export const specifierOf = ({ subpath }: EntryPoint): string => repository.name + subpath.slice(1)

/** `./src/testing/index.ts` is compiled to `./esm/testing/index.js`, with its types beside it. */
const compiled = (source: string, extension: string): string =>
  source.replace(/^\.\/src\//, "./esm/").replace(/\.ts$/, extension)

/** The package.json of the npm package. Everything not named here stays in the repository. */
export const manifest = {
  name: repository.name,
  version: repository.version,
  description: repository.description,
  keywords: repository.keywords,
  license: repository.license,
  type: "module",
  engines: repository.engines,
  exports: Object.fromEntries(entryPoints.map(({ source, subpath }) => [
    subpath,
    { types: compiled(source, ".d.ts"), default: compiled(source, ".js") }
  ])),
  bin: Object.fromEntries(
    Object.entries(repository.bin).map(([name, source]) => [name, compiled(source, ".js")])
  ),
  files: ["esm", "src", "playground"],
  // No module does anything when it is loaded: a bundler may leave out each that is not used.
  sideEffects: [] as Array<string>,
  // A program must have one Effect only, for the services of one are unknown to another. So the
  // program brings it, and each release that keeps the promises of the one tested here will do.
  peerDependencies: { effect: `^${repository.dependencies.effect}` }
}

/** Puts into a folder of built modules the files that make it a package. */
export const completePackage = (folder: string): void => {
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2) + "\n")
  for (const file of ["LICENSE", "README.md"]) {
    copyFileSync(new URL(`../${file}`, import.meta.url), join(folder, file))
  }
}
