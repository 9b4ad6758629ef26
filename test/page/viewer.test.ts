/**
 * Runs that were made elsewhere: trace files, and runs that are still going on.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, resolve } from "node:path"
import type { Page } from "playwright-core"
import { afterEach, assert, describe, inject, it } from "vitest"
import { launch, share } from "./page.ts"
import { isAt, openRunnable } from "./Screen.ts"

const root = resolve(import.meta.dirname, "../..")
const builtFolder = inject("builtFolder")

/** Where the page stands: `#3/12`. */
const place = (page: Page) => page.locator("#clock").getByText(/^#\d+\/\d+$/)

const header = (tasks: number, more: object = {}): string =>
  JSON.stringify({
    signalbox: 1,
    flow: "from-a-file",
    start: 0,
    nodes: Array.from({ length: tasks }, (_, number) => ({
      slug: `t${number}`,
      name: `task ${number}`,
      kind: "task",
      upstream: number === 0 ? [] : [number - 1],
      mapped: false,
      handlers: [],
      maxRetries: 0,
      tags: []
    })),
    reference: [tasks - 1],
    ...more
  })

const change = (at: number, task: number, from: string, to: string, run = 1): string =>
  JSON.stringify({
    at,
    flow: "from-a-file",
    task: `t${task}`,
    run,
    from: { tag: from },
    to: { tag: to, message: `${from} no more` }
  })

const end = (at: number): string => JSON.stringify({ at, end: "ended" })

const small = [
  header(2),
  change(0, 0, "Pending", "Running"),
  change(5, 0, "Running", "Success"),
  change(5, 1, "Pending", "Running"),
  change(9, 1, "Running", "Failed"),
  end(9)
]

// -----------------------------------------------------------------------------
// Files
// -----------------------------------------------------------------------------

/** Drops a file on the page, as from another window. */
const drop = (page: Page, name: string, text: string): Promise<void> =>
  page.evaluate(({ name, text }) => {
    const data = new DataTransfer()
    data.items.add(new File([text], name))
    const target = document.querySelector("#graph") ?? document.body
    for (const type of ["dragenter", "dragover", "drop"]) {
      const init = { bubbles: true, cancelable: true, dataTransfer: data }
      target.dispatchEvent(new DragEvent(type, init))
    }
  }, { name, text })

const openReady = share(openRunnable)

describe("a trace file", () => {
  it("is shown when it is dropped on the page, and goes nowhere else", async () => {
    const page = await openReady()
    const asked: Array<string> = []
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`))
    await drop(page, "run.jsonl", `${small.join("\n")}\n`)
    await place(page).getByText("#4/4").waitFor()
    await page.locator("#graph").getByText("task 1").first().waitFor()
    await page.locator("#toolbar").getByText("run.jsonl").waitFor()
    await page.getByRole("tab", { name: /^Events/ }).click()
    await page.locator("#details").getByText("Running no more").first().waitFor()
    assert.deepStrictEqual(asked.filter((line) => line.startsWith("POST")), [])
  })

  it("is shared as itself: nobody knows its program", async () => {
    const page = await openReady()
    await drop(page, "run.jsonl", `${small.join("\n")}\n`)
    await place(page).getByText("#4/4").waitFor()
    await page.getByRole("button", { name: "Share" }).click()
    const dialog = page.getByRole("dialog", { name: "Share" })
    await dialog.getByText('"run.jsonl" came without its program').waitFor()
    assert.strictEqual(await dialog.getByRole("radio").count(), 0)
    const buttons = await dialog.getByRole("button").allInnerTexts()
    assert.deepStrictEqual(buttons, ["✕", "Trace (.jsonl)", "Graph (.svg)"])
    await page.keyboard.press("Escape")
    await page.locator(".run-button").click()
    await page.locator("#toolbar").getByText(/^Run \d/).waitFor()
    await page.getByRole("button", { name: "Share" }).click()
    await dialog.getByRole("radio", { name: "Link" }).waitFor()
    await page.keyboard.press("Escape")
  })

  it("can be half a run, and have lines of Windows", async () => {
    const page = await openReady()
    await drop(page, "half.jsonl", small.slice(0, 3).join("\r\n"))
    await place(page).getByText("#2/2").waitFor()
    assert.include(await page.locator("#graph").innerText(), "task 1")
  })

  const line = (number: number, text: string): string =>
    small.map((each, index) => index === number - 1 ? text : each).join("\n")

  it.each([
    ["", "Cannot open it.jsonl: it is empty"],
    ["hello", 'line 1: this is no trace but begins with "hello"'],
    [small.slice(1).join("\n"), "line 1: it comes before the header of the run"],
    [line(1, header(2, { signalbox: 2 })), "line 1: it is of version 2, and this page reads 1"],
    [line(1, header(2, { nodes: 5 })), 'line 1: it is no header: Expected array at ["nodes"]'],
    [line(3, "{"), "line 3: it is no JSON, perhaps because it was cut off: {"],
    [line(3, "7"), "line 3: it is 7, and no object"],
    [line(3, '{"x":1,"y":2}'), "neither a header nor a change, print or end (it has x, y)"],
    [
      line(3, change(5, 0, "Running", "Success").replace('"run":1', '"run":"1"')),
      'line 3: it is no change: Expected number at ["run"]'
    ],
    [line(4, header(1)), 'line 4: another run begins, of "from-a-file"; a file holds one'],
    [[...small, small[1]].join("\n"), "line 7: the run has ended before"]
  ])("that is none is refused with what is wrong, and on which line", async (text, why) => {
    const page = await openReady()
    const before = await place(page).innerText()
    await drop(page, "it.jsonl", text)
    await page.locator("#notices").getByText(why).waitFor()
    assert.strictEqual(await place(page).innerText(), before)
    await page.getByRole("button", { name: "Dismiss" }).last().click()
  })

  it("of 100,000 changes is opened while the page goes on drawing", async () => {
    const tasks = 500
    const page = await openReady()
    const lines = [header(tasks)]
    for (let n = 0; n < 100_000; n++) {
      const [from, to] = n % 2 === 0 ? ["Retrying", "Running"] : ["Running", "Retrying"]
      lines.push(change(n, (n >> 1) % tasks, from!, to!, 1 + Math.floor(n / 2 / tasks)))
    }
    lines.push(end(100_000))
    const text = lines.join("\n")
    // The longest time without a frame while the lines are read; drawing the result comes after.
    const [gap, took] = await page.evaluate(async (text) => {
      const file = new File([text], "long.jsonl")
      const data = new DataTransfer()
      data.items.add(file)
      let longest = 0
      let last = performance.now()
      let isOver = false
      const watch = (): void => {
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
        if (!isOver) requestAnimationFrame(watch)
      }
      requestAnimationFrame(watch)
      const start = performance.now()
      document.body.dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data })
      )
      const shown = () => document.querySelector("#clock")?.textContent?.includes("/100000")
      while (!shown()) await new Promise((resolve) => setTimeout(resolve, 20))
      isOver = true
      return [longest, performance.now() - start] as const
    }, text)
    console.log(
      `100,000 changes: opened in ${took.toFixed(0)} ms, longest gap ${gap.toFixed(0)} ms`
    )
    assert.isBelow(gap, 500)
  })
})

// -----------------------------------------------------------------------------
// Live runs of the command
// -----------------------------------------------------------------------------

const processes = new Set<() => void>()
afterEach(() => {
  for (const kill of processes) kill()
  processes.clear()
})

/** Begins `signalbox …` and gives the address of its page as soon as it is told. */
const begin = (...args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(root, "src/platform/signalbox.ts"), ...args, "--ui", "-q"],
      {
        cwd: root,
        env: { ...process.env, SIGNALBOX_PLAYGROUND: builtFolder },
        stdio: ["ignore", "ignore", "pipe"]
      }
    )
    processes.add(() => child.kill("SIGKILL"))
    let told = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      told += text
      const address = /Watch it at (\S+)/.exec(told)?.[1]
      if (address !== undefined) resolve(address)
    })
    child.on("close", () => reject(new Error(told)))
  })

/** Opens the page of a run, without what `late` matches. */
const openAt = async (address: string, late = /\/Editor-[^/]*$/) => {
  const context = await (await launch()).newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const complaints: Array<string> = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  await page.route(late, () => {})
  await page.goto(address)
  return { page, context, complaints }
}

describe("a run of the command", () => {
  it("is followed while it goes on, by one who comes late too", async () => {
    const address = await begin("run", "test/cli/flows/long.ts")
    const first = await openAt(address)
    await first.page.getByText("Following the run.").waitFor()
    await first.page.locator("#toolbar").getByText("Live run").waitFor()
    await first.page.locator("#toolbar").getByText("in real time").waitFor()
    const seen = async (page: Page): Promise<number> =>
      Number((await place(page).innerText()).split("/")[1])
    await first.page.waitForFunction(() =>
      Number(/#\d+\/(\d+)/.exec(document.querySelector("#clock")?.textContent ?? "")?.[1]) > 20
    )
    const before = await seen(first.page)
    const late = await openAt(address)
    await late.page.waitForFunction(
      (before) =>
        Number(/#\d+\/(\d+)/.exec(document.querySelector("#clock")?.textContent ?? "")?.[1]) >
          before,
      before
    )
    assert.deepStrictEqual([...first.complaints, ...late.complaints], [])
    await first.context.close()
    await late.context.close()
  })

  it("that is over is there from its first line, and nothing of it is kept", async () => {
    const address = await begin("simulate", "playground/examples/replace-a-state.ts")
    const { complaints, context, page } = await openAt(address, /\/worker-[^/]*$/)
    await page.getByText("The run has ended.").waitFor()
    await place(page).getByText("#11/11").waitFor()
    await page.locator("#graph").getByText("price").first().waitFor()
    await isAt(page, "editable")
    assert.deepStrictEqual(
      await page.evaluate(async () => [
        (await navigator.serviceWorker.getRegistrations()).length,
        (await caches.keys()).length
      ]),
      [0, 0]
    )
    assert.deepStrictEqual(complaints, [])
    await context.close()
  })

  it("is told to nobody with a wrong token, who is told why", async () => {
    const address = await begin("simulate", "playground/examples/replace-a-state.ts")
    const { context, page } = await openAt(address.slice(0, -1))
    const told = page.getByText(/Cannot follow the run: the command that shows it has ended/)
    await told.waitFor()
    assert.isTrue(await told.isVisible())
    await context.close()
  })
})

// -----------------------------------------------------------------------------
// A connection that breaks
// -----------------------------------------------------------------------------

/** Serves the built page, and a stream of events that a test has in its hand. */
const serve = async (onEvents: (response: ServerResponse, lastId: string | undefined) => void) => {
  const types: Readonly<Record<string, string>> = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript"
  }
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname
    if (path === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.write("retry: 50\n\n")
      onEvents(response, request.headers["last-event-id"] as string | undefined)
      return
    }
    const file = join(builtFolder, path === "/" ? "index.html" : path)
    const type = types[extname(file)] ?? "application/octet-stream"
    const found = existsSync(file)
    response.writeHead(found ? 200 : 404, { "content-type": type })
    response.end(found ? readFileSync(file) : "")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  processes.add(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/?live#token`
}

const event = (from: number, to: number): string =>
  `id: ${to}\n${small.slice(from, to + 1).map((line) => `data: ${line}\n`).join("")}\n`

it("a connection that breaks goes on where it was, and what comes twice counts once", async () => {
  const lastIds: Array<string | undefined> = []
  const address = await serve((response, lastId) => {
    lastIds.push(lastId)
    if (lastIds.length === 1) response.end(event(0, 0) + event(1, 2))
    else if (lastIds.length === 2) response.end(event(1, 3))
    else response.write(event(0, 1) + event(2, 5))
  })
  const { complaints, context, page } = await openAt(address)
  await page.getByText("The run has ended.").waitFor()
  await place(page).getByText("#4/4").waitFor()
  assert.deepStrictEqual(lastIds, [undefined, "2", "3"])
  assert.deepStrictEqual(complaints, [])
  await context.close()
})

it("a stream of what is no trace is told with its line, and not asked for again", async () => {
  let asked = 0
  const address = await serve((response) => {
    asked++
    response.write(`${event(0, 1)}id: 2\ndata: {"at":"now"}\n\n`)
  })
  const { context, page } = await openAt(address)
  await page.getByText("Cannot open the live run: line 3: it is neither").waitFor()
  assert.strictEqual(asked, 1)
  await context.close()
})
