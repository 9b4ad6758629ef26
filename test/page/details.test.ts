/**
 * What happened, in words: calls, changes, what was printed, and what a state holds, all at the
 * moment of the cursor.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Page } from "playwright-core"
import { assert, describe, it } from "vitest"
import { type OpenOptions, share } from "./page.ts"
import {
  assertPlace,
  assertRun,
  goToProgram,
  goToTab,
  isDrawn,
  openRunnable,
  rowsOf,
  runExample,
  runShown,
  selectNothing,
  type Tab
} from "./Screen.ts"

const openHigh = (options?: OpenOptions): Promise<Page> =>
  openRunnable({ ...options, viewport: { width: 1440, height: 1600 } })

const shared = share(openHigh)

/** The page with a run of an example, where nothing is selected or left out. */
const openExampleAt = async (name: string, tab: Tab, opening = shared()): Promise<Page> => {
  const page = await opening
  await page.locator("#filter").fill("")
  await runExample(page, name)
  await selectNothing(page)
  await goToTab(page, tab)
  await isDrawn(page)
  return page
}

const openNightly = (tab: Tab): Promise<Page> => openExampleAt("retries-hours-apart", tab)

const futureRows = (page: Page, table: string): Promise<number> =>
  page.getByRole("grid", { name: table }).locator(".future").count()

const currentRow = (page: Page, table: string): Promise<string> =>
  page.getByRole("grid", { name: table }).locator("[aria-current=true]").innerText()

describe("events", () => {
  it("a click goes there, selects whatever changed, and dims what has not happened yet", async () => {
    const page = await openNightly("Events")
    assert.strictEqual(await futureRows(page, "Events"), 0)
    const events = page.getByRole("grid", { name: "Events" })
    await events.getByRole("row", { name: /Failed.*Retrying/ }).first().click()
    await assertPlace(page, "#4/12")
    await isDrawn(page)
    assert.strictEqual(await futureRows(page, "Events"), 8)
    assert.match(await currentRow(page, "Events"), /Retrying Task \(after attempt 1 of 4\)/)
    await goToTab(page, "State")
    await page.getByRole("heading", { name: "extract" }).waitFor()
    await goToTab(page, "Handlers")
    await isDrawn(page)
    assert.strictEqual(await futureRows(page, "Handler calls"), 5)
    await goToTab(page, "Log")
    await isDrawn(page)
    assert.strictEqual(await futureRows(page, "Log"), 6)
  })

  it("are walked through by the arrow keys, and Enter goes to one", async () => {
    const page = await openExampleAt("retries-hours-apart", "Events", openHigh())
    const events = page.getByRole("grid", { name: "Events" })
    await events.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await assertPlace(page, "#10/12")
    const active = await events.getAttribute("aria-activedescendant")
    assert.strictEqual(await page.locator(`[id="${active}"]`).getAttribute("aria-rowindex"), "11")
  })

  it("show what a handler made of a state", async () => {
    const page = await openExampleAt("replace-a-state", "Handlers")
    const calls = await rowsOf(page, "Handler calls")
    assert.deepInclude(calls.map((cells) => cells.slice(2)), [
      "fallBackToYesterday",
      "Running→Failed⇒Success",
      "Using the price of yesterday."
    ])
  })
})

describe("the filter", () => {
  it("can be what is selected, with its items", async () => {
    const page = await openNightly("Events")
    const only = page.getByRole("button", { name: "Selected only" })
    assert.isFalse(await only.isVisible())
    const events = page.getByRole("grid", { name: "Events" })
    await events.getByRole("row", { name: /load/ }).first().click()
    await only.click()
    await isDrawn(page)
    const subjects = async () => (await rowsOf(page, "Events")).map(([, subject]) => subject)
    assert.deepStrictEqual(await subjects(), ["load", "load"])
    await only.click()
    await isDrawn(page)
    assert.lengthOf(await subjects(), 12)
  })

  it("is reached by a slash, keeps what it fits, and is left by Escape", async () => {
    const page = await openNightly("Events")
    await page.keyboard.press("/")
    await page.keyboard.type("ASLEEP")
    await isDrawn(page)
    assert.lengthOf(await rowsOf(page, "Events"), 2)
    await page.keyboard.press("Control+a")
    await page.keyboard.type("load")
    await isDrawn(page)
    assert.deepStrictEqual((await rowsOf(page, "Events")).map(([, subject]) => subject), [
      "load",
      "load"
    ])
    await goToTab(page, "Log")
    assert.deepStrictEqual((await rowsOf(page, "Log")).map(([, , line]) => line), [
      "Loading apples and pears."
    ])
    await page.keyboard.press("/")
    await page.keyboard.type("zzz")
    await page.getByText("Nothing here fits “loadzzz”.").waitFor()
    await page.keyboard.press("Escape")
    await isDrawn(page)
    assert.lengthOf(await rowsOf(page, "Log"), 9)
  })
})

