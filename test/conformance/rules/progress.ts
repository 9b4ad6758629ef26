/**
 * A flow that can never move again ends, and says what waits for what.
 *
 * @module
 */
import type { RunRecord, SubjectRecord, TaskRecord } from "../corpus.ts"
import { anything, like, something, startingWith, stateOf } from "../promises.ts"
import { isTold, ofRuns, type Rule } from "./rule.ts"

const stalled = stateOf(
  "Failed",
  (message) => message?.startsWith("Cannot finish flow ") === true
)

/** A run that never ended, or a single pass that was left with nothing to wait for, has failed. */
export const stallsAreErrors: Rule = ofRuns((run, text) => {
  const isPaused = pausedItems(run).length > 0
  if (run.stalled === true && !isPaused) return ended(run)
  const isElsewhere = Object.values(text.initialTaskStates ?? {}).some(({ state }) =>
    state === "Running"
  )
  return text.mode === "single" && isElsewhere && run.flow.final?.type === "Running"
    ? ended(run)
    : run
})

const ended = ({ stalled: _stalled, ...run }: RunRecord): RunRecord => ({
  ...run,
  flow: goesOn(run.flow, { final: stalled }),
  tasks: Object.fromEntries(
    Object.entries(run.tasks).map(([name, task]) => [name, goesOn(task)])
  )
})

/** An item of a mapped task that is paused can be approved, as any other task. */
export const itemsCanBeApproved: Rule = ofRuns((run) => {
  const paused = pausedItems(run)
  if (run.stalled !== true || paused.length === 0) return run
  const { stalled: _stalled, ...rest } = run
  const tasks = Object.entries(run.tasks).map(([name, task]) =>
    [name, paused.includes(name) ? withItems(task) : anything] as const
  )
  return {
    ...rest,
    flow: goesOn(run.flow),
    tasks: Object.fromEntries(tasks),
    prompts: something,
    elapsedSeconds: anything
  }
})

/** The mapped tasks with an item that was left paused. */
const pausedItems = (run: RunRecord): ReadonlyArray<string> =>
  Object.entries(run.tasks).flatMap(([name, { children = [] }]) =>
    children.filter(isTold).some(({ transitions }) => transitions.at(-1)?.new.type === "Paused")
      ? [name]
      : []
  )

const withItems = (task: TaskRecord): never =>
  goesOn(task, { children: (task.children ?? []).map((child) => goesOn(child)) })

/** Everything as recorded, and then more. */
const goesOn = (subject: SubjectRecord, more: object = {}): never => {
  const lists = Object.entries(subject).filter(([, list]) => Array.isArray(list))
  return like({
    ...subject,
    ...Object.fromEntries(lists.map(([key, list]) => [key, startingWith(list)])),
    callbackCalls: anything,
    onFailureCalls: anything,
    final: anything,
    ...more
  })
}
