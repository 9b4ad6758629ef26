/**
 * Measures what the built playground is to achieve, in Chromium, and prints it beside its goals:
 *
 *     npm run playground:targets
 *
 * Sizes are the same on every machine, and one that is missed fails. Times depend on the machine and
 * on what else it does: they are told and fail nothing. Each time is the median of several unless its
 * name says otherwise.
 */
import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { encode } from "../playground/share/Link.ts"
import { runtime } from "../playground/share/runtime.ts"
import { layered } from "../src/graph/Layout.ts"
import { chromiumFlags, chromiumPath, installChromium } from "./chromium.ts"
import { type GzipServer, serveGzip } from "./gzip_server.ts"
import { textTable } from "./text_table.ts"
import { evaluateUndebugged } from "./undebugged.ts"

const built = resolve("dist/playground")

interface Target {
  readonly name: string
  readonly goal: number
  readonly unit: "kB" | "ms" | "characters" | "changes/s"
  readonly measured: number
  /** Whether more is better. */
  readonly least?: boolean
}

const isMet = ({ goal, least = false, measured }: Target): boolean =>
  least ? measured >= goal : measured <= goal

const quantile = (values: ReadonlyArray<number>, part: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

const patience = 60_000

/** Something that never comes is no time at all, and must not keep the rest from being measured. */
const repeat = async <A>(times: number, measure: () => Promise<A>): Promise<Array<A>> => {
  const values: Array<A> = []
  for (let n = 0; n < times; n++) {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("It took longer than a minute")), patience).unref()
    })
    values.push(await Promise.race([measure(), late]))
  }
  return values
}

// ---------------------------------------------------------------------------------------------
// The page
// ---------------------------------------------------------------------------------------------

interface Place {
  readonly browser: Browser
  readonly server: GzipServer
}

interface Network {
  readonly megabits: number
  readonly latency: number
  readonly slowdown: number
}

const inNewWindow = async <A>(
  { browser }: Place,
  use: (page: Page, context: BrowserContext) => Promise<A>
): Promise<A> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    return await use(await context.newPage(), context)
  } finally {
    await context.close()
  }
}

const markOf = async (page: Page, mark: string): Promise<number> => {
  await page.waitForFunction(
    (name) => performance.getEntriesByName(name).length > 0,
    `signalbox:${mark}`,
    { timeout: 60_000 }
  )
  return page.evaluate(
    (name) => performance.getEntriesByName(name)[0]!.startTime,
    `signalbox:${mark}`
  )
}

const linkTo = (text: string): Promise<string> =>
  encode({
    plan: { files: [{ name: "flow.ts", text }], seed: 0, faults: [] },
    cursor: Infinity,
    runtime
  })

const example = (name: string): string => readFileSync(`playground/examples/${name}.ts`, "utf8")

/** What the page loads before it can be scrubbed, in kB. */
const bytesBefore = ({ browser, server }: Place): Promise<number> =>
  inNewWindow({ browser, server }, async (page) => {
    await page.goto(server.address)
    await markOf(page, "scrubbable")
    const paths = await page.evaluate(() => {
      const until = performance.getEntriesByName("signalbox:scrubbable")[0]!.startTime
      const before = performance.getEntriesByType("resource")
        .filter((entry) => (entry as PerformanceResourceTiming).responseEnd <= until)
        .map(({ name }) => new URL(name))
      return before.filter(({ protocol }) => protocol === "http:").map(({ pathname }) => pathname)
    })
    const all = new Set(["/", ...paths])
    return [...all].reduce((sum, path) => sum + server.bytesOf(path), 0) / 1000
  })

/** When the marks were reached that are named, in ms. */
const marksOf = (
  place: Place,
  marks: ReadonlyArray<string>,
  network?: Network
): Promise<ReadonlyArray<number>> =>
  inNewWindow(place, async (page, context) => {
    if (network !== undefined) {
      const session = await context.newCDPSession(page)
      const bytesPerSecond = network.megabits * 125_000
      await session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: network.latency,
        downloadThroughput: bytesPerSecond,
        uploadThroughput: bytesPerSecond
      })
      await session.send("Emulation.setCPUThrottlingRate", { rate: network.slowdown })
    }
    await page.goto(place.server.address)
    const times: Array<number> = []
    for (const mark of marks) times.push(await markOf(page, mark))
    return times
  })

