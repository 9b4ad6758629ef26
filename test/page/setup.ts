/**
 * Builds the playground once for all tests of the page, and serves it.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { build, preview } from "vite"
import type { TestProject } from "vitest/node"
import { installChromium } from "../../scripts/chromium.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the built page is served, with a slash at the end. */
    readonly address: string
    /** The folder that it was built into. */
    readonly builtFolder: string
  }
}

const root = resolve(import.meta.dirname, "../../playground")

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const outDir = mkdtempSync(join(tmpdir(), "signalbox-page-"))
  const settings = { root, configFile: join(root, "vite.config.ts"), logLevel: "error" } as const
  await Promise.all([installChromium(), build({ ...settings, build: { outDir } })])
  const server = await preview({
    ...settings,
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 }
  })
  const address = server.resolvedUrls?.local[0]
  if (address === undefined) throw new Error("The page is served nowhere")
  provide("address", address)
  provide("builtFolder", outDir)
  return async () => {
    await server.close()
    rmSync(outDir, { recursive: true, force: true })
  }
}
