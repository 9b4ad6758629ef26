/**
 * The graph on the page: what it says at each moment, how one gets about in it by keys and pointers,
 * and what it is like with thousands of tasks.
 */
import axe from "axe-core"
import { readFile } from "node:fs/promises"
import type { Download, Page } from "playwright-core"
import type { TraceLine } from "signalbox/testing"
import { assert, describe, it } from "vitest"
import { type OpenOptions, share } from "./page.ts"
import { openPlain } from "./Screen.ts"

interface Shape {
  readonly tasks: number
  /** How many items the task number 1 has, which is mapped where there are any. */
  readonly items?: number
}

/** The lines of a run in which each task goes through two states, and each item too. */
const linesOf = (flow: string, { items = 0, tasks }: Shape): ReadonlyArray<TraceLine.TraceLine> => {
  const nodes = Array.from({ length: tasks }, (_, i): TraceLine.Node => ({
    slug: `${flow}-${i}`,
    name: `task_${i}`,
    kind: "task",
    upstream: i === 0 ? [] : [Math.floor((i - 1) / 3)],
    mapped: i === 1 && items > 0,
    handlers: i === 0 ? ["announce", "Alert"] : [],
    maxRetries: 0,
    tags: []
  }))
  const subjects = nodes.flatMap(({ mapped, slug }) =>
    mapped ? Array.from({ length: items }, (_, index) => ({ task: slug, index })) : [{ task: slug }]
  )
  const change = (at: number, from: string, to: string) => (subject: object) => ({
    at,
    flow,
    ...subject,
    run: 1,
    from: { tag: from },
    to: { tag: to }
  } as TraceLine.Change)
  const last = (subject: object, i: number) =>
    change(2000 + i, "Running", i % 7 === 3 ? "Failed" : "Success")(subject)
  return [
    { signalbox: 1, flow, start: 0, nodes, reference: [] },
    ...nodes.filter(({ mapped }) => mapped).map(({ slug }) =>
      change(0, "Pending", "Mapped")({ task: slug })
    ),
    ...subjects.map(change(1000, "Pending", "Running")),
    ...subjects.map(last),
    { at: 2000 + subjects.length, end: "ended" }
  ]
}

const openWithAxe = async (options?: OpenOptions): Promise<Page> => {
  const page = await openPlain(options)
  await page.evaluate(axe.source)
  return page
}

const shared = share(openWithAxe)

let opened = 0

/** Opens a trace of a run of this shape, in which nothing has the name of something before. */
const openTrace = async (shape: Shape, opening = shared()): Promise<Page> => {
  const page = await opening
  const flow = `synthetic${++opened}`
  const chooser = page.waitForEvent("filechooser")
  await page.getByRole("button", { name: "Open …" }).click()
  const buffer = Buffer.from(linesOf(flow, shape).map((line) => JSON.stringify(line)).join("\n"))
  await (await chooser).setFiles({ name: "run.jsonl", mimeType: "application/x-ndjson", buffer })
  await page.locator(`.graph-surface[aria-label^='Graph of ${flow}']`).waitFor()
  await page.waitForFunction(
    (count) => document.querySelector(".graph-surface")!.ariaLabel!.includes(` ${count} task`),
    shape.tasks
  )
  return page
}

const task = (page: Page, name: RegExp) =>
  page.locator(".graph-surface").getByRole("button", { name })
const labelOfFocus = (page: Page) => page.evaluate(() => document.activeElement?.ariaLabel)
const zoomOf = async (page: Page) => parseInt(await page.locator(".graph-zoom").innerText())

const pressAll = async (page: Page, ...keys: ReadonlyArray<string>): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key)
}

const objections = (page: Page) =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") }
    const { violations } = await axe.run(".graph")
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })

const textOf = async (download: Download): Promise<string> =>
  readFile(await download.path(), "utf8")

