import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { State } from "signalbox"
import { Trace } from "signalbox/testing"
import { type Kind, kinds, simulateKind } from "./run.ts"

/** Seeds that once broke a rule, with what they had found. */
const kept: ReadonlyArray<readonly [kind: Kind, seed: number, finding: string]> = [
  ["shaped", 569, "a handler that hangs when a retry is proposed fails the run"],
  ["shaped", 575, "a handler that hangs at the second attempt fails the run, on two workers"],
  ["shaped", 243, "a run that ends while the flow is about to wait for it wakes the flow"],
  ["shaped", 31, "a change has the time at which its handlers had decided"],
  ["shaped", 51, "other workers begin while one waits for its run"],
  ["described", 8394, "where a list is missing, the trigger waits for the items of the others"]
]

it.effect.each(kept)("25.28 %s seed %i: %s", ([kind, seed]) =>
  Effect.gen(function* () {
    assert.deepStrictEqual((yield* simulateKind(kind, seed)).broken, [])
  }))

/** The traces of some runs, the same on every runtime. */
const hashes: Readonly<Record<Kind, string>> = {
  shaped: "ca8ed3bcfcf9afe92cef6295d3e0d812b4412c50770418619814affd8b53eed7",
  described: "7d6479761dc41e505a8da8d98c531642a5ebf1b2545e2709e9eeecb8a7bb086e",
  cached: "98555ee37c00959429dd2759b7857c6799ba464f74f3f925c7aeaffb41c0fbdc"
}

it.effect.each(kinds)(
  "25.28 no rule is broken by %s flows, on any runtime in the same way",
  (kind) =>
    Effect.gen(function* () {
      const found: Array<string> = []
      for (let seed = 0; seed < 150; seed++) {
        const { broken, run } = yield* simulateKind(kind, seed)
        assert.deepStrictEqual(broken, [], `seed ${seed}`)
        if (seed < 30) found.push(Trace.hash(run!.report.trace))
      }
      assert.strictEqual(found.at(-1), hashes[kind])
      assert.isAbove(new Set(found).size, 25)
    })
)

/** Kinds of states that the engine gives to no run. */
const unused: ReadonlyArray<State.Tag> = [
  "Submitted",
  "Queued",
  "ClientFailed",
  "Cancelling",
  "Finished"
]

it.effect("25.28 the flows show every kind of state, and all that the rules are about", () =>
  Effect.gen(function* () {
    const shown = new Set<string>()
    for (const kind of kinds) {
      for (let seed = 0; seed < (kind === "described" ? 120 : 5); seed++) {
        const { run } = yield* simulateKind(kind, seed)
        for (const { from, handlers, proposed, subject, to } of run!.report.trace.changes) {
          shown.add(to._tag)
          if (proposed !== to) shown.add("a state in the place of another")
          if (handlers.some(({ error }) => error !== undefined)) shown.add("a broken handler")
          if (subject._tag === "Task" && subject.mapIndex !== undefined) shown.add("an item")
          if (State.isCached(to) && State.isPending(from)) shown.add("a result used again")
          if (State.isResume(from)) shown.add("an approved run")
        }
        for (const { fault } of run!.report.strikes) shown.add(run!.faults[fault]!.kind)
      }
    }
    assert.includeMembers([...shown], [
      "a state in the place of another",
      "a broken handler",
      "an item",
      "a result used again",
      "an approved run",
      "Fail",
      "Die",
      "Interrupt",
      "TimeOut",
      "NeverAnswer",
      "Delay",
      "HandlerFail",
      "HandlerDie",
      "HandlerHang",
      "ClockJump",
      "JournalFail",
      "Resume",
      ...State.tags.filter((tag) => !unused.includes(tag))
    ])
  }))
