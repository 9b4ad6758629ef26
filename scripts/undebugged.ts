/**
 * Measures in a browser that nobody debugs: whatever drives a browser is a debugger to it, and with
 * one each error that a program makes takes several times as long.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { text } from "node:stream/consumers"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromiumFlags, chromiumPath } from "./chromium.ts"
import { serveGzip } from "./gzip_server.ts"

const patience = 60_000

/** The page of a folder, and what is beside it. */
interface Place {
  readonly folder: string
  /** What follows the address of the page. */
  readonly hash?: string
  /** Texts that the page can fetch, by their paths. */
  readonly texts?: Readonly<Record<string, string>>
}

/** What a function gives that is called in a page; it can use nothing from around it. */
export const evaluateUndebugged = async <A>(
  { folder, hash = "", texts = {} }: Place,
  measure: () => Promise<A>
): Promise<A> => {
  const told = Promise.withResolvers<A>()
  const script = `(${measure})().then((value) => ({ value }), (error) => ({ error: String(error) }))
    .then((told) => fetch("told", { method: "POST", body: JSON.stringify(told) }))`
  const beside = Object.entries(texts).map(([path, text]) => [path, () => text] as const)
  const server = await serveGzip(folder, {
    ...Object.fromEntries(beside),
    "/": (page) => page.replace("</body>", '<script src="measure.js"></script></body>'),
    "/measure.js": () => script,
    "/told": async (_, request) => {
      const { error, value } = JSON.parse(await text(request))
      if (error === undefined) told.resolve(value)
      else told.reject(new Error(`The page could not be measured: ${error}`))
      return ""
    }
  })
  const profile = mkdtempSync(join(tmpdir(), "signalbox-profile-"))
  const flags = [...chromiumFlags, "--window-size=1440,900", `--user-data-dir=${profile}`]
  const browser = spawn(chromiumPath, [...flags, `${server.address}#${hash}`], { stdio: "ignore" })
  const late = setTimeout(() => {
    told.reject(new Error("The page has told nothing for a minute"))
  }, patience)
  try {
    return await told.promise
  } finally {
    clearTimeout(late)
    const ended = new Promise((resolve) => browser.once("close", resolve))
    browser.kill("SIGKILL")
    await ended
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