// ---------------------------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------------------------

/** As long as somebody takes to look at a run; then another worker is warm. */
const pause = 1000

/** From a press of Run to the frame in which the new run is drawn, in ms. */
const clickRun = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const shown = () => document.querySelector("#toolbar")?.textContent?.match(/Run \d+/)?.[0]
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    // On a slow machine the button still stops the run before.
    while (document.querySelector("#panes")?.ariaBusy === "true") await nextFrame()
    const before = shown()
    const start = performance.now()
    document.querySelector<HTMLElement>(".run-button")!.click()
    while (shown() === before) await nextFrame()
    return performance.now() - start
  })

/** The same, again and again. */
const clicks = (place: Place, times: number): Promise<ReadonlyArray<number>> =>
  inNewWindow(place, async (page) => {
    await page.goto(place.server.address)
    await markOf(page, "checked")
    return await repeat(times, async () => {
      await page.waitForTimeout(pause)
      return clickRun(page)
    })
  })

const endless = `import { Effect } from "effect"
import { Flow, Task } from "signalbox"

const spin = Task.make("spin", {
  run: () =>
    Effect.sync(() => {
      while (true) {}
    })
})

export const flow = Flow.make("endless", function* () {
  yield* spin()
})
`

/**
 * How long a run that never ends is let go on, and, when its program was mended, how long it takes from
 * a press of Run until the run is drawn, in ms.
 */
const kill = async (place: Place): Promise<readonly [killed: number, next: number]> => {
  const hash = await linkTo(endless)
  return inNewWindow(place, async (page) => {
    await page.goto(place.server.address)
    await markOf(page, "checked")
    await page.getByLabel("Auto-run").uncheck()
    await page.waitForTimeout(pause)
    const killed = await page.evaluate(async (hash) => {
      const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const isBusy = () => document.querySelector("#panes")?.ariaBusy === "true"
      const start = performance.now()
      location.hash = hash
      while (!isBusy()) await nextFrame()
      while (isBusy()) await nextFrame()
      return performance.now() - start
    }, hash)
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insertText(example("replace-a-state"))
    await page.waitForTimeout(pause)
    return [killed, await clickRun(page)]
  })
}

const busy = `import { Effect } from "effect"
import { Flow, RunContext, Signal, Task } from "signalbox"

const flaky = Task.make("flaky", {
  maxRetries: 1,
  retryDelay: "1 minute",
  run: Effect.fn(function* ({ number }: { readonly number: number }) {
    const { runCount } = yield* RunContext.RunContext
    if (runCount === 1) return yield* Signal.fail("not yet")
    return number
  })
})

export const flow = Flow.make("busy", function* () {
  yield* Task.map(flaky, { number: Array.from({ length: 2000 }, (_, number) => number) })
})
`

/**
 * How many changes a second come into the page from a run of 2,000 mapped tasks, from a press of Run
 * until all of it is drawn, again and again.
 */
