/**
 * The editor in the built page: what it says about the code, what it does with files, and that one
 * gets in and out of it with the keyboard.
 */
import axe from "axe-core"
import type { Locator, Page } from "playwright-core"
import { assert, it } from "vitest"
import { address, newPage, type OpenOptions, share } from "./page.ts"
import { openExample } from "./Screen.ts"

// -----------------------------------------------------------------------------
// Driving it
// -----------------------------------------------------------------------------

/** The layers of types that the shared page has fetched. */
const fetched: Array<string> = []

const openChecked = async (options?: OpenOptions): Promise<Page> => {
  fetched.length = 0
  const page = await newPage(options)
  page.on("request", (request) => {
    const layer = /types-\d/.exec(request.url())?.[0]
    if (layer !== undefined) fetched.push(layer)
  })
  await page.addInitScript(axe.source)
  await page.goto(address)
  await isChecked(page)
  return page
}

const shared = share(openChecked)

/** The page with an example in its one file, which has been run and checked. */
const openEditor = async (): Promise<Page> => {
  const page = await shared()
  await page.keyboard.press("Escape")
  await openExample(page, "task-handler")
  await page.getByRole("button", { name: "Example task-handler" }).waitFor()
  await page.locator("#panes[aria-busy=false]").waitFor()
  await page.locator(".cm-line", { hasText: "Flow.make" }).waitFor()
  await says(page, "No problems")
  return page
}

const isChecked = async (page: Page): Promise<void> => {
  await page.locator(".editor .cm-content").waitFor()
  await page.waitForFunction(() => performance.getEntriesByName("signalbox:checked").length > 0)
}

const code = (page: Page): Locator => page.locator(".editor .cm-content")
const tab = (page: Page, name: string): Locator => page.getByRole("tab", { name })
const count = (page: Page): Locator => page.locator(".editor-count")
const says = async (page: Page, text: string): Promise<void> =>
  await count(page).filter({ hasText: text }).waitFor()

const openProblems = async (page: Page): Promise<void> => {
  if (await count(page).getAttribute("aria-expanded") !== "true") await count(page).click()
}

/** Puts a program in the place of what is there. */
const write = async (page: Page, text: string): Promise<void> => {
  await code(page).focus()
  await page.keyboard.press("Control+a")
  await page.keyboard.insertText(text)
}

const textOf = (page: Page): Promise<string> =>
  code(page).evaluate((element) =>
    [...element.querySelectorAll(".cm-line")].map((line) => {
      const copy = line.cloneNode(true) as HTMLElement
      for (const widget of copy.querySelectorAll("button")) widget.remove()
      return copy.textContent
    }).join("\n")
  )

const program = `import { Effect } from "effect"
import { Flow, RunContext, Signal, Task } from "signalbox"

const fetchRows = Task.make("fetch rows", {
  maxRetries: 2,
  retryDelay: "1 hour",
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    if (runCount < 2) return yield* Signal.fail("asleep")
    return 3
  })
})

const store = Task.make("store", {
  run: ({ rows }: { readonly rows: number }) => Effect.succeed(rows * 2)
})

export const flow = Flow.make("small", function* () {
  yield* store({ rows: yield* fetchRows() })
})
`

const stateBeside = (page: Page, text: string): Locator =>
  page.locator(".cm-line", { hasText: text }).locator(".task-state")

// -----------------------------------------------------------------------------
// What it says
// -----------------------------------------------------------------------------

it("fetches the types that the imports of the program need, and no others", async () => {
  const page = await openEditor()
  assert.deepStrictEqual(fetched, ["types-0"])
  await write(page, 'import { HttpClient } from "effect/http"\nexport const x: 1 = HttpClient.get')
  await page.locator(".cm-lintRange-error", { hasText: /^x$/ }).waitFor()
  assert.deepStrictEqual(fetched, ["types-0", "types-1"])
  await write(page, 'import { Entity } from "effect/cluster"\nexport const y: 1 = Entity.make')
  await page.locator(".cm-lintRange-error", { hasText: /^y$/ }).waitFor()
  assert.deepStrictEqual(fetched, ["types-0", "types-1", "types-2"])
})

