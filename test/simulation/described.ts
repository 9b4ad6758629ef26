/**
 * Flows with mapped tasks, pauses, loops, signals of every kind and handlers that put other states
 * in the place of those that are proposed. Without faults, every change must be the one that the
 * rules say, by the reference model.
 */
import { Effect } from "effect"
import { FaultPlan, SeededRandom } from "signalbox/testing"
import { fatesIn, toSimulate } from "../model/describedFlow.ts"
import { firstDifference } from "../model/difference.ts"
import { randomDescription } from "../model/randomDescription.ts"
import { type Behaviour, type FlowOf, interpret, type TaskOf } from "../model/ReferenceModel.ts"
import type { Observed } from "./invariants.ts"
import { observe, type Outcome } from "./observe.ts"

/** Runs a flow that a seed makes up: with faults for every other, with answers for every third. */
export const simulateDescribed = (seed: number): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    const random = SeededRandom.make(seed, "described")
    const made = limited(randomDescription(seed))
    const described = seed % 3 === 0 ? withApprovals(made, random) : made
    const { concurrency, faults: answers, flow } = toSimulate(described)
    const faults = seed % 2 === 0 ? [] : faultsFor(flow.graph, random)
    const further = faults.length === 0 ? sameAsTheRules(described) : () => []
    return observe(
      {
        flow,
        seed,
        concurrency: concurrency === "unbounded" ? Number.POSITIVE_INFINITY : concurrency,
        faults: [...answers, ...faults],
        isMeddled: true
      },
      random,
      further
    )
  })

const faultsFor = FaultPlan.random({
  kinds: [
    "Fail",
    "Die",
    "Interrupt",
    "TimeOut",
    "NeverAnswer",
    "Delay",
    "HandlerFail",
    "HandlerDie",
    "HandlerHang",
    "ClockJump",
    "JournalFail",
    "Resume"
  ]
})

const sameAsTheRules = (described: FlowOf) => ({ report }: Observed): ReadonlyArray<string> => {
  const told = interpret(described)
  // What was sent back goes on when something else has moved: that an approval comes before is a
  // matter of time, which the rules leave open here.
  if (!told.isTimely && described.approveAfter !== undefined) return []
  const difference = firstDifference(told, fatesIn(described, report))
  return difference === undefined ? [] : [difference.replaceAll("\n", " ")]
}

// ---------------------------------------------------------------------------------------------
// Approvals
// ---------------------------------------------------------------------------------------------

/**
 * The same flow without tasks that never come to an end: an approved run begins with its first
 * attempt again, so one that waits for an approval of each attempt would be retried for ever.
 */
const limited = (described: FlowOf): FlowOf => ({
  ...described,
  tasks: described.tasks.map((task) => task.trigger.name === "manualOnly" ? onlyOnce(task) : task)
})

const onlyOnce = ({ retryOn, ...task }: TaskOf): TaskOf => {
  void retryOn
  return { ...task, trigger: { name: "manualOnly" }, maxRetries: 0, retryDelay: 0 }
}

/** The same flow with pauses that have no end of their own, each of which is approved. */
const withApprovals = (described: FlowOf, random: SeededRandom.SeededRandom): FlowOf => ({
  ...described,
  approveAfter: 1 + random.below(3_600_000),
  tasks: described.tasks.map((task) => opened(task, random))
})

const opened = (task: TaskOf, random: SeededRandom.SeededRandom): TaskOf => {
  const calls = task.calls.map((call): Behaviour =>
    call.do === "Raise" && call.signal.kind === "Pause" && random.below(2) === 0
      ? { do: "Raise", signal: { kind: "Pause", message: "may I?" } }
      : call
  )
  const first: ReadonlyArray<Behaviour> = random.below(4) === 0
    ? [{ do: "Raise", signal: { kind: "Pause", message: "at first" } }]
    : []
  return random.below(8) === 0 ? onlyOnce(task) : { ...task, calls: [...first, ...calls] }
}
