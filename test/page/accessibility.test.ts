/**
 * For everybody: nothing that axe objects to, in any tab, scheme or size; all of it by keyboard; and
 * what happens is said at a bearable rate.
 */
import axe from "axe-core"
import type { Page } from "playwright-core"
import { assert, it } from "vitest"
import { desktop, type OpenOptions, phone, share } from "./page.ts"
import {
  assertPlace,
  assertRun,
  goToTab,
  isDrawn,
  openWritable,
  placeOf,
  runExample,
  type Tab
} from "./Screen.ts"

const tabs: ReadonlyArray<Tab> = ["Handlers", "Events", "Log", "State", "Faults", "Runs"]

/** What axe objects to, each with the first element that it means. */
const objections = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") }
    const { violations } = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    })
    return violations.flatMap(({ help, nodes }) =>
      nodes.slice(0, 3).map(({ failureSummary, html }) => `${help}: ${html} (${failureSummary})`)
    )
  })

const openWithAxe = async (options: OpenOptions): Promise<Page> => {
  const page = await openWritable(options)
  await page.evaluate(axe.source)
  return page
}

const onComputer = share((options) => openWithAxe({ ...options, viewport: desktop }))

const assertNoObjections = async (page: Page, where: string): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepStrictEqual(await objections(page), [], `${where}, in ${colorScheme}`)
  }
}

it("axe objects to nothing on a computer, in any tab", async () => {
  const page = await onComputer()
  await assertNoObjections(page, "as it opens")
  await runExample(page, "triggers-and-skips")
  await page.keyboard.press("Home")
  for (let step = 0; step < 6; step++) await page.keyboard.press("ArrowRight")
  for (const tab of tabs) {
    await goToTab(page, tab)
    await isDrawn(page)
    await assertNoObjections(page, tab)
  }
})

it("axe objects to nothing in menus, dialogs, chips, comparisons and tables of seeds", async () => {
  const page = await onComputer()
  const first = await runExample(page, "replace-a-state")
  await page.getByRole("button", { name: /^Example/ }).click()
  await assertNoObjections(page, "examples")
  await page.keyboard.press("Escape")
  await page.keyboard.press("?")
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor()
  await assertNoObjections(page, "keys")
  await page.keyboard.press("Escape")
  await goToTab(page, "Faults")
  await page.getByRole("button", { name: "Add and run" }).click()
  await assertRun(page, first + 1)
  await page.getByRole("checkbox", { name: /^Fails/ }).uncheck()
  await assertRun(page, first + 2)
  await assertNoObjections(page, "faults")
  await goToTab(page, "Runs")
  await page.getByRole("button", { name: /^Shake/ }).click()
  await page.getByRole("table", { name: /100 seeds/ }).waitFor()
  await assertNoObjections(page, "shake")
  await page.getByRole("button", { name: `Compare with Run ${first + 1}` }).click()
  await page.getByRole("grid", { name: "Two runs side by side" }).waitFor()
  await assertNoObjections(page, "comparison")
})

it("axe objects to nothing on a phone, in any part", async () => {
  const page = await openWithAxe({ viewport: phone })
  for (const part of ["Code", "Graph", "Time"]) {
    await page.getByRole("navigation").getByRole("button", { name: part }).click()
    await isDrawn(page)
    await assertNoObjections(page, part)
  }
  await page.getByRole("navigation").getByRole("button", { name: "Details" }).click()
  for (const tab of tabs) {
    await goToTab(page, tab)
    await isDrawn(page)
    await assertNoObjections(page, tab)
  }
  await page.getByRole("button", { name: "More" }).click()
  await assertNoObjections(page, "toolbar")
})

