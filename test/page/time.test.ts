/**
 * The timeline and the clock: where one is in a run, and how one gets elsewhere.
 */
import type { Locator, Page } from "playwright-core"
import { assert, describe, it } from "vitest"
import { phone, share } from "./page.ts"
import {
  assertPlace,
  assertRun,
  isDrawn,
  openRunnable,
  placeOf,
  runExample,
  runShown,
  selectNothing
} from "./Screen.ts"

const timeline = (page: Page): Locator => page.getByRole("treegrid", { name: /Timeline/ })
const playhead = (page: Page): Locator => page.getByRole("slider", { name: "Playhead" })
const scrubber = (page: Page): Locator => page.getByRole("slider", { name: "Time", exact: true })
const row = (page: Page, name: string): Locator =>
  timeline(page).getByRole("row").filter({ has: page.getByRole("rowheader", { name }) })
const bars = (page: Page, name: string): Promise<ReadonlyArray<string>> =>
  row(page, name).getByRole("gridcell").evaluateAll((bars) =>
    bars.map((bar) => bar.getAttribute("aria-label") ?? "")
  )
const boxOf = async (locator: Locator) => {
  const box = await locator.boundingBox()
  assert.isNotNull(box)
  return box!
}
/** What a bar tells when one is at it. */
const tip = (page: Page): Locator => page.locator(".timeline-tip:popover-open")

const shared = share(openRunnable)

/** The page with a run whose retries are hours apart, all of which is seen. */
const openHours = async (): Promise<Page> => {
  const page = await shared()
  await page.keyboard.press("Escape")
  await page.locator("#filter").fill("")
  await runHours(page)
  await selectNothing(page)
  await page.getByRole("button", { name: "Compressed", exact: true }).click()
  await page.getByRole("button", { name: "Fit the timeline" }).dispatchEvent("click")
  await page.mouse.move(0, 0)
  await isDrawn(page)
  return page
}

/** The same in a page in which the keyboard has not been anywhere. */
const openFreshHours = async (): Promise<Page> => {
  const page = await openRunnable()
  await runHours(page)
  return page
}

const runHours = async (page: Page): Promise<void> => {
  await runExample(page, "retries-hours-apart")
  await assertPlace(page, "#12/12")
}

