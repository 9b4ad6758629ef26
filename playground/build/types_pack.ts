/**
 * The declarations that the editor's compiler knows: those of the language, of `effect` and of
 * `signalbox`, from what is installed and written here.
 *
 * They come in layers: what hardly any program imports is left for later ones. The last one is of
 * what the sandbox does not run, and has no comments.
 */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import ts from "typescript"
import type { Declarations, FirstLayer, TypePack } from "../editor/language/TypePack.ts"
import { withoutComments, withShortComments } from "./types_comments.ts"
import { globals } from "./types_globals.ts"

const root = resolve(import.meta.dirname, "../..")
const libraries = dirname(ts.sys.getExecutingFilePath())

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | null>>
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** Makes the layers; takes a few seconds. */
export const makeTypePack = (): TypePack => {
  const effect = effectDeclarations()
  const signalbox = signalboxDeclarations()
  const all = { ...effect.declarations, ...signalbox.declarations }
  const modules = [...effect.modules, ...signalbox.modules]

  const inFirst = reachable(all, filesOf(modules, /^(effect|signalbox(\/(testing|schedule))?)$/))
  const inSecond = reachable(all, filesOf(modules, /^(effect\/(http|schema|testing)|signalbox.*)$/))
  const layerOfFile = (file: string): number => inFirst.has(file) ? 0 : inSecond.has(file) ? 1 : 2
  const layers = [0, 1, 2].map((layer) =>
    record(
      Object.keys(all).filter((file) => layerOfFile(file) === layer).toSorted(),
      (file) => layer === 2 ? withoutComments(all[file]!) : shortened(file, all[file]!)
    )
  )
  const layerOf = ({ file }: Module): number =>
    Math.max(...[...reachable(all, [file])].map(layerOfFile))
  const first: FirstLayer = {
    declarations: {
      "/NOTICE.txt": notice(),
      ...languageDeclarations(),
      "/lib/globals.d.ts": withShortComments(globals),
      // What is proposed for import must be known before it is imported.
      "/lib/modules.d.ts": 'import "effect"\nimport "signalbox"\nimport "signalbox/testing"',
      "/node_modules/effect/package.json": JSON.stringify(effect.manifest),
      "/node_modules/signalbox/package.json": JSON.stringify(signalbox.manifest),
      ...layers[0]
    },
    modules: Object.fromEntries(modules.map((module) => [module.specifier, layerOf(module)])),
    roots: ["/lib/globals.d.ts", "/lib/modules.d.ts"]
  }
  return [first, ...layers.slice(1).map((declarations) => ({ declarations }))]
}

/** Whose texts these are, and the compiler that reads them: their comments do not say it any more. */
const notice = (): string => {
  const [head = ""] = /^\/\*![^]*?\*\//.exec(libraryText("lib.esnext.d.ts")) ?? []
  return `${head}\n\n${readFileSync(join(root, "node_modules/effect/LICENSE"), "utf8")}`
}

const filesOf = (modules: ReadonlyArray<Module>, wanted: RegExp): ReadonlyArray<string> =>
  modules.filter(({ specifier }) => wanted.test(specifier)).map(({ file }) => file)

/** Of what is new to most, more is said. */
const shortened = (file: string, text: string): string =>
  file.startsWith("/node_modules/signalbox/")
    ? withShortComments(text, { paragraph: 400, sentence: 400 })
    : withShortComments(text)

const record = (
  names: ReadonlyArray<string>,
  textOf: (name: string) => string
): Declarations => Object.fromEntries(names.map((name) => [name, textOf(name)]))

// -----------------------------------------------------------------------------
// Where they come from
// -----------------------------------------------------------------------------

interface Module {
  readonly specifier: string
  readonly file: string
}

interface Package {
  readonly manifest: object
  readonly modules: ReadonlyArray<Module>
  readonly declarations: Declarations
}

const libraryText = (name: string): string => readFileSync(join(libraries, name), "utf8")

