/**
 * Answers what an editor asks about a program, with what the compiler knows.
 */
import * as ts from "typescript"
import type {
  CallSignature,
  Definition,
  Edit,
  Explanation,
  Finding,
  Language,
  Proposal,
  Proposals
} from "./Answers.ts"
import { type Compiler, nameOf, pathOf } from "./Compiler.ts"
import { documentationOf } from "./Documentation.ts"
import { Importables } from "./Importables.ts"

/** Makes what answers from the files that a compiler has at that time. */
export const makeLanguage = (compiler: Compiler): Language => {
  const { service } = compiler
  const importables = new Importables(compiler)
  return {
    problems: () => compiler.names().flatMap((name) => problemsIn(service, name)),
    proposals: (file, at) => proposalsAt(compiler, importables, file, at),
    explainProposal: (file, at, proposal) =>
      proposal.module === undefined
        ? explainedProposal(service, file, at, proposal)
        : importables.explain(proposal),
    explain: (file, at) => explanationAt(service, file, at),
    callSignature: (file, at) => callSignatureAt(service, file, at),
    definition: (file, at) => definitionAt(compiler, file, at),
    renameFile: (file, name) => editsOfRenaming(service, file, name)
  }
}

// -----------------------------------------------------------------------------
// Problems
// -----------------------------------------------------------------------------

const problemsIn = (service: ts.LanguageService, name: string): ReadonlyArray<Finding> => {
  const path = pathOf(name)
  const findings = (isSyntax: boolean, diagnostics: ReadonlyArray<ts.Diagnostic>) =>
    diagnostics.map((diagnostic) => findingOf(name, isSyntax, diagnostic))
  return [
    ...findings(true, service.getSyntacticDiagnostics(path)),
    ...findings(false, service.getSemanticDiagnostics(path)),
    ...findings(
      false,
      service.getSuggestionDiagnostics(path).filter((each) =>
        each.reportsUnnecessary !== undefined || each.reportsDeprecated !== undefined
      )
    )
  ]
}

const findingOf = (file: string, isSyntax: boolean, diagnostic: ts.Diagnostic): Finding => ({
  file,
  from: diagnostic.start ?? 0,
  to: (diagnostic.start ?? 0) + (diagnostic.length ?? 0),
  severity: severities[diagnostic.category],
  isSyntax,
  isUnused: diagnostic.reportsUnnecessary !== undefined,
  isDeprecated: diagnostic.reportsDeprecated !== undefined,
  code: diagnostic.code,
  message: ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")
})

const severities = {
  [ts.DiagnosticCategory.Error]: "error",
  [ts.DiagnosticCategory.Warning]: "warning",
  [ts.DiagnosticCategory.Suggestion]: "hint",
  [ts.DiagnosticCategory.Message]: "hint"
} as const

// -----------------------------------------------------------------------------
// Proposals
// -----------------------------------------------------------------------------

const preferences: ts.UserPreferences = {
  includeCompletionsWithInsertText: true,
  includeAutomaticOptionalChainCompletions: true,
  quotePreference: "double"
}

const proposalsAt = (
  compiler: Compiler,
  importables: Importables,
  file: string,
  at: number
): Proposals | undefined => {
  const text = compiler.textAt(pathOf(file)) ?? ""
  const specifier = specifierBefore(text, at)
  if (specifier !== undefined) {
    return { from: at - specifier.length, proposals: modulesFor(compiler, file) }
  }
  const found = compiler.service.getCompletionsAtPosition(pathOf(file), at, preferences)
  if (found === undefined) return undefined
  const proposals = found.entries.map(proposalOf)
  if (found.isGlobalCompletion) proposals.push(...importables.notAmong(proposals))
  return { from: found.optionalReplacementSpan?.start ?? wordStart(text, at), proposals }
}

const proposalOf = (entry: ts.CompletionEntry): Proposal => {
  const insert = entry.insertText ?? entry.name
  return {
    name: entry.name,
    kind: entry.kind,
    order: entry.sortText,
    ...insert === entry.name ? {} : { insert },
    ...entry.replacementSpan === undefined ? {} : { from: entry.replacementSpan.start },
    ...entry.kindModifiers?.includes("deprecated") === true ? { isDeprecated: true } : {}
  }
}