it("an error is marked where it is and listed, until it is mended", async () => {
  const page = await openEditor()
  await write(page, program.replace("rows * 2", "rows.length"))
  await says(page, "1 problem")
  assert.strictEqual(await page.locator(".cm-lintRange-error").textContent(), "length")
  await tab(page, "flow.ts").getByRole("img", { name: "has errors" }).waitFor()
  await openProblems(page)
  const row = page.locator(".editor-problem")
  assert.match(await row.textContent() ?? "", /^flow\.ts:15 Property 'length' does not exist/)
  await row.click()
  await page.keyboard.insertText("toFixed()")
  await says(page, "No problems")
  assert.include(await textOf(page), "Effect.succeed(rows.toFixed())")
})

it("proposes with documentation, and imports what is chosen", async () => {
  const page = await openEditor()
  await write(page, 'import { Effect } from "effect"\n')
  const proposals = page.locator(".cm-tooltip-autocomplete li")
  await page.keyboard.type("Effect")
  await proposals.filter({ hasText: /^Effect$/ }).waitFor()
  await page.keyboard.type(".")
  await proposals.filter({ hasText: /^acquireRelease$/ }).waitFor()
  await page.keyboard.type("retr")
  await proposals.first().waitFor()
  assert.match(await proposals.first().textContent() ?? "", /^retry/)
  const about = page.locator(".cm-completionInfo")
  await about.waitFor()
  assert.match(await about.textContent() ?? "", /Retries typed failures/)
  await page.keyboard.press("Escape")
  await write(page, 'import { Effect } from "effect"\n')
  await page.keyboard.type("Schem")
  const schema = proposals.filter({ hasText: /^Schemaeffect$/ })
  await schema.waitFor()
  await schema.click()
  assert.strictEqual(await textOf(page), 'import { Effect, Schema } from "effect"\nSchema')
})

it("says what things are, to the mouse and to the keyboard", async () => {
  const page = await openEditor()
  await write(page, program)
  const succeed = page.locator(".cm-line", { hasText: "rows * 2" }).getByText("succeed")
  await succeed.hover()
  const explained = page.locator(".cm-tooltip .explained")
  await explained.waitFor()
  assert.include(await explained.textContent() ?? "", "Effect<number, never, never>")
  await page.mouse.move(0, 0)
  await explained.waitFor({ state: "hidden" })
  await succeed.click()
  await page.keyboard.press("Control+i")
  await explained.waitFor()
  assert.match(await explained.locator("p").textContent() ?? "", /\w+ .+\./)
})

it("goes to definitions, in the program and in what it uses, and back", async () => {
  const page = await openEditor()
  await write(page, program)
  await page.locator(".cm-line", { hasText: "yield* fetchRows" }).getByText("fetchRows").click()
  await page.keyboard.press("F12")
  await page.locator(".cm-activeLine", { hasText: "const fetchRows" }).waitFor()
  await page.keyboard.press("Alt+ArrowLeft")
  await page.locator(".cm-activeLine", { hasText: "yield* fetchRows" }).waitFor()
  await page.locator(".cm-line", { hasText: 'Task.make("store"' }).getByText("make").click({
    modifiers: ["Control"]
  })
  await tab(page, "Task.d.ts").waitFor()
  await page.locator(".cm-activeLine", { hasText: "make" }).waitFor()
  const before = await textOf(page)
  await page.keyboard.type("x")
  assert.strictEqual(await textOf(page), before, "it can only be read")
  await page.keyboard.press("Escape")
  await page.locator(".cm-activeLine", { hasText: 'Task.make("store"' }).waitFor()
  assert.strictEqual(await tab(page, "Task.d.ts").count(), 0)
})