describe("the timeline", () => {
  it("has a bar for each attempt and each wait, which tells all about it", async () => {
    const page = await openHours()
    const told = await bars(page, "extract")
    assert.strictEqual(told.length, 8)
    assert.include(told[0]!, "Pending to Running: Starting task run., attempt 1, at 0.000 s")
    assert.include(told[1]!, "Running to Failed: the warehouse is asleep, attempt 1")
    assert.include(told[2]!, "Failed to Retrying")
    assert.include(told[2]!, "0.000 s to 2:00:00, 2 h")
    assert.include(told[7]!, "Running to Success: Task run succeeded., attempt 3, at 4:00:00")
    await row(page, "extract").getByRole("gridcell").nth(2).hover()
    const text = await tip(page).innerText()
    assert.match(text, /extract[\s\S]*attempt 1[\s\S]*Failed[\s\S]*→[\s\S]*Retrying/)
    assert.match(text, /until 2:00:00/)
  })

  it("marks what a handler made of a state", async () => {
    const page = await openHours()
    await runExample(page, "replace-a-state")
    const replaced = row(page, "price").getByRole("gridcell").last()
    await replaced.hover()
    assert.match(await replaced.innerText(), /⇒/)
    assert.match(
      await tip(page).innerText(),
      /Failed\s*⇒[\s\S]*Success[\s\S]*fallBackToYesterday ⇒/
    )
  })

  it("shows the states of the moment, and its playhead goes where one drags it", async () => {
    const page = await openHours()
    assert.include(await row(page, "load").getByRole("rowheader").innerText(), "Success")
    const track = await boxOf(row(page, "extract").getByRole("gridcell").nth(2))
    const head = await boxOf(playhead(page))
    await page.mouse.move(head.x + head.width / 2, head.y + head.height - 4)
    await page.mouse.down()
    await page.mouse.move(track.x + track.width / 2, head.y + 5, { steps: 5 })
    await page.mouse.up()
    await assertPlace(page, "#4/12")
    assert.match(
      await playhead(page).getAttribute("aria-valuetext") ?? "",
      /of 4:00:00, change 4 of 12/
    )
    assert.include(await row(page, "load").getByRole("rowheader").innerText(), "Pending")
    assert.include(await row(page, "extract").getByRole("rowheader").innerText(), "Retrying")
  })

  it("goes to a moment that one clicks, on the axis and in a row", async () => {
    const page = await openHours()
    const wait = row(page, "extract").getByRole("gridcell").nth(5)
    await wait.click()
    await assertPlace(page, "#7/12")
    const { width, x } = await boxOf(row(page, "extract").getByRole("gridcell").nth(2))
    const { height, y } = await boxOf(page.locator(".ruler"))
    await page.mouse.click(x + width / 2, y + height / 2)
    await assertPlace(page, "#4/12")
    assert.match(await playhead(page).getAttribute("aria-valuetext") ?? "", /^(1:|0:[1-5])/)
  })

  it("is moved in with the keyboard alone", async () => {
    const page = await openFreshHours()
    await timeline(page).focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await tip(page).waitFor()
    const active = await timeline(page).getAttribute("aria-activedescendant")
    const told = await page.locator(`[id="${active}"]`).getAttribute("aria-label")
    assert.include(told ?? "", "Running to Failed: the warehouse is asleep")
    await page.keyboard.press("Enter")
    await assertPlace(page, "#3/12")
    assert.strictEqual(await row(page, "extract").getAttribute("aria-selected"), "true")
    await playhead(page).focus()
    await page.keyboard.press("ArrowLeft")
    await assertPlace(page, "#2/12")
    await page.keyboard.press("End")
    await assertPlace(page, "#12/12")
  })

  it("shows time as it passed, or with waits shortened", async () => {
    const page = await openHours()
    const widths = async (): Promise<ReadonlyArray<number>> => {
      await isDrawn(page)
      const cells = row(page, "extract").getByRole("gridcell")
      return cells.evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().width))
    }
    const compressed = await widths()
    await page.getByRole("button", { name: "Real", exact: true }).click()
    const real = await widths()
    const labels = await page.locator(".ruler-tick").allInnerTexts()
    assert.includeMembers([...labels], ["0 s", "1 h", "2 h", "4 h"])
    const longest = (widths: ReadonlyArray<number>): number => Math.max(...widths)
    assert.isAbove(longest(real), longest(compressed) * 1.1)
  })

  it("shows a part of the run larger, and all of it again", async () => {
    const page = await openHours()
    const first = row(page, "extract").getByRole("gridcell").first()
    const { width } = await boxOf(first)
    const ruler = await boxOf(page.locator(".ruler"))
    const { x } = await boxOf(first)
    await page.mouse.move(Math.max(ruler.x + 1, x - 10), ruler.y + 8)
    await page.mouse.down()
    await page.mouse.move(x + 90, ruler.y + 8, { steps: 4 })
    await page.mouse.up()
    await isDrawn(page)
    assert.isAbove((await boxOf(first)).width, 3 * width)
    await page.getByRole("button", { name: "Fit the timeline" }).click()
    await isDrawn(page)
    assert.closeTo((await boxOf(first)).width, width, 0.5)
    await first.hover()
    await page.keyboard.down("Control")
    await page.mouse.wheel(0, -200)
    await page.keyboard.up("Control")
    await isDrawn(page)
    assert.isAbove((await boxOf(first)).width, 1.3 * width)
  })

  it("has only rows that the filter finds", async () => {
    const page = await openHours()
    await page.getByRole("searchbox", { name: /ilter/ }).or(page.locator("#filter")).first().fill(
      "load"
    )
    await isDrawn(page)
    assert.strictEqual(await timeline(page).getByRole("row").count(), 1)
    await page.getByRole("button", { name: /Show all rows/ }).click()
    await isDrawn(page)
    assert.strictEqual(await timeline(page).getByRole("row").count(), 3)
  })
})

