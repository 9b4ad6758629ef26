/**
 * What is expected of definitions, in the words of this engine: recorded texts name things of Python
 * and of another API.
 *
 * @module
 */
import type { BuildReport } from "./buildCase.ts"
import type { BuildCase, Json } from "./corpus.ts"
import { translatePrinted } from "./printed.ts"

/** Recorded names, and what stands for them here. */
const names: ReadonlyArray<readonly [recorded: RegExp, here: string]> = [
  [/datetime\.timedelta /g, ""],
  [/\bmax_retries\b/g, "maxRetries"],
  [/\bretry_delay\b/g, "retryDelay"],
  [/\bretry_on\b/g, "retryOn"],
  [/\bcache_validator\b/g, "cacheValidator"],
  [/\bcache_for\b/g, "cacheFor"],
  [/Expected an exception type/, "Expected an error class"],
  [/Expected an exception subclass/, "Expected an error class"],
  [/of type <class 'int'>/, "of type number"],
  [/<class 'int'>/, "5"],
  [/^state_handlers should be iterable\.$/, "handlers must be a list"],
  [/^Tasks must be Task instances \(received 5\)$/, "its body must yield* calls of tasks"],
  [/ If you are trying to call the task again with new arguments, call Task\.copy\(\) .*$/, ""]
]

/** A recorded text in the words of this engine. */
export const translateText = (text: string): string =>
  names.reduce((text, [recorded, here]) => text.replace(recorded, here), translatePrinted(text))

/** What a case expects; which class of errors is raised where is this engine's own affair. */
export const expectedBuild = ({ error, warnings, ...rest }: BuildCase["expected"]): BuildReport => {
  const refused = error as { readonly op: number; readonly message: string } | null
  return {
    ...rest,
    error: refused === null ? null : { op: refused.op, message: translateText(refused.message) },
    ...(warnings === undefined
      ? {}
      : { warnings: (warnings as ReadonlyArray<string>).map(translateText) })
  } as BuildReport & Readonly<Record<string, Json>>
}
