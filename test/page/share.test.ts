/**
 * What one gives away: links that open what they were made of, texts that run elsewhere, files.
 */
import AxeBuilder from "axe-core"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import type { Page } from "playwright-core"
import { afterAll, assert, describe, it } from "vitest"
import { encode } from "../../playground/share/Link.ts"
import { runtime } from "../../playground/share/runtime.ts"
import { type Consumer, makeConsumer } from "./Consumer.ts"
import { address, launch, newPage, open, phone } from "./page.ts"

const text = `import { Effect } from "effect"
import { Flow, Signal, Task } from "signalbox"

const draw = Task.make("draw", {
  maxRetries: 2,
  retryDelay: "1 hour",
  run: () => Effect.fail(Signal.fail("no luck"))
})

const tell = Task.make("tell", { run: () => Effect.void })

export const flow = Flow.make("lottery", function* () {
  yield* tell({}, { after: [yield* draw()] })
})
`

const plan = {
  files: [{ name: "flow.ts", text }],
  seed: 42,
  faults: [{ kind: "Delay", task: "draw", attempt: 1, millis: 1000 }]
} as const

const link = (cursor: number): Promise<string> => encode({ plan, cursor, runtime })

/** Where the page stands: `#3/12`. */
const place = (page: Page) => page.locator("#clock").getByText(/^#\d+\/\d+$/)

const isReady = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => performance.getEntriesByName("signalbox:editable").length > 0)

const openDialog = async (page: Page) => {
  await page.getByRole("button", { name: "Share" }).click()
  const dialog = page.getByRole("dialog", { name: "Share" })
  await dialog.waitFor()
  return dialog
}

const copyOf = async (page: Page, form: string): Promise<string> => {
  const dialog = page.getByRole("dialog", { name: "Share" })
  await dialog.getByRole("radio", { name: form }).check()
  return dialog.getByRole("textbox").inputValue()
}

