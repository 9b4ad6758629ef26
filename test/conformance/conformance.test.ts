/** All recorded cases, and the list of departures, which must say neither less nor more. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Case } from "./corpus.ts"
import { departures, ruleNames, toldOf } from "./departures.ts"
import { printDifference } from "./differences.ts"
import { expectedOf } from "./flowRecord.ts"
import corpusOpen from "./corpus-open.json" with { type: "json" }
import { runCase, type Verdict } from "./runCase.ts"

const { cases, epoch } = corpusOpen as unknown as {
  readonly cases: ReadonlyArray<Case>
  readonly epoch: string
}

const known = new Map<string, Verdict>()

const verdictOf = (test: Case): Effect.Effect<Verdict> =>
  Effect.suspend(() => {
    const verdict = known.get(test.id)
    if (verdict !== undefined) return Effect.succeed(verdict)
    return Effect.tap(runCase(test, epoch), (verdict) =>
      Effect.sync(() => {
        known.set(test.id, verdict)
      }))
  })

it.effect.each(cases)("as recorded: $id, $title", (test) =>
  Effect.gen(function* () {
    const { differences, status } = yield* verdictOf(test)
    if (status === "failed") assert.fail(differences.map(printDifference).join("\n"))
  }))

const flows = cases.filter((test) => test.kind === "flow")

it.each(flows)("the model tells what was recorded: $id, $title", (test) => {
  const { runs } = expectedOf(test)
  assert.deepStrictEqual(toldOf(test, new Set(), epoch).runs, runs)
})

it("each rule of a departure is in the list once", () => {
  assert.deepStrictEqual(
    departures.map(({ rule }) => rule).toSorted(),
    [...ruleNames].toSorted()
  )
})

it.effect("each departure names the cases that show it", () =>
  Effect.gen(function* () {
    const verdicts = yield* Effect.forEach(cases, verdictOf)
    for (const departure of departures) {
      const shown = verdicts.filter(({ rules }) => rules.includes(departure.rule))
      assert.deepStrictEqual(departure.cases, shown.map(({ id }) => id), departure.rule)
    }
  }))
