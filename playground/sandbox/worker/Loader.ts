/**
 * Loads the files of a program: each becomes a function, whose parameters hide the globals of the
 * worker behind those of the simulation.
 */
import { maxMessageLength } from "../Protocol.ts"
import type { Globals } from "./Globals.ts"
import * as Modules from "./Modules.ts"
import { ProgramProblem, type Transpiled } from "./Transpile.ts"

type Exports = Record<string, unknown>

/** The file that is run. */
export const entry = "flow.ts"

/** Evaluates a program and gives what its first file exports. */
export const load = async (
  files: ReadonlyArray<Transpiled>,
  globals: Globals
): Promise<Exports> => {
  const first = files.find(({ name }) => name === entry) ?? files[0]
  if (first === undefined) throw new ProgramProblem("Cannot run a program without files")
  const loader = new Loader(files, globals)
  await loader.evaluate(first)
  return loader.exportsOf(first)
}

class Loader {
  private readonly files: ReadonlyMap<string, Transpiled>
  private readonly globals: Globals
  private readonly begun = new Map<string, Exports>()

  constructor(files: ReadonlyArray<Transpiled>, globals: Globals) {
    this.files = new Map(files.map((file) => [file.name, file]))
    this.globals = globals
  }

  exportsOf({ name }: Transpiled): Exports {
    const known = this.begun.get(name)
    if (known !== undefined) return known
    const exports = {}
    this.begun.set(name, exports)
    return exports
  }

  /** Evaluates a file after those it imports, as far as they do not import it in turn. */
  async evaluate(file: Transpiled): Promise<void> {
    if (this.begun.has(file.name)) return
    const exports = this.exportsOf(file)
    for (const specifier of file.imports) {
      const imported = this.resolve(specifier, file)
      if (imported !== undefined) await this.evaluate(imported)
    }
    const body = functionOf(file, this.globals)
    await body((specifier) => this.require(specifier, file), exports)
  }

  private require(specifier: string, from: Transpiled): unknown {
    const file = this.resolve(specifier, from)
    if (file !== undefined) return this.exportsOf(file)
    const module = isRelative(specifier) ? undefined : Modules.find(specifier)
    if (module !== undefined) return module
    const own = [...this.files.keys()].filter((name) => name !== from.name)
    const names = [...Modules.known, ...own.map((name) => `./${name}`)]
    throw new Error(
      `Cannot import "${cut(specifier)}": there is no such module here; there are ` +
        `${names.join(", ")}, and modules such as effect/Effect`
    )
  }

  private resolve(specifier: string, { name }: Transpiled): Transpiled | undefined {
    if (!isRelative(specifier)) return undefined
    const parts = name.split("/").slice(0, -1)
    for (const part of specifier.split("/")) {
      if (part === "..") parts.pop()
      else if (part !== ".") parts.push(part)
    }
    const path = parts.join("/")
    return this.files.get(path) ?? this.files.get(`${path}.ts`) ??
      this.files.get(path.replace(/\.js$/, ".ts"))
  }
}

const isRelative = (specifier: string): boolean => /^\.\.?\//.test(specifier)

const cut = (text: string): string => text.slice(0, maxMessageLength / 4)

type Body = (require: (specifier: string) => unknown, exports: Exports) => Promise<void>

/**
 * The names are parameters of a function around the file's own, so that the file may declare the
 * same names itself. All of that is on its first line: lines stay where they are.
 */
const functionOf = ({ code, name }: Transpiled, { names, values }: Globals): Body => {
  const before = `(function(${
    names.join(",")
  }){return async function(require,exports){"use strict";`
  const text = `${before}${code}\n}})\n//# sourceURL=${name}`
  try {
    // Indirect, so that it sees nothing of this module.
    // oxlint-disable-next-line no-eval -- to evaluate programs is what this is for
    return (0, eval)(text)(...values) as Body
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const line = lineOf(error)
    throw new ProgramProblem(
      `Cannot read ${name}${line === undefined ? "" : ` at line ${line}`}: ${error.message}`,
      name,
      line
    )
  }
}

/** The engine knows the line of a syntax error, and tells it to nobody but who hears of errors. */
const lineOf = (error: SyntaxError): number | undefined => {
  let line: number | undefined
  const hear = (event: ErrorEvent): void => {
    if (event.error === error && event.lineno > 0) line = event.lineno
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  addEventListener("error", hear)
  reportError(error)
  removeEventListener("error", hear)
  return line
}
