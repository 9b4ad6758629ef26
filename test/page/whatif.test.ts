/**
 * What if: faults, answers to pauses, other seeds; each is another run with the same beginning, and
 * two runs can be compared.
 */
import type { Page } from "playwright-core"
import { assert, describe, it } from "vitest"
import {
  assertPlace,
  assertRun,
  goToTab,
  isDrawn,
  nodesOf,
  openExample,
  openPlain,
  openProgram,
  openRunnable,
  rowsOf,
  tall
} from "./Screen.ts"

const eventsOf = async (page: Page): Promise<ReadonlyArray<string>> => {
  await goToTab(page, "Events")
  return (await rowsOf(page, "Events")).map((cells) => cells.join(" | "))
}

const openNightly = async (): Promise<Page> => {
  const page = await openRunnable({ viewport: tall })
  await openExample(page, "retries-hours-apart")
  await assertRun(page, 1)
  return page
}

describe("a fault", () => {
  it("is added by the form, and the run before it stays as it was", async () => {
    const page = await openNightly()
    const before = await eventsOf(page)
    await goToTab(page, "Faults")
    await page.getByRole("combobox", { name: "What" }).selectOption("Fails")
    await page.getByRole("combobox", { name: "Task" }).selectOption("extract")
    await page.getByRole("textbox", { name: "Attempt" }).fill("3")
    await page.getByRole("button", { name: "Add and run" }).click()
    await assertRun(page, 2)
    const after = await eventsOf(page)
    const same = before.findIndex((event, at) => event !== after[at])
    assert.isAbove(same, 7)
    assert.match(after[same]!, /extract \| 3 \| Running→Failed/)
    assert.include(after.join("\n"), "Retrying Task (after attempt 3 of 4)")
  })

  it("is turned off for a while, and removed", async () => {
    const page = await openNightly()
    const before = await eventsOf(page)
    await goToTab(page, "Faults")
    await page.getByRole("combobox", { name: "What" }).selectOption("Begins later")
    await page.getByRole("textbox", { name: "By" }).first().fill("2 h")
    await page.getByRole("button", { name: "Add and run" }).click()
    await assertRun(page, 2)
    const chip = page.getByRole("checkbox", { name: "Begins later: any task, by 2 h" })
    assert.isTrue(await chip.isChecked())
    assert.notDeepEqual(await eventsOf(page), before)
    await goToTab(page, "Faults")
    await chip.uncheck()
    await assertRun(page, 3)
    assert.deepStrictEqual(await eventsOf(page), before)
    await goToTab(page, "Faults")
    await chip.check()
    await assertRun(page, 4)
    assert.strictEqual(await chip.count(), 1)
    await page.getByRole("button", { name: /^Remove: Begins later/ }).click()
    await assertRun(page, 5)
    assert.deepStrictEqual(await eventsOf(page), before)
  })

  it("that is none is refused with what it needs", async () => {
    const page = await openNightly()
    await goToTab(page, "Faults")
    await page.getByRole("combobox", { name: "What" }).selectOption("Begins later")
    const by = page.getByRole("textbox", { name: "By" }).first()
    const refusal = async (): Promise<string> => {
      await page.getByRole("button", { name: "Add and run" }).click()
      return page.getByRole("tabpanel").getByRole("alert").innerText()
    }
    await by.fill("soon")
    assert.strictEqual(await refusal(), "By: please enter a time such as 250 ms, 1.5 s or 2 h")
    await by.fill("1 s")
    await page.getByRole("textbox", { name: "Attempt" }).fill("0")
    assert.strictEqual(await refusal(), "Attempt: please enter a whole number from 1 on")
  })

  it("is aimed at what is selected, in the attempt that it is in", async () => {
    const page = await openNightly()
    await goToTab(page, "Events")
    const events = page.getByRole("grid", { name: "Events" })
    await events.getByRole("row", { name: /Retrying.*Running/ }).first().click()
    await goToTab(page, "Faults")
    await isDrawn(page)
    const task = page.getByRole("combobox", { name: "Task" })
    assert.strictEqual(await task.inputValue(), "extract-1")
    assert.strictEqual(await page.getByRole("textbox", { name: "Attempt" }).inputValue(), "2")
  })
})

describe("a fault that cannot be", () => {
  it("is told with what is wrong, where it can be removed", async () => {
    const lost = JSON.stringify([{ kind: "Fail", task: "nobody" }])
    const page = await openPlain({ path: `#task-handler?faults=${lost}` })
    await page.getByRole("alert").filter({ hasText: 'it has no task "nobody"' }).first().waitFor()
    await page.getByRole("tab", { name: /^Faults/, selected: true }).waitFor()
    const chip = page.getByRole("checkbox", { name: "Fails: nobody – there is no such task" })
    await chip.waitFor()
    await page.getByRole("button", { name: "Remove: Fails: nobody" }).click()
    await page.locator("#clock").getByText("#4/4").waitFor()
    assert.strictEqual(await chip.count(), 0)
  })

  it("says which kinds there are", async () => {
    const unknown = JSON.stringify([{ kind: "Fial", task: "x" }])
    const page = await openPlain({ path: `#task-handler?faults=${unknown}` })
    const alert = page.getByRole("alert").filter({ hasText: "the kind of fault 0 must be one of" })
    await alert.first().waitFor()
    await page.getByRole("tab", { name: /^Faults/ }).click()
    assert.strictEqual(await page.getByRole("checkbox", { name: /^Fial: x/ }).count(), 1)
  })
})