const languageDeclarations = (): Declarations => {
  const found: Record<string, string> = {}
  const add = (name: string): void => {
    const file = `/lib/${name}`
    if (found[file] !== undefined) return
    const text = withoutComments(libraryText(name))
    found[file] = text
    for (const { fileName } of ts.preProcessFile(text, true, true).libReferenceDirectives) {
      add(`lib.${fileName}.d.ts`)
    }
  }
  add("lib.esnext.d.ts")
  return found
}

const effectDeclarations = (): Package => {
  const folder = join(root, "node_modules/effect")
  const { exports, name, version } = manifestIn(folder)
  const declarations = record(
    readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".d.ts"))
      .map((path) => `/node_modules/effect/dist/${path}`),
    (file) => readFileSync(join(root, file), "utf8")
  )
  const isHidden = (specifier: string): boolean =>
    /(^|\/)(internal|index)(\/|$)/.test(specifier) || specifier === "effect/testing/index"
  const modules = Object.keys(declarations).flatMap((file) => {
    const path = file.slice("/node_modules/effect/dist/".length).replace(/\.d\.ts$/, "")
    const specifier = `effect/${path}`.replace(/\/index$/, "")
    return isHidden(specifier) ? [] : [{ specifier, file }]
  })
  return { manifest: { name, version, type: "module", exports }, modules, declarations }
}

/** Made from the source, so that it need not be built before. */
const signalboxDeclarations = (): Package => {
  const { exports, name, version } = manifestIn(root)
  const entries = Object.entries(exports).flatMap(([path, file]) =>
    file === null ? [] : [{
      specifier: join(name, path),
      file: file.replace("./src/", "/node_modules/signalbox/").replace(/\.ts$/, ".d.ts")
    }]
  )
  const declarations: Record<string, string> = {}
  const add = (file: string): void => {
    if (declarations[file] !== undefined) return
    const path = file.replace("/node_modules/signalbox/", "src/").replace(/\.d\.ts$/, ".ts")
    declarations[file] = declarationOf(join(root, path))
    for (const imported of importedBy(file, declarations[file])) {
      if (imported.startsWith("/node_modules/signalbox/")) add(imported)
    }
  }
  for (const { file } of entries) add(file)
  return {
    manifest: {
      name,
      version,
      type: "module",
      exports: Object.fromEntries(
        Object.entries(exports).map(([path, file]) => [
          path,
          file?.replace("./src/", "./").replace(/\.ts$/, ".js") ?? null
        ])
      )
    },
    modules: entries,
    declarations
  }
}

const declarationOf = (path: string): string => {
  const { diagnostics = [], outputText } = ts.transpileDeclaration(readFileSync(path, "utf8"), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }
  })
  const [problem] = diagnostics
  if (problem !== undefined) {
    const reason = ts.flattenDiagnosticMessageText(problem.messageText, "\n")
    throw new Error(`Cannot declare the types of ${relative(root, path)}: ${reason}`)
  }
  return outputText
}

// -----------------------------------------------------------------------------
// What needs what
// -----------------------------------------------------------------------------

const reachable = (all: Declarations, from: ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set<string>()
  const open = [...from]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = all[file]
    if (text === undefined || found.has(file)) continue
    found.add(file)
    open.push(...importedBy(file, text))
  }
  return found
}

const imports = new Map<string, ReadonlyArray<string>>()

/** The declaration files that one imports. */
const importedBy = (file: string, text: string): ReadonlyArray<string> => {
  const known = imports.get(file)
  if (known !== undefined) return known
  const code = text.replace(/\/\*[^]*?\*\//g, "")
  const found = [...code.matchAll(/\b(?:from|import\()\s*"([^"]+)"/g)]
    .flatMap(([, specifier = ""]) => targetsOf(file, specifier))
  imports.set(file, found)
  return found
}

const targetsOf = (file: string, specifier: string): ReadonlyArray<string> => {
  if (specifier.startsWith(".")) {
    return [join(dirname(file), specifier).replace(/\.[jt]s$/, ".d.ts")]
  }
  const [name, ...path] = specifier.split("/")
  if (name !== "effect") return []
  const inside = `/node_modules/effect/dist/${path.join("/")}`
  return path.length === 0 ? [`${inside}index.d.ts`] : [`${inside}.d.ts`, `${inside}/index.d.ts`]
}
