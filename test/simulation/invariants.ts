/**
 * What holds for every run of the engine, whatever the flow and whatever goes wrong.
 */
import { Flow, State, type Transition } from "signalbox"
import type { FaultPlan, Report } from "signalbox/testing"

/** One run, with all that there is to know of it. */
export interface Observed {
  readonly graph: Flow.Any["graph"]
  readonly faults: FaultPlan.FaultPlan
  readonly concurrency: number
  readonly report: Report.Report<unknown, unknown>
  /** What the handler was told that is in scope for everything, in order; it is called `tell`. */
  readonly told: ReadonlyArray<Told>
  /** Whether handlers of the flow put other states in the place of those that are proposed. */
  readonly isMeddled: boolean
}

/** One call of the handler for everything. */
export interface Told {
  readonly subject: Transition.Subject
  readonly from: State.State
  readonly to: State.State
}

/** What a run must keep to: says what breaks it, with what the run did. */
export type Rule<Run = Observed> = (run: Run) => ReadonlyArray<string>

type Change = Transition.Transition

/** The flow, a task, or one item of a mapped task. */
export const keyOf = (subject: Transition.Subject): string => {
  if (subject._tag === "Flow") return "the flow"
  return subject.mapIndex === undefined ? subject.slug : itemKey(subject.slug, subject.mapIndex)
}

const itemKey = (slug: string, place: number): string => `${slug}[${place}]`

const changesOf = ({ report }: Observed): ReadonlyMap<string, ReadonlyArray<Change>> =>
  Map.groupBy(report.trace.changes, ({ subject }) => keyOf(subject))

/** A change in a few words. */
export const show = ({ at, from, subject, to }: Change): string =>
  `${keyOf(subject)} at ${at}: ${from._tag} → ${to._tag}`

/** Each change of each run with the one after it. */
const pairsOf = (run: Observed): ReadonlyArray<readonly [before: Change, after: Change]> =>
  [...changesOf(run).values()].flatMap((changes) =>
    changes.slice(1).map((change, index) => [changes[index]!, change] as const)
  )

/** Someone let a paused run go on: no handler is asked about that. */
const isApproval = ({ from, handlers, to }: Change): boolean =>
  State.isPaused(from) && State.isResume(to) && handlers.length === 0

// ---------------------------------------------------------------------------------------------
// Handlers
// ---------------------------------------------------------------------------------------------

const everyChangePassesTheHandlersOnce: Rule = ({ report }) =>
  report.trace.changes
    .filter((change) => {
      const calls = change.handlers.filter(({ handler }) => handler === "tell").length
      const ended = change.handlers.some(({ error }) => error !== undefined)
      return isApproval(change) ? calls > 0 : ended ? calls > 1 : calls !== 1
    })
    .map((change) => `${change.handlers.length} handler calls for ${show(change)}`)

const handlersAreToldWhatIsNoted: Rule = (run) => {
  // After a crash handlers may hear of what is written nowhere.
  if (isCrashed(run)) return []
  const { report, told } = run
  const print = (subject: Transition.Subject, from: State.State, to: State.State) =>
    `${keyOf(subject)}: ${from} → ${to}`
  const heard = told.map(({ from, subject, to }) => print(subject, from, to)).toSorted()
  const noted = report.trace.changes
    .flatMap(({ from, handlers, subject }) =>
      // One that broke was struck by a fault, and not called.
      handlers.filter(({ error, handler }) => handler === "tell" && error === undefined)
        .map(({ proposed }) => print(subject, from, proposed))
    )
    .toSorted()
  const first = noted.findIndex((line, index) => line !== heard[index])
  return heard.length === noted.length && first === -1 ? [] : [
    `the handler was told of ${heard.length} changes, noted are ${noted.length}: ${noted[first]}`
  ]
}

const eachHandlerDecidesOnWhatTheLastOneLeft: Rule = ({ report }) =>
  report.trace.changes
    .filter(({ handlers, proposed, to }) => {
      const shown = [proposed, ...handlers.map(({ decided }) => decided)]
      return shown.at(-1) !== to || handlers.some((call, index) => call.proposed !== shown[index])
    })
    .map((change) => `not what the handlers made of it: ${show(change)}`)

// ---------------------------------------------------------------------------------------------
// States
// ---------------------------------------------------------------------------------------------

const everyChangeChanges: Rule = ({ isMeddled, report }) =>
  isMeddled ? [] : report.trace.changes.filter(({ from, to }) => from === to)
    .map((change) => `no change: ${show(change)}`)

const changesFollowOnEachOther: Rule = (run) =>
  pairsOf(run)
    .filter(([before, after]) => before.to !== after.from && !State.isLooped(before.to))
    .map(([before, after]) => `${show(after)} does not follow on ${show(before)}`)

const nothingFollowsOnAnEnd: Rule = (run) =>
  pairsOf(run)
    .filter(([{ to }, { proposed }]) =>
      State.isFinished(to) && !State.isLooped(to) &&
      !(State.isFailed(to) && State.isRetrying(proposed)) &&
      !(State.isSuccessful(to) && State.isCached(proposed))
    )
    .map(([before, after]) => `${show(after)} after ${show(before)}`)