const changesPerSecond = async (): Promise<ReadonlyArray<number>> =>
  evaluateUndebugged({ folder: built, hash: await linkTo(busy) }, async () => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    const isBusy = () => document.querySelector("#panes")?.ariaBusy === "true"
    while (performance.getEntriesByName("signalbox:checked").length === 0) await nextFrame()
    const rates: Array<number> = []
    for (let turn = 0; turn < 9; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      while (isBusy()) await nextFrame()
      const start = performance.now()
      document.querySelector<HTMLElement>(".run-button")!.click()
      while (!isBusy()) await nextFrame()
      while (isBusy()) await nextFrame()
      const took = performance.now() - start
      const clock = document.querySelector("#clock")?.textContent ?? ""
      rates.push(Number(/#\d+\/(\d+)/.exec(clock)?.[1]) / took * 1000)
    }
    return rates
  })

// ---------------------------------------------------------------------------------------------
// Editing
// ---------------------------------------------------------------------------------------------

/** From a key press to what the compiler says of it, and to the completions, in ms. */
const editing = (
  place: Place,
  times: number
): Promise<ReadonlyArray<readonly [diagnostics: number, completions: number]>> =>
  inNewWindow(place, async (page) => {
    await page.goto(place.server.address)
    await markOf(page, "checked")
    await page.getByLabel("Auto-run").uncheck()
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.insertText('const count: number = 1\nconst name = "text"\n')
    await page.waitForTimeout(1500)
    return repeat(times, async () => {
      // A letter makes it wrong.
      await page.keyboard.press("Control+Home")
      await page.keyboard.press("End")
      const diagnostics = await timed(page, "cm-lintRange-error", () => page.keyboard.type("n"))
      await page.keyboard.press("Backspace")
      await page.waitForFunction(() => document.querySelector(".cm-lintRange-error") === null)
      await page.keyboard.press("Control+Home")
      await page.keyboard.press("ArrowDown")
      await page.keyboard.press("End")
      await page.keyboard.insertText(";name")
      // What came for the name is not what is measured.
      await page.waitForTimeout(800)
      await page.keyboard.press("Escape")
      await page.waitForFunction(() => document.querySelector(".cm-tooltip-autocomplete") === null)
      const completions = await timed(
        page,
        "cm-tooltip-autocomplete",
        () => page.keyboard.type(".")
      )
      await page.keyboard.press("Escape")
      for (let n = 0; n < 6; n++) await page.keyboard.press("Backspace")
      await page.waitForTimeout(800)
      return [diagnostics, completions] as const
    })
  })

/** From the key press, as the page notices it, until an element of a class is there. */
const timed = async (page: Page, className: string, press: () => Promise<void>) => {
  // It has to listen before the key is pressed, so its promise is kept in the page until later.
  const measured = await page.evaluateHandle((className) => ({
    took: new Promise<number>((resolve) => {
      addEventListener("keydown", () => {
        const start = performance.now()
        const found = document.getElementsByClassName(className)
        const observer = new MutationObserver(() => {
          if (found.length === 0) return
          observer.disconnect()
          resolve(performance.now() - start)
        })
        observer.observe(document.body, { subtree: true, childList: true, attributes: true })
      }, { once: true, capture: true })
    })
  }), className)
  await press()
  return measured.evaluate(({ took }) => took)
}

// ---------------------------------------------------------------------------------------------
// Big runs
// ---------------------------------------------------------------------------------------------

const nodeOf = (number: number, upstream: ReadonlyArray<number>) => ({
  slug: `t${number}`,
  name: `task ${number}`,
  kind: "task",
  upstream,
  mapped: false,
  handlers: [],
  maxRetries: 0,
  tags: []
})

/** The file of a run of many tasks that start and retry, `changes` times in all. */
const trace = (tasks: number, changes: number): string => {
  const nodes = Array.from({ length: tasks }, (_, n) => nodeOf(n, n < 50 ? [] : [n - 50]))
  const lines = Array.from({ length: changes }, (_, n) => {
    const [from, to] = Math.floor(n / tasks) % 2 === 0
      ? ["Retrying", "Running"]
      : ["Running", "Retrying"]
    const task = `t${n % tasks}`
    const run = 1 + Math.floor(n / tasks / 2)
    return { at: n * 10, flow: "big", task, run, from: { tag: from }, to: { tag: to } }
  })
  const header = { signalbox: 1, flow: "big", start: 0, nodes, reference: [tasks - 1] }
  return [header, ...lines].map((line) => JSON.stringify(line)).join("\n")
}

const openTrace = async (page: Page, place: Place, text: string, changes: number) => {
  await page.goto(place.server.address)
  await markOf(page, "editable")
  await page.waitForTimeout(1000)
  await page.evaluate((text) => {
    const data = new DataTransfer()
    data.items.add(new File([text], "big.jsonl"))
    document.body.dispatchEvent(
      new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data })
    )
  }, text)
  await page.waitForFunction(
    (changes) => document.querySelector("#clock")?.textContent?.includes(`/${changes}`),
    changes,
    { timeout: 60_000 }
  )
  await page.waitForTimeout(2000)
}

