/**
 * The sandbox in a real browser: programs run on the real engine, in a frame and a worker.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { TraceLine } from "signalbox/testing"
import { assert, describe, it } from "vitest"
import { examples } from "../../playground/examples.ts"
import hashes from "../playground/hashes.json" with { type: "json" }
import { hashOf, seed } from "../playground/ExampleRun.ts"
import { openSandbox } from "./sandbox/served.ts"

const textOf = (example: string): string =>
  readFileSync(resolve(import.meta.dirname, `../../playground/examples/${example}.ts`), "utf8")

const flowOf = (body: string, before = ""): string => `
import { Console, Effect } from "effect"
import { Flow, RunContext, Signal, Task } from "signalbox"
${before}
const task = Task.make("task", { run: Effect.fn(function* () { ${body} }) })
export const flow = Flow.make("tested", function* () { yield* task() })
`

const printedIn = (lines: ReadonlyArray<TraceLine.TraceLine>): ReadonlyArray<string> =>
  lines.flatMap((line) => "log" in line ? [line.log] : [])

const resultIn = (lines: ReadonlyArray<TraceLine.TraceLine>): unknown =>
  lines.flatMap((line) => "to" in line && line.to.tag === "Success" ? [line.to.result] : [])[0]

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

describe("every example gives the trace that it gives in Node and Deno", () => {
  it("byte for byte", async () => {
    const { run } = await openSandbox()
    const found: Record<string, string> = {}
    for (const { name } of examples) {
      const { lines, problems } = await run(textOf(name), { seed })
      assert.deepStrictEqual(problems, [], name)
      found[name] = hashOf(lines)
    }
    assert.deepStrictEqual(found, hashes)
  })

  it("and what the stand-in for Slack receives is printed", async () => {
    const { run } = await openSandbox()
    const { lines } = await run(textOf("post-to-slack"))
    assert.deepStrictEqual(printedIn(lines), [
      "[Slack stand-in] Task <Task: flaky> failed and is retrying at 2026-01-01T00:00:01.000Z"
    ])
  })
})

describe("what is fast enough", () => {
  it("a first run, on a warm worker", async () => {
    const { rest, run } = await openSandbox()
    const text = textOf("replace-a-state")
    const first: Array<number> = []
    for (let i = 0; i < 9; i++) {
      await rest()
      first.push((await run(text)).first)
    }
    console.log(`first lines after ${first.map((millis) => millis.toFixed(0)).join(", ")} ms`)
    assert.isAtMost(median(first), 50)
  })

  it("thousands of changes, which are checked without a long frame", async () => {
    const { rest, run } = await openSandbox()
    await rest()
    const { batches, changes, lines, longestGap, problems, took } = await run(`
import { Effect } from "effect"
import { Flow, RunContext, Signal, Task } from "signalbox"
const work = Task.make("work", {
  maxRetries: 2,
  retryDelay: "1 minute",
  run: Effect.fn(function* ({ n }: { readonly n: number }) {
    const { runCount } = yield* RunContext.RunContext
    if (n % 3 === 0 && runCount === 1) return yield* Signal.fail("the first attempt")
    return { n }
  })
})
export const flow = Flow.make("many", function* () {
  yield* Task.map(work, { n: [...Array(2300).keys()] })
})`)
    console.log(
      `${changes} changes in ${took.toFixed(0)} ms, longest frame ${longestGap.toFixed(0)} ms, ` +
        `in ${batches.length} batches`
    )
    assert.deepStrictEqual(problems, [])
    assert.isAtLeast(changes, 6900)
    assert.deepInclude(lines.at(-1), { end: "ended" })
    assert.isAtMost(Math.max(...batches), 2000)
    assert.isAtMost(longestGap, 250)
  })

  it("runs that follow one another at once", async () => {
    const { run } = await openSandbox()
    for (let i = 0; i < 5; i++) {
      assert.deepStrictEqual((await run(textOf("task-handler"))).problems, [])
    }
  })
})

describe("a program of several files", () => {
  it("finds them, and packages and modules of packages", async () => {
    const { run } = await openSandbox()
    const { lines, problems } = await run({
      "flow.ts": `
import * as Effect from "effect/Effect"
import { Flow, Task } from "signalbox"
import type { Unused } from "./nowhere.ts"
import { double } from "./lib/numbers.ts"
import words, { shout as loud } from "./words"
export { Cron } from "effect"
const task = Task.make("task", { run: () => Effect.succeed(loud(words[double(1)]!)) })
export const flow = Flow.make("files", function* () { yield* task() })`,
      "lib/numbers.ts": `
import { zero } from "../words.js"
export const double = (n: number): number => zero + 2 * n`,
      "words.ts": `
import { double } from "./lib/numbers.ts"
export default ["no", "one", "two"] satisfies ReadonlyArray<string>
export enum Volume { Loud = 3 }
export const zero = 0
export const four = () => double(2)
export const shout = (text: string) => text.toUpperCase() + "!".repeat(Volume.Loud)`
    })
    assert.deepStrictEqual(problems, [])
    assert.strictEqual(resultIn(lines), "TWO!!!")
  })

  it("is told what there is when it imports what is not there", async () => {
    const { run } = await openSandbox()
    const problemOf = async (before: string, body = "") =>
      (await run({ "flow.ts": flowOf(body, before), "handlers.ts": "" })).problems[0]
    assert.deepStrictEqual(await problemOf('import "lodash"'), {
      message: 'Cannot import "lodash": there is no such module here; there are effect, ' +
        "effect/http, effect/schema, effect/testing, signalbox, signalbox/notify, " +
        "signalbox/schedule, signalbox/testing, ./handlers.ts, and modules such as effect/Effect",
      file: "flow.ts",
      line: 4
    })
    assert.match(
      (await problemOf('import { x } from "./handler.ts"\nx'))!.message,
      /"\.\/handler\.ts"/
    )
    assert.deepInclude(await problemOf('import { Flo } from "signalbox"\n\nFlo.make'), {
      message: 'SyntaxError: The module "signalbox" has no export "Flo"',
      file: "flow.ts",
      line: 6
    })
  })
})

describe("what is wrong is told at its place", () => {
  const wrong: Readonly<Record<string, readonly [text: string, message: RegExp, line?: number]>> = {
    "a text that is no program": ["let a = 1\nlet b =\n", /^Cannot read flow\.ts at line 3: /, 3],
    "a name that is declared twice": [
      "const status = 1\n\nconst status = 2\n",
      /^Cannot read flow\.ts at line 3: Identifier 'status' has already been declared$/,
      3
    ],
    "an error while it is loaded": [
      "const f = () => {\n  throw new RangeError('no luck')\n}\nf()\n",
      /^RangeError: no luck$/,
      2
    ],
    "a definition that cannot work": [
      flowOf("", 'Task.make("bad", { maxRetries: 3, run: () => Effect.void })'),
      /^(DefinitionError: )?Cannot /,
      4
    ],
    "no flow": ["export const x = 1", /^Cannot run flow\.ts: it exports no flow; write /],
    "something else than an error": ["throw { code: 7 }", /^The program threw .*\{"code":7\}$/],
    "a plan that does not fit": [flowOf(""), /fault plan .* has no task "other"/]
  }
  it.each(Object.entries(wrong))("%s", async (name, [text, message, line]) => {
    const { run } = await openSandbox()
    const faults = name.startsWith("a plan") ? [{ kind: "Fail", task: "other" }] : []
    const { problems } = await run(text, { faults })
    assert.strictEqual(problems.length, 1)
    assert.match(problems[0]!.message, message)
    assert.strictEqual(problems[0]!.line, line)
    assert.strictEqual(problems[0]!.file, line === undefined ? undefined : "flow.ts")
  })
})

describe("the world of a program", () => {
  it("has simulated time and chance, the same in each run", async () => {
    const { run } = await openSandbox()
    const program = flowOf(
      `
  yield* Effect.sleep("90 minutes")
  const waited = yield* Effect.promise(() => new Promise((go) => setTimeout(() => go("later"), 3_600_000)))
  return {
    waited, loaded, now: Date.now(), date: new Date().toISOString(), of: new Date(5).getTime(),
    isDate: new Date() instanceof Date, elapsed: performance.now(),
    random: [Math.random(), Math.random()], max: Math.max(1, 2),
    id: crypto.randomUUID(), bytes: [...crypto.getRandomValues(new Uint8Array(3))],
    same: globalThis.Date === Date && self === globalThis && globalThis.Math === Math
  }`,
      "const loaded = Date.now()"
    )
    const [one, two, other] = [
      await run(program),
      await run(program),
      await run(program, { seed: 8 })
    ]
    assert.deepStrictEqual([one.problems, two.problems, other.problems], [[], [], []])
    const start = Date.parse("2026-01-01T00:00:00Z")
    const result = resultIn(one.lines) as Record<string, unknown>
    assert.deepInclude(result, {
      waited: "later",
      loaded: start,
      now: start + 9_000_000,
      date: "2026-01-01T02:30:00.000Z",
      of: 5,
      isDate: true,
      elapsed: 9_000_000,
      max: 2,
      same: true
    })
    assert.match(
      String(result["id"]),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    )
    assert.deepStrictEqual(two.lines, one.lines)
    const others = resultIn(other.lines) as Record<string, unknown>
    for (const name of ["random", "id", "bytes"]) assert.notDeepEqual(others[name], result[name])
  })

  it("lets time pass between timers as between sleeps", async () => {
    const { run } = await openSandbox()
    const { lines, problems } = await run(flowOf(`
  const say = (word: string) => console.log(Date.now() - start, word)
  const start = Date.now()
  const ticks = setInterval(() => say("tick"), 20)
  const never = setTimeout(() => say("never"), 30)
  clearTimeout(never)
  yield* Effect.all([
    Effect.andThen(Effect.sleep(50), Effect.sync(() => say("slept"))),
    Effect.promise(() => new Promise<void>((go) => setTimeout(() => { say("waited"); go() }, 70)))
  ], { concurrency: 2 })
  clearInterval(ticks)
  say("done")`))
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(printedIn(lines), [
      "20 tick",
      "40 tick",
      "50 slept",
      "60 tick",
      "70 waited",
      "70 done"
    ])
  })

  it("has no network, and says so", async () => {
    const { run } = await openSandbox()
    const { lines } = await run(flowOf(`
  console.log(typeof XMLHttpRequest, typeof WebSocket, typeof importScripts, typeof indexedDB)
  yield* Effect.tryPromise({ try: () => fetch("https://example.org"), catch: (error) => error }).pipe(
    Effect.catch((error) => Console.error(String(error))))`))
    assert.deepStrictEqual(printedIn(lines), [
      "undefined undefined undefined undefined",
      "TypeError: Cannot fetch: a program has no network here; the requests of effect/http are " +
      "answered by a stand-in"
    ])
  })

  it("prints with console and Console, also while it is loaded and where nobody listens", async () => {
    const { run } = await openSandbox()
    const { lines } = await run(flowOf(
      `
  console.warn("a", { b: 1 })
  yield* Console.log("c")
  setTimeout(() => { throw new Error("in a timer") }, 5)
  void Promise.reject(new Error("in a promise"))
  yield* Effect.promise(() => new Promise((go) => setTimeout(go, 10)))`,
      'console.log("loading")'
    ))
    const logs = lines.flatMap((line) => "log" in line ? [line] : [])
    assert.deepStrictEqual(logs.slice(0, 3), [
      { at: 0, log: "loading", level: "out" },
      { at: 0, log: 'a {"b":1}', level: "err", task: "task-1" },
      { at: 0, log: "c", level: "out", task: "task-1" }
    ])
    assert.isTrue(logs.some(({ log }) => log.includes("in a timer")))
    assert.isTrue(logs.some(({ log }) => log.includes("in a promise")))
    assert.isTrue("signalbox" in lines[0]!)
  })

  it("is new for each run", async () => {
    const { run } = await openSandbox()
    const program = flowOf(
      "return seen",
      `
const real: any = Function("return this")()
const seen = (real.seen = (real.seen ?? 0) + 1)`
    )
    for (let i = 0; i < 4; i++) assert.strictEqual(resultIn((await run(program)).lines), 1)
  })
})

describe("the plan of a run", () => {
  it("has faults, which change what follows and nothing before", async () => {
    const { run } = await openSandbox()
    const text = textOf("retries-hours-apart")
    const plain = await run(text)
    assert.deepStrictEqual(plain.problems, [])
    const program = flowOf('yield* Effect.sleep("1 hour"); return 1')
    const [calm, failed] = [
      await run(program),
      await run(program, { faults: [{ kind: "Fail", task: "task", attempt: 1 }] })
    ]
    const from = (lines: ReadonlyArray<TraceLine.TraceLine>) => lines.slice(1, 3)
    assert.deepStrictEqual(from(failed.lines), from(calm.lines))
    assert.isTrue(failed.lines.some((line) => "to" in line && line.to.tag === "Failed"))
  })

  it("answers pauses", async () => {
    const { run } = await openSandbox()
    const program = `
import { Effect } from "effect"
import { Flow, Task } from "signalbox"
const approve = Task.make("approve", { run: () => Effect.as(Task.awaitApproval(), "yes") })
export const flow = Flow.make("approval", function* () { yield* approve() })`
    const answered = async (answer: object) => {
      const faults = [{ kind: "Resume", task: "approve", after: 60_000, ...answer }]
      const { lines, problems } = await run(program, { faults })
      assert.deepStrictEqual(problems, [])
      const last = lines.findLast((line) => "to" in line && line.task !== undefined)
      return [last!, resultIn(lines)] as const
    }
    const [approved, result] = await answered({})
    assert.deepInclude(approved, { at: 60_000, task: "approve-1" })
    assert.strictEqual(result, "yes")
    const [skipped] = await answered({ as: "Skip" })
    assert.strictEqual("to" in skipped && skipped.to.tag, "Skipped")
    const [failed] = await answered({ as: "Fail" })
    assert.strictEqual("to" in failed && failed.to.tag, "Failed")
  })

  it("can be shaken: many seeds, each as its own run is", async () => {
    const { run, shake } = await openSandbox()
    const program = flowOf(
      `
  yield* Effect.sleep(Math.floor(Math.random() * 1000))
  calls++
  if (Math.random() < 0.5) return yield* Signal.fail("bad luck")
  return calls`,
      "let calls = 0"
    )
    const { outcomes, problem } = await shake(program, 40)
    assert.isUndefined(problem)
    assert.deepStrictEqual(outcomes.map(({ seed }) => seed), [...Array(40).keys()])
    const tags = new Set(outcomes.map(({ tag }) => tag))
    assert.deepStrictEqual([...tags].toSorted(), ["Failed", "Success"])
    for (const { changes, duration, seed, state } of outcomes.slice(0, 3)) {
      const { lines } = await run(program, { seed })
      assert.strictEqual(lines.filter((line) => "to" in line).length, changes)
      assert.strictEqual((lines.at(-1) as TraceLine.End).at, duration)
      assert.match(state, /^(Success\("All reference|Failed\("Some reference)/)
    }
  })

  it("a shake can be stopped, and tells what is wrong", async () => {
    const { shake } = await openSandbox()
    const { outcomes, problem } = await shake(flowOf("return 1"), 1000, 5)
    assert.strictEqual(outcomes.length, 5)
    assert.isUndefined(problem)
    const broken = await shake("throw new Error('broken')", 3)
    assert.deepStrictEqual(broken, { outcomes: [], problem: "broken" })
    const endless = await shake(flowOf("while (Math.random() < 2) {}"), 3)
    assert.match(endless.problem!, /gave no answer/)
  })

  it("ends where the run is stopped, and nothing more is told", async () => {
    const { run } = await openSandbox()
    const { lines, problems, took } = await run("while (true) {}", { stopAfter: 100 })
    assert.deepStrictEqual([lines, problems], [[], []])
    assert.isAtMost(took, 500)
  })
})

it("what is long is shortened, and stays a trace", async () => {
  const { run } = await openSandbox()
  const { lines, problems } = await run(flowOf(`
  console.log("x".repeat(5000))
  return { text: "y".repeat(9000), deep: Array(900).fill({ a: { b: { c: { d: 1 } } } }) }`))
  assert.deepStrictEqual(problems, [])
  assert.deepStrictEqual(printedIn(lines), [`${"x".repeat(2000)}… (5000 characters)`])
  const { deep, text } = resultIn(lines) as { deep: Array<unknown>; text: string }
  assert.strictEqual(text, `${"y".repeat(500)}…`)
  assert.strictEqual(deep.length, 21)
})
