/**
 * Programs that mean harm, in a real browser: nothing gets out of the sandbox, the page stays usable,
 * and the next run is at hand.
 */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { TraceLine } from "signalbox/testing"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { endless, escape, flood, forgeries } from "./sandbox/hostile.ts"
import { openSandbox } from "./sandbox/served.ts"

let server: Server
let hostileAddress: string
const received: Array<string> = []

beforeAll(async () => {
  server = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`)
    response.setHeader("Access-Control-Allow-Origin", "*")
    response.setHeader("Content-Type", "text/javascript")
    response.end("0")
  })
  server.on("connection", () => received.push("a connection"))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  hostileAddress = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

const calm = `
import { Effect } from "effect"
import { Flow, Task } from "signalbox"
const task = Task.make("task", { run: () => Effect.succeed(1) })
export const flow = Flow.make("calm", function* () { yield* task() })
`

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const printedIn = (lines: ReadonlyArray<TraceLine.TraceLine>): ReadonlyArray<string> =>
  lines.flatMap((line) => "log" in line ? [line.log] : [])

it("no attempt to get out reaches a server, a storage or the page", async () => {
  await fetch(`${hostileAddress}/hello`)
  assert.deepStrictEqual(received.splice(0), ["a connection", "GET /hello"])

  const { page, run } = await openSandbox()
  const asked: Array<string> = []
  page.on("requestfinished", (request) => asked.push(request.url()))
  const { lines, problems } = await run(escape(hostileAddress))
  await page.waitForTimeout(500)

  assert.deepStrictEqual(problems, [])
  const outcomes = printedIn(lines)
  assert.isAtLeast(outcomes.length, 35)
  assert.deepStrictEqual(outcomes.filter((outcome) => !/: refused, /.test(outcome)), [])
  assert.deepStrictEqual(received, [])
  assert.deepStrictEqual(asked.filter((url) => !url.startsWith("blob:")), [])
  assert.deepStrictEqual(await page.context().cookies(), [])
  assert.strictEqual(await page.evaluate(() => document.querySelectorAll("iframe").length), 1)
})

describe("a program that never gives way is ended, and the next run is at hand", () => {
  const times: Record<"ended" | "next" | "frame", Array<number>> = {
    ended: [],
    next: [],
    frame: []
  }

  it.each(Object.entries(endless))("%s", async (name, program) => {
    const { rest, run } = await openSandbox()
    await rest()
    const { longestGap, problems, took } = await run(program)
    const next = await run(calm)
    times.ended.push(took)
    times.next.push(next.took)
    times.frame.push(longestGap)
    assert.strictEqual(problems.length, 1)
    const isInTask = program.includes("const harm")
    assert.strictEqual(problems[0]!.message.includes('task "harm"'), isInTask)
    assert.strictEqual(problems[0]!.line, isInTask ? 5 : undefined, name)
    assert.deepInclude(next.lines.at(-1), { end: "ended" })
    assert.deepStrictEqual(next.problems, [])
  })

  it("in time, as most of them show", () => {
    console.log(
      Object.entries(times).map(([what, all]) =>
        `${what}: ${all.map((millis) => millis.toFixed(0)).join(", ")} ms`
      ).join("\n")
    )
    assert.strictEqual(times.ended.length, Object.keys(endless).length)
    assert.isAtMost(median(times.ended), 2000)
    assert.isAtMost(median(times.next), 50)
    assert.isAtMost(median(times.frame), 250)
  })
})

it("the frame of the workers has no origin, no storage and no way to the page or a server", async () => {
  const { page } = await openSandbox()
  const [, outer, inner] = page.frames()
  assert.strictEqual(page.frames().length, 3)
  assert.strictEqual(await outer!.evaluate(() => document.scripts.length), 0)
  const outcomes = await inner!.evaluate(async (server) => {
    const attempt = async (use: () => unknown) => {
      try {
        return await use()
      } catch (error) {
        return (error as Error).name
      }
    }
    return {
      origin: self.origin,
      storage: await attempt(() => localStorage.length),
      around: await attempt(() => parent.document.title),
      page: await attempt(() => parent.parent.document.title),
      fetch: await attempt(() => fetch(server)),
      popup: await attempt(() => open(server))
    }
  }, hostileAddress)
  assert.deepStrictEqual(outcomes, {
    origin: "null",
    storage: "SecurityError",
    around: "SecurityError",
    page: "SecurityError",
    fetch: "TypeError",
    popup: null
  })
  assert.deepStrictEqual(received, [])
})

it("a flood of printed lines is cut off and counted, and the page stays usable", async () => {
  const { page, run } = await openSandbox({ isShared: false })
  const { batches, lines, longestGap, problems } = await run(flood)
  const end = lines.at(-1) as TraceLine.End
  const heap = await page.evaluate(() =>
    (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
  )
  assert.deepStrictEqual(problems, [])
  assert.strictEqual(end.end, "ended")
  const printed = printedIn(lines)
  assert.strictEqual(printed.length + end.dropped!, 1_000_000)
  assert.isAtMost(printed.join("").length, 8_000_000)
  assert.isAtMost(Math.max(...batches), 2000)
  assert.isAtMost(longestGap, 500)
  assert.isAtMost(heap, 250e6)
  assert.deepStrictEqual(
    lines.filter((line) => "to" in line && line.task === undefined).length,
    2,
    "the changes of the flow are all there"
  )
})

describe("a worker that was taken over is not believed", () => {
  it.each(Object.entries(forgeries))("%s", async (_name, program) => {
    const { rest, run } = await openSandbox()
    await rest()
    const { longestGap, problems } = await run(program)
    assert.strictEqual(problems.length, 1)
    // What it broke may be noticed first by the page, or by the engine beside it.
    assert.match(problems[0]!.message, /^(Cannot go on with the run|TypeError): /)
    assert.isAtMost(longestGap, 1000)
    assert.deepStrictEqual((await run(calm)).problems, [])
  })
})