/** The time between frames while the graph is dragged and states change, in ms. */
const frames = (place: Place, tasks: number): Promise<ReadonlyArray<number>> =>
  inNewWindow(place, async (page) => {
    const changes = tasks * 4
    await openTrace(page, place, trace(tasks, changes), changes)
    return page.evaluate(async () => {
      const target = document.querySelector("#graph canvas, #graph svg")!
      const slider = document.querySelector<HTMLElement>("#clock [role=slider]")!
      const { height, left, top, width } = target.getBoundingClientRect()
      const { left: from, top: line, width: long } = slider.getBoundingClientRect()
      const point = (element: Element, type: string, x: number, y: number): void => {
        const init = { bubbles: true, pointerId: 1, buttons: 1, clientX: x, clientY: y }
        element.dispatchEvent(new PointerEvent(type, init))
      }
      const gaps: Array<number> = []
      let last = await new Promise<number>(requestAnimationFrame)
      point(target, "pointerdown", left + width / 2, top + height / 2)
      for (let n = 0; n < 180; n++) {
        const x = left + width / 2 + 80 * Math.sin(n / 10)
        point(target, "pointermove", x, top + height / 2)
        if (n % 2 === 0) {
          const at = from + long * (0.2 + 0.6 * n / 180)
          point(slider, "pointerdown", at, line + 5)
          point(slider, "pointerup", at, line + 5)
        }
        const now = await new Promise<number>(requestAnimationFrame)
        gaps.push(now - last)
        last = now
      }
      point(target, "pointerup", left + width / 2, top + height / 2)
      return gaps.slice(10)
    })
  })

/** What a jump to any moment of a long run takes, from the press to the end of its frame, in ms. */
const jumps = (): Promise<ReadonlyArray<number>> => {
  const texts = { "/big.jsonl": trace(500, 100_000) }
  return evaluateUndebugged({ folder: built, texts }, async () => {
    const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))
    while (performance.getEntriesByName("signalbox:checked").length === 0) await wait(100)
    await wait(1000)
    const data = new DataTransfer()
    data.items.add(new File([await (await fetch("big.jsonl")).text()], "big.jsonl"))
    const drop = { bubbles: true, cancelable: true, dataTransfer: data }
    document.body.dispatchEvent(new DragEvent("drop", drop))
    const clock = document.querySelector("#clock")!
    while (!clock.textContent!.includes("/100000")) await wait(100)
    await wait(2000)
    const slider = clock.querySelector<HTMLElement>("[role=slider]")!
    const { left, top, width } = slider.getBoundingClientRect()
    const times: Array<number> = []
    for (let n = 0; n < 60; n++) {
      await new Promise(requestAnimationFrame)
      await wait(30)
      const at = left + width * ((n * 0.381966) % 1)
      const init = { bubbles: true, pointerId: 1, buttons: 1, clientX: at, clientY: top + 5 }
      // Waiting for the frame is no work: it is counted from its first callback, which is this one as
      // it was asked for before the press, to what comes after it was drawn.
      const drawn = new Promise<number>((resolve) =>
        requestAnimationFrame(() => {
          const begun = performance.now()
          const { port1, port2 } = new MessageChannel()
          port1.addEventListener("message", () => resolve(performance.now() - begun))
          port1.start()
          port2.postMessage(undefined)
        })
      )
      const pressed = performance.now()
      slider.dispatchEvent(new PointerEvent("pointerdown", init))
      slider.dispatchEvent(new PointerEvent("pointerup", init))
      const handled = performance.now() - pressed
      times.push(handled + await drawn)
    }
    return times
  })
}

const layoutTime = (count: number): number => {
  const nodes = Array.from({ length: count }, () => ({ width: 120, height: 40 }))
  const edges = Array.from(
    { length: Math.floor(count * 1.5) },
    (_, n): readonly [number, number] => {
      const to = 1 + (n * 7919) % (count - 1)
      return [(n * 104_729) % to, to]
    }
  )
  const start = performance.now()
  layered({ nodes, edges })
  return performance.now() - start
}

// ---------------------------------------------------------------------------------------------
// All of them
// ---------------------------------------------------------------------------------------------

const sizes = async (place: Place): Promise<ReadonlyArray<Target>> => {
  const plan = {
    files: [{ name: "flow.ts", text: `${example("replace-a-state")}\n// edited` }],
    seed: 42,
    faults: [{ kind: "Fail", task: "extract", attempt: 2 }]
  } as const
  const link = await encode({ plan, cursor: 5, runtime })
  const files = globSync("**/*.*", { cwd: built })
  const all = files.reduce((sum, file) => sum + place.server.bytesOf(`/${file}`), 0) / 1000
  return [
    { name: "bytes before scrubbable", goal: 30, unit: "kB", measured: await bytesBefore(place) },
    { name: "everything, offline", goal: 2000, unit: "kB", measured: all },
    {
      name: "link of the opening example, edited",
      goal: 1500,
      unit: "characters",
      measured: place.server.address.length + 1 + link.length
    }
  ]
}

