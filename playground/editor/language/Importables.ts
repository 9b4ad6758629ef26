/**
 * What a program could import by a name: proposed where the name is written, before it is imported.
 */
import type * as ts from "typescript"
import type { Explanation, Proposal } from "./Answers.ts"
import type { Compiler } from "./Compiler.ts"
import { documentationOf } from "./Documentation.ts"

/** The modules whose exports are proposed; what two of them export comes from the first. */
const sources = ["signalbox", "signalbox/testing", "effect"]

/** The order of what is known everywhere, as the compiler gives it. */
const globals = "15"

/** Knows the exports of the modules that are imported most. */
export class Importables {
  private readonly compiler: Compiler
  private found: ReadonlyMap<string, { proposal: Proposal; documentation: string }> | undefined

  constructor(compiler: Compiler) {
    this.compiler = compiler
  }

  /** Those whose names mean nothing yet, or only what the language itself means by them. */
  notAmong(proposals: ReadonlyArray<Proposal>): ReadonlyArray<Proposal> {
    const known = new Set(proposals.filter(({ order }) => order < globals).map(({ name }) => name))
    return [...this.all().values()].map(({ proposal }) => proposal)
      .filter(({ name }) => !known.has(name))
  }

  explain({ module = "", name }: Proposal): Explanation {
    const documentation = this.all().get(name)?.documentation ?? ""
    return {
      from: 0,
      to: 0,
      signature: `import { ${name} } from ${JSON.stringify(module)}`,
      documentation
    }
  }

  private all() {
    return this.found ??= this.find()
  }

  private find() {
    const program = this.compiler.service.getProgram()
    const checker = program?.getTypeChecker()
    const found = new Map<string, { proposal: Proposal; documentation: string }>()
    if (program === undefined || checker === undefined) return found
    for (const module of sources) {
      const source = program.getSourceFile(this.compiler.entryOf(module) ?? "")
      const symbol = source && checker.getSymbolAtLocation(source)
      for (const each of symbol === undefined ? [] : checker.getExportsOfModule(symbol)) {
        if (found.has(each.name)) continue
        const documentation = documentationOf(checker, each)
        found.set(each.name, { proposal: proposalOf(module, each), documentation })
      }
    }
    return found
  }
}

const proposalOf = (module: string, symbol: ts.Symbol): Proposal => ({
  name: symbol.name,
  kind: /^[A-Z]/.test(symbol.name) ? "module" : "function",
  order: `${globals}~`,
  module
})
