/**
 * How tasks fan out.
 *
 * @module
 */
import type { StateRecord, TaskText, TransitionRecord } from "../corpus.ts"
import { anything, like, oneOf, something, startingWith } from "../promises.ts"
import { eachState, ofTasks, ofTasksAlone, type Place, type Rule } from "./rule.ts"

// -----------------------------------------------------------------------------
// Triggers
// -----------------------------------------------------------------------------

/** Where a task that is mapped over did not succeed the trigger is asked, as that of any task. */
export const triggersOfMappedTasks: Rule = ofTasks((task, place) => {
  const { text } = place
  const at = task.transitions.findIndex(isFanOut)
  if (at === -1 || !lacksAList(place)) return task
  const fanOut = task.transitions[at]!
  const refusal = refusalOf(text)
  const isSure = triggerName(text) === "all_successful" && refusal !== undefined
  const begin: ReadonlyArray<TransitionRecord> = [
    ...task.transitions.slice(0, at),
    { ...fanOut, new: isSure ? refusal : oneOf([fanOut.new, ...(refusal ? [refusal] : [])]) }
  ]
  const isPlain = isSure && text?.handlers === undefined && text?.onFailure === undefined
  return isPlain
    ? { transitions: begin, final: refusal }
    : like({ ...whatever, transitions: startingWith(begin) })
})

const whatever = {
  handlerCalls: anything,
  callbackCalls: anything,
  onFailureCalls: anything,
  calls: anything,
  children: anything,
  final: anything
}

const isFanOut = ({ new: { message, type } }: TransitionRecord): boolean =>
  type === "Mapped" || message === "No upstream states can be mapped over." ||
  message === "At least one upstream state has an unmappable result."

/** Whether a task that is mapped over came to an end, but not to a good one. */
const lacksAList = ({ name, runRecord, test }: Place): boolean =>
  test.flow.edges.some(({ from, mapped, to }) => {
    const type = runRecord.tasks[from]?.final?.type
    return to === name && mapped === true && type !== undefined && !successes.has(type)
  })

const successes = new Set(["Success", "Cached", "Mapped", "Skipped"])

const triggerName = ({ trigger = "all_successful" }: Partial<TaskText> = {}): string =>
  typeof trigger === "string" ? trigger : trigger.name

/** Why triggers refuse where some upstream task failed. */
const refusals: Readonly<Record<string, string>> = {
  all_successful: "some of the upstream tasks failed.",
  all_failed: "some of the upstream tasks succeeded.",
  any_successful: "none of the upstream tasks succeeded.",
  any_failed: "none of the upstream tasks failed.",
  not_all_skipped: "some of the upstream tasks failed.",
  some_failed: "thresholds were not met.",
  some_successful: "thresholds were not met."
}

const refusalOf = (text: TaskText | undefined): StateRecord | undefined => {
  const name = triggerName(text)
  const because = refusals[name]
  if (because === undefined) return undefined
  const message = `Trigger was "${name}" but ${because}`
  return { type: "TriggerFailed", message, result: { $signal: { name: "TRIGGERFAIL", message } } }
}

// -----------------------------------------------------------------------------
// Items
// -----------------------------------------------------------------------------

/** A flattened task is told to have as many items as it has. */
export const flattenedItemsAreCounted: Rule = ofTasksAlone((task, { name, test }) => {
  const isFlattened = test.flow.edges.some((edge) =>
    edge.to === name && edge.mapped === true && edge.flattened === true
  )
  const { children = [] } = task
  if (!isFlattened || task.final?.type !== "Mapped") return task
  return eachState(
    task,
    (state) =>
      state.nMapStates === undefined || state.nMapStates === children.length
        ? state
        : { ...state, nMapStates: children.length }
  )
})

/** A task whose fan-out was replaced has the replacement as its state, and no items. */
export const replacedFanOutHasNoItems: Rule = ofTasks((task) => {
  const { children, ...own } = task
  const isReplaced = typeof task.final?.type === "string" && task.final.type !== "Mapped"
  return children !== undefined && isReplaced ? own : task
})

/** Items are told apart by their inputs in the cache: one never has the result of another. */
export const itemsHaveCachesOfTheirOwn: Rule = ofTasks((task, { run, text }) => {
  const { children } = task
  const isShared = text?.cacheForSeconds !== undefined && text.cacheValidator !== "all_inputs"
  if (run === 0 || !isShared || children === undefined) return task
  const own = children.map(() => like({ ...whatever, mapIndex: something, transitions: anything }))
  return { ...task, final: anything, children: own }
})
