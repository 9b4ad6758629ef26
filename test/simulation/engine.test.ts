import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Trace } from "signalbox/testing"
import { simulate } from "./run.ts"

/** Seeds that once broke a rule, with what they had found. */
const kept: ReadonlyArray<readonly [seed: number, finding: string]> = [
  [569, "a handler that hangs when a retry is proposed fails the run"],
  [575, "a handler that hangs at the second attempt fails the run, on two workers"],
  [243, "a run that ends while the flow is about to wait for it wakes the flow"],
  [51, "other workers begin while one waits for its run"]
]

it.effect.each(kept)("seed %i: %s", ([seed]) =>
  Effect.gen(function* () {
    assert.deepStrictEqual((yield* simulate(seed)).broken, [])
  }))

it.effect("no rule is broken in the first 300 seeds, on any runtime in the same way", () =>
  Effect.gen(function* () {
    const hashes: Array<string> = []
    for (let seed = 0; seed < 300; seed++) {
      const { broken, run } = yield* simulate(seed)
      assert.deepStrictEqual(broken, [], `seed ${seed}`)
      if (seed < 30) hashes.push(Trace.hash(run!.report.trace))
    }
    assert.strictEqual(
      hashes.at(-1),
      "ca8ed3bcfcf9afe92cef6295d3e0d812b4412c50770418619814affd8b53eed7"
    )
    assert.isAbove(new Set(hashes).size, 25)
  }))
