/**
 * What holds for every run of the engine, whatever the flow and whatever goes wrong.
 */
import { State, type Transition } from "signalbox"
import type { Arbitraries, FaultPlan, Report } from "signalbox/testing"
import { expect, upstreamOf } from "./model.ts"

/** One run, with all that there is to know of it. */
export interface Observed {
  readonly shapes: ReadonlyArray<Arbitraries.TaskShape>
  readonly faults: FaultPlan.FaultPlan
  readonly concurrency: number
  readonly report: Report.Report<unknown, unknown>
  /** What the handler was told that is in scope for everything, in order. */
  readonly told: ReadonlyArray<Told>
}

/** One call of the handler for everything. */
export interface Told {
  readonly subject: string
  readonly from: State.State
  readonly to: State.State
}

type Change = Transition.Transition

/** Says which rules a run breaks, with what it did. */
export const broken = (run: Observed): ReadonlyArray<string> => {
  const rules = run.faults.length === 0 ? [...always, ...withoutFaults] : always
  return rules.flatMap((rule) => rule(run))
}

type Rule = (run: Observed) => ReadonlyArray<string>

const changesOf = ({ report }: Observed): ReadonlyMap<string, ReadonlyArray<Change>> =>
  Map.groupBy(report.trace.changes, ({ subject }) => keyOf(subject))

const keyOf = (subject: Transition.Subject): string =>
  subject._tag === "Flow" ? "the flow" : subject.slug

const show = ({ at, from, subject, to }: Change): string =>
  `${keyOf(subject)} at ${at}: ${from._tag} → ${to._tag}`

const pairs = (changes: ReadonlyArray<Change>): ReadonlyArray<readonly [Change, Change]> =>
  changes.slice(1).map((change, index) => [changes[index]!, change])

// ---------------------------------------------------------------------------------------------
// Always
// ---------------------------------------------------------------------------------------------

const everyChangePassesTheHandlersOnce: Rule = (run) => {
  if (run.faults.some(({ kind }) => kind.startsWith("Handler"))) return []
  const print = (subject: string, from: State.State, to: State.State) =>
    `${subject}: ${from} → ${to}`
  const told = run.told.map(({ from, subject, to }) => print(subject, from, to)).toSorted()
  const made = run.report.trace.changes
    .map(({ from, proposed, subject }) => print(keyOf(subject), from, proposed)).toSorted()
  const first = made.findIndex((line, index) => line !== told[index])
  const noted = run.report.trace.changes.filter(({ handlers }) => handlers.length !== 1)
  return [
    ...noted.map((change) => `${change.handlers.length} handler calls for ${show(change)}`),
    ...told.length === made.length && first === -1 ? [] : [
      `handlers were told of ${told.length} changes and ${made.length} were made: ${made[first]}`
    ]
  ]
}

const everyChangeChanges: Rule = ({ report }) =>
  report.trace.changes.filter(({ from, to }) => from === to)
    .map((change) => `no change: ${show(change)}`)

const changesFollowOnEachOther: Rule = (run) =>
  [...changesOf(run).values()].flatMap((changes) =>
    pairs(changes)
      .filter(([before, after]) => before.to !== after.from && !State.isLooped(before.to))
      .map(([before, after]) => `${show(after)} does not follow on ${show(before)}`)
  )

const nothingFollowsOnAnEnd: Rule = (run) =>
  [...changesOf(run).values()].flatMap((changes) =>
    pairs(changes)
      .filter(([before, after]) =>
        State.isFinished(before.to) && !State.isLooped(before.to) &&
        !(State.isFailed(before.to) && State.isRetrying(after.proposed))
      )
      .map(([before, after]) => `${show(after)} after ${show(before)}`)
  )

const upstreamComesFirst: Rule = (run) => {
  const { changes } = run.report.trace
  const first = (index: number) => changes.findIndex(({ subject }) => isTask(subject, index))
  const last = (index: number) => changes.findLastIndex(({ subject }) => isTask(subject, index))
  return run.shapes.flatMap((shape, index) =>
    upstreamOf(shape, index)
      .filter((up) => first(index) !== -1 && (last(up) === -1 || last(up) > first(index)))
      .map((up) => `t${index} began before t${up} had ended`)
  )
}

const isTask = (subject: Transition.Subject, index: number): boolean =>
  subject._tag === "Task" && subject.name === `t${index}`

const attemptsCountUp: Rule = (run) =>
  [...changesOf(run).values()].flatMap((changes) =>
    pairs(changes)
      .filter(([before, after]) => {
        const expected = State.isRetrying(before.to)
          ? before.runCount + 1
          : State.isLooped(before.to)
          ? 1
          : before.runCount
        return after.runCount !== expected
      })
      .map(([before, after]) =>
        `${show(after)} is attempt ${after.runCount}, ${before.runCount} before`
      )
  )

