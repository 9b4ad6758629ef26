/**
 * The Chromium that browser tests run in. It comes from npm, so that every machine has the same one.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

const modules = resolve(import.meta.dirname, "../node_modules")
const { version } = JSON.parse(
  readFileSync(join(modules, "@sparticuz/chromium/package.json"), "utf8")
) as { readonly version: string }
const unpacked = join(modules, ".cache", `chromium-${version}`)

/** `CHROMIUM_PATH` names another Chromium, on machines that the packaged one is not built for. */
export const chromiumPath: string = process.env["CHROMIUM_PATH"] ?? join(unpacked, "chromium")

export const chromiumFlags: ReadonlyArray<string> = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** Makes sure that there is a Chromium at `chromiumPath`. */
export const installChromium = async (): Promise<void> => {
  if (existsSync(chromiumPath)) return
  if (process.env["CHROMIUM_PATH"] !== undefined) {
    throw new Error(`CHROMIUM_PATH names no file: ${chromiumPath}`)
  }
  await unpack()
}

/**
 * The package unpacks into the temporary folder and trusts any file it finds there, even one half
 * written. Unpacking beside the target and renaming leaves either nothing or all of it.
 */
const unpack = async (): Promise<void> => {
  mkdirSync(dirname(unpacked), { recursive: true })
  const staging = mkdtempSync(`${unpacked}-`)
  const temporary = process.env["TMPDIR"]
  try {
    process.env["TMPDIR"] = staging
    const { default: chromium } = await import("@sparticuz/chromium")
    await chromium.executablePath()
    if (!existsSync(unpacked)) renameSync(staging, unpacked)
  } finally {
    // Assigning `undefined` would set it to that word.
    if (temporary === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = temporary
    rmSync(staging, { recursive: true, force: true })
  }
}