describe("a small flow", () => {
  it("each task is a button that says its state, and follows the cursor", async () => {
    const page = await openTrace({ tasks: 5 })
    await page.keyboard.press("Home")
    await task(page, /^task_3, Pending$/).waitFor()
    await page.keyboard.press("End")
    await task(page, /^task_3, Failed$/).waitFor()
    await task(page, /^task_0, Success, 2 handlers$/).waitFor()
    assert.strictEqual(await task(page, /./).count(), 5)
    await page.keyboard.press("ArrowLeft")
    await task(page, /^task_4, Running$/).waitFor()
    assert.deepStrictEqual(await objections(page), [])
  })

  it("arrow keys go along edges and to neighbours, and a space selects", async () => {
    const page = await openTrace({ tasks: 5 })
    await task(page, /^task_0/).focus()
    await page.keyboard.press("ArrowRight")
    const first = await labelOfFocus(page)
    assert.match(first!, /^task_[123],/)
    await page.keyboard.press("ArrowLeft")
    assert.match((await labelOfFocus(page))!, /^task_0,/)
    await pressAll(page, "ArrowRight", "ArrowDown", " ")
    const label = (await labelOfFocus(page))!
    assert.notStrictEqual(label, first)
    const chosen = page.locator(".graph-surface [aria-pressed='true']")
    await chosen.waitFor()
    assert.strictEqual(await chosen.getAttribute("aria-label"), label)
    assert.isNotEmpty(await page.locator(".edges.chosen").getAttribute("d"))
  })

  it("a click selects, a click beside it selects nothing, and a drag does neither", async () => {
    const page = await openTrace({ tasks: 5 })
    const chosen = page.locator(".graph-surface [aria-pressed='true']")
    await task(page, /^task_2/).click()
    await chosen.waitFor()
    assert.match((await chosen.getAttribute("aria-label"))!, /^task_2,/)
    const box = (await page.locator(".graph-surface").boundingBox())!
    const before = (await task(page, /^task_2/).boundingBox())!
    await page.mouse.move(box.x + 8, box.y + box.height - 8)
    await page.mouse.down()
    await page.mouse.move(box.x + 58, box.y + box.height - 28, { steps: 4 })
    await page.mouse.up()
    const after = (await task(page, /^task_2/).boundingBox())!
    assert.closeTo(after.x - before.x, 50, 1)
    assert.closeTo(after.y - before.y, -20, 1)
    assert.strictEqual(await chosen.count(), 1)
    await page.mouse.click(box.x + 8, box.y + box.height - 8)
    await chosen.waitFor({ state: "detached" })
  })

  it("the wheel, keys and buttons zoom, and f shows all of it again", async () => {
    const page = await openTrace({ tasks: 40 })
    const fitted = await zoomOf(page)
    await page.locator(".graph-surface").hover()
    await page.mouse.wheel(0, -400)
    const near = await zoomOf(page)
    assert.isAbove(near, fitted)
    await page.getByRole("button", { name: "Zoom out" }).click()
    assert.isBelow(await zoomOf(page), near)
    await page.getByRole("button", { name: "Fit", exact: true }).click()
    const all = await zoomOf(page)
    const frame = (await page.locator(".graph-surface").boundingBox())!
    for (const name of [/^task_0,/, /^task_39,/, /^task_13,/]) {
      const { height, width, x, y } = (await task(page, name).boundingBox())!
      assert.isTrue(x >= frame.x && x + width <= frame.x + frame.width)
      assert.isTrue(y >= frame.y && y + height <= frame.y + frame.height)
    }
    await page.mouse.wheel(0, -400)
    await page.keyboard.press("f")
    assert.strictEqual(await zoomOf(page), all)
  })

  it("a flow without tasks says so, and one task stands in the middle", async () => {
    const empty = await openTrace({ tasks: 0 })
    await empty.getByText("This flow has no tasks.").waitFor()
    assert.deepStrictEqual(await objections(empty), [])
    const one = await openTrace({ tasks: 1 })
    const frame = (await one.locator(".graph-surface").boundingBox())!
    const { width, x } = (await task(one, /^task_0/).boundingBox())!
    assert.closeTo(x + width / 2, frame.x + frame.width / 2, 2)
  })
})

