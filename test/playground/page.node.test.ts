/**
 * The page as it is built, in Chromium: every example is run by a click and shows what happened.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { build, preview, type PreviewServer } from "vite"
import { afterAll, assert, beforeAll, it } from "vitest"
import { examples } from "../../playground/examples.ts"
import { chromiumFlags, chromiumPath, installChromium } from "../../scripts/chromium.ts"

const root = resolve(import.meta.dirname, "../../playground")
const outDir = mkdtempSync(join(tmpdir(), "signalbox-page-"))

let server: PreviewServer
let browser: Browser
let address: string

beforeAll(async () => {
  await installChromium()
  const settings = { root, configFile: join(root, "vite.config.ts"), logLevel: "error" } as const
  await build({ ...settings, build: { outDir } })
  server = await preview({
    ...settings,
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 }
  })
  address = server.resolvedUrls?.local[0] ?? assert.fail("the page has no address")
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(outDir, { recursive: true, force: true })
})

/** Opens the page, and gives with it whatever it should not have done. */
const open = async () => {
  const page = await browser.newPage()
  const complaints: Array<string> = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => complaints.push(message.text()))
  page.on("request", (request) => {
    if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) complaints.push(request.url())
  })
  await page.goto(address)
  return { page, complaints }
}

const runByClick = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("link", { name, exact: true }).click()
  await page.getByRole("heading", { name, exact: true }).waitFor()
  await page.getByRole("button", { name: "Run" }).click()
  await page.locator("#states tbody tr").first().waitFor()
}

/** The rows of a table, each as its cells from the given column on. */
const rowsOf = async (page: Page, table: string, from = 0): Promise<Array<string>> => {
  const rows = await page.locator(`#${table} tbody tr`).all()
  return Promise.all(
    rows.map(async (row) => (await row.locator("td").allInnerTexts()).slice(from).join(" | "))
  )
}

const starting = 'Running("Starting task run.")'
const ran = 'Success("Task run succeeded.")'
const inFlow = (name: string, changes: ReadonlyArray<string>, end: string, handlers = "") => [
  `<Flow: name=${name}> | Scheduled | Running("Running flow.") | ${handlers}`,
  ...changes,
  `<Flow: name=${name}> | Running | ${end} | ${handlers}`
]
const succeeded = 'Success("All reference tasks succeeded.")'

