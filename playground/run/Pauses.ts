/**
 * The pauses of a run, and answers to them.
 */
import type { FaultPlan } from "signalbox/testing"
import type { Run } from "./Run.ts"

/** One time that a task waited for an answer. */
export interface Pause {
  /** The number of the change that paused it. */
  readonly change: number
  readonly at: number
  /** The id of what was paused. */
  readonly subject: number
  readonly task: string
  readonly item: number | undefined
  readonly attempt: number
  /** The time at which it went on, if it did. */
  readonly until: number | undefined
}

/** The pause that a change is, if it is one. */
export const pauseAt = (run: Run, change: number): Pause | undefined => {
  const { at, index, run: attempt, task, to } = run.changes[change] ?? { to: { tag: "" } }
  if (to.tag !== "Paused" || at === undefined || task === undefined) return undefined
  const subject = run.subjectOf[change]!
  const { changes } = run.subjects[subject]!
  const next = changes[changes.indexOf(change) + 1]
  return {
    change,
    at,
    subject,
    task,
    item: index,
    attempt: attempt!,
    until: next === undefined ? undefined : run.changes[next]!.at
  }
}

/** How far a run has been looked through, and the changes that are pauses. */
interface Known {
  size: number
  readonly changes: Array<number>
}

const known = new WeakMap<Run, Known>()

/** All pauses of a run, in order; of one that has grown only what is new is looked through. */
export const pausesIn = (run: Run): ReadonlyArray<Pause> => {
  const found = known.get(run) ?? { size: 0, changes: [] }
  known.set(run, found)
  for (; found.size < run.changes.length; found.size++) {
    if (run.changes[found.size]!.to.tag === "Paused") found.changes.push(found.size)
  }
  return found.changes.flatMap((change) => pauseAt(run, change) ?? [])
}

/** What one can answer; without a word it goes on. */
export type Answer = "Skip" | "Fail" | undefined

/** How the plan answers a pause; `false` where it does not. */
export const answerTo = (
  plan: FaultPlan.FaultPlan,
  { attempt, item, task }: Pause
): Answer | false => {
  const found = plan.findLast((fault) =>
    fault.kind === "Resume" && fault.task === task && fault.attempt === attempt &&
    fault.item === item
  )
  return found?.kind === "Resume" ? found.as as Answer : false
}

/** The plan in which a pause is answered some time after it began, in place of any answer before. */
export const answer = (
  plan: FaultPlan.FaultPlan,
  { attempt, item, task }: Pause,
  after: number,
  as: Answer
): FaultPlan.FaultPlan => {
  const place = { task, attempt, ...item === undefined ? {} : { item } }
  const others = plan.filter((fault) =>
    fault.kind !== "Resume" || fault.task !== task || fault.attempt !== attempt ||
    fault.item !== item
  )
  return [...others, { kind: "Resume", ...place, after, ...as === undefined ? {} : { as } }]
}
