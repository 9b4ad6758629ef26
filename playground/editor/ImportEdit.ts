/**
 * How a name gets into the imports of a program.
 */

/** A text that is put in at a place, or in place of what is there. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** The edit that imports a name from a module; nothing if it is imported already. */
export const importEdit = (text: string, name: string, module: string): TextEdit | undefined => {
  const statements = [...text.matchAll(/^import\s+([^"';]*?)\s*from\s*["']([^"'\n]+)["'][^\n]*$/gm)]
  const same = statements.filter(([, clause = "", from]) => from === module && isList(clause))
  for (const { 0: statement, 1: clause = "", index } of same) {
    const names = clause.slice(1, -1).split(",").map((each) => each.trim()).filter((each) => each)
    if (names.includes(name)) return undefined
    const from = index + statement.indexOf(clause)
    return { from, to: from + clause.length, insert: listOf(withName(names, name), clause) }
  }
  const statement = `import { ${name} } from ${JSON.stringify(module)}\n`
  const following = statements.find(([, , from = ""]) => from > module) ?? undefined
  if (following !== undefined) {
    return { from: following.index, to: following.index, insert: statement }
  }
  const last = statements.at(-1)
  const at = last === undefined ? headEnd(text) : last.index + last[0].length + 1
  return at > text.length
    ? { from: text.length, to: text.length, insert: `\n${statement}` }
    : { from: at, to: at, insert: statement }
}

const isList = (clause: string): boolean => /^\{[^}]*\}$/.test(clause)

/** In its place if the names are in order, otherwise last. */
const withName = (names: ReadonlyArray<string>, name: string): ReadonlyArray<string> => {
  const key = (each: string): string => each.replace(/^type\s+/, "").toLowerCase()
  const isSorted = names.every((each, at) => at === 0 || key(names[at - 1]!) <= key(each))
  const at = names.findIndex((each) => key(each) > key(name))
  return isSorted && at !== -1 ? names.toSpliced(at, 0, name) : [...names, name]
}

const listOf = (names: ReadonlyArray<string>, before: string): string =>
  before.includes("\n") ? `{\n  ${names.join(",\n  ")}\n}` : `{ ${names.join(", ")} }`

/** After the comment that a file begins with. */
const headEnd = (text: string): number => /^\s*\/\*\*[^]*?\*\/\s*\n/.exec(text)?.[0].length ?? 0
