/**
 * How a rule of departures reads and rewrites what a case expects.
 *
 * @module
 */
import type {
  ChildRecord,
  FlowCase,
  RunRecord,
  RunText,
  StateRecord,
  SubjectRecord,
  TaskRecord,
  TaskText,
  TransitionRecord
} from "../corpus.ts"
import type { FlowOutcome } from "../flowCase.ts"
import { anything } from "../promises.ts"

/** What is promised instead of what was recorded. */
export interface Rewritten {
  readonly record: FlowOutcome
  /** The tasks whose own departure may change what comes after them, by run. */
  readonly affected: ReadonlyArray<Affected>
}

/** A task in a run. */
export interface Affected {
  readonly run: number
  readonly task: string
}

/** Gives what is promised; the record that it was given where the rule has nothing to say. */
export type Rule = (test: FlowCase, record: FlowOutcome) => Rewritten

/** What a rule is told of a task in a run. */
export interface Place {
  readonly test: FlowCase
  readonly run: number
  readonly runText: RunText
  readonly runRecord: RunRecord
  readonly name: string
  /** The description of the task, unless the flow made it by itself. */
  readonly text: TaskText | undefined
}

// -----------------------------------------------------------------------------
// Kinds of rules
// -----------------------------------------------------------------------------

/** A rule that rewrites runs one by one, and changes nothing that comes after. */
export const ofRuns =
  (change: (run: RunRecord, text: RunText, test: FlowCase) => RunRecord): Rule =>
  (
    test,
    record
  ) => ({
    record: {
      ...record,
      runs: record.runs.map((run, i) => change(run, test.runs?.[i] ?? {}, test))
    },
    affected: []
  })

/** A rule that rewrites tasks one by one, and changes nothing that comes after. */
export const ofTasksAlone =
  (change: (task: TaskRecord, place: Place) => TaskRecord): Rule => (test, record) => ({
    record: ofTasks(change)(test, record).record,
    affected: []
  })

/** A rule that rewrites tasks one by one; what comes after a task that it changed may change too. */
export const ofTasks =
  (change: (task: TaskRecord, place: Place) => TaskRecord): Rule => (test, record) => {
    const affected: Array<Affected> = []
    const runs = record.runs.map((runRecord, run) => {
      const runText = test.runs?.[run] ?? {}
      const tasks = Object.entries(runRecord.tasks).map(([name, task]) => {
        const text = test.flow.tasks.find((task) => task.name === name)
        const place = { test, run, runText, runRecord, name, text }
        const changed = isTold(task) ? change(task, place) : task
        if (changed !== task) affected.push({ run, task: name })
        return [name, changed] as const
      })
      return { ...runRecord, tasks: Object.fromEntries(tasks) }
    })
    return { record: { ...record, runs }, affected }
  }

/** Whether it is known, and not only promised, what something went through. */
export const isTold = (subject: SubjectRecord): boolean => Array.isArray(subject.transitions)

/** Rewrites a task and its items alike. */
export const eachSubject = (
  task: TaskRecord,
  change: <Subject extends SubjectRecord>(subject: Subject) => Subject
): TaskRecord => {
  const changed = isTold(task) ? change(task) : task
  const children = task.children?.map((child): ChildRecord => isTold(child) ? change(child) : child)
  const isSame = changed === task &&
    (children === undefined || children.every((child, i) => child === task.children![i]))
  if (isSame) return task
  return children === undefined ? changed : { ...changed, children }
}

/** Rewrites all states of a task, in whatever list they stand; old ones are brief. */
export const eachState = <Subject extends SubjectRecord>(
  subject: Subject,
  change: (state: StateRecord, isBrief: boolean) => StateRecord
): Subject => {
  let hasChanged = false
  const once = (state: StateRecord, isBrief = false): StateRecord => {
    const changed = change(state, isBrief)
    hasChanged ||= changed !== state
    return changed
  }
  const inTransition = <T extends TransitionRecord>(transition: T): T => ({
    ...transition,
    old: once(transition.old, true),
    new: once(transition.new)
  })
  const { callbackCalls, final, handlerCalls, onFailureCalls, runnerHandlerCalls } = subject
  const rewritten = {
    ...subject,
    transitions: subject.transitions.map(inTransition),
    ...(handlerCalls && { handlerCalls: handlerCalls.map(inTransition) }),
    ...(runnerHandlerCalls && { runnerHandlerCalls: runnerHandlerCalls.map(inTransition) }),
    ...(onFailureCalls && { onFailureCalls: onFailureCalls.map((state) => once(state)) }),
    ...(callbackCalls && {
      callbackCalls: callbackCalls.map((call) => ({ ...call, state: once(call.state) }))
    }),
    ...(final && { final: once(final) })
  }
  return hasChanged ? rewritten : subject
}

// -----------------------------------------------------------------------------
// What comes after
// -----------------------------------------------------------------------------

/**
 * The record with nothing said about what followed from a departure: tasks that came to something
 * else than was promised, each after a task that departs or that came to something else itself, in
 * the same run or in an earlier one, and then how the flow ended.
 */
export const loosen = (
  { flow }: FlowCase,
  { affected, record }: Rewritten,
  differs: (place: Affected) => boolean
): FlowOutcome => {
  const edges = record.graph?.edges ?? flow.edges
  const before = new Set<string>()
  const runs = record.runs.map((run, i): RunRecord => {
    const loose = new Set([...before].filter((task) => differs({ run: i, task })))
    const open = affected.filter((place) => place.run === i).map(({ task }) => task)
    for (const task of [...open, ...loose]) before.add(task)
    if (before.size === 0) return run
    open.push(...before)
    for (let task = open.pop(); task !== undefined; task = open.pop()) {
      for (const { from, to } of edges) {
        if (from !== task || loose.has(to) || !differs({ run: i, task: to })) continue
        loose.add(to)
        before.add(to)
        open.push(to)
      }
    }
    const tasks = Object.entries(run.tasks).map(([name, task]) =>
      [name, loose.has(name) ? anything : task] as const
    )
    return {
      tasks: Object.fromEntries(tasks),
      flow: anything,
      elapsedSeconds: anything,
      prompts: anything,
      writes: anything
    }
  })
  return { ...record, runs }
}