describe("what if", () => {
  it("a fault that is dropped on a bar strikes that attempt, and can be taken away again", async () => {
    const page = await openHours()
    const first = await runShown(page)
    const bar = row(page, "load").getByRole("gridcell").first()
    const [from, to] = [
      await boxOf(page.getByRole("button", { name: "⚡ Fault" })),
      await boxOf(bar)
    ]
    await page.mouse.move(from.x + 5, from.y + 5)
    await page.mouse.down()
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 })
    await page.mouse.up()
    await assertRun(page, first + 1)
    await isDrawn(page)
    assert.include(await row(page, "load").getByRole("rowheader").innerText(), "Failed")
    const faulty = row(page, "load").getByRole("gridcell").first()
    assert.match(await faulty.innerText(), /⚡/)
    await faulty.click({ button: "right", delay: 100 })
    await page.getByRole("menuitem", { name: /^Remove/ }).click()
    await assertRun(page, first + 2)
    await isDrawn(page)
    assert.include(await row(page, "load").getByRole("rowheader").innerText(), "Success")
  })

  it("the same by keyboard", async () => {
    const page = await openFreshHours()
    await timeline(page).focus()
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"]) {
      await page.keyboard.press(key)
    }
    await page.getByRole("button", { name: "⚡ Fault" }).focus()
    await page.keyboard.press("Enter")
    await page.getByRole("menu", { name: /load/ }).waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await assertRun(page, 2)
    await isDrawn(page)
    assert.include(await row(page, "load").getByRole("rowheader").innerText(), "Failed")
    const focused = await page.evaluate(() => document.activeElement?.className)
    assert.include(focused ?? "", "fault-chip")
  })
})

describe("the clock", () => {
  it("steps, jumps and says where one is", async () => {
    const page = await openHours()
    const press = (name: string | RegExp): Promise<void> =>
      page.locator("#clock").getByRole("button", { name, exact: true }).click()
    await press("Start of the run")
    await assertPlace(page, "#0/12")
    await press("Next change")
    await assertPlace(page, "#1/12")
    await press("Next failure")
    await assertPlace(page, "#3/12")
    await press("Next failure")
    await assertPlace(page, "#6/12")
    await press("Previous failure")
    await assertPlace(page, "#3/12")
    await row(page, "load").getByRole("rowheader").click()
    await press("Next change of load")
    await assertPlace(page, "#10/12")
    await press("Previous change")
    await assertPlace(page, "#9/12")
    assert.strictEqual(
      await scrubber(page).getAttribute("aria-valuetext"),
      "4:00:00 of 4:00:00, change 9 of 12"
    )
    await press("End of the run")
    await assertPlace(page, "#12/12")
  })

  it("plays hours in seconds, and stops at the end", async () => {
    const page = await openHours()
    await page.getByRole("combobox", { name: "Speed" }).selectOption("10,000×")
    await page.getByRole("button", { name: "Play" }).click()
    await page.getByRole("button", { name: "Pause" }).waitFor()
    assert.notStrictEqual(await placeOf(page), "#12/12")
    await assertPlace(page, "#12/12")
    await page.getByRole("button", { name: "Play" }).waitFor()
  })

  it("is scrubbed by pointer and by keys, on a phone too", async () => {
    const page = await openRunnable({ viewport: phone, hasTouch: true })
    await assertPlace(page, "#11/11")
    const { height, width, x, y } = await boxOf(scrubber(page))
    await page.touchscreen.tap(x + width * 0.5, y + height / 2)
    await isDrawn(page)
    assert.notStrictEqual(await placeOf(page), "#11/11")
    await scrubber(page).focus()
    await page.keyboard.press("Home")
    await assertPlace(page, "#0/11")
    await page.keyboard.press("ArrowRight")
    await assertPlace(page, "#1/11")
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.strictEqual(wide, phone.width)
  })

  it("fits into 320 pixels, hours and dozens of changes too", async () => {
    const page = await openRunnable({
      path: "#cached-results",
      viewport: { width: 320, height: 640 }
    })
    await assertPlace(page, "#19/19")
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.strictEqual(wide, 320)
  })

  it("shows failures in red on the strip", async () => {
    const page = await openHours()
    const { all, failed } = await page.evaluate(() => {
      const columns = (selector: string): number =>
        (document.querySelector(selector)?.getAttribute("d") ?? "").split("M").length - 1
      return { all: columns(".scrubber-changes"), failed: columns(".scrubber-failures") }
    })
    assert.isAbove(all, 5)
    assert.strictEqual(failed, 2)
  })
})

