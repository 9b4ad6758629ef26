/**
 * The rules of the house. The order of modules is read from src/README.md, so that what a reader is
 * told and what is enforced are one text.
 */
import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join, relative, resolve } from "node:path"
import ts from "typescript"
import { assert, it } from "vitest"

const root = resolve(import.meta.dirname, "..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")

// ---------------------------------------------------------------------------------------------
// What there is
// ---------------------------------------------------------------------------------------------

interface Module {
  /** Path below `src`, without the extension: `Task`, `testing/Simulation`. */
  readonly name: string
  readonly path: string
  readonly source: ts.SourceFile
}

const filesIn = (folder: string): Array<string> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

const modules: ReadonlyArray<Module> = filesIn("src")
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({
    name: relative("src", path).replace(/\.ts$/, ""),
    path,
    source: ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true)
  }))

/** The folder of `src` that a module is in, if any: its kit. */
const kitOf = (name: string): string | undefined =>
  name.includes("/") ? name.split("/")[0] : undefined

const usesPlatform = ({ name }: Module): boolean => ["platform", "cli"].includes(kitOf(name) ?? "")
const core = modules.filter((module) => !usesPlatform(module))

function* descendants(node: ts.Node): Generator<ts.Node> {
  yield node
  const children: Array<ts.Node> = []
  ts.forEachChild(node, (child) => void children.push(child))
  for (const child of children) yield* descendants(child)
}

/** Where a node can be found, as editors and terminals understand it. */
const place = ({ path, source }: Module, node: ts.Node): string =>
  `${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`

const importedBy = (node: ts.Node): ts.Node | undefined => {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isCall ? node.arguments[0] : undefined
}

interface Import {
  readonly from: Module
  readonly to: string
  readonly at: string
}

const imports: ReadonlyArray<Import> = modules.flatMap((from) =>
  [...descendants(from.source)].flatMap((node) => {
    const specifier = importedBy(node)
    if (specifier === undefined) return []
    const to = ts.isStringLiteral(specifier) ? specifier.text : specifier.getText(from.source)
    return [{ from, to, at: place(from, specifier) }]
  })
)
const isInternal = ({ to }: Import): boolean => to.startsWith(".")

// ---------------------------------------------------------------------------------------------
// What the map says
// ---------------------------------------------------------------------------------------------

interface Listed {
  readonly name: string
  readonly isToCome: boolean
}

