/**
 * From a file as people write it to what a worker can run: without types, and with `require` for
 * `import`. Lines stay where they are.
 */
import { transform } from "sucrase"
import type { Problem, SourceFile } from "../../Store.ts"

/** A file that can be run. */
export interface Transpiled {
  readonly name: string
  readonly code: string
  /** What it imports, as it says it. */
  readonly imports: ReadonlyArray<string>
}

/** Something is wrong with the program, at a place in one of its files if that is known. */
export class ProgramProblem extends Error {
  override readonly name = "ProgramProblem"
  readonly problem: Problem

  constructor(message: string, file?: string, line?: number) {
    super(message)
    this.problem = { message, file, line }
  }
}

/** Removes the types of a file and turns its imports into calls. */
export const transpile = ({ name, text }: SourceFile): Transpiled => {
  const code = removeTypes(name, text)
  const imports = new Set<string>()
  for (const [, , specifier] of code.matchAll(/\brequire\(\s*(['"])([^'"\n]+)\1\s*\)/g)) {
    imports.add(specifier!)
  }
  return { name, code, imports: [...imports] }
}

const removeTypes = (name: string, text: string): string => {
  try {
    return transform(text, {
      transforms: ["typescript", "imports"],
      disableESTransforms: true,
      production: true
    }).code
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, reason = message, line] = /^(?:Error transforming .*?: )?(.*) \((\d+):\d+\)$/s
      .exec(message) ?? []
    throw new ProgramProblem(
      `Cannot read ${name}${line === undefined ? "" : ` at line ${line}`}: ${reason}`,
      name,
      line === undefined ? undefined : Number(line)
    )
  }
}