describe("the log", () => {
  it("says who printed what and when, line by line, and tells errors apart", async () => {
    const page = await openExampleAt("task-handler", "Log")
    const before = await runShown(page)
    await goToProgram(
      page,
      `
import { Console, Effect } from "effect"
import { Flow, Task } from "signalbox"
const speak = Task.make("speak", {
  run: Effect.fn(function* () {
    yield* Console.log("one\\n two")
    yield* Effect.sleep("90 seconds")
    yield* Console.error("<b>bad</b>")
  })
})
export const flow = Flow.make("talk", function* () { yield* speak() })`
    )
    await assertRun(page, before + 1)
    await goToTab(page, "Log")
    assert.deepStrictEqual(await rowsOf(page, "Log"), [
      ["0.000 s", "speak", "one"],
      ["", "", " two"],
      ["0:01:30", "speak", "<b>bad</b>"]
    ])
    const errors = page.getByRole("grid", { name: "Log" }).locator(".is-error")
    assert.strictEqual(await errors.count(), 1)
    await page.locator("#graph").focus()
    await page.keyboard.press("Home")
    await assertPlace(page, "#0/4")
    await isDrawn(page)
    assert.strictEqual(await futureRows(page, "Log"), 3)
  })
})

describe("the state", () => {
  it("is that of the selected task at the moment, with all that it holds", async () => {
    const page = await openExampleAt("signal-payload", "State")
    const panel = page.getByRole("group", { name: "State", exact: true })
    await panel.getByRole("heading", { name: "state-inspection-handler" }).waitFor()
    await panel.getByRole("button", { name: "mission_critical_task" }).click()
    await panel.getByRole("heading", { name: "mission_critical_task" }).waitFor()
    const text = await panel.innerText()
    for (const part of ["a equaled b!", "Attempt\n1 of 1", 'error: "EqualInputs"', "flag: true"]) {
      assert.include(text, part)
    }
    await page.keyboard.press("Home")
    await panel.getByText("none yet").waitFor()
    assert.notInclude(await panel.innerText(), "EqualInputs")
  })

  it("names what it needs and what needs it, and its changes lead to their moments", async () => {
    const page = await openNightly("State")
    const panel = page.getByRole("group", { name: "State", exact: true })
    await panel.getByRole("button", { name: "load" }).click()
    await panel.getByRole("button", { name: "extract" }).click()
    await panel.getByText("tellTheTime").waitFor()
    assert.include(await panel.innerText(), "3 of 4")
    await panel.getByRole("button", { name: /Retrying/ }).last().press("Enter")
    await assertPlace(page, "#7/12")
    await isDrawn(page)
    const focused = await page.evaluate(() => document.activeElement!.textContent)
    assert.match(focused!, /Retrying/, "whoever goes there by keyboard is still there")
    await panel.getByText("2 of 4", { exact: true }).waitFor()
  })
})

it("a hundred thousand events are as quick as a few", async () => {
  const page = await openExampleAt("task-handler", "Events")
  const header = {
    signalbox: 1,
    flow: "big",
    start: 0,
    nodes: ["a", "b"].map((slug) => ({
      slug,
      name: slug,
      kind: "task",
      upstream: [],
      mapped: false,
      handlers: [],
      maxRetries: 0,
      tags: []
    })),
    reference: []
  }
  const change = (at: number) => ({
    at,
    flow: "big",
    task: at % 3 === 0 ? "a" : "b",
    run: 1,
    from: { tag: "Pending" },
    to: { tag: at % 7 === 0 ? "Failed" : "Running", message: `number ${at}` }
  })
  const lines = [
    header,
    ...Array.from({ length: 100_000 }, (_, at) => change(at)),
    { at: 100_000, end: "ended" }
  ]
  const file = join(mkdtempSync(join(tmpdir(), "signalbox-trace-")), "big.jsonl")
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"))
  const choosing = page.waitForEvent("filechooser")
  await page.getByRole("button", { name: "Open …" }).click()
  await (await choosing).setFiles(file)
  await assertPlace(page, "#100000/100000")
  rmSync(dirname(file), { recursive: true })
  await goToTab(page, "Events")
  await isDrawn(page)
  assert.match(await currentRow(page, "Events"), /number 99999/)
  const events = page.getByRole("grid", { name: "Events" })
  assert.strictEqual(await events.getAttribute("aria-rowcount"), "100001")
  assert.isBelow(await events.getByRole("row").count(), 40)
  await page.locator("#graph").focus()
  await page.keyboard.press("Home")
  await assertPlace(page, "#0/100000")
  await isDrawn(page)
  assert.include((await rowsOf(page, "Events"))[0]!, "number 0")
  await page.keyboard.press("/")
  await page.keyboard.type("number 4242")
  await isDrawn(page)
  assert.lengthOf(await rowsOf(page, "Events"), 11)
})
