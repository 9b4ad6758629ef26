/**
 * What somebody sees and does on the page, in words that tests share.
 */
import type { Page } from "playwright-core"
import { encode } from "../../playground/share/Link.ts"
import { runtime } from "../../playground/share/runtime.ts"
import { address, newPage, open, type OpenOptions } from "./page.ts"

/** The tabs of the details. */
export type Tab = "Handlers" | "Events" | "Log" | "State" | "Faults" | "Runs"

/** So tall that every row of a short run is on the screen. */
export const tall = { width: 1440, height: 2600 } as const

/** Opens a page whose editor never comes: most of what one does is as quick to try without it. */
export const openPlain = async ({ path = "", ...options }: OpenOptions = {}): Promise<Page> => {
  const page = await newPage(options)
  await page.route(/\/Editor-[^/]*$/, () => {})
  await page.goto(address + path)
  return page
}

/** Opens the page and waits until programs can be run; the code stays in its plain field. */
export const openRunnable = async (options: OpenOptions = {}): Promise<Page> => {
  const page = await openPlain(options)
  await isAt(page, "runnable")
  return page
}

/** Opens the page and waits until one can type into its editor, which never gets its compiler. */
export const openWritable = async ({ path = "", ...options }: OpenOptions = {}): Promise<Page> => {
  const page = await newPage(options)
  await page.route(/\/worker-[^/]*$/, () => {})
  await page.goto(address + path)
  await isAt(page, "editable")
  return page
}

/** Opens the page and waits until all of it is there. */
export const openEditable = async (options: OpenOptions = {}): Promise<Page> => {
  const page = await open(options)
  await isAt(page, "editable")
  return page
}

const linkTo = (text: string): Promise<string> => {
  const plan = { files: [{ name: "flow.ts", text }], seed: 0, faults: [] }
  return encode({ plan, cursor: Infinity, runtime })
}

/** Opens a link to a program, which is run by that. */
export const openProgram = async (text: string, options: OpenOptions = {}): Promise<Page> =>
  openPlain({ ...options, path: `#${await linkTo(text)}` })

/** Follows a link to a program in a page that is open, which runs it. */
export const goToProgram = async (page: Page, text: string): Promise<void> => {
  await goTo(page, await linkTo(text))
  await page.getByRole("button", { name: "Dismiss" }).click()
}

/** Changes what follows the address of an open page, as a link in it would. */
export const goTo = (page: Page, hash: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash
  }, hash)

/** Clicks beside everything in the graph, so that nothing is selected. */
export const selectNothing = async (page: Page): Promise<void> => {
  const surface = page.locator(".graph-surface")
  const { height } = (await surface.boundingBox())!
  await surface.click({ position: { x: 8, y: height - 8 } })
}

/** Waits until the page has come as far as that. */
export const isAt = (page: Page, mark: "scrubbable" | "runnable" | "editable"): Promise<unknown> =>
  page.waitForFunction(
    (name) => performance.getEntriesByName(name).length > 0,
    `signalbox:${mark}`
  )

/** Waits until the run of that number is shown and has ended. */
export const assertRun = async (page: Page, number: number): Promise<void> => {
  try {
    await page.getByRole("button", { name: new RegExp(`^Run ${number}\\b`) }).first().waitFor()
    await page.locator("#panes[aria-busy=false]").waitFor()
  } catch (error) {
    const complaints = await page.getByRole("alert").allInnerTexts()
    throw new Error(`There is no run ${number}: ${complaints.join(" ")}`, { cause: error })
  }
}

/** The number of the run that is shown; that of the one that was recorded before is 0. */
export const runShown = async (page: Page): Promise<number> => {
  const name = await page.getByRole("button", { name: /^(Run \d+|Recorded run)\b/ }).first()
    .innerText()
  return Number(/\d+/.exec(name.replace(/seed .*/s, "")) ?? 0)
}

/** Opens an example by the menu, and waits for its run; gives the number of that. */
export const runExample = async (page: Page, name: string): Promise<number> => {
  const number = await runShown(page) + 1
  await openExample(page, name)
  await assertRun(page, number)
  return number
}

/** Opens an example by the menu. */
export const openExample = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("button", { name: /^Example/ }).click()
  await page.getByRole("dialog", { name: "Examples" })
    .getByRole("button", { name: new RegExp(`^${name}\\b(?!-)`) }).click()
}

/** Goes to a tab of the details. */
export const goToTab = async (page: Page, tab: Tab): Promise<void> => {
  await page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click()
}

/** Waits until all that was asked for is drawn. */
export const isDrawn = (page: Page): Promise<void> =>
  page.evaluate(() =>
    new Promise<void>((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
    )
  )

/** The rows of a table on the screen, each as its cells, with states by their words. */
export const rowsOf = async (
  page: Page,
  table: string
): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const grid = page.getByRole("grid", { name: table })
  await grid.waitFor()
  await isDrawn(page)
  return grid.locator(".rows-body [role=row]").evaluateAll((rows) =>
    rows.map((row) =>
      [...row.querySelectorAll("[role=gridcell]")].map((cell) => {
        const copy = cell.cloneNode(true) as Element
        for (const glyph of copy.querySelectorAll(".glyph")) glyph.remove()
        return copy.textContent ?? ""
      })
    )
  )
}

/** Where one is, as the clock says it: `#3/12`. */
export const placeOf = (page: Page): Promise<string> =>
  page.locator("#clock").getByText(/^#\d+\/\d+$/).innerText()

/** Waits until the clock says where one is. */
export const assertPlace = (page: Page, place: string): Promise<void> =>
  page.locator("#clock").getByText(place, { exact: true }).waitFor()

/** What the nodes of the graph say: their names with the words of their states. */
export const nodesOf = (page: Page): Promise<ReadonlyArray<string>> =>
  page.locator("#graph svg [role=button][aria-label]").evaluateAll((nodes) =>
    nodes.map((node) => node.getAttribute("aria-label") ?? node.textContent ?? "")
  )
