/**
 * Lines on their way out of a worker, and their check when they arrive.
 */
import { assert, describe, it } from "@effect/vitest"
import type { TraceLine } from "signalbox/testing"
import { Arrivals, readReply } from "../../../playground/sandbox/Arrivals.ts"
import {
  maxCharacters,
  maxLines,
  maxLinesUnread,
  type Reply
} from "../../../playground/sandbox/Protocol.ts"
import { Outbox } from "../../../playground/sandbox/worker/Outbox.ts"

const header: TraceLine.Header = { signalbox: 1, flow: "f", start: 0, nodes: [], reference: [] }
const end: TraceLine.End = { at: 1, end: "ended" }
const change = (to: TraceLine.State): TraceLine.Change => ({
  at: 0,
  flow: "f",
  task: "t-1",
  run: 1,
  from: { tag: "Pending" },
  to
})
const log = (text: string) => (): TraceLine.Log => ({ at: 0, log: text, level: "out" })
const retrying = change({ tag: "Retrying" })

const makeOutbox = () => {
  const posted: Array<ReadonlyArray<string>> = []
  const clock = { now: 0 }
  const post = (reply: Reply) => {
    if (reply.kind === "lines") posted.push(reply.lines)
  }
  const outbox = new Outbox(post, () => clock.now)
  return {
    clock,
    outbox,
    posted,
    lines: () => posted.flat().map((line) => JSON.parse(line) as object)
  }
}

describe("lines on their way", () => {
  it("wait when the page has many that it has not read", async () => {
    const { outbox, posted } = makeOutbox()
    const sent = () => posted.flat().length
    outbox.add(header)
    for (let i = 0; i < maxLinesUnread + 3000; i++) outbox.add(retrying)
    outbox.add(end)
    const finished = outbox.finish()
    assert.strictEqual(sent(), maxLinesUnread)
    outbox.read(500)
    assert.strictEqual(sent(), maxLinesUnread + 500)
    outbox.read(maxLinesUnread)
    assert.strictEqual(sent(), maxLinesUnread + 3002)
    outbox.read(2502)
    await finished
  })

  it("go in batches, while the run goes on", () => {
    const { outbox, posted } = makeOutbox()
    outbox.add(header)
    for (let i = 0; i < 5000; i++) outbox.add(retrying)
    assert.isAbove(posted.length, 5)
    assert.isBelow(posted.length, 50)
  })

  it("go at once when a body begins, which may never give way", () => {
    const { lines, outbox } = makeOutbox()
    outbox.add(header)
    outbox.add(change({ tag: "Running" }))
    assert.strictEqual(lines().length, 2)
  })

  it("of many bodies that begin go when the page has not heard for a while", () => {
    const { clock, lines, outbox } = makeOutbox()
    outbox.add(header)
    for (let i = 0; i < 100; i++) outbox.add(change({ tag: "Running" }))
    const told = lines().length
    assert.isBelow(told, 101)
    clock.now += 4
    outbox.add(change({ tag: "Running" }))
    assert.strictEqual(lines().length, 102)
  })

  it("begin with the header, whatever was printed before it", () => {
    const { lines, outbox } = makeOutbox()
    outbox.print(log("early"))
    outbox.add(header)
    outbox.print(log("late"))
    outbox.flush()
    assert.deepStrictEqual(lines(), [header, log("early")(), log("late")()])
  })

  it("that were printed are cut and counted, and leave room for changes", () => {
    const { lines, outbox } = makeOutbox()
    outbox.add(header)
    let asked = 0
    for (let i = 0; i < 50_000; i++) {
      outbox.print(() => {
        asked++
        return log("x")()
      })
      if (i % 1000 === 0) outbox.read(2000)
    }
    for (let i = 0; i < 20; i++) outbox.read(2000)
    outbox.add(retrying)
    outbox.add(end)
    outbox.read(2000)
    assert.isAtMost(asked, maxLines.logs + 1, "what has no place is not even made")
    assert.deepStrictEqual(lines().slice(-2), [
      retrying,
      { ...end, dropped: 50_000 - maxLines.logs }
    ] as ReadonlyArray<object>)
  })

  it("of changes are shortened where they are long, and more so where they are many", () => {
    const { lines, outbox } = makeOutbox()
    outbox.add(header)
    const long = { tag: "Success", message: "m", result: ["y".repeat(20_000)] }
    outbox.add(change(long))
    outbox.flush()
    assert.deepStrictEqual(lines()[1], change({ ...long, result: [`${"y".repeat(500)}…`] }))

    const middling = change({ tag: "Success", result: Array(30).fill("z".repeat(500)) })
    let size = 0
    while (size < maxCharacters.changes) {
      outbox.add(middling)
      outbox.read(1)
      size += JSON.stringify(middling).length
    }
    outbox.flush()
    const kept = lines().slice(2) as Array<TraceLine.Change>
    assert.strictEqual((kept[0]!.to.result as Array<string>).length, 30)
    assert.strictEqual((kept.at(-1)!.to.result as Array<string>).length, 21)
  })

  it("are no more once the run has ended", () => {
    const { lines, outbox } = makeOutbox()
    outbox.add(header)
    outbox.add(end)
    outbox.add(retrying)
    outbox.print(log("late"))
    outbox.flush()
    assert.deepStrictEqual(lines(), [header, end])
  })
})

