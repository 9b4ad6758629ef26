/**
 * Where this engine does something else than the recorded one, on purpose: `departures.json` lists
 * each departure with the rule that it follows from, and a case departs only as the rule promises.
 *
 * A rule rewrites what any case expects, whatever the case is called.
 *
 * @module
 */
import type { BuildReport } from "./buildCase.ts"
import type { Case, FlowCase } from "./corpus.ts"
import list from "./departures.json" with { type: "json" }
import { differences } from "./differences.ts"
import type { FlowOutcome } from "./flowCase.ts"
import * as definitions from "./rules/definitions.ts"
import * as flowStates from "./rules/flowStates.ts"
import * as mapping from "./rules/mapping.ts"
import * as passes from "./rules/passes.ts"
import * as progress from "./rules/progress.ts"
import { type Affected, loosen, type Rewritten, type Rule } from "./rules/rule.ts"
import * as signals from "./rules/signals.ts"

/** One departure. */
export interface Departure {
  /** The rule that it follows from: the name of a function in `rules`. */
  readonly rule: string
  /** The point of the list of arguable defects that it answers, if it is one of those. */
  readonly point: number | null
  /** What happens instead. */
  readonly instead: string
  readonly why: string
  /** The cases of the open corpus that show it. */
  readonly cases: ReadonlyArray<string>
}

/** All departures. */
export const departures: ReadonlyArray<Departure> = list

const flowRules: Readonly<Record<string, Rule>> = {
  ...flowStates,
  ...mapping,
  ...passes,
  ...progress,
  ...signals
}

const buildRules: Readonly<Record<string, definitions.BuildRule>> = definitions

/** What departures promise of a case instead of what was recorded. */
export interface Readings {
  /** To the letter. */
  readonly strict: unknown
  /** With what followed from it left open, given what the case came to. */
  readonly loose: (got: unknown) => unknown
}

/** What departures promise of a case. */
export const promiseOf = (
  test: Case,
  expected: unknown,
  from: ReadonlyArray<Departure>
): Readings => {
  if (test.kind === "flow") {
    const promise = flowPromise(test, expected as FlowOutcome, from)
    const loose = (got: unknown) =>
      loosen(test, promise, ({ run, task }) => {
        const pick = ({ runs }: FlowOutcome) => runs[run]?.tasks[task]
        return differences(pick(promise.record), pick(got as FlowOutcome)).length > 0
      })
    return { strict: promise.record, loose }
  }
  if (test.kind !== "build") return { strict: expected, loose: () => expected }
  const apply = (report: BuildReport, rule: definitions.BuildRule) => rule(test, report)
  const strict = rulesIn(from, buildRules).reduce(apply, expected as BuildReport)
  return { strict, loose: () => strict }
}

const flowPromise = (
  test: FlowCase,
  expected: FlowOutcome,
  from: ReadonlyArray<Departure>
): Rewritten => {
  let record = expected
  const affected: Array<Affected> = []
  for (const rule of rulesIn(from, flowRules)) {
    const promise = rule(test, record)
    record = promise.record
    affected.push(...promise.affected)
  }
  return { record, affected }
}

const rulesIn = <R>(
  from: ReadonlyArray<Departure>,
  rules: Readonly<Record<string, R>>
): ReadonlyArray<R> => from.flatMap(({ rule }) => rules[rule] ?? [])

/** The names of all rules. */
export const ruleNames: ReadonlySet<string> = new Set([
  ...Object.keys(flowRules),
  ...Object.keys(buildRules)
])
