/**
 * The built page in Chromium. A test fails, whatever else it checks, when a page of its own complains
 * on the console or asks any other server for anything.
 */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { afterAll, afterEach, assert, inject } from "vitest"
import { chromiumFlags, chromiumPath } from "../../scripts/chromium.ts"

/** How a page is opened. */
export interface OpenOptions extends BrowserContextOptions {
  /** What follows the address of the page: `?embed=graph`, `#1…`. */
  readonly path?: string
  /** Complaints that are meant to come, such as those of a policy that stops something. */
  readonly expected?: RegExp
  /** Whether it stays open for the other tests of the file. */
  readonly stays?: boolean
}

/** A computer and a phone. */
export const desktop = { width: 1440, height: 900 } as const
export const phone = { width: 390, height: 844 } as const

/** Where the built page is served. */
export const address: string = inject("address")

let browser: Promise<Browser> | undefined
const complaints: Array<string> = []
const opened: Array<Page> = []

/** The browser of this test file. */
export const launch = (): Promise<Browser> =>
  browser ??= chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] })

/** Makes a page that is watched and closed after the test, and has not gone anywhere yet. */
export const newPage = async (
  { expected, stays = false, ...options }: OpenOptions = {}
): Promise<Page> => {
  const context = await (await launch()).newContext({ viewport: desktop, ...options })
  const complain = (text: string): void => {
    if (expected === undefined || !expected.test(text)) complaints.push(text)
  }
  context.on("request", (request) => {
    const url = request.url()
    const isOwn = url.startsWith(address) || /^(data|blob|about):/.test(url)
    if (!isOwn) complain(`The page asked for ${url}`)
  })
  const page = await context.newPage()
  if (!stays) opened.push(page)
  page.on("pageerror", (error) => complain(String(error.stack ?? error)))
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(message.text())
  })
  return page
}

/** Opens the page in a window of its own, which remembers nothing of the others. */
export const open = async ({ path = "", ...options }: OpenOptions = {}): Promise<Page> => {
  const page = await newPage(options)
  await page.goto(address + path)
  return page
}

/**
 * A page that the tests of a file share, one after another: each brings it to where it begins. After
 * one that has failed the next gets a new page.
 */
export const share = (
  openPage: (options: OpenOptions) => Promise<Page>
): () => Promise<Page> => {
  let page: Promise<Page> | undefined
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return
    const left = page
    page = undefined
    await left?.then((page) => page.context().close(), () => {})
  })
  return () => page ??= openPage({ stays: true })
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.context().close()))
  assert.deepStrictEqual(complaints.splice(0), [])
})

afterAll(async () => {
  await (await browser)?.close()
})