const attemptsAreLimited: Rule = (run) =>
  run.shapes.flatMap(({ maxRetries }, index) =>
    run.report.trace.changes
      .filter(({ runCount, subject }) => isTask(subject, index) && runCount > maxRetries + 1)
      .map((change) => `attempt ${change.runCount} of ${maxRetries + 1}: ${show(change)}`)
  )

const timeGoesOn: Rule = ({ faults, report }) =>
  faults.some(({ kind }) => kind === "ClockJump") ? [] : pairs(report.trace.changes)
    .filter(([before, after]) => after.at < before.at)
    .map(([before, after]) => `${show(after)} before ${show(before)}`)

const retriesWaitForTheirTime: Rule = (run) =>
  [...changesOf(run).values()].flatMap((changes) =>
    pairs(changes)
      .filter(([{ to }, after]) => State.isRetrying(to) && after.at < State.dueTime(to)!)
      .map(([, after]) => `too early: ${show(after)}`)
  )

const noMoreBodiesThanAllowed: Rule = ({ concurrency, report }) => {
  const running = new Set<string>()
  return report.trace.changes.flatMap((change) => {
    if (change.subject._tag === "Flow") return []
    if (State.isRunning(change.to)) running.add(keyOf(change.subject))
    else running.delete(keyOf(change.subject))
    return running.size <= concurrency ? [] : [`${running.size} bodies run: ${[...running]}`]
  })
}

const theFlowEndsWithItsTasks: Rule = ({ faults, report }) => {
  if (faults.some(({ kind }) => kind.startsWith("Handler"))) return []
  if (!report.ended) return [`the flow did not end: ${report.state}`]
  const open = report.run.tasks.filter(({ state }) => !State.isFinished(state))
  return open.map(({ slug, state }) => `the flow ended, and ${slug} is ${state}`)
}

const theFlowAgreesWithItsTasks: Rule = ({ faults, report, shapes }) => {
  if (faults.some(({ kind }) => kind.startsWith("Handler"))) return []
  const isUpstream = new Set(shapes.flatMap((shape, index) => upstreamOf(shape, index)))
  const failed = shapes.flatMap((_, index) =>
    !isUpstream.has(index) && State.isFailed(report.final(`t${index}`)) ? [`t${index}`] : []
  )
  return State.isFailed(report.state) === failed.length > 0
    ? []
    : [`the flow is ${report.state}, failed are: ${failed}`]
}

const always: ReadonlyArray<Rule> = [
  everyChangePassesTheHandlersOnce,
  everyChangeChanges,
  changesFollowOnEachOther,
  nothingFollowsOnAnEnd,
  upstreamComesFirst,
  attemptsCountUp,
  attemptsAreLimited,
  timeGoesOn,
  retriesWaitForTheirTime,
  noMoreBodiesThanAllowed,
  theFlowEndsWithItsTasks,
  theFlowAgreesWithItsTasks
]

// ---------------------------------------------------------------------------------------------
// Where nothing goes wrong but what the flow itself does
// ---------------------------------------------------------------------------------------------

const tasksEndAsTheirShapeSays: Rule = ({ report, shapes }) =>
  expect(shapes).flatMap(({ tag }, index) => {
    const state = report.final(`t${index}`)
    return state._tag === tag ? [] : [`t${index} is ${state} and not ${tag}`]
  })

const bodiesRunAsOftenAsTheirShapeSays: Rule = ({ report, shapes }) =>
  expect(shapes).flatMap(({ bodies }, index) => {
    const count = report.trace.changes
      .filter(({ subject, to }) => isTask(subject, index) && State.isRunning(to)).length
    return count === bodies ? [] : [`the body of t${index} ran ${count} times and not ${bodies}`]
  })

const tasksEndWhenTheirShapeSays: Rule = ({ concurrency, report, shapes }) =>
  concurrency < shapes.length ? [] : expect(shapes).flatMap(({ end }, index) => {
    const last = report.trace.changes.findLast(({ subject }) => isTask(subject, index))
    const at = (last?.at ?? Number.NaN) - report.trace.start
    return at === end ? [] : [`t${index} ended at ${at} and not at ${end}`]
  })

const withoutFaults: ReadonlyArray<Rule> = [
  tasksEndAsTheirShapeSays,
  bodiesRunAsOftenAsTheirShapeSays,
  tasksEndWhenTheirShapeSays
]