/** The lines of the form "- layer: `A` · `B` (to come)", in the order in which one reads them. */
const order: ReadonlyArray<Listed> = read("src/README.md").split("\n")
  .filter((line) => /^- \w+: /.test(line))
  .flatMap((line) => [...line.matchAll(/`([^`]+)`( \(to come\))?/g)])
  .map(([, name, toCome]) => ({ name: name ?? "", isToCome: toCome !== undefined }))

const position = (name: string): number => order.findIndex((listed) => listed.name === name)

const targetOf = ({ from, to }: Import): string =>
  relative("src", join(dirname(from.path), to)).replace(/\.ts$/, "")

const isAllowed = (from: string, to: string): boolean => {
  const isBefore = position(to) !== -1 && position(to) < position(from)
  const kit = kitOf(to)
  const mayUseKits = ["cli", "platform"].includes(kitOf(from) ?? "")
  return isBefore && (kit === undefined || kit === kitOf(from) || mayUseKits)
}

// ---------------------------------------------------------------------------------------------
// The rules
// ---------------------------------------------------------------------------------------------

it("the map lists each module once, and none that is not there", () => {
  const listed = order.map(({ name }) => name)
  const there = modules.map(({ name }) => name)
  const named = (toCome: boolean) =>
    order.filter(({ isToCome }) => isToCome === toCome).map(({ name }) => name)
  assert.isNotEmpty(modules)
  assert.deepStrictEqual(listed.filter((name, index) => listed.indexOf(name) < index), [], "twice")
  assert.deepStrictEqual(there.filter((name) => !listed.includes(name)), [], "not in the map")
  assert.deepStrictEqual(named(false).filter((name) => !there.includes(name)), [], "not in src")
  assert.deepStrictEqual(named(true).filter((name) => there.includes(name)), [], "no more to come")
})

it("a module imports only from those before it in the map, and a kit from no other kit", () => {
  const internal = imports.filter(isInternal)
  const wrong = internal.filter((each) => !isAllowed(each.from.name, targetOf(each)))
  assert.isNotEmpty(internal)
  assert.deepStrictEqual(wrong.map(({ at, to }) => `${at} imports ${to}`), [])
})

it("only the platform folders import anything but Effect, and two kits its cluster", () => {
  const isEffect = /^effect(\/|$)/
  const isCluster = /^effect\/(cluster|workflow)(\/|$)/
  const external = imports.filter((each) => !isInternal(each))
  const wrong = external.filter(({ from, to }) => {
    if (isCluster.test(to)) return !["cluster", "durable"].includes(kitOf(from.name) ?? "")
    return !isEffect.test(to) && !usesPlatform(from)
  })
  assert.isNotEmpty(external)
  assert.deepStrictEqual(wrong.map(({ at, to }) => `${at} imports ${to}`), [])
})

it("all of the core is compiled without any platform", () => {
  const { options, paths } = coreProject()
  assert.isNotEmpty(core)
  assert.deepStrictEqual(options.lib, ["lib.esnext.d.ts"])
  assert.deepStrictEqual(options.types, [])
  assert.deepStrictEqual(paths.toSorted(), core.map(({ path }) => path).toSorted())
})

it("the core asks services for time and chance", () => {
  const forbidden = new Set(["Date.now", "Math.random", "performance.now"])
  const isForbidden = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node) && forbidden.has(node.getText())) ||
    ((ts.isNewExpression(node) || ts.isCallExpression(node)) &&
      node.expression.getText() === "Date")
  const wrong = core.flatMap((module) =>
    [...descendants(module.source)].filter(isForbidden).map((node) => place(module, node))
  )
  assert.isNotEmpty(core)
  assert.deepStrictEqual(wrong, [])
})

it("no file is named after nothing in particular", () => {
  const vague = /^(utils?|helpers?|common|misc|managers?|.+Manager|.+Utils?|.+Helpers?)\./i
  const files = ["src", "test", "scripts"].flatMap(filesIn)
  assert.isNotEmpty(files)
  assert.deepStrictEqual(files.filter((path) => vague.test(basename(path))), [])
})

it("no module is longer than 450 lines of code", () => {
  const long = modules
    .map(({ name, source }) => ({ name, lines: linesOfCode(source) }))
    .filter(({ lines }) => lines > 450)
  assert.isNotEmpty(modules)
  assert.deepStrictEqual(long, [])
})

it("every public name says in a sentence what it is", () => {
  const names = publicNames()
  const silent = names.filter(({ documentation }) => !/\w.*[.!?:]/s.test(documentation))
  assert.isNotEmpty(names)
  assert.deepStrictEqual(silent.map(({ name }) => name), [])
})

it("npm and Deno are told the same", () => {
  const npm = JSON.parse(read("package.json"))
  const deno = JSON.parse(read("deno.json"))
  assert.deepStrictEqual(deno.exports, npm.exports)
  assert.strictEqual(deno.version, npm.version)
  assert.strictEqual(deno.license, npm.license)
  assert.strictEqual(deno.imports.effect, `npm:effect@${npm.dependencies.effect}`)
  assert.strictEqual(deno.imports["effect/"], `npm:/effect@${npm.dependencies.effect}/`)
})

// ---------------------------------------------------------------------------------------------
// How they are measured
// ---------------------------------------------------------------------------------------------

const coreProject = () => {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => assert.fail(String(messageText))
  }
  const project = ts.getParsedCommandLineOfConfigFile(join(root, "tsconfig.core.json"), {}, host)
  assert.isDefined(project)
  const { fileNames, options } = project
  return { fileNames, options, paths: fileNames.map((file) => relative(root, file)) }
}

/** Lines on which code begins or ends: blank lines and comments are free. */
const linesOfCode = (source: ts.SourceFile): number => {
  const lineAt = (offset: number) => source.getLineAndCharacterOfPosition(offset).line
  return new Set(
    source.statements.flatMap((statement) => [...descendants(statement)])
      .flatMap((node) => [lineAt(node.getStart(source)), lineAt(node.getEnd())])
  ).size
}

/** What users can name: the exports of the entry points, and those of the namespaces among them. */
const publicNames = () => {
  const { fileNames, options } = coreProject()
  const program = ts.createProgram(fileNames, options)
  const checker = program.getTypeChecker()

  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  const namesIn = (
    module: ts.Symbol,
    prefix: string
  ): Array<{ name: string; documentation: string }> =>
    checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol = resolved(exported)
      const name = `${prefix}${exported.name}`
      if (symbol.flags & ts.SymbolFlags.ValueModule) return namesIn(symbol, `${name}.`)
      const documentation = ts.displayPartsToString(symbol.getDocumentationComment(checker))
      return [{ name, documentation }]
    })

  const entries = Object.values<string>(JSON.parse(read("package.json")).exports)
  return entries.flatMap((entry) => {
    const source = program.getSourceFile(join(root, entry))
    const module = source && checker.getSymbolAtLocation(source)
    assert.isDefined(module, `${entry} exports nothing`)
    return namesIn(module, "")
  })
}
