/**
 * A Vite plugin that makes a module out of TypeScript's one big script, so that a bundler can leave
 * out what the editor does not use: emitting, refactoring, and the server.
 */
import { dirname, join } from "node:path"
import { createRequire } from "node:module"
import type { Plugin } from "vite"

const require = createRequire(import.meta.url)

/** Where TypeScript is: the package `typescript` only names another one. */
const script = join(dirname(require.resolve("@typescript/old/package.json")), "lib/typescript.js")

/** Makes `typescript` a module of which as little as possible is loaded. */
export const smallCompiler = (): Plugin => ({
  name: "signalbox:small-compiler",
  enforce: "pre",
  resolveId: (source) => source === "typescript" ? script : undefined,
  transform: (code, id) => id === script ? { code: asModule(code), map: null } : undefined
})

/** What comes from here on is the server. */
const serverStart = "// src/server/_namespaces/ts.ts\n"

const asModule = (code: string): string => {
  const body = between(code, '"use strict";\n', "// src/typescript/typescript.ts\n") +
    between(code, "module.exports = __toCommonJS(typescript_exports);\n", serverStart)
  return replaceFunctions(lazyNamespaces(unregistered(withoutKeys(body)))) + exportsOf(code, body)
}

/** What stands between two texts that must be there. */
const between = (code: string, from: string, to: string): string => {
  const start = code.indexOf(from)
  const end = code.indexOf(to, start)
  if (start === -1 || end === -1) {
    throw new Error(`Cannot make a module of TypeScript: it has no "${start === -1 ? from : to}"`)
  }
  return code.slice(start + from.length, end)
}

/** What the script exports, as far as it is there: `name: () => value`. */
const exportsOf = (code: string, body: string): string => {
  const declared = new Set(
    [...body.matchAll(/^(?:var|let|const|class|function\*?|async function) (\w+)/gm)]
      .map(([, name]) => name)
  )
  const list = between(code, "__export(typescript_exports, {\n", "\n});")
  const names = [...list.matchAll(/^ {2}(\w+): \(\) => (\w+),?$/gm)]
    .filter(([, , value]) => declared.has(value))
  return `\nexport { ${names.map(([, name, value]) => `${value} as ${name}`).join(", ")} }\n`
}

/** The keys of messages are for translations only. */
const withoutKeys = (code: string): string =>
  code.replace(/(: diag\(\d+, \d[^"]*?, )"\w+"/g, '$1""')

/** What offers corrections and refactorings is left out, as nobody asks for them. */
const unregistered = (code: string): string =>
  code.replace(/^register(CodeFix|Refactor)\(/gm, "/* @__PURE__ */ register$1(")

/** A namespace is made only if something refers to it. */
const lazyNamespaces = (code: string): string =>
  code.replace(
    /^var (\w+) = \{\};\n__export\(\1, \{/gm,
    "var $1 = /* @__PURE__ */ __namespace({"
  ) + "\nfunction __namespace(all) { const made = {}; __export(made, all); return made }\n"

/** What the editor never does, in short. */
const shortened: Readonly<Record<string, string>> = {
  emitFiles: "return { diagnostics: [], emitSkipped: true }",
  getDeclarationTransformers: "return []",
  getEncodedSyntacticClassifications: "return { endOfLineState: 0, spans: [] }",
  getScriptTransformers: "return []",
  mapCode: "return []",
  provideInlayHints: "return []",
  spanInSourceFileAtLocation: "return undefined",
  isNodeLikeSystem: "return false"
}

const replaceFunctions = (code: string): string =>
  Object.entries(shortened).reduce((result, [name, body]) => {
    const start = result.indexOf(`\nfunction ${name}(`)
    const bodyStart = result.indexOf(") {\n", start) + 4
    const end = result.indexOf("\n}\n", start)
    if (start === -1) throw new Error(`Cannot make a module of TypeScript: it has no "${name}"`)
    return result.slice(0, bodyStart) + body + result.slice(end)
  }, code)
