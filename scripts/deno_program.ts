/** Where Deno itself is. */
import { resolve } from "node:path"
import { outputOf } from "./command.ts"

const root = resolve(import.meta.dirname, "..")

/** The path of Deno itself: what stands in `.bin` may be a wrapper, which passes no signal on. */
export const denoProgram = async (): Promise<string> => {
  // Asking for the version puts the program where it belongs, if it is not there yet.
  await outputOf(root, resolve(root, "node_modules/.bin/deno"), "--version")
  return resolve(root, "node_modules/deno/deno")
}