it("what is done to an earlier run is done to its program", async () => {
  const page = await openNightly()
  await openExample(page, "task-handler")
  await assertRun(page, 2)
  await goToTab(page, "Runs")
  await page.getByRole("list", { name: "Runs" }).getByRole("button", { name: /^Run 1/ }).click()
  await goToTab(page, "Faults")
  await page.getByRole("combobox", { name: "Task" }).selectOption("extract")
  await page.getByRole("button", { name: "Add and run" }).click()
  await assertRun(page, 3)
  await page.getByText("The program of this run is in the editor again.").first().waitFor()
  assert.match((await nodesOf(page)).join("; "), /extract, Failed/)
})

it("a pause is answered at its time", async () => {
  const page = await openRunnable({ viewport: tall })
  await openExample(page, "approval")
  await assertRun(page, 1)
  await goToTab(page, "Events")
  const events = page.getByRole("grid", { name: "Events" })
  await events.getByRole("row", { name: /Running.*Paused/ }).click()
  await goToTab(page, "State")
  await page.getByRole("button", { name: "Fail approve" }).click()
  await assertRun(page, 2)
  assert.match((await nodesOf(page)).join("; "), /approve, Paused/)
  await page.locator("#graph").focus()
  await page.keyboard.press("End")
  await isDrawn(page)
  assert.match((await nodesOf(page)).join("; "), /approve, Failed.*publish, TriggerFailed/)
  await goToTab(page, "Faults")
  await page.getByRole("checkbox", { name: /^Pause is answered: approve-1, “Fail” after 0 ms/ })
    .waitFor()
  await page.getByRole("button", { name: "Skip approve" }).click()
  await assertRun(page, 3)
  assert.strictEqual(await page.getByRole("checkbox", { name: /^Pause is answered/ }).count(), 1)
  assert.match((await nodesOf(page)).join("; "), /approve, Skipped/)
})

const flaky = `
import { Effect, Random } from "effect"
import { Flow, Signal, Task } from "signalbox"
const toss = Task.make("toss", {
  run: Effect.fn(function* () {
    const side = yield* Random.nextIntBetween(0, 4)
    if (side === 0) return yield* Signal.fail("tails")
    return side
  })
})
export const flow = Flow.make("coin", function* () { yield* toss() })
`

describe("shaking", () => {
  it("tries a hundred seeds, and a click on one shows its run", async () => {
    const page = await openProgram(flaky, { viewport: tall })
    await assertRun(page, 1)
    await goToTab(page, "Runs")
    await page.getByRole("button", { name: "Shake: try 100 seeds" }).click()
    const table = page.getByRole("table", { name: "100 seeds end in 2 ways" })
    await table.waitFor()
    const rows = await table.getByRole("row").allInnerTexts()
    assert.lengthOf(rows, 3)
    assert.match(rows[1]!, /Failed/)
    assert.match(rows[2]!, /Success/)
    const counts = rows.slice(1).map((row) => Number(/\t\s*(\d+)\s*\t/.exec(row)?.[1]))
    assert.strictEqual(counts[0]! + counts[1]!, 100)
    const seed = table.getByRole("row", { name: /Failed/ }).getByRole("button").first()
    const number = await seed.innerText()
    await seed.click()
    await page.getByRole("button", { name: `Run 2 seed ${number}`, exact: true }).waitFor()
    await isDrawn(page)
    assert.deepStrictEqual(await nodesOf(page), ["toss, Failed"])
    // What came of the seeds is no news of another program.
    await openExample(page, "task-handler")
    await assertRun(page, 3)
    assert.isFalse(await page.getByText("seeds end in 2 ways").isVisible())
  })
})

describe("a comparison", () => {
  it("marks the first difference of two runs, and shows both side by side", async () => {
    const page = await openNightly()
    await goToTab(page, "Faults")
    await page.getByRole("combobox", { name: "Task" }).selectOption("load")
    await page.getByRole("button", { name: "Add and run" }).click()
    await assertRun(page, 2)
    await goToTab(page, "Runs")
    await page.getByRole("button", { name: "Compare with Run 1" }).click()
    const rows = await rowsOf(page, "Two runs side by side")
    const grid = page.getByRole("grid", { name: "Two runs side by side" })
    const marked = grid.locator(".first-difference")
    await marked.waitFor()
    assert.strictEqual(await marked.count(), 1)
    const at = Number(await marked.getAttribute("data-row"))
    for (const [, shown, compared] of rows.slice(0, at)) assert.strictEqual(shown, compared)
    const [, shown, compared] = rows[at]!
    assert.match(shown!, /load→Failed/)
    assert.match(compared!, /load→Success/)
    await page.getByText(`the first ${at} changes are the same, number ${at + 1} is not`).waitFor()
    await page.getByRole("button", { name: "Go to the first difference" }).click()
    await assertPlace(page, `#${at + 1}/12`)
    await page.getByRole("button", { name: "Compare with Run 1" }).click()
    await grid.waitFor({ state: "hidden" })
  })

  it("says when two runs are the same, and a run gives its program back", async () => {
    const page = await openNightly()
    await page.getByRole("button", { name: "Run", exact: true }).click()
    await assertRun(page, 2)
    await openExample(page, "task-handler")
    await assertRun(page, 3)
    await goToTab(page, "Runs")
    await page.getByRole("button", { name: "Restore the program of Run 2" }).click()
    await assertRun(page, 4)
    await page.getByRole("button", { name: "Compare with Run 1" }).click()
    await page.getByText("Run 4 and Run 1: all 12 changes are the same.").waitFor()
  })
})
