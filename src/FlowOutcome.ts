/**
 * How a flow ends: the state that follows from what became of its tasks.
 *
 * @module
 */
import { Cause, Data } from "effect"
import * as FailedState from "./FailedState.ts"
import * as FlowGraph from "./FlowGraph.ts"
import * as Mapping from "./Mapping.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"

/** A flow can never move again although tasks have not ended; `waiting` says what waits for what. */
export class FlowStalled extends Data.Error<{
  readonly flow: string
  readonly waiting: ReadonlyArray<string>
  readonly message: string
}> {
  readonly _tag = "FlowStalled"
  override readonly name = "FlowStalled"
}

// How many waiting tasks the message of a stalled flow names.
const maxNamed = 20

/** The states that decide on a flow: of its reference tasks, or of the runs of a mapped one. */
export const referenceStates = (
  graph: FlowGraph.FlowGraph,
  states: ReadonlyArray<State.State>
): ReadonlyArray<State.State> =>
  graph.referenceTasks.flatMap((index) => Mapping.expand(states[index]!))

/** The state of a flow whose tasks have all ended, from those of its reference tasks. */
export const finalState = (
  graph: FlowGraph.FlowGraph,
  states: ReadonlyArray<State.State>,
  references: ReadonlyArray<State.State>
): State.State => {
  const others = references.filter((state) => !State.isSuccessful(state))
  const failed = others.filter(State.isFailed)
  if (failed.length > 0) return failedState(failed)
  const message = others.length === 0
    ? "All reference tasks succeeded."
    : "No reference tasks failed."
  const result = FlowGraph.read(graph.result, (index) => states[index]!.result)
  return State.success({ message, result })
}

/** The state of a flow that can never move again; `waiting` says what waits for what. */
export const stalledState = (flow: string, waiting: ReadonlyArray<string>): State.State => {
  const more = waiting.length > maxNamed ? `; and ${waiting.length - maxNamed} more` : ""
  const message = `Cannot finish flow "${flow}": nothing can move any more: ` +
    waiting.slice(0, maxNamed).join("; ") + more
  const error = new FlowStalled({ flow, waiting, message })
  return State.failed({ message, result: error, cause: Cause.die(error) })
}

/** The flow fails with all that its reference tasks failed with, the first of them as result. */
const failedState = (failed: ReadonlyArray<State.AnyFailed>): State.State => {
  return State.failed({
    message: "Some reference tasks failed.",
    result: failed[0]!.result,
    cause: Cause.fromReasons(
      failed.flatMap(({ cause, result }) => (cause ?? Cause.fail(result)).reasons)
    )
  })
}

/** A terminal state handler that broke fails the flow, and the failure before it is not lost. */
export const brokenState = (proposed: State.State, cause: Cause.Cause<unknown>): State.State => {
  const raised = Signal.raised(cause)
  if (raised !== undefined) return Signal.toState(raised, cause)
  return FailedState.from("Unexpected error", cause, proposed)
}
