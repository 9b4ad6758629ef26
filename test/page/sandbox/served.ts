/**
 * The page with a sandbox, built and served for one test file.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, preview, type PreviewServer } from "vite"
import { afterAll, assert, beforeAll } from "vitest"
import { sandbox } from "../../../playground/build/sandbox.ts"
import { newPage, type OpenOptions } from "../page.ts"
import type { Outcome, TestPage } from "./main.ts"

let outDir: string
let server: PreviewServer
let address: string

beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), "signalbox-sandbox-"))
  const settings = {
    root: import.meta.dirname,
    configFile: false,
    base: "./",
    logLevel: "error",
    build: { outDir }
  } as const
  await build({ ...settings, plugins: [sandbox()] })
  server = await preview({ ...settings, preview: { host: "127.0.0.1", port: 0 } })
  address = server.resolvedUrls?.local[0] ?? assert.fail("the page is served nowhere")
})

afterAll(async () => {
  await server.close()
  rmSync(outDir, { recursive: true, force: true })
})

type Files = Readonly<Record<string, string>>

/** A page whose sandbox is warm. */
export const openSandbox = async (options: OpenOptions = {}) => {
  const page = await newPage({ expected: /^/, ...options })
  await page.goto(address)
  const ready = () => page.evaluate(() => (globalThis as unknown as Window).testPage.ready)
  await ready()
  return {
    page,
    address,
    /** Runs a program of one file, or of several. */
    run: (
      program: string | Files,
      { faults = [], seed = 7, stopAfter }: {
        readonly seed?: number
        readonly faults?: ReadonlyArray<object>
        readonly stopAfter?: number
      } = {}
    ): Promise<Outcome> =>
      page.evaluate(
        ([files, seed, faults, stopAfter]) =>
          (globalThis as unknown as Window).testPage
            .run([files, seed, faults as never], stopAfter),
        [filesOf(program), seed, faults, stopAfter] as const
      ),
    shake: (program: string | Files, seeds: number, stopAt = seeds) =>
      page.evaluate(
        ([files, seeds, stopAt]) =>
          (globalThis as unknown as Window).testPage.shake([files], seeds, stopAt),
        [filesOf(program), seeds, stopAt] as const
      ),
    /** Waits until spare workers are warm again. */
    rest: () => page.waitForTimeout(1500)
  }
}

interface Window {
  readonly testPage: TestPage
}

const filesOf = (program: string | Files): Files =>
  typeof program === "string" ? { "flow.ts": program } : program