describe("100,000 changes of 2,000 items", () => {
  const tasks = 4
  const items = 500
  /** Each item runs, fails now and then and is tried again, 50 changes long. */
  const lines = (): string => {
    const nodes = Array.from({ length: tasks }, (_, task) => ({
      slug: `map${task}`,
      name: `map${task}`,
      kind: "task",
      upstream: [],
      mapped: true,
      handlers: [],
      maxRetries: 9,
      tags: []
    }))
    const flow = { flow: "many", run: 1 }
    const all: Array<object> = [
      { signalbox: 1, flow: "many", start: 0, nodes, reference: [] },
      ...nodes.map(({ slug }) => ({
        ...flow,
        at: 0,
        task: slug,
        from: { tag: "Pending" },
        to: { tag: "Mapped" }
      }))
    ]
    const tags = ["Retrying", "Running", "Failed"]
    for (let step = 0; step < 50; step++) {
      for (let item = 0; item < tasks * items; item++) {
        const [from, to] = [tags[step % 3]!, tags[(step + 1) % 3]!]
        const place = { task: `map${item % tasks}`, index: Math.floor(item / tasks) }
        const at = step * 60_000 + (item >> 2)
        all.push({ ...flow, ...place, at, from: { tag: from }, to: { tag: to } })
      }
    }
    return [...all, { at: 3_000_000, end: "ended" }].map((line) => JSON.stringify(line)).join("\n")
  }

  it("has a few rows as elements, and no jump takes longer than a frame", async () => {
    const page = await shared()
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: /^Open/ }).click()
    ])
    await chooser.setFiles({
      name: "many.jsonl",
      mimeType: "application/x-ndjson",
      buffer: Buffer.from(lines())
    })
    await assertPlace(page, "#100004/100004")
    // From below, since an opened task moves those below it out of sight.
    for (const task of ["map3", "map2", "map1", "map0"]) {
      await row(page, task).locator(".row-fold").click()
      await isDrawn(page)
    }
    assert.strictEqual(await timeline(page).getAttribute("aria-rowcount"), "2005")
    assert.isBelow(await timeline(page).getByRole("row").count(), 40)
    const took = await page.evaluate(jumpThrough)
    const sorted = took.toSorted((one, other) => one - other)
    // Whatever else the machine does makes some of them longer, and none shorter.
    const [quarter, median] = [sorted[25]!, sorted[50]!]
    console.log(`A jump: ${quarter.toFixed(1)} ms (1 of 4), ${median.toFixed(1)} ms (median)`)
    assert.isBelow(quarter, 16)
  })
})

/** Jumps about by the strip of the clock; how long each jump took until everything was laid out. */
const jumpThrough = async (): Promise<ReadonlyArray<number>> => {
  const strip = document.querySelector(".scrubber")!
  const { left, top, width } = strip.getBoundingClientRect()
  const request = window.requestAnimationFrame
  const took: Array<number> = []
  for (let jump = 0; jump < 101; jump++) {
    await new Promise((resolve) => request(resolve))
    const drawings: Array<FrameRequestCallback> = []
    window.requestAnimationFrame = (callback) => drawings.push(callback)
    const clientX = left + (jump * 0.618 % 1) * width
    const at = { clientX, clientY: top + 5, bubbles: true, pointerId: 1, button: 0 }
    const begin = performance.now()
    strip.dispatchEvent(new PointerEvent("pointerdown", at))
    for (const draw of drawings) draw(begin)
    document.body.getBoundingClientRect()
    took.push(performance.now() - begin)
    window.requestAnimationFrame = request
    strip.dispatchEvent(new PointerEvent("lostpointercapture", at))
  }
  return took
}
