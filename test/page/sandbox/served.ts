/**
 * The page with a sandbox and nothing else, which is served beside the playground.
 */
import type { Page } from "playwright-core"
import { inject } from "vitest"
import { newPage, type OpenOptions, share } from "../page.ts"
import type { Outcome, TestPage } from "./main.ts"

type Files = Readonly<Record<string, string>>

const openPage = async (options: OpenOptions): Promise<Page> => {
  const page = await newPage({ expected: /^/, ...options })
  await page.goto(inject("sandboxAddress"))
  await rest(page)
  return page
}

const rest = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as unknown as Window).testPage.ready())

const shared = share(openPage)

/** The page that the tests of a file share, or one of its own for a test. */
export const openSandbox = async ({ isShared = true } = {}) => {
  const page = await (isShared ? shared() : openPage({}))
  return {
    page,
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
    rest: () => rest(page)
  }
}

interface Window {
  readonly testPage: TestPage
}

const filesOf = (program: string | Files): Files =>
  typeof program === "string" ? { "flow.ts": program } : program