/** What is written so far of the name of a module to import. */
const specifierBefore = (text: string, at: number): string | undefined => {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at)
  return /(?:\bfrom|^\s*import|\bimport\()\s*["']([^"']*)$/.exec(line)?.[1]
}

/** The modules of the last layer are known, but cannot be run here. */
const modulesFor = (compiler: Compiler, file: string): ReadonlyArray<Proposal> => {
  const own = compiler.names().filter((name) => name !== file).map((name) => `./${name}`)
  const modules = Object.keys(compiler.modules).filter((name) => compiler.modules[name]! < 2)
  return [...own, ...modules].map((name) => ({
    name,
    kind: "module",
    order: String(name.split("/").length)
  }))
}

const wordStart = (text: string, at: number): number =>
  at - (/[\w$#]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0].length ?? 0)

const explainedProposal = (
  service: ts.LanguageService,
  file: string,
  at: number,
  { name }: Proposal
): Explanation | undefined => {
  const details = service
    .getCompletionEntryDetails(pathOf(file), at, name, {}, undefined, preferences, undefined)
  const symbol = service.getCompletionEntrySymbol(pathOf(file), at, name, undefined)
  const checker = service.getProgram()?.getTypeChecker()
  return details && {
    from: at,
    to: at,
    signature: ts.displayPartsToString(details.displayParts),
    documentation: ts.displayPartsToString(details.documentation) ||
      (symbol && checker ? documentationOf(checker, symbol) : "")
  }
}

// -----------------------------------------------------------------------------
// Explanations
// -----------------------------------------------------------------------------

const explanationAt = (
  service: ts.LanguageService,
  file: string,
  at: number
): Explanation | undefined => {
  const info = service.getQuickInfoAtPosition(pathOf(file), at)
  return info && {
    from: info.textSpan.start,
    to: info.textSpan.start + info.textSpan.length,
    signature: ts.displayPartsToString(info.displayParts),
    documentation: ts.displayPartsToString(info.documentation) || documentedAt(service, file, at)
  }
}

/** The declarations say a thing once only, before the first of several signatures. */
const documentedAt = (service: ts.LanguageService, file: string, at: number): string => {
  const program = service.getProgram()
  const source = program?.getSourceFile(pathOf(file))
  if (program === undefined || source === undefined) return ""
  const checker = program.getTypeChecker()
  const symbol = checker.getSymbolAtLocation(innermost(source, at))
  return symbol === undefined ? "" : documentationOf(checker, symbol)
}

const innermost = (node: ts.Node, at: number): ts.Node =>
  ts.forEachChild(
    node,
    (child) => child.pos <= at && at < child.end ? innermost(child, at) : undefined
  ) ?? node

const callSignatureAt = (
  service: ts.LanguageService,
  file: string,
  at: number
): CallSignature | undefined => {
  const help = service.getSignatureHelpItems(pathOf(file), at, undefined)
  const item = help?.items[help.selectedItemIndex]
  if (help === undefined || item === undefined) return undefined
  const text = ts.displayPartsToString
  const separator = text(item.separatorDisplayParts)
  let signature = text(item.prefixDisplayParts)
  let argument: CallSignature["argument"]
  for (const [index, parameter] of item.parameters.entries()) {
    if (index > 0) signature += separator
    const start = signature.length
    signature += text(parameter.displayParts)
    if (index === Math.min(help.argumentIndex, item.parameters.length - 1)) {
      argument = [start, signature.length]
    }
  }
  return {
    from: help.applicableSpan.start,
    signature: signature + text(item.suffixDisplayParts),
    argument,
    documentation: text(item.documentation)
  }
}

// -----------------------------------------------------------------------------
// Places
// -----------------------------------------------------------------------------

const definitionAt = (compiler: Compiler, file: string, at: number): Definition | undefined => {
  const [found] = compiler.service.getDefinitionAtPosition(pathOf(file), at) ?? []
  if (found === undefined) return undefined
  const { fileName, name, textSpan: { length, start } } = found
  const isOwn = compiler.names().includes(nameOf(fileName))
  return {
    file: isOwn ? nameOf(fileName) : fileName,
    from: start,
    to: start + length,
    name,
    text: isOwn ? undefined : compiler.textAt(fileName)
  }
}

const editsOfRenaming = (
  service: ts.LanguageService,
  file: string,
  name: string
): ReadonlyArray<Edit> =>
  service.getEditsForFileRename(pathOf(file), pathOf(name), {}, preferences)
    .flatMap(({ fileName, textChanges }) =>
      textChanges.map(({ newText, span }) => ({
        file: nameOf(fileName),
        from: span.start,
        to: span.start + span.length,
        text: newText
      }))
    )
