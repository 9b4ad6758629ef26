/**
 * One case of any kind: what it expects, and what it comes to.
 *
 * @module
 */
import { Cause, DateTime, Effect } from "effect"
import { runBuildCase } from "./buildCase.ts"
import { expectedBuild } from "./buildTexts.ts"
import type { Case } from "./corpus.ts"
import { type Departure, departures, promiseOf } from "./departures.ts"
import { type Difference, differences } from "./differences.ts"
import { type FlowOutcome, runFlowCase } from "./flowCase.ts"
import { align, comparable, expectedOf } from "./flowRecord.ts"
import { loosened } from "./languageSpecific.ts"
import { expectedOf as expectedPost, runNotifyCase } from "./notify.ts"
import { expectedTables, runPredicatesCase } from "./predicates.ts"
import { runScheduleCase } from "./schedule.ts"
import { runTriggerCase } from "./triggers.ts"
import { offsetFrom } from "./values.ts"
import { inWorld } from "./world.ts"

/** How a case ended. */
export interface Verdict {
  readonly id: string
  readonly status: "passed" | "failed" | "departure"
  /** Where it differs from what was recorded. */
  readonly differences: ReadonlyArray<Difference>
  /** The rules of departures that it shows. */
  readonly rules: ReadonlyArray<string>
}

/** What a case expects, and how what it came to reads beside that. */
export interface Outcome {
  readonly expected: unknown
  readonly got: (expected: unknown) => unknown
}

/** Runs a case and compares; whatever goes wrong is a difference too. */
export const runCase = (test: Case, epoch: string): Effect.Effect<Verdict> =>
  Effect.suspend(() => inWorld(test.id, millisOf(epoch), outcomeOf(test, epoch))).pipe(
    Effect.map((outcome) => judge(test, outcome, epoch)),
    Effect.catchCause((cause) =>
      Effect.succeed(
        failed(test, [{ path: "", expected: "an end", got: String(Cause.squash(cause)) }])
      )
    )
  )

/** What a case that came to something counts as. */
export const judge = (test: Case, { expected, got }: Outcome, epoch: string): Verdict => {
  const { id } = test
  const beside = (expected: unknown) => differences(expected, got(expected))
  const found = beside(expected)
  if (found.length === 0) return { id, status: "passed", differences: found, rules: [] }
  const promised = promiseOf(test, expected, epoch)
  const isEnough = (from: ReadonlyArray<Departure>) => beside(promised(from)).length === 0
  if (!isEnough(departures)) return failed(test, found)
  const rules = fewest(departures, isEnough).map(({ rule }) => rule)
  return { id, status: "departure", differences: found, rules }
}

/** The departures without those that are not needed to explain a case; of two that would do, the first. */
const fewest = (
  from: ReadonlyArray<Departure>,
  isEnough: (from: ReadonlyArray<Departure>) => boolean
): ReadonlyArray<Departure> =>
  from.reduceRight((needed, departure) => {
    const others = needed.filter((it) => it !== departure)
    return isEnough(others) ? others : needed
  }, from)

const failed = ({ id }: Case, differences: ReadonlyArray<Difference>): Verdict => ({
  id,
  status: "failed",
  differences,
  rules: []
})

const millisOf = (epoch: string): number => DateTime.makeUnsafe(epoch).epochMilliseconds

/** Runs a case. */
export const outcomeOf = (test: Case, epoch: string): Effect.Effect<Outcome, unknown> =>
  Effect.suspend((): Effect.Effect<Outcome, unknown> => {
    const { kind } = test
    switch (kind) {
      case "flow": {
        const recorded = expectedOf(test)
        const expected = test.languageSpecific === true ? loosened(recorded) : recorded
        return Effect.map(runFlowCase(test, millisOf(epoch)), (outcome) => ({
          expected,
          got: (beside) => comparable(beside as FlowOutcome, outcome)
        }))
      }
      case "trigger": {
        const expected = test.expected.rows
        const run = runTriggerCase(test, offsetFrom(millisOf(epoch)))
        return Effect.map(run, (rows) => ({ expected, got: (beside) => align(beside, rows) }))
      }
      case "predicates": {
        const { expected } = test
        const run = runPredicatesCase(offsetFrom(millisOf(epoch)))
        return Effect.map(run, (tables) => ({
          expected: expectedTables(expected),
          got: () => tables
        }))
      }
      case "build":
        return Effect.map(
          runBuildCase(test, millisOf(epoch)),
          (report) => ({
            expected: expectedBuild(test.expected),
            got: (beside) => align(beside, report)
          })
        )
      case "schedule":
        return Effect.sync(() => {
          const moments = runScheduleCase(test, epoch)
          return { expected: test.expected.next, got: () => moments }
        })
      case "notify":
        return Effect.map(runNotifyCase(test), (posts) => ({
          expected: test.expected.transitions.map(expectedPost),
          got: () => posts
        }))
      default:
        return Effect.die(new Error(`Unknown kind of case: ${kind}`))
    }
  })
