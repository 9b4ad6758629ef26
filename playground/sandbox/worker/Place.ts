/**
 * Where in the files of a program something went wrong.
 */
import type { Problem, SourceFile } from "../../Store.ts"
import { maxMessageLength } from "../Protocol.ts"
import { ProgramProblem } from "./Transpile.ts"

type Place = Pick<Problem, "file" | "line">

const nowhere: Place = { file: undefined, line: undefined }

/** The first place of a stack that is in one of the files. */
export const placeIn = (stack: string, files: ReadonlyArray<SourceFile>): Place => {
  for (const [, file, line] of stack.matchAll(/(?:^|[\s(@])([^\s():@]+):(\d+):\d+/g)) {
    if (files.some(({ name }) => name === file)) return { file, line: Number(line) }
  }
  return nowhere
}

/** What people are told of something that was thrown while a program was loaded or run. */
export const problemOf = (thrown: unknown, files: ReadonlyArray<SourceFile>): Problem => {
  if (thrown instanceof ProgramProblem) return thrown.problem
  if (!(thrown instanceof Error)) {
    return { message: `The program threw what is no error: ${cut(print(thrown))}`, ...nowhere }
  }
  const { message, name, stack = "" } = thrown
  const isNamed = name === "Error" || name === "ProgramError"
  return { message: cut(isNamed ? message : `${name}: ${message}`), ...placeIn(stack, files) }
}

/** What people are told of the reason with which a run ended, which has its stack below it. */
export const problemFrom = (reason: string, files: ReadonlyArray<SourceFile>): Problem => ({
  message: cut(reason.split(/\n\s+at /, 1)[0]!),
  ...placeIn(reason, files)
})

const cut = (text: string): string =>
  text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength)}…`

const print = (value: unknown): string => {
  try {
    return typeof value === "object" ? JSON.stringify(value) : String(value)
  } catch {
    return "something that cannot be printed"
  }
}