/** An attempt after a retry counts on; a round and a run that was approved begin at 1. */
const expectedCount = ({ runCount, to }: Change): number => {
  if (State.isLooped(to)) return 1
  if (!State.isPending(to)) return runCount
  const kept = "runCount" in to ? to.runCount ?? 1 : 1
  return State.isRetrying(to) ? kept + 1 : kept
}

const runCountsGoOn: Rule = (run) =>
  pairsOf(run)
    .filter(([before, after]) => after.runCount !== (isApproval(after) ? 1 : expectedCount(before)))
    .map(([before, after]) =>
      `${show(after)} is attempt ${after.runCount}, after ${before.runCount} at ${show(before)}`
    )

const changesAreNumbered: Rule = ({ report }) => {
  const { flowRunId } = report.run
  return report.trace.changes.filter((change) => change.flowRunId === flowRunId)
    .filter(({ sequence }, index) => sequence !== index)
    .map((change) => `number ${change.sequence} is out of turn: ${show(change)}`)
}

const theRunEndsWithItsLastChange: Rule = (run) => {
  const { graph, report } = run
  if (!report.ended) return []
  const changes = changesOf(run)
  return graph.nodes.filter(({ isMapped }) => !isMapped).flatMap(({ constant, slug }) => {
    const last = changes.get(slug)?.at(-1)
    const state = report.run.stateOf(slug)
    return constant !== undefined || last === undefined || last.to === state
      ? []
      : [`${slug} is ${state} after ${show(last)}`]
  })
}

// ---------------------------------------------------------------------------------------------
// Order and time
// ---------------------------------------------------------------------------------------------

const upstreamComesFirst: Rule = (run) => {
  const { graph, report: { trace: { changes } } } = run
  const first = new Map<string, number>()
  const last = new Map<string, number>()
  /** The same over a task and all of its items. */
  const lastOfAll = new Map<string, number>()
  changes.forEach(({ subject }, index) => {
    const key = keyOf(subject)
    if (!first.has(key)) first.set(key, index)
    last.set(key, index)
    if (subject._tag === "Task") lastOfAll.set(subject.slug, index)
  })
  const isLate = (key: string, end: number | undefined) =>
    first.has(key) && (end === undefined || end > first.get(key)!)
  return graph.nodes.flatMap(({ edges, slug }) =>
    edges.flatMap(({ mapped, upstream }) => {
      const up = graph.nodes[upstream]!
      if (up.constant !== undefined) return []
      const before = mapped ? last.get(up.slug) : lastOfAll.get(up.slug)
      const late = isLate(slug, before) ? [`${slug} began before ${up.slug} had ended`] : []
      const places = mapped ? Math.min(itemsOf(run, slug), itemsOf(run, up.slug)) : 0
      for (const place of Array(places).keys()) {
        const end = last.get(itemKey(up.slug, place))
        if (!isLate(itemKey(slug, place), end)) continue
        late.push(`item ${place} of ${slug} began before that of ${up.slug} had ended`)
      }
      return late
    })
  )
}

const timeGoesOn: Rule = ({ faults, report: { trace: { changes } } }) =>
  faults.some(({ kind }) => kind === "ClockJump") ? [] : changes.slice(1)
    .flatMap((after, index) => {
      const before = changes[index]!
      return after.at < before.at ? [`${show(after)} before ${show(before)}`] : []
    })

const waitsLastTheirTime: Rule = (run) => {
  // The clock may jump back between the end of a wait and what is noted of it.
  const back = run.faults.reduce(
    (sum, fault) => fault.kind === "ClockJump" ? sum + Math.max(0, -fault.by) : sum,
    0
  )
  return pairsOf(run)
    .filter(([{ to }, after]) =>
      (State.isRetrying(to) || State.isPaused(to)) && !isApproval(after) &&
      after.at + back < (State.dueTime(to) ?? Number.POSITIVE_INFINITY)
    )
    .map(([, after]) => `too early: ${show(after)}`)
}

const noMoreBodiesThanAllowed: Rule = ({ concurrency, report }) => {
  const running = new Set<string>()
  return report.trace.changes.flatMap((change) => {
    const { proposed, subject, to } = change
    if (subject._tag === "Flow") return []
    // Where a handler keeps what has ended from being told, the body has ended all the same.
    if (State.isRunning(to) && State.isRunning(proposed)) running.add(keyOf(subject))
    else running.delete(keyOf(subject))
    return running.size <= concurrency ? [] : [`${running.size} bodies run: ${[...running]}`]
  })
}

// ---------------------------------------------------------------------------------------------
// Mapped tasks
// ---------------------------------------------------------------------------------------------

/** How many items a task has fanned out to. */
const itemsOf = ({ report }: Observed, slug: string): number => {
  const mapped = report.trace.changes.findLast(({ subject, to }) =>
    keyOf(subject) === slug && State.isMapped(to)
  )
  return mapped !== undefined && State.isMapped(mapped.to) ? mapped.to.nMapStates : 0
}

