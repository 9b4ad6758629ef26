/**
 * What one gives away: links that open what they were made of, texts that run elsewhere, files.
 */
import AxeBuilder from "axe-core"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { basename, resolve } from "node:path"
import type { Page } from "playwright-core"
import { afterAll, assert, describe, it } from "vitest"
import { encode } from "../../playground/share/Link.ts"
import { runtime } from "../../playground/share/runtime.ts"
import { type Consumer, makeConsumer } from "./Consumer.ts"
import { address, launch, newPage, phone, share } from "./page.ts"
import {
  assertRun,
  goTo,
  isAt,
  openPlain,
  openRunnable,
  openWritable,
  runExample,
  runShown
} from "./Screen.ts"

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

/** What vitest tells of the files that it ran. */
interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>
  }>
}

const plan = {
  files: [{ name: "flow.ts", text }],
  seed: 42,
  faults: [{ kind: "Delay", task: "draw", attempt: 1, millis: 1000 }]
} as const

const link = (cursor: number): Promise<string> => encode({ plan, cursor, runtime })

/** Where the page stands: `#3/12`. */
const place = (page: Page) => page.locator("#clock").getByText(/^#\d+\/\d+$/)

const shared = share((options) =>
  openRunnable({ ...options, permissions: ["clipboard-read", "clipboard-write"] })
)

/** The shared page at an address of its own, where one sees the end of its run. */
const pageAt = async (hash: string): Promise<Page> => {
  const page = await shared()
  await page.keyboard.press("Escape")
  const number = await runShown(page) + 1
  await goTo(page, hash)
  await assertRun(page, number)
  return page
}

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
    const page = await openWritable({ path: `#${await link(3)}` })
    await page.getByText("This is shared code.").waitFor()
    await page.locator("#graph").getByText("draw").first().waitFor()
    await place(page).getByText(/^#3\//).waitFor()
    assert.strictEqual(await page.getByLabel("Seed", { exact: true }).inputValue(), "42")
    assert.include(await page.locator(".cm-content").innerText(), 'Flow.make("lottery"')

    await openDialog(page)
    assert.strictEqual(await copyOf(page, "Link"), `${address}#${await link(3)}`)

    await page.keyboard.press("Escape")
    await page.locator(".cm-content").click()
    await page.keyboard.type("// ")
    await page.waitForFunction(() => location.hash === "")
  })

  it("of an earlier run holds the program of that run", async () => {
    const page = await pageAt(await link(Infinity))
    await runExample(page, "task-handler")
    await page.getByRole("tab", { name: /^Runs/ }).click()
    const runs = page.getByRole("list", { name: "Runs" }).getByRole("button", { name: /^Run/ })
    await runs.nth(1).click()
    await page.locator("#graph").getByText("draw").first().waitFor()
    await openDialog(page)
    assert.strictEqual(await copyOf(page, "Link"), `${address}#${await link(Infinity)}`)
  })

  it("of a page can be opened by someone else at the same moment", async () => {
    const page = await pageAt(await link(Infinity))
    await place(page).getByText(/^#(\d+)\/\1$/).waitFor()
    await page.locator("#clock").getByRole("button", { name: /first|start|begin/i }).first().click()
    const moment = await place(page).innerText()
    await openDialog(page)
    const given = await copyOf(page, "Link")
    assert.isAtMost(given.length - address.length, 1500)

    const other = await openPlain({ path: given.slice(address.length) })
    await other.getByText("This is shared code.").waitFor()
    await place(other).getByText(moment, { exact: true }).waitFor()
  })

  it("to an example as it came is its name, and of 1,500 characters at most when it is edited", async () => {
    const page = await pageAt("signal-payload")
    await page.locator("#graph").getByText("mission_critical_task").first().waitFor()
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
    const page = await openPlain({ path: `#${hash}` })
    await page.getByText(why).waitFor()
    assert.match(await place(page).innerText(), /#\d+\/\d+/)
  })
})

describe("the dialog", () => {
  it("takes the focus, keeps it, and gives it back", async () => {
    const page = await shared()
    await page.keyboard.press("Escape")
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
    const page = await pageAt("replace-a-state")
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

  it("has nothing that axe objects to, in light and dark", async () => {
    const page = await newPage({ viewport: phone })
    await page.addInitScript({ content: AxeBuilder.source })
    await page.goto(`${address}#${await link(3)}`)
    await isAt(page, "runnable")
    if (!await page.getByRole("button", { name: "Share" }).isVisible()) {
      await page.getByRole("button", { name: "More" }).click()
    }
    await openDialog(page)
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepStrictEqual(await objections(page), [], colorScheme)
    }
  })
})

const objections = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof AxeBuilder }
    const { violations } = await axe.run("dialog")
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`)
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

  const openAt = async (hash: string) => {
    const page = await pageAt(hash)
    await place(page).getByText(/^#(\d+)\/\1$/).waitFor()
    await openDialog(page)
    return page
  }

  it("as tests that pass, and fail when the program does something else", async () => {
    const { shell, write } = consumer()
    const expected: Record<string, string> = {}
    const add = (file: string, test: string, outcome: string): void => {
      write(file, test)
      expected[file] = outcome
    }
    for (const name of ["post-to-slack", "retries-hours-apart", "signal-payload"]) {
      const copied = await copyOf(await openAt(name), "Test")
      const other = copied.replace(/maxRetries: \d|=== b|"apples"/, changed)
      add(`${name}-same.test.ts`, copied, "passed, 1 passed")
      add(`${name}-other.test.ts`, other, "failed, 0 passed")
    }
    const faulty = await openAt(await link(Infinity))
    add("faults.test.ts", await copyOf(faulty, "Test"), "passed, 1 passed")

    const tell = "vitest run --reporter=json --outputFile=report.json > told; cat report.json"
    const { err, out } = await shell(tell)
    const report = JSON.parse(out) as Report
    const found = report.testResults.map(({ assertionResults, name, status }) => {
      const passed = assertionResults.filter(({ status }) => status === "passed").length
      return [basename(name), `${status}, ${passed} passed`]
    })
    assert.deepStrictEqual(Object.fromEntries(found), expected, out + err)
  })
  const changed = (found: string): string =>
    found === "=== b" ? "!== b" : found === '"apples"' ? '"plums"' : "maxRetries: 0"

  it("as a command of Node and of Deno, with the same outcome as the page", async () => {
    const page = await openAt(await link(Infinity))
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
    const page = await openAt("triggers-and-skips")
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
    const page = await openAt("replace-a-state")
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
  const page = await pageAt(await link(3))
  await place(page).getByText(/^#3\//).waitFor()
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

  await page.keyboard.press("Escape")
  await runExample(page, "task-handler")
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Open …" }).click()
  ])
  const buffer = Buffer.from(trace.text)
  await chooser.setFiles({ name: trace.name, mimeType: "application/x-ndjson", buffer })
  await page.getByText("lottery.jsonl was opened.").waitFor()
  const changes = lines.filter((line) => "to" in line).length
  await place(page).getByText(`/${changes}`).waitFor()
  await page.locator("#graph").getByText("draw").first().waitFor()
})