describe("a mapped task", () => {
  it("is folded with counts, and opened as cells that keys go through", async () => {
    const page = await openTrace({ tasks: 5, items: 34 })
    await page.keyboard.press("End")
    const folded = task(page, /^task_1, Mapped, 5 failed, 29 succeeded, once for each item$/)
    await folded.focus()
    assert.strictEqual(await folded.getAttribute("aria-expanded"), "false")
    const card = page.locator(".node", { has: page.locator("[aria-expanded]") })
    assert.strictEqual(await card.locator(".status").textContent(), "✕5✓29")
    await page.keyboard.press("Enter")
    await page.locator(".button[aria-expanded='true']").waitFor()
    const paths = page.locator(".cells [d^='M']")
    assert.strictEqual(await paths.count(), 2)
    await page.keyboard.press("Enter")
    assert.strictEqual(await labelOfFocus(page), "task_1[0], Success")
    await pressAll(page, "ArrowRight", "ArrowRight", "ArrowRight")
    assert.match((await labelOfFocus(page))!, /^task_1\[3\], (Success|Failed)$/)
    // Within one frame: it is selected and folded before anything has been drawn.
    await page.evaluate(() => {
      for (const key of [" ", "Escape", "Escape"]) {
        document.activeElement!.dispatchEvent(
          new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
        )
      }
    })
    await page.locator(".button[aria-expanded='false']").waitFor()
    assert.match((await labelOfFocus(page))!, /^task_1, Mapped/)
    assert.deepStrictEqual(await objections(page), [])
  })

  it("a double click opens it, and a click on a cell selects the item", async () => {
    const page = await openTrace({ tasks: 5, items: 34 })
    await task(page, /^task_1,/).dblclick()
    await page.locator(".button[aria-expanded='true']").waitFor()
    const group = (await page.locator(".cells").boundingBox())!
    await page.mouse.click(group.x + 4, group.y + 4)
    const chosen = page.locator(".item.chosen:not([hidden])")
    await chosen.waitFor()
    assert.closeTo((await chosen.boundingBox())!.x, group.x, 4)
    await page.getByText("task_1[0]").first().waitFor()
  })
})

describe("thousands of tasks", () => {
  it("one button on a canvas stands for all of them, and what it comes to is told", async () => {
    const page = await openTrace({ tasks: 2000 }, openWithAxe())
    await page.locator(".graph-canvas canvas").waitFor()
    await page.keyboard.press("End")
    await page.locator(".graph-proxy").focus()
    await page.keyboard.press("ArrowRight")
    const label = (await labelOfFocus(page))!
    assert.match(label, /^task_[123], (Success|Failed)$/)
    assert.strictEqual(await page.locator(".graph-canvas [aria-live]").textContent(), label)
    await page.keyboard.press(" ")
    await page.locator(".graph-proxy[aria-pressed='true']").waitFor()
    assert.deepStrictEqual(await objections(page), [])
  })

  it("after a smaller run they are elements again", async () => {
    const page = await openTrace({ tasks: 900 })
    await page.locator(".graph-canvas canvas").waitFor()
    await openTrace({ tasks: 3 })
    await task(page, /^task_2/).waitFor()
    assert.strictEqual(await page.locator(".graph-canvas").count(), 0)
    assert.strictEqual(await task(page, /./).count(), 3)
  })
})

describe("as a file", () => {
  it("SVG shows the states at the cursor, and PNG is a picture", async () => {
    const page = await openPlain()
    const tools = page.locator(".graph-tools")
    await page.locator(".node").first().waitFor()
    const [svg] = await Promise.all([
      page.waitForEvent("download"),
      tools.getByRole("button", { name: "SVG" }).click()
    ])
    assert.match(svg.suggestedFilename(), /\.svg$/)
    const text = await textOf(svg)
    assert.match(text, /^<svg xmlns/)
    const names = await page.locator(".node .name").allTextContents()
    assert.isNotEmpty(names)
    for (const name of names) assert.include(text, `>${name}</text>`)
    const wellFormed = await page.evaluate(
      (text) =>
        new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror") ===
          null,
      text
    )
    assert.isTrue(wellFormed)
    const [png] = await Promise.all([
      page.waitForEvent("download"),
      tools.getByRole("button", { name: "PNG" }).click()
    ])
    const bytes = await readFile(await png.path())
    assert.strictEqual(bytes.subarray(1, 4).toString(), "PNG")
    assert.isAbove(bytes.length, 2000)
  })
})
