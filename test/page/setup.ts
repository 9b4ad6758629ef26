/**
 * Builds the playground once for all tests of the page, and the page with a sandbox alone, and serves
 * both.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { build, type InlineConfig, preview } from "vite"
import type { TestProject } from "vitest/node"
import { sandbox } from "../../playground/build/sandbox.ts"
import { installChromium } from "../../scripts/chromium.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the built page is served, with a slash at the end. */
    readonly address: string
    /** The folder that it was built into. */
    readonly builtFolder: string
    /** Where the page with a sandbox alone is served. */
    readonly sandboxAddress: string
  }
}

/** Builds a page and serves it; gives where it is, and what ends that. */
const serve = async (settings: InlineConfig) => {
  const outDir = mkdtempSync(join(tmpdir(), "signalbox-page-"))
  const built = { logLevel: "error", ...settings, build: { outDir } } as const
  await build(built)
  const server = await preview({ ...built, preview: { host: "127.0.0.1", port: 0 } })
  const address = server.resolvedUrls?.local[0]
  if (address === undefined) throw new Error("The page is served nowhere")
  const end = async (): Promise<void> => {
    await server.close()
    rmSync(outDir, { recursive: true, force: true })
  }
  return { address, end, outDir }
}

const playground = resolve(import.meta.dirname, "../../playground")

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  // As it is for everybody: Vite takes the environment of tests for one of development.
  process.env["NODE_ENV"] = "production"
  const [page, sandboxPage] = await Promise.all([
    serve({ root: playground, configFile: join(playground, "vite.config.ts") }),
    serve({
      root: join(import.meta.dirname, "sandbox"),
      configFile: false,
      base: "./",
      plugins: [sandbox()]
    }),
    installChromium()
  ])
  provide("address", page.address)
  provide("builtFolder", page.outDir)
  provide("sandboxAddress", sandboxPage.address)
  return async () => {
    await page.end()
    await sandboxPage.end()
  }
}