/** All changes of state, without their times. */
const expected: Readonly<Record<string, ReadonlyArray<string>>> = {
  "flow-handler": inFlow(
    "state-handler-demo",
    [`<Task: Task> | Pending | ${starting} | `, `<Task: Task> | Running | ${ran} | `],
    succeeded,
    "handler"
  ),
  "task-handler": inFlow("state-handler-demo", [
    `<Task: Task> | Pending | ${starting} | handler`,
    `<Task: Task> | Running | ${ran} | handler`
  ], succeeded),
  "post-to-slack": inFlow("state-handler-demo", [
    `<Task: Task> | Pending | ${starting} | app/PostToSlack`,
    `<Task: Task> | Running | ${ran} | app/PostToSlack`,
    `<Task: flaky> | Pending | ${starting} | app/PostToSlack`,
    '<Task: flaky> | Running | Failed("the first attempt never works") | app/PostToSlack',
    '<Task: flaky> | Failed | Retrying("Retrying Task (after attempt 1 of 2)") | app/PostToSlack',
    `<Task: flaky> | Retrying | ${starting} | app/PostToSlack`,
    `<Task: flaky> | Running | ${ran} | app/PostToSlack`
  ], succeeded),
  "signal-payload": inFlow("state-inspection-handler", [
    `<Task: mission_critical_task> | Pending | ${starting} | handler`,
    '<Task: mission_critical_task> | Running | Failed("a equaled b!") | handler'
  ], 'Failed("Some reference tasks failed.")'),
  "retries-hours-apart": inFlow("nightly", [
    `<Task: extract> | Pending | ${starting} | tellTheTime`,
    '<Task: extract> | Running | Failed("the warehouse is asleep") | tellTheTime',
    '<Task: extract> | Failed | Retrying("Retrying Task (after attempt 1 of 4)") | tellTheTime',
    `<Task: extract> | Retrying | ${starting} | tellTheTime`,
    '<Task: extract> | Running | Failed("the warehouse is asleep") | tellTheTime',
    '<Task: extract> | Failed | Retrying("Retrying Task (after attempt 2 of 4)") | tellTheTime',
    `<Task: extract> | Retrying | ${starting} | tellTheTime`,
    `<Task: extract> | Running | ${ran} | tellTheTime`,
    `<Task: load> | Pending | ${starting} | `,
    `<Task: load> | Running | ${ran} | `
  ], succeeded),
  "triggers-and-skips": inFlow("end-of-day", [
    `<Task: fetch orders> | Pending | ${starting} | `,
    '<Task: fetch orders> | Running | Skipped("no orders today") | ',
    '<Task: ship orders> | Pending | Skipped("Upstream task was skipped; if this was not the ' +
    'intended behavior, consider changing `skip_on_upstream_skip=False` for this task.") | ',
    `<Task: charge cards> | Pending | ${starting} | `,
    '<Task: charge cards> | Running | Failed("the bank is closed") | ',
    '<Task: thank customers> | Pending | TriggerFailed("Trigger was "all_successful" but some of ' +
    'the upstream tasks failed.") | ',
    `<Task: call the bank> | Pending | ${starting} | `,
    `<Task: call the bank> | Running | ${ran} | `,
    `<Task: close the books> | Pending | ${starting} | `,
    `<Task: close the books> | Running | ${ran} | `
  ], succeeded),
  "replace-a-state": inFlow("market-report", [
    `<Task: extract> | Pending | ${starting} | refuseNothing`,
    '<Task: extract> | Running | Failed("there are no rows yet") | ' +
    "refuseNothing (Success became Failed)",
    '<Task: extract> | Failed | Retrying("Retrying Task (after attempt 1 of 3)") | refuseNothing',
    `<Task: price> | Pending | ${starting} | fallBackToYesterday`,
    '<Task: price> | Running | Success("Using the price of yesterday.") | ' +
    "fallBackToYesterday (Failed became Success)",
    `<Task: extract> | Retrying | ${starting} | refuseNothing`,
    `<Task: extract> | Running | ${ran} | refuseNothing`,
    `<Task: report> | Pending | ${starting} | `,
    `<Task: report> | Running | ${ran} | `
  ], succeeded),
  "handlers-for-everything": inFlow(
    "watched",
    [
      `<Task: draw> | Pending | ${starting} | announce, app/Audit`,
      `<Task: draw> | Running | ${ran} | announce, app/Audit`,
      `<Task: print> | Pending | ${starting} | own, announce, app/Audit`,
      `<Task: print> | Running | ${ran} | own, announce, app/Audit`
    ],
    succeeded,
    "announce, app/Audit"
  )
}

it.each(examples)("$name runs by a click, and shows each change of state", async ({ name }) => {
  const { complaints, page } = await open()
  await runByClick(page, name)
  assert.deepStrictEqual(await rowsOf(page, "transitions", 1), expected[name])
  assert.deepStrictEqual(complaints, [])
  await page.close()
})

it("shows what was printed, the final states, and simulated time", async () => {
  const { page } = await open()
  await runByClick(page, "retries-hours-apart")
  assert.include(await page.locator("#output").innerText(), "Loading apples and pears.")
  assert.deepStrictEqual(await rowsOf(page, "states"), [
    `extract | ${ran}`,
    `load | ${ran}`,
    `the flow | ${succeeded}`
  ])
  const times = await page.locator("#transitions td:first-child").allInnerTexts()
  assert.deepStrictEqual([...new Set(times)], ["0:00:00.000", "2:00:00.000", "4:00:00.000"])
  await page.close()
})

it("what the stand-in for Slack received is in the output", async () => {
  const { page } = await open()
  await runByClick(page, "post-to-slack")
  assert.match(
    await page.locator("#output").innerText(),
    /^\[Slack stand-in\] Task <Task: flaky> failed and is retrying at \d{4}-[\d-]+T[\d:.]+Z\n?$/
  )
  await page.close()
})

it("a run can be stopped, and its flow is cancelled", async () => {
  const { page } = await open()
  await page.getByRole("link", { name: "post-to-slack" }).click()
  await page.getByRole("button", { name: "Run" }).click()
  await page.getByText("Retrying Task").first().waitFor()
  await page.getByRole("button", { name: "Stop" }).click()
  await page.getByRole("status").getByText("Stopped.").waitFor()
  const rows = await rowsOf(page, "transitions", 1)
  assert.strictEqual(
    rows.at(-1),
    '<Flow: name=state-handler-demo> | Running | Cancelled("Flow run was interrupted.") | '
  )
  await page.close()
})
