/**
 * Faults as people read and fill them in, and answers to pauses.
 */
import { Effect } from "effect"
import { FaultPlan, type TraceLine } from "signalbox/testing"
import { assert, describe, it } from "vitest"
import { parseDuration } from "../../../playground/run/Elapsed.ts"
import { fieldsOf, readFault } from "../../../playground/run/FaultDraft.ts"
import { describeFault, type FaultKind, faultKinds } from "../../../playground/run/FaultText.ts"
import { answer, pausesIn } from "../../../playground/run/Pauses.ts"
import { fromLines } from "../../../playground/run/Run.ts"

const kinds = Object.keys(faultKinds) as ReadonlyArray<FaultKind>

const entered = {
  task: "clean",
  item: "2",
  attempt: "3",
  handler: "tell",
  as: "Skip",
  after: "1.5 s",
  millis: "2 h",
  at: "250",
  by: "-1 h",
  transition: "4",
  probability: "50 %"
}

describe("a fault that is filled in", () => {
  it.each(kinds)("of kind %s is one that the engine takes", async (kind) => {
    const fault = readFault(kind, entered)
    const [parsed] = await Effect.runPromise(FaultPlan.parse(JSON.stringify([fault])))
    assert.deepStrictEqual<unknown>(parsed, fault)
    assert.deepStrictEqual(Object.keys(fault).toSorted(), ["kind", ...fieldsOf(kind)].toSorted())
  })

  it("leaves out what was left empty, and asks for what it needs", () => {
    assert.deepStrictEqual<unknown>(readFault("Fail", { task: "", attempt: " " }), { kind: "Fail" })
    assert.deepStrictEqual<unknown>(readFault("Delay", { millis: "" }), {
      field: "millis",
      message: "By: please enter a time such as 250 ms, 1.5 s or 2 h"
    })
    assert.deepInclude(readFault("Delay", { millis: "-1 s" }), { field: "millis" })
    assert.deepInclude(readFault("Fail", { probability: "101" }), { field: "probability" })
    assert.deepInclude(readFault("Fail", { item: "-1" }), { field: "item" })
  })
})

it("a fault is told in a few words", () => {
  const told = (kind: FaultKind) => describeFault(readFault(kind, entered) as FaultPlan.Fault)
  assert.strictEqual(told("Fail"), "Fails: clean[2], attempt 3, chance 50 %")
  assert.strictEqual(told("Delay"), "Begins later: clean[2], by 2 h, attempt 3, chance 50 %")
  assert.strictEqual(told("HandlerDie"), "Handler dies of a defect: clean[2], tell, chance 50 %")
  assert.strictEqual(told("ClockJump"), "Clock jumps back by 1 h at 250 ms")
  assert.strictEqual(told("JournalFail"), "Crash at a change: number 5")
  assert.strictEqual(
    told("Resume"),
    "Pause is answered: clean[2], “Skip” after 1.5 s, attempt 3, chance 50 %"
  )
  assert.strictEqual(describeFault({ kind: "Fail" }), "Fails: any task")
})

it("a length of time is read in any unit", () => {
  const times = { "2 h": 7_200_000, "1.5s": 1500, "10min": 600_000, "1 d": 86_400_000, "7": 7 }
  for (const [text, millis] of Object.entries(times)) {
    assert.strictEqual(parseDuration(text), millis)
  }
  for (const text of ["", "h", "2 weeks", "1e3", "two"]) assert.isUndefined(parseDuration(text))
})

describe("a pause", () => {
  const change = (at: number, tag: string, index: number): TraceLine.Change => ({
    at,
    flow: "f",
    task: "ask",
    index,
    run: 1,
    from: { tag: "Running" },
    to: { tag }
  })
  const run = fromLines([
    {
      signalbox: 1,
      flow: "f",
      start: 0,
      nodes: [{
        slug: "ask",
        name: "ask",
        kind: "task",
        upstream: [],
        mapped: true,
        handlers: [],
        maxRetries: 0,
        tags: []
      }],
      reference: []
    },
    change(10, "Paused", 0),
    change(20, "Paused", 1),
    change(30, "Resume", 0)
  ])

  it("is known from its change to the next of the same item", () => {
    assert.deepStrictEqual(
      pausesIn(run).map(({ at, item, until }) => ({ at, item, until })),
      [{ at: 10, item: 0, until: 30 }, { at: 20, item: 1, until: undefined }]
    )
  })

  it("is answered once: another answer takes the place of the one before", () => {
    const [first, second] = pausesIn(run)
    const other = { kind: "Fail" } as const
    const once = answer([other], first!, 5, "Skip")
    const twice = answer(once, second!, 0, undefined)
    const place = { task: "ask", attempt: 1 }
    assert.deepStrictEqual(answer(twice, first!, 7, "Fail"), [
      other,
      { kind: "Resume", ...place, item: 1, after: 0 },
      { kind: "Resume", ...place, item: 0, after: 7, as: "Fail" }
    ])
  })
})
