import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import { runDescribed, runToReport } from "./model/describedFlow.ts"
import { firstDifference } from "./model/difference.ts"
import { type FlowOf, interpret, type TaskOf } from "./model/ReferenceModel.ts"
import { randomDescription } from "./model/randomDescription.ts"

/** How many seeds are tried: elsewhere the same time is enough for fewer of them. */
const seeds = inject("runtime") === "node" ? 3000 : 500

/** Seeds that once showed a difference, always tried first. */
const kept: Readonly<Record<string, number>> = {
  "mapped over two lists, one of which failed": 25,
  "the same, asked by another trigger": 40,
  "an item that waits for ever": 23,
  "an item that waits for ever, and tasks after it": 142
}

/** The first difference between the rules and the engine, if there is one. */
const difference = (described: FlowOf) =>
  Effect.map(runDescribed(described), (engine) => firstDifference(interpret(described), engine))

const check = (name: string, described: FlowOf) =>
  Effect.map(difference(described), (found) => {
    if (found !== undefined) assert.fail(`${name}\n${JSON.stringify(described)}\n${found}`)
  })

// -----------------------------------------------------------------------------
// Made up
// -----------------------------------------------------------------------------

const checkSeed = (seed: number, name = "") =>
  check(`seed ${seed} ${name}`, randomDescription(seed))

it.effect("10.14 what the engine does is what the rules say", () =>
  Effect.gen(function* () {
    for (const [name, seed] of Object.entries(kept)) yield* checkSeed(seed, name)
    for (let seed = 0; seed < seeds; seed++) yield* checkSeed(seed)
  }), 60_000)

it("10.14 made up flows show the rules every kind of state", () => {
  const kinds = new Set<string>()
  for (let seed = 0; seed < 300; seed++) {
    for (const { changes } of interpret(randomDescription(seed)).fates.values()) {
      for (const { to } of changes) kinds.add(to.slice(0, to.indexOf("(")))
    }
  }
  assert.sameMembers([...kinds], [
    "Pending",
    "Scheduled",
    "Paused",
    "Resume",
    "Retrying",
    "Running",
    "Looped",
    "Success",
    "Mapped",
    "Skipped",
    "Cancelled",
    "Failed",
    "TimedOut",
    "TriggerFailed",
    "ValidationFailed"
  ])
})

// -----------------------------------------------------------------------------
// Found
// -----------------------------------------------------------------------------

const plainTask: TaskOf = {
  inputs: [],
  after: [],
  calls: [{ do: "Gather" }],
  trigger: { name: "allSuccessful" },
  skipOnUpstreamSkip: true,
  maxRetries: 0,
  retryDelay: 0,
  handlers: []
}

const flowWith = (...tasks: ReadonlyArray<Partial<TaskOf>>): FlowOf => ({
  tasks: tasks.map((task) => ({ ...plainTask, ...task })),
  handlers: [],
  concurrency: 1
})

it.effect("10.14 a task that is mapped over two lists, one of which failed, fans out", () =>
  check(
    "one list is enough: its items are asked their triggers, the task is not",
    flowWith(
      { calls: [{ do: "Fail", error: "TypeError", message: "no list" }] },
      {
        inputs: [
          { key: "a", from: 0, mapped: true },
          { key: "b", value: [1, 2], mapped: true }
        ]
      }
    )
  ))

it.effect("5.4 an item that gets its own item and all of them counts its own once", () =>
  check(
    "one of one",
    flowWith(
      { inputs: [{ key: "n", value: [1], mapped: true }] },
      {
        inputs: [{ key: "own", from: 0, mapped: true }, { key: "all", from: 0, mapped: false }],
        trigger: { name: "someSuccessful", atMost: 1 }
      }
    )
  ))

it.effect("10.11 a flow that waits for an item for ever says for which", () =>
  Effect.gen(function* () {
    const described = flowWith({
      inputs: [{ key: "n", value: [1, 2], mapped: true }],
      calls: [{ do: "Raise", signal: { kind: "Pause", message: "p" } }]
    }, { inputs: [{ key: "all", from: 0, mapped: false }] })
    const stalled = yield* Effect.map(runToReport(described), ({ run }) => String(run.state))
    assert.include(stalled, '"t0[0]" is Paused("p") and waits for an approval')
    assert.include(stalled, '"t0[1]" is Paused("p") and waits for an approval')
    assert.include(stalled, '"t1" waits for "t0"')
  }))
