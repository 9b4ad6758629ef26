/** A page in a real browser, built the way programs for browsers are. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { chromium, type Page } from "playwright-core"
import { build, preview } from "vite"
import { chromiumFlags, chromiumPath, installChromium } from "./chromium.ts"

const html = (module: string): string =>
  `<!doctype html>
<script type="module">
  await import("./${module}")
  document.documentElement.dataset.done = ""
</script>
`

/** Builds a page around a module of a folder, opens it, and waits for all that it prints. */
export const printedByPage = async (folder: string, module: string): Promise<string> => {
  writeFileSync(join(folder, "index.html"), html(module))
  const config = { root: folder, configFile: false, logLevel: "error" } as const
  await build(config)
  const server = await preview({ ...config, preview: { host: "127.0.0.1", port: 0 } })
  try {
    const address = server.resolvedUrls?.local[0]
    if (address === undefined) throw new Error("The page is served nowhere")
    return await inChromium((page) => printedAt(page, address))
  } finally {
    await server.close()
  }
}

const inChromium = async <A>(use: (page: Page) => Promise<A>): Promise<A> => {
  await installChromium()
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] })
  try {
    return await use(await browser.newPage())
  } finally {
    await browser.close()
  }
}

const printedAt = async (page: Page, address: string): Promise<string> => {
  let printed = ""
  page.on("console", (message) => {
    printed += `${message.text()}\n`
  })
  const broken = new Promise<never>((_, reject) => page.on("pageerror", reject))
  await page.goto(address)
  await Promise.race([broken, page.waitForSelector("[data-done]", { state: "attached" })])
  return printed
}