it("a tour by keyboard alone: open an example, go through it, break it, compare, and share", async () => {
  const page = await openWritable()
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let step = 0; step < 120; step++) {
      // In the editor Tab is for the code, until Escape says otherwise.
      const isInEditor = await page.evaluate(() => document.activeElement!.matches(".cm-content"))
      if (isInEditor) await page.keyboard.press("Escape")
      await page.keyboard.press("Tab")
      const focused = await page.evaluate(() => {
        const element = document.activeElement
        const label = element?.getAttribute("aria-label") ?? ""
        const isVisible = element?.matches(":focus-visible") === true
        const name = `${label} ${element?.textContent}`.trim()
        return isVisible ? name : `(no visible focus) ${element?.outerHTML.slice(0, 200)}`
      })
      if (name.test(focused)) return
      assert.notInclude(focused, "(no visible focus)")
    }
    assert.fail(`The keyboard does not reach ${name}`)
  }
  await page.keyboard.press("Tab")
  assert.match(await page.evaluate(() => document.activeElement!.textContent!), /^Skip to/)
  await tabTo(/^Example/)
  await page.keyboard.press("Enter")
  await page.getByRole("dialog", { name: "Examples" }).waitFor()
  for (let step = 0; step < 40; step++) {
    const focused = await page.evaluate(() => document.activeElement!.textContent!)
    if (focused.startsWith("retries-hours-apart")) break
    await page.keyboard.press("ArrowDown")
  }
  await page.keyboard.press("Enter")
  await assertRun(page, 1)
  await page.getByRole("button", { name: "Example retries-hours-apart" }).waitFor()

  await tabTo(/^extract, Success/)
  await page.keyboard.press("Enter")
  await page.keyboard.press("Home")
  await assertPlace(page, "#0/12")
  for (let step = 1; step <= 3; step++) await page.keyboard.press("Shift+ArrowRight")
  await assertPlace(page, "#4/12")

  await tabTo(/^Handlers/)
  for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowRight")
  await tabTo(/^Add and run/)
  await page.keyboard.press("Enter")
  await assertRun(page, 2)
  await page.keyboard.press("Shift+Tab")
  await goByShiftTab(page, /^Faults/)
  await page.keyboard.press("ArrowRight")
  await tabTo(/^Compare with Run 1/)
  await page.keyboard.press("Enter")
  await page.getByRole("grid", { name: "Two runs side by side" }).waitFor()
  assert.match(await placeOf(page), /^#\d+\/\d+$/)

  await goByShiftTab(page, /^Share/)
  await page.keyboard.press("Enter")
  await page.getByRole("dialog", { name: "Share" }).waitFor()
  await page.keyboard.press("Escape")
  assert.match(await page.evaluate(() => document.activeElement!.textContent!), /^Share/)
})

const goByShiftTab = async (page: Page, name: RegExp): Promise<void> => {
  for (let step = 0; step < 120; step++) {
    const focused = await page.evaluate(() => document.activeElement?.textContent ?? "")
    if (name.test(focused)) return
    await page.keyboard.press("Shift+Tab")
  }
  assert.fail(`The keyboard does not go back to ${name}`)
}

it("the editor lets go of the keyboard: Escape, then Tab", async () => {
  const page = await onComputer()
  await page.locator(".cm-content").focus()
  await page.keyboard.press("Escape")
  await page.keyboard.press("Tab")
  assert.isFalse(
    await page.evaluate(() => document.querySelector(".cm-content")!.matches(":focus"))
  )
})

it("says each change at most once a second, and the last of many", async () => {
  const page = await onComputer()
  await runExample(page, "retries-hours-apart")
  await page.locator("#graph").focus()
  await page.keyboard.press("Home")
  await page.waitForTimeout(1500)
  await page.evaluate(() => {
    const said: Array<readonly [number, string]> = []
    Object.assign(globalThis, { said })
    const announcer = document.getElementById("announcer")!
    new MutationObserver(() => said.push([performance.now(), announcer.textContent]))
      .observe(announcer, { childList: true, characterData: true, subtree: true })
  })
  for (let step = 0; step < 9; step++) {
    await page.keyboard.press("ArrowRight")
    await page.waitForTimeout(120)
  }
  await assertPlace(page, "#9/12")
  await page.waitForFunction(() =>
    document.getElementById("announcer")!.textContent === "extract: Running to Success, attempt 3"
  )
  const said = await page.evaluate(() =>
    (globalThis as unknown as { readonly said: ReadonlyArray<readonly [number, string]> }).said
  )
  assert.isAtLeast(said.length, 2)
  for (const [index, [time]] of said.entries()) {
    if (index > 0) assert.isAtLeast(time - said[index - 1]![0], 950)
  }
})