describe("a link", () => {
  it("opens the program, its seed, faults and moment, and says that it is someone else's", async () => {
    const page = await open({ path: `#${await link(3)}` })
    await page.getByText("This is shared code.").waitFor()
    await page.locator("#graph").getByText("draw").first().waitFor()
    await place(page).getByText(/^#3\//).waitFor()
    assert.strictEqual(await page.getByLabel("Seed", { exact: true }).inputValue(), "42")
    await isReady(page)
    assert.include(await page.locator(".cm-content").innerText(), 'Flow.make("lottery"')

    await openDialog(page)
    assert.strictEqual(await copyOf(page, "Link"), `${address}#${await link(3)}`)
  })

  it("of a page can be opened by someone else at the same moment", async () => {
    const page = await open({ path: `#${await link(Infinity)}` })
    await place(page).getByText(/^#(\d+)\/\1$/).waitFor()
    await isReady(page)
    await page.locator("#clock").getByRole("button", { name: /first|start|begin/i }).first().click()
    const moment = await place(page).innerText()
    await openDialog(page)
    const given = await copyOf(page, "Link")
    assert.isAtMost(given.length - address.length, 1500)

    const other = await newPage()
    await other.goto(given)
    await other.getByText("This is shared code.").waitFor()
    await place(other).getByText(moment, { exact: true }).waitFor()
  })

  it("to an example as it came is its name, and of 1,500 characters at most when it is edited", async () => {
    const page = await open({ path: "#signal-payload" })
    await page.locator("#graph").getByText("mission_critical_task").first().waitFor()
    await isReady(page)
    await openDialog(page)
    assert.strictEqual(await copyOf(page, "Link"), `${address}#signal-payload`)
    assert.match(
      await page.getByRole("dialog").locator("p").first().innerText(),
      /^\d+ characters\. It names the example/
    )
  })

  it.each([
    ["1.AAAA", /Cannot open the link: it is damaged/],
    ["9.AAAA", /it is of version 9, and this page knows 1/],
    ["no-such-example", /there is no example "no-such-example"/],
    [`1.${"A".repeat(200_000)}`, /200,000 is the most/]
  ])("that cannot be opened says why, and the page is there all the same", async (hash, why) => {
    const page = await open({ path: `#${hash}` })
    await page.getByText(why).waitFor()
    assert.match(await place(page).innerText(), /#\d+\/\d+/)
  })
})

describe("the dialog", () => {
  it("takes the focus, keeps it, and gives it back", async () => {
    const page = await open()
    await isReady(page)
    await page.getByRole("button", { name: "Share" }).focus()
    await page.keyboard.press("Enter")
    const dialog = page.getByRole("dialog", { name: "Share" })
    await dialog.waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.closest("dialog") !== null)
    for (let presses = 0; presses < 12; presses++) {
      const inPage = await page.evaluate(() => document.activeElement !== document.body)
      if (inPage) assert.isTrue(await focused())
      await page.keyboard.press("Tab")
    }
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    assert.strictEqual(await page.evaluate(() => document.activeElement?.textContent), "Share")
  })

  it("is chosen from with the arrow keys, and copies", async () => {
    const page = await open({ permissions: ["clipboard-read", "clipboard-write"] })
    await isReady(page)
    await openDialog(page)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.getByRole("button", { name: "Copy" }).click()
    await page.getByText("Copied.").waitFor()
    assert.strictEqual(
      await page.evaluate(() => navigator.clipboard.readText()),
      "npx signalbox simulate flow.ts --seed 0"
    )
  })

  it.each(["light", "dark"] as const)("has nothing that axe objects to, in %s", async (scheme) => {
    const page = await newPage({ colorScheme: scheme, viewport: phone })
    await page.addInitScript({ content: AxeBuilder.source })
    await page.goto(`${address}#${await link(3)}`)
    await isReady(page)
    if (!await page.getByRole("button", { name: "Share" }).isVisible()) {
      await page.getByRole("button", { name: "More" }).click()
    }
    await openDialog(page)
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { readonly axe: typeof AxeBuilder }
      const { violations } = await axe.run("dialog")
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`)
    })
    assert.deepStrictEqual(violations, [])
  })
})

describe("what is copied runs elsewhere", () => {
  const consumers: Array<Consumer> = []
  afterAll(() => {
    for (const { remove } of consumers) remove()
  })
  const consumer = (): Consumer => {
    const made = makeConsumer()
    consumers.push(made)
    return made
  }
  const example = (name: string): string =>
    readFileSync(resolve(import.meta.dirname, `../../playground/examples/${name}.ts`), "utf8")

  const openAt = async (path: string) => {
    const page = await open({ path })
    await isReady(page)
    await place(page).getByText(/^#(\d+)\/\1$/).waitFor()
    await openDialog(page)
    return page
  }

  it.each(["post-to-slack", "retries-hours-apart", "signal-payload"])(
    "%s as a test that passes, and fails when the program does something else",
    async (name) => {
      const page = await openAt(`#${name}`)
      const copied = await copyOf(page, "Test")
      const { shell, write } = consumer()
      write("same.test.ts", copied)
      write("other.test.ts", copied.replace(/maxRetries: \d|=== b|"apples"/, changed))
      const same = await shell("npx vitest run same")
      assert.strictEqual(same.code, 0, same.out + same.err)
      assert.match(same.out, /1 passed/)
      const other = await shell("npx vitest run other")
      assert.strictEqual(other.code, 1, other.out)
    }
  )
  const changed = (found: string): string =>
    found === "=== b" ? "!== b" : found === '"apples"' ? '"plums"' : "maxRetries: 0"

  it("a plan with faults as a test that passes", async () => {
    const page = await openAt(`#${await link(Infinity)}`)
    const { shell, write } = consumer()
    write("flow.test.ts", await copyOf(page, "Test"))
    const { code, err, out } = await shell("npx vitest run")
    assert.strictEqual(code, 0, out + err)
    assert.include(out, "1 passed")
  })

  it("as a command of Node and of Deno, with the same outcome as the page", async () => {
    const page = await openAt(`#${await link(Infinity)}`)
    const { shell, write } = consumer()
    write("flow.ts", text)
    const node = await copyOf(page, "Node")
    const deno = await copyOf(page, "Deno")
    const faults = `'${JSON.stringify(plan.faults)}'`
    assert.strictEqual(node, `npx signalbox simulate flow.ts --seed 42 --faults ${faults}`)
    assert.strictEqual(
      deno,
      `deno run --allow-all npm:signalbox simulate flow.ts --seed 42 --faults ${faults}`
    )
    const one = await shell(node)
    const other = await shell(deno)
    assert.strictEqual(one.code, 1, one.err)
    assert.match(one.out, /^02:00:01 draw: Running → Failed\("no luck"\)$/m)
    assert.match(one.out, /^\(the flow\)\s+Failed\("Some reference tasks failed."\)$/m)
    assert.deepStrictEqual([other.code, other.out], [one.code, one.out], other.err)
  })

  it("as Markdown: its code gives the outcomes of its table, and its link opens it", async () => {
    const page = await openAt("#triggers-and-skips")
    const markdown = await copyOf(page, "Markdown")
    const code = /^```ts\n(.*?)^```$/ms.exec(markdown)?.[1] ?? assert.fail("it has no code")
    assert.strictEqual(code, example("triggers-and-skips"))
    const { shell, write } = consumer()
    write("flow.ts", code)
    const { out } = await shell("npx signalbox simulate flow.ts")
    const rows = [...markdown.matchAll(/^\| (.+) \| (\w+\(.*\)) \| *(\d*) *\|$/gm)]
    assert.isAtLeast(rows.length, 7)
    for (const [, name = "", state = "", attempts = ""] of rows) {
      const words = `${name} ${state} ${attempts}`.replaceAll("\\|", "|").trim()
      assert.include(out.replaceAll(/ +/g, " ").split("\n"), words)
    }
    assert.include(markdown, `[Open it in the playground](${address}#triggers-and-skips)`)
  })

  it("as a part of another page, which shows the graph and nothing else", async () => {
    const page = await openAt("#replace-a-state")
    const snippet = await copyOf(page, "Embed")
    const server = createServer((_request, response) =>
      response.setHeader("content-type", "text/html").end(`<!doctype html>${snippet}`)
    )
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    const context = await (await launch()).newContext()
    const other = await context.newPage()
    await other.goto(`http://127.0.0.1:${port}/`)
    const frame = other.frameLocator("iframe[title='Flow market-report']")
    await frame.locator("#graph").getByText("extract").first().waitFor()
    assert.isFalse(await frame.locator("#code").isVisible())
    assert.isFalse(await frame.locator("#details").isVisible())
    await context.close()
    server.close()
  })
})

it("the trace and the graph can be downloaded; the trace can be dropped on the page again", async () => {
  const page = await open({ path: `#${await link(3)}`, acceptDownloads: true })
  await place(page).getByText(/^#3\//).waitFor()
  await isReady(page)
  await openDialog(page)
  const downloadOf = async (name: string): Promise<{ name: string; text: string }> => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click()
    ])
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") }
  }
  const svg = await downloadOf("Graph (.svg)")
  assert.strictEqual(svg.name, "lottery.svg")
  assert.match(svg.text, /^<svg .*draw.*tell.*<\/svg>\n$/s)
  assert.deepStrictEqual(await downloadOf("flow.ts"), { name: "flow.ts", text })
  const trace = await downloadOf("Trace (.jsonl)")
  assert.strictEqual(trace.name, "lottery.jsonl")
  const lines = trace.text.trimEnd().split("\n").map((line) => JSON.parse(line))
  assert.deepStrictEqual([lines[0].flow, lines[0].seed, lines.at(-1).end], ["lottery", 42, "ended"])

  const other = await open()
  await isReady(other)
  const [chooser] = await Promise.all([
    other.waitForEvent("filechooser"),
    other.getByRole("button", { name: "Open …" }).click()
  ])
  const buffer = Buffer.from(trace.text)
  await chooser.setFiles({ name: trace.name, mimeType: "application/x-ndjson", buffer })
  await other.getByText("lottery.jsonl was opened.").waitFor()
  const changes = lines.filter((line) => "to" in line).length
  await place(other).getByText(`/${changes}`).waitFor()
  await other.locator("#graph").getByText("draw").first().waitFor()
})