// -----------------------------------------------------------------------------
// Files
// -----------------------------------------------------------------------------

it("files are added, imported, renamed with their imports, deleted and had back", async () => {
  const page = await openChecked()
  await page.getByRole("button", { name: "Add a file" }).click()
  await page.getByRole("textbox", { name: "Name of the new file" }).fill("numbers")
  await page.keyboard.press("Enter")
  await tab(page, "numbers.ts").waitFor()
  await write(page, "export const two = 2\n")
  await tab(page, "flow.ts").click()
  await write(page, `import { two } from "./numbers.ts"\n${program}const four: string = two\n`)
  await says(page, "1 problem")
  await tab(page, "flow.ts").press("ArrowRight")
  await page.keyboard.press("F2")
  await page.getByRole("textbox", { name: "New name of numbers.ts" }).fill("flow.ts")
  await page.keyboard.press("Enter")
  await page.getByRole("textbox", { name: "New name of numbers.ts" }).fill("counts.ts")
  await page.keyboard.press("Enter")
  await tab(page, "counts.ts").waitFor()
  await tab(page, "flow.ts").click()
  assert.include(await textOf(page), 'import { two } from "./counts.ts"')
  await tab(page, "counts.ts").click()
  await page.getByRole("button", { name: "Delete counts.ts" }).click()
  await page.locator(".cm-lintRange-error", { hasText: '"./counts.ts"' }).waitFor()
  assert.strictEqual(await page.getByRole("button", { name: "Delete flow.ts" }).count(), 0)
  await page.getByRole("button", { name: "Restore counts.ts" }).click()
  await tab(page, "counts.ts").waitFor()
  assert.strictEqual((await textOf(page)).trim(), "export const two = 2")
})

it("each file has a history of its own", async () => {
  const page = await openEditor()
  await write(page, "const first = 1")
  await page.getByRole("button", { name: "Add a file" }).click()
  await page.keyboard.press("Enter")
  await tab(page, "tasks.ts").waitFor()
  await write(page, "const second = 2")
  await tab(page, "flow.ts").click()
  await code(page).focus()
  await page.keyboard.press("Control+z")
  assert.notInclude(await textOf(page), "const first")
  await page.keyboard.press("Control+y")
  assert.include(await textOf(page), "const first = 1")
  await tab(page, "tasks.ts").click()
  assert.strictEqual(await textOf(page), "const second = 2")
})

it("an example takes the place of everything, and what was there can be had back", async () => {
  const page = await openEditor()
  await write(page, "const mine = 1")
  await page.getByRole("button", { name: "Add a file" }).click()
  await page.keyboard.press("Enter")
  await tab(page, "tasks.ts").waitFor()
  await page.getByRole("button", { name: /^Example/ }).click()
  await page.getByRole("button", { name: /^flow-handler/ }).click()
  await page.locator(".cm-line", { hasText: "state-handler-demo" }).waitFor()
  assert.strictEqual(await tab(page, "tasks.ts").count(), 0)
  await code(page).focus()
  await page.keyboard.press("Control+z")
  await page.locator(".cm-line", { hasText: "const mine = 1" }).waitFor()
})

// -----------------------------------------------------------------------------
// Runs
// -----------------------------------------------------------------------------

it("runs by itself what can be read, and shows beside each task what became of it", async () => {
  const page = await openEditor()
  await write(page, program)
  await stateBeside(page, 'Task.make("fetch rows"').filter({ hasText: "✓ Success ×2" }).waitFor()
  assert.strictEqual(await stateBeside(page, 'Task.make("store"').textContent(), "✓ Success")
  assert.strictEqual(await stateBeside(page, 'Flow.make("small"').textContent(), "✓ Success")
  await write(page, program.replaceAll("store", "keep").replace("rows * 2", "rows * (2"))
  await says(page, "problem")
  await page.waitForTimeout(1000)
  assert.strictEqual(await stateBeside(page, 'Task.make("keep"').count(), 0, "cannot be read")
  await write(page, program.replaceAll("store", "keep").replace("rows * 2", "rows.length"))
  await stateBeside(page, 'Task.make("keep"').waitFor()
})

