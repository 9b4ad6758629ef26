/**
 * The page without a network, and what becomes of it when there is a newer one.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { afterEach, assert, inject, it } from "vitest"
import { workerFile, workerFor } from "../../playground/build/offline.ts"
import { launch } from "./page.ts"

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json"
}

/** A site that can be taken off the network, and on which a newer build can be put. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), "signalbox-site-"))
  readonly asked: Array<string> = []
  private server: Server | undefined
  private port = 0

  constructor() {
    cpSync(inject("builtFolder"), this.folder, { recursive: true })
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname
      this.asked.push(request.url ?? "")
      const file = join(this.folder, path === "/" ? "index.html" : path)
      const status = existsSync(file) ? 200 : 404
      response.writeHead(status, {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "cache-control": "no-cache"
      })
      response.end(status === 200 ? readFileSync(file) : "")
    })
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve))
    this.port = (server.address() as AddressInfo).port
    this.server = server
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections()
    await new Promise((resolve) => this.server?.close(resolve))
  }

  /** Puts a build there that has another title, and another name for a file that comes late. */
  renew(title: string): void {
    const index = join(this.folder, "index.html")
    const html = readFileSync(index, "utf8")
    writeFileSync(index, html.replace(/<title>.*<\/title>/, `<title>${title}</title>`))
    writeFileSync(join(this.folder, workerFile), workerFor(this.folder))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const opened: Array<{ readonly site: Site; readonly context: BrowserContext }> = []
afterEach(async () => {
  for (const { context, site } of opened.splice(0)) {
    await context.close()
    await site.stop()
    site.remove()
  }
})

const openSite = async (path = "") => {
  const site = new Site()
  await site.start()
  const context = await (await launch()).newContext({ viewport: { width: 1440, height: 900 } })
  opened.push({ site, context })
  const page = await context.newPage()
  await page.goto(site.address + path)
  return { site, context, page }
}

const isReady = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => performance.getEntriesByName("signalbox:editable").length > 0)

/** The builds that are kept whole. */
const builds = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(async () => {
    const kept: Array<string> = []
    for (const name of await caches.keys()) {
      const whole = await (await caches.open(name)).match(new URL("index.html", location.href))
      if (name.startsWith("signalbox-") && whole !== undefined) kept.push(name)
    }
    return kept
  })

/** Waits until a build is kept that was not kept before. */
const isKept = async (page: Page, before: ReadonlyArray<string> = []): Promise<void> => {
  while ((await builds(page)).every((name) => before.includes(name))) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Has the browser look for a newer build, as it does by itself when a page is opened. */
const update = async (page: Page): Promise<void> => {
  const before = await builds(page)
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update()
  })
  await isKept(page, before)
}

it("after the first visit everything works without a network: runs, editing, types, examples", async () => {
  const { context, page, site } = await openSite()
  await isKept(page)
  await site.stop()

  const again = await context.newPage()
  const complaints: Array<string> = []
  again.on("pageerror", (error) => complaints.push(String(error)))
  again.on("requestfailed", (request) => complaints.push(request.url()))
  await again.goto(`${site.address}#signal-payload`)
  await again.locator("#graph").getByText("mission_critical_task").first().waitFor()
  await isReady(again)
  await again.getByRole("button", { name: "Run", exact: true }).click()
  await again.getByText(/^Run 2/).first().waitFor()
  await again.locator(".cm-content").click()
  await again.keyboard.press("Control+Home")
  await again.keyboard.type("const wrong: string = 5\n")
  await again.locator(".cm-lintRange-error").first().waitFor()
  await again.getByRole("button", { name: "Share" }).click()
  await again.getByRole("dialog", { name: "Share" }).waitFor()
  assert.deepStrictEqual(complaints, [])
})

it("a newer build is what the page begins with the next time, and open pages go on", async () => {
  const { context, page, site } = await openSite()
  await isKept(page)
  const title = await page.title()
  const old = await context.newPage()
  await old.goto(site.address)

  site.renew("A newer page")
  await update(page)
  assert.strictEqual(await old.title(), title)
  assert.strictEqual((await builds(page)).length, 2)
  await page.reload()
  assert.strictEqual(await page.title(), "A newer page")

  // What the old page has not loaded yet is there for it, even if the site has it no more.
  rmSync(join(site.folder, "assets"), { recursive: true })
  await old.getByRole("button", { name: "Share" }).click()
  await old.getByRole("dialog", { name: "Share" }).waitFor()
})

it("of many builds only the last two are kept, and no other cache is touched", async () => {
  const { page, site } = await openSite()
  await isKept(page)
  await page.evaluate(() => caches.open("someone-else"))
  for (const title of ["two", "three", "four"]) {
    site.renew(title)
    await update(page)
  }
  assert.strictEqual((await builds(page)).length, 2)
  assert.isTrue(await page.evaluate(() => caches.has("someone-else")))
  await site.stop()
  await page.reload()
  assert.strictEqual(await page.title(), "four")
})

it("a build that cannot be fetched whole takes nobody's place", async () => {
  const { page, site } = await openSite()
  await isKept(page)
  const title = await page.title()
  site.renew("Half a page")
  const worker = join(site.folder, workerFile)
  writeFileSync(
    worker,
    readFileSync(worker, "utf8").replace('"index.html"]', '"index.html","nowhere.html"]')
  )
  const before = await builds(page)
  await page.evaluate(async () => {
    const changed = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener("controllerchange", resolve)
    )
    await (await navigator.serviceWorker.ready).update()
    await changed
  })
  while (!site.asked.includes("/nowhere.html")) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepStrictEqual(await builds(page), before)
  await page.reload()
  assert.strictEqual(await page.title(), title)
})

it("what is no file of the page is asked of the network, and never kept", async () => {
  const { page, site } = await openSite()
  await isKept(page)
  await page.reload()
  site.asked.length = 0
  const ask = (path: string) =>
    page.evaluate((path) => fetch(path).then(({ status }) => status), path)
  assert.strictEqual(await ask("events?token=x"), 404)
  assert.strictEqual(await ask("index.html?x"), 200)
  assert.deepStrictEqual(site.asked, ["/events?token=x", "/index.html?x"])
  const kept = await page.evaluate(async () => {
    const [name = ""] = await caches.keys()
    return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
  })
  assert.include(kept, "/index.html")
  assert.notInclude(kept, "/events")
  assert.isAbove(kept.length, 20)
})

it("a page that follows a live run keeps nothing", async () => {
  const { page } = await openSite("?live#token")
  await isReady(page)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const registrations = () => page.evaluate(() => navigator.serviceWorker.getRegistrations())
  assert.strictEqual((await registrations()).length, 0)
})
