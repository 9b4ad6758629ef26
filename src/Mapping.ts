/**
 * One mapped task becomes many runs and then one state: what each run gets, and how many there are.
 *
 * @module
 */
import * as FlowGraph from "./FlowGraph.ts"
import * as State from "./State.ts"

/** What one run of a mapped task gets from an upstream task. */
export interface Item {
  /** The state that triggers and skips look at. */
  readonly state: State.State
  readonly value: unknown
}

/**
 * What a dependency gives to the runs: an item of a list each, an item with a state of its own each,
 * a run of the upstream task each, or to all of them the same.
 */
export type Share =
  | {
    readonly _tag: "List"
    readonly state: State.State
    readonly values: ReadonlyArray<unknown>
  }
  | { readonly _tag: "Items"; readonly items: ReadonlyArray<Item> }
  | { readonly _tag: "Runs"; readonly upstream: number; readonly count: number }
  | { readonly _tag: "Whole"; readonly state: State.State }

/** How a mapped task fans out. */
export interface Plan {
  readonly state: State.State
  /** What each dependency gives, in the order of the node's edges; nothing where it is unmapped. */
  readonly shares: ReadonlyArray<Share | undefined>
}

/** The states that count for triggers and skips: those of its runs for a task that was mapped. */
export const expand = (state: State.State): ReadonlyArray<State.State> =>
  State.isMapped(state) ? state.mapStates : [state]

/** Whether all tasks that are mapped over have given something to map over. */
export const canFanOut = (
  node: FlowGraph.Node,
  states: ReadonlyArray<State.State>
): boolean => node.edges.every((edge) => !edge.mapped || State.isSuccessful(states[edge.upstream]!))

/** Decides how a mapped task fans out, from the states of the tasks that it depends on. */
export const plan = (node: FlowGraph.Node, states: ReadonlyArray<State.State>): Plan => {
  const mapped = node.edges.filter((edge) => edge.mapped)
  if (!mapped.some((edge) => State.isSuccessful(states[edge.upstream]!))) {
    return refuse("No upstream states can be mapped over.")
  }
  const shares = node.edges.map((edge) =>
    edge.mapped ? shareOf(edge, states[edge.upstream]!) : undefined
  )
  if (mapped.length !== shares.filter((share) => share !== undefined).length) {
    return refuse("At least one upstream state has an unmappable result.")
  }
  const nMapStates = shares.reduce((least, share) => Math.min(least, countOf(share)), Infinity)
  return { state: State.mapped({ message: "Ready to proceed with mapping.", nMapStates }), shares }
}

const refuse = (message: string): Plan => ({ state: State.failed({ message }), shares: [] })

const countOf = (share: Share | undefined): number => {
  switch (share?._tag) {
    case "List":
      return share.values.length
    case "Items":
      return share.items.length
    case "Runs":
      return share.count
    default:
      return Infinity
  }
}

const shareOf = (edge: FlowGraph.Edge, state: State.State): Share | undefined => {
  if (State.isMapped(state)) {
    return edge.flatten
      ? { _tag: "Items", items: state.mapStates.flatMap(flattenState) }
      : { _tag: "Runs", upstream: edge.upstream, count: state.nMapStates }
  }
  // Nobody knows how long a list that failed would have been: the others decide.
  if (!State.isSuccessful(state)) return { _tag: "Whole", state }
  const value = edge.flatten ? flattenValue(state.result) : state.result
  if (!FlowGraph.isList(value)) return undefined
  return { _tag: "List", state, values: Array.from(value) }
}

/** The value of a flattened dependency that is not mapped over. */
export const flattenResult = (state: State.State): unknown =>
  State.isMapped(state)
    ? state.mapStates.flatMap(flattenState).map((item) => item.value)
    : flattenValue(state.result)

/** One level of lists less; a text among the items falls apart into its characters. */
const flattenValue = (value: unknown): unknown => {
  if (!FlowGraph.isList(value)) return value
  const lists = Array.from(value)
  return lists.every(FlowGraph.isList) ? lists.flatMap((list) => Array.from(list)) : value
}

const flattenState = (state: State.State): ReadonlyArray<Item> =>
  State.isSuccessful(state) && !State.isSkipped(state) && FlowGraph.isList(state.result)
    ? Array.from(state.result, (value) => ({ state, value }))
    : [{ state, value: state.result }]