it("the state beside a task selects it, and is that of the moment one looks at", async () => {
  const page = await openEditor()
  await write(page, program)
  const state = stateBeside(page, 'Task.make("fetch rows"')
  await state.filter({ hasText: "✓ Success ×2" }).waitFor()
  await state.click()
  await page.locator(".cm-selected-task", { hasText: 'Task.make("fetch rows"' }).waitFor()
  await page.locator(".cm-line", { hasText: "rows * 2" }).click()
  await page.keyboard.press("Alt+Enter")
  await page.locator(".cm-selected-task", { hasText: 'Task.make("store"' }).waitFor()
  await page.locator("#graph").click({ position: { x: 2, y: 2 } })
  await page.keyboard.press("Home")
  await state.filter({ hasText: "Pending" }).waitFor()
  assert.strictEqual(await state.textContent(), "○ Pending")
})

it("what a run stops at is marked at its line", async () => {
  const page = await openEditor()
  await write(page, `${program}\nthrow new Error("not today")\n`)
  await page.locator(".cm-lintRange-error", { hasText: 'throw new Error("not today")' }).waitFor()
  await openProblems(page)
  const row = page.locator(".editor-problem", { hasText: "not today" })
  await row.waitFor()
  assert.match(await row.textContent() ?? "", /^flow\.ts:22 /)
})

// -----------------------------------------------------------------------------
// For everybody
// -----------------------------------------------------------------------------

it("Tab indents, and after Escape it leaves", async () => {
  const page = await openEditor()
  await write(page, "const x = 1")
  await page.keyboard.press("Home")
  await page.keyboard.press("Tab")
  assert.strictEqual(await textOf(page), "  const x = 1")
  const isInside = () => code(page).evaluate((element) => element === document.activeElement)
  await page.keyboard.press("Escape")
  await page.waitForTimeout(2500)
  assert.isTrue(await isInside())
  await page.keyboard.press("Tab")
  assert.isFalse(await isInside())
  const described = await code(page).evaluate((element) =>
    document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent
  )
  assert.include(described ?? "", "Escape and then Tab leaves the editor")
})

it("axe finds nothing, in light and dark, with all that can open", async () => {
  const page = await openEditor()
  await write(page, `${program.replace("rows * 2", "rows.length")}\nconst unused = /a/.test("b")`)
  await says(page, "1 problem")
  await stateBeside(page, 'Task.make("fetch rows"').waitFor()
  await openProblems(page)
  await page.locator(".editor-problem").waitFor()
  await page.locator(".cm-line", { hasText: "rows" }).last().click()
  await page.keyboard.press("Control+f")
  await page.locator(".cm-search").waitFor()
  const inBothSchemes = async (...except: ReadonlyArray<string>): Promise<void> => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepStrictEqual(await violationsIn(page, except), [], colorScheme)
    }
  }
  await inBothSchemes()
  await code(page).focus()
  await page.keyboard.press("Control+End")
  await page.keyboard.type("\nEffect.al")
  await page.locator(".cm-completionInfo").waitFor()
  // One moves through the list from the code, which names what is chosen.
  await inBothSchemes("scrollable-region-focusable")
})

const violationsIn = (
  page: Page,
  except: ReadonlyArray<string>
): Promise<ReadonlyArray<string>> =>
  page.evaluate(async (except) => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") }
    const rules = Object.fromEntries(except.map((rule) => [rule, { enabled: false }]))
    const { violations } = await axe.run(".editor", { rules })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ failureSummary, html }) => `${id}: ${html} ${failureSummary}`)
    )
  }, except)