const ms = (name: string, goal: number, measured: number): Target => ({
  name,
  goal,
  unit: "ms",
  measured
})

const loading = async (place: Place): Promise<ReadonlyArray<Target>> => {
  const marks = ["scrubbable", "runnable", "editable", "checked"]
  const local = await repeat(5, () => marksOf(place, marks))
  const at = (mark: number) => median(local.map((times) => times[mark]!))
  const fast = { megabits: 10, latency: 40, slowdown: 1 }
  const slow = { megabits: 1.6, latency: 150, slowdown: 4 }
  const overFast = await repeat(3, () => marksOf(place, ["scrubbable", "checked"], fast))
  const overSlow = await repeat(3, () => marksOf(place, ["scrubbable"], slow))
  return [
    ms("scrubbable", 300, at(0)),
    ms("scrubbable, 10 Mbit/s", 500, median(overFast.map(([time]) => time!))),
    ms("scrubbable, 1.6 Mbit/s, slow machine", 1500, median(overSlow.map(([time]) => time!))),
    ms("run possible", 1200, at(1)),
    ms("editor ready", 1500, at(2)),
    ms("first check of types done", 4000, at(3)),
    ms("first check, 10 Mbit/s", 8000, median(overFast.map(([, time]) => time!)))
  ]
}

const running = async (place: Place): Promise<ReadonlyArray<Target>> => {
  const clicked = await clicks(place, 25)
  const killed = await repeat(3, () => kill(place))
  const perSecond = await changesPerSecond()
  return [
    ms("click on Run → drawn, p50", 50, median(clicked)),
    ms("click on Run → drawn, p95", 100, quantile(clicked, 0.95)),
    ms("endless loop ended", 2000, median(killed.map(([time]) => time))),
    ms("next run after it", 50, median(killed.map(([, time]) => time))),
    {
      name: "simulated changes, as they come into the page",
      goal: 20_000,
      unit: "changes/s",
      measured: median(perSecond),
      least: true
    }
  ]
}

const big = async (place: Place): Promise<ReadonlyArray<Target>> => {
  const dragged = await frames(place, 2000)
  const jumped = await jumps()
  return [
    ms("frame at 2,000 nodes, p50", 17, median(dragged)),
    ms("frame at 2,000 nodes, p95", 17, quantile(dragged, 0.95)),
    ms("jump at 100,000 changes, p50", 16, median(jumped)),
    ms("jump at 100,000 changes, p95", 16, quantile(jumped, 0.95)),
    ms("layout of 1,000 nodes (Node)", 150, median(await repeat(5, async () => layoutTime(1000)))),
    ms("layout of 5,000 nodes (Node)", 500, median(await repeat(3, async () => layoutTime(5000))))
  ]
}

const typing = async (place: Place): Promise<ReadonlyArray<Target>> => {
  const edited = await editing(place, 7)
  return [
    ms("key → diagnostics", 300, median(edited.map(([time]) => time))),
    ms("key → completions", 50, median(edited.map(([, time]) => time)))
  ]
}

await installChromium()
const server = await serveGzip(built)
const browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] })
const place: Place = { browser, server }
const targets: Array<Target> = []
try {
  for (const measure of [sizes, loading, running, typing, big]) {
    const asked = process.argv.slice(2)
    if (asked.length > 0 && !asked.includes(measure.name)) continue
    targets.push(...await measure(place))
  }
} finally {
  await browser.close()
  server.close()
}

const numberOf = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 1 : 0 })

console.log(textTable(
  ["", "goal", "measured", ""],
  targets.map((target) => [
    target.name,
    `${target.least === true ? "≥" : "≤"} ${numberOf(target.goal)} ${target.unit}`,
    numberOf(target.measured),
    isMet(target) ? "✓" : "✕"
  ])
))
const missed = targets.filter((target) => !isMet(target))
console.log(`\n${targets.length - missed.length} of ${targets.length} goals are met.`)
process.exitCode = missed.some(({ unit }) => unit === "kB" || unit === "characters") ? 1 : 0
