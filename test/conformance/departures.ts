/**
 * Where this engine does something else than the recorded one, on purpose: `departures.json` lists
 * each departure, and a case departs only as the list promises.
 *
 * What it promises of a flow is what the model of the recorded engine makes of it with the departure
 * and not without; what it promises of a definition is what the rule of that name makes of the report.
 *
 * @module
 */
import type { BuildReport } from "./buildCase.ts"
import type { Case, FlowCase, RunRecord } from "./corpus.ts"
import list from "./departures.json" with { type: "json" }
import { differences } from "./differences.ts"
import type { FlowOutcome } from "./flowCase.ts"
import { expectedOf } from "./flowRecord.ts"
import { loosened } from "./languageSpecific.ts"
import { stalled, tell } from "./model/model.ts"
import { type NextMoment, type Surroundings, type Switch, switches } from "./model/run.ts"
import { Promised, something, textAround, textFrom } from "./promises.ts"
import * as definitions from "./definitions.ts"
import { nextMomentOf } from "./schedule.ts"

/** One departure. */
export interface Departure {
  /** The rule that it follows from: a switch of the model, or a function in `definitions`. */
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

const buildRules: Readonly<Record<string, definitions.BuildRule>> = definitions

/** The names of all rules. */
export const ruleNames: ReadonlySet<string> = new Set([...switches, ...Object.keys(buildRules)])

/** Gives what departures promise of a case instead of what was recorded. */
export type PromiseOf = (from: ReadonlyArray<Departure>) => unknown

/** What departures promise of a case, whose times count from an epoch. */
export const promiseOf = (test: Case, expected: unknown, epoch: string): PromiseOf => {
  if (test.kind === "flow") return flowPromise(test, epoch)
  if (test.kind !== "build") return () => expected
  const apply = (report: BuildReport, rule: definitions.BuildRule) => rule(test, report)
  return (from) =>
    from.flatMap(({ rule }) => buildRules[rule] ?? []).reduce(apply, expected as BuildReport)
}

// -----------------------------------------------------------------------------
// Flows
// -----------------------------------------------------------------------------

/** What the model makes of a case where some departures are made. */
export const toldOf = (test: FlowCase, made: ReadonlySet<Switch>, epoch: string): FlowOutcome => {
  const { schedule } = test.flow
  const surroundings: Surroundings = {
    epoch: Date.parse(epoch),
    nextMoment: schedule && (nextMomentOf(schedule, epoch) as NextMoment)
  }
  const runs = tell(test, made, surroundings)
  return expectedOf({ ...test, expected: { ...test.expected, runs } })
}

/** All texts are compared to the letter here; those of Python become promises in the end. */
const flowPromise = (test: FlowCase, epoch: string): PromiseOf => {
  const expected = expectedOf(test)
  const without = toldOf(test, new Set(), epoch)
  return (from) => {
    const names = new Set(from.map(({ rule }) => rule))
    const promised = toldOf(test, new Set(switches.filter((name) => names.has(name))), epoch)
    const runs = expected.runs.map((run, i) =>
      breaksOff(run)
        ? promised.runs[i]
        : merged({ recorded: run, without: without.runs[i], promised: promised.runs[i] })
    )
    const all = { ...expected, runs }
    return withStalls(test.languageSpecific === true ? loosened(all) : all)
  }
}

/** Whether a run broke: which of its tasks had run by then was a matter of chance. */
const breaksOff = ({ flow }: RunRecord): boolean =>
  flow.transitions.some((change) => change.new.message?.startsWith("Unexpected error: "))

interface Told {
  readonly recorded: unknown
  readonly without: unknown
  readonly promised: unknown
}

/** What was recorded, but where the departures change what the model tells, what it tells then. */
const merged = ({ promised, recorded, without }: Told): unknown => {
  if (differences(without, promised).length === 0) return recorded
  const parts = [recorded, without, promised]
  if (parts.every(isRecord)) {
    const keys = new Set(parts.flatMap((part) => Object.keys(part as object)))
    return Object.fromEntries([...keys].map((key) => [key, merged(at(key, parts))]))
  }
  const [first, ...others] = parts
  const isSameLength = Array.isArray(first) &&
    others.every((part) => Array.isArray(part) && part.length === first.length)
  return isSameLength ? first.map((_item, i) => merged(at(i, parts))) : promised
}

const at = (key: string | number, [recorded, without, promised]: ReadonlyArray<any>): Told => ({
  recorded: recorded[key],
  without: without[key],
  promised: promised[key]
})

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  !(value instanceof Promised)

/** A flow that can never move again says what waits for what, in words that the model does not know. */
const withStalls = (value: unknown): any => {
  if (Array.isArray(value)) return value.map(withStalls)
  if (typeof value === "string") return withStallsPrinted(value)
  if (!isRecord(value)) return value
  const parts = Object.entries(value as object).map(([key, part]) => [key, withStalls(part)])
  const record = Object.fromEntries(parts)
  if (record.message !== stalled) return record
  const isBrief = Object.keys(record).length === 2
  return { ...record, message: textFrom(`${stalled} `), ...(isBrief ? {} : { result: something }) }
}

/** The same for a text in which such a flow is printed. */
const withStallsPrinted = (text: string): unknown => {
  const parts = text.replaceAll(`"${stalled}"`, `"${stalled} \0"`).split("\0")
  return parts.length === 1 ? text : textAround(parts)
}