describe("lines that arrive", () => {
  const read = (...lines: ReadonlyArray<unknown>) => {
    const arrivals = new Arrivals()
    return lines.map((line) =>
      arrivals.read(typeof line === "string" ? line : JSON.stringify(line))
    )
  }

  it("are what they say they are", () => {
    const lines = [header, retrying, log("x")(), end]
    assert.deepStrictEqual(read(...lines), lines)
  })

  it("are refused where they are none of a trace", () => {
    const broken: ReadonlyArray<unknown> = [
      "{",
      "null",
      "7",
      {},
      { ...retrying, at: "now" },
      { ...retrying, to: { message: "no tag" } },
      { ...retrying, run: -1 },
      { ...log("x")(), log: { html: "<b>" } },
      { ...end, end: "perhaps" },
      { ...end, error: 3 }
    ]
    for (const line of broken) assert.throws(() => read(header, line), /is none of a trace/)
    assert.throws(() => read({ ...header, signalbox: 99 }), /is none of a trace/)
    assert.throws(() => read({ ...header, nodes: [{ slug: "x" }] }), /is none of a trace/)
  })

  it("are refused where they do not come in order", () => {
    for (
      const lines of [[retrying], [header, header], [header, end, retrying], [header, end, end]]
    ) {
      assert.throws(() => read(...lines), /do not come in the order of a trace/)
    }
  })

  it("are refused where they are too many or too long", () => {
    const arrivals = new Arrivals()
    arrivals.read(JSON.stringify(header))
    const line = JSON.stringify(retrying)
    assert.throws(() => {
      for (let i = 0; i < 200_000; i++) arrivals.read(line)
    }, /more than 120002 lines/)
    const long = JSON.stringify(log("x".repeat(1_000_000))())
    assert.throws(() => read(header, ...Array(40).fill(long)), /more than 32000000 characters/)
  })

  it("tell which task runs", () => {
    const arrivals = new Arrivals()
    const node = {
      kind: "task",
      upstream: [],
      mapped: false,
      handlers: [],
      maxRetries: 0,
      tags: []
    }
    arrivals.read(JSON.stringify({ ...header, nodes: [{ ...node, slug: "t-1", name: "t" }] }))
    assert.isUndefined(arrivals.lastRunning)
    arrivals.read(JSON.stringify(change({ tag: "Running" })))
    assert.strictEqual(arrivals.lastRunning, "t")
    arrivals.read(JSON.stringify(change({ tag: "Success" })))
    assert.isUndefined(arrivals.lastRunning)
  })

  it("come in replies of known shapes", () => {
    const outcome = { seed: 1, state: "s", tag: "t", changes: 1, duration: 2 }
    const good: ReadonlyArray<Reply> = [
      { kind: "pong", progress: 3 },
      { kind: "lines", lines: ["{}"] },
      { kind: "outcome", outcome },
      { kind: "problem", problem: { message: "m", file: undefined, line: undefined } },
      { kind: "done" }
    ]
    for (const reply of good) assert.deepStrictEqual(readReply(reply), reply as never)
    const bad: ReadonlyArray<unknown> = [
      undefined,
      null,
      "done",
      { kind: "gift" },
      { kind: "pong", progress: "3" },
      { kind: "lines", lines: [{}] },
      { kind: "outcome", outcome: { ...outcome, state: { toString: 1 } } },
      {
        kind: "problem",
        problem: { message: "x".repeat(100_000), file: undefined, line: undefined }
      }
    ]
    for (const reply of bad) assert.throws(() => readReply(reply), /has no words for/)
  })
})