const itemsComeAfterTheirTask: Rule = ({ report: { trace: { changes } } }) => {
  const counts = new Map<string, number>()
  return changes.flatMap((change) => {
    const { subject, to } = change
    if (subject._tag === "Flow") return []
    if (subject.mapIndex === undefined) {
      counts.set(subject.slug, State.isMapped(to) ? to.nMapStates : 0)
      return []
    }
    const count = counts.get(subject.slug) ?? 0
    return subject.mapIndex < count ? [] : [`there are ${count} items: ${show(change)}`]
  })
}

const aMappedStateTellsItsItems: Rule = (run) => {
  const { graph, report } = run
  if (!report.ended) return []
  const changes = changesOf(run)
  return graph.nodes.flatMap(({ slug }) => {
    const state = report.run.stateOf(slug)
    if (!State.isMapped(state)) return []
    const odd = state.mapStates.flatMap((item, place) => {
      const last = changes.get(itemKey(slug, place))?.at(-1)?.to
      return last === undefined || last === item ? [] : [`${itemKey(slug, place)} is ${item}`]
    })
    const isOver = state.mapStates.every(State.isFinished)
    const results = JSON.stringify(state.mapStates.map(({ result }) => String(result)))
    const told = JSON.stringify((state.result as ReadonlyArray<unknown> | undefined)?.map(String))
    const isTold = !isOver || results === told
    return isTold ? odd : [...odd, `${slug} gives ${told} of ${results}`]
  })
}

// ---------------------------------------------------------------------------------------------
// The end
// ---------------------------------------------------------------------------------------------

/** Whether the flow could not move any more, whatever its handlers made of that. */
const isStalled = ({ report }: Observed): boolean => {
  const last = report.trace.changes.findLast(({ subject }) => subject._tag === "Flow")
  return last?.proposed.result instanceof Flow.FlowStalled
}

/** Whether a fault struck a handler of the flow itself: then it may end before its tasks. */
const isFlowStruck = ({ report }: Observed): boolean =>
  report.strikes.some(({ handler, task }) => handler !== undefined && task === undefined)

const isCrashed = ({ faults, report }: Observed): boolean =>
  report.strikes.some(({ fault }) => faults[fault]!.kind === "JournalFail")

const theFlowEndsWithItsTasks: Rule = (run) => {
  const { report } = run
  if (isCrashed(run)) return report.ended ? ["the flow ended in spite of a crash"] : []
  if (!report.ended) return [`the flow did not end: ${report.state}`]
  if (isFlowStruck(run) || isStalled(run)) return []
  const open = report.run.tasks.filter(({ state }) => !State.isFinished(state))
  return open.map(({ slug, state }) => `the flow ended, and ${slug} is ${state}`)
}

const whatStallsIsSaid: Rule = (run) => {
  const { isMeddled, report } = run
  if (!isStalled(run)) return []
  const paused = allStates(run).some(State.isPaused)
  return paused || isMeddled ? [] : [`the flow stalled and nothing was paused: ${report.state}`]
}

/** The states of all tasks, and of the items of those that are mapped. */
const allStates = ({ report }: Observed): ReadonlyArray<State.State> =>
  report.run.tasks.flatMap(({ state }) => State.isMapped(state) ? state.mapStates : [state])

const answeredPausesEnd: Rule = (run) => {
  const isAnswered = run.faults.some((fault) =>
    fault.kind === "Resume" && Object.keys(fault).every((key) => key === "kind" || key === "after")
  )
  return !isAnswered || !run.report.ended ? [] : allStates(run).filter(State.isPaused)
    .map((state) => `a pause that was answered did not end: ${state}`)
}

const theFlowAgreesWithItsTasks: Rule = (run) => {
  const { graph, isMeddled, report } = run
  if (!report.ended || isMeddled || isFlowStruck(run) || isStalled(run)) return []
  const failed = graph.referenceTasks.map((index) => graph.nodes[index]!.slug)
    .filter((slug) => {
      const state = report.run.stateOf(slug)
      return State.isMapped(state) ? state.mapStates.some(State.isFailed) : State.isFailed(state)
    })
  return State.isFailed(report.state) === failed.length > 0
    ? []
    : [`the flow is ${report.state}, failed are: ${failed}`]
}

/** The rules of every run. */
export const invariants: ReadonlyArray<Rule> = [
  everyChangePassesTheHandlersOnce,
  handlersAreToldWhatIsNoted,
  eachHandlerDecidesOnWhatTheLastOneLeft,
  everyChangeChanges,
  changesFollowOnEachOther,
  nothingFollowsOnAnEnd,
  runCountsGoOn,
  changesAreNumbered,
  theRunEndsWithItsLastChange,
  upstreamComesFirst,
  timeGoesOn,
  waitsLastTheirTime,
  noMoreBodiesThanAllowed,
  itemsComeAfterTheirTask,
  aMappedStateTellsItsItems,
  theFlowEndsWithItsTasks,
  whatStallsIsSaid,
  answeredPausesEnd,
  theFlowAgreesWithItsTasks
]
