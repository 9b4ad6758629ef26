/**
 * What the declarations say of a thing.
 */
import * as ts from "typescript"

/** The documentation of a symbol, or of what it stands for: a module's is at its head. */
export const documentationOf = (checker: ts.TypeChecker, symbol: ts.Symbol): string => {
  const own = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  if (own !== "") return own
  if (symbol.flags & ts.SymbolFlags.Alias) {
    return documentationOf(checker, checker.getAliasedSymbol(symbol))
  }
  const [declaration] = symbol.declarations ?? []
  if (declaration === undefined || !ts.isSourceFile(declaration)) return ""
  return /^\/\*\* (.*?) \*\/\n/.exec(declaration.text)?.[1] ?? ""
}
