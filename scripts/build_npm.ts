/**
 * Builds the same npm package as `npm run build`, with dnt:
 *
 *     deno run --allow-all scripts/build_npm.ts
 *
 * It needs JSR, where dnt is. What is published is what `npm run pack` has tried, built by the other.
 */
import { build, emptyDir } from "jsr:@deno/dnt@^0.42.3"
import { completePackage, entryPoints, manifest } from "./manifest.ts"

const outDir = "./dist"

await emptyDir(outDir)
await build({
  entryPoints: entryPoints.map(({ source, subpath }) => ({ name: subpath, path: source })),
  outDir,
  package: manifest,
  importMap: "deno.json",
  // The source needs nothing that a platform may lack, and has its own tests and type checks.
  shims: {},
  test: false,
  typeCheck: false,
  scriptModule: false,
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    sourceMap: true
  }
})

// dnt names as a dependency each package that the source imports: a program would get an Effect
// beside its own. Written again, the manifest says what was meant.
completePackage(outDir)
