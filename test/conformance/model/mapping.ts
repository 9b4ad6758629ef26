/**
 * How a mapped task fans out, and what each of its items gets.
 *
 * @module
 */
import type { Json } from "../corpus.ts"
import type { FlowRun } from "./run.ts"
import {
  isA,
  isFailed,
  isFinished,
  isMapped,
  isPending,
  isSkipped,
  isSuccessful,
  make,
  type ModelState
} from "./states.ts"
import { type Given, itemsOf, type Running } from "./taskRun.ts"
import { Raised } from "./thrown.ts"
import { flattened, hasItems, isList, lengthOf } from "./values.ts"

/** The states of the items of mapped tasks, as far as they were visited in a pass. */
export type Items = ReadonlyMap<string, ReadonlyArray<ModelState>>

/** An upstream state that is flattened: of a plain list, or of all items where it is taken whole. */
export const flattenWhole = ({ edge, state }: Given, items: Items): Given => {
  if (edge.flattened !== true) return { edge, state }
  if (!isMapped(state)) return { edge, state: { ...state, result: flattened(state.result) } }
  if (edge.mapped === true) return { edge, state }
  const mapStates = (items.get(edge.from!) ?? itemsOf(state)).flatMap(flattenItem)
  return { edge, state: { ...state, mapStates, result: mapStates.map(({ result }) => result) } }
}

const flattenItem = (state: ModelState): ReadonlyArray<ModelState> =>
  isSuccessful(state) && !isSkipped(state) && isList(state.result)
    ? [...state.result].map((result) => ({ ...state, result }))
    : [state]

/** Decides how a mapped task fans out. */
export const fanOut = (
  upstream: ReadonlyArray<Given>,
  items: Items,
  { world }: FlowRun
): NonNullable<Running["fanOut"]> =>
(state, ask) => {
  const { now } = world
  if (isMapped(state)) {
    const { mapStates = [], nMapStates = 0 } = state
    state.mapStates = mapStates.length === 0 ? new Array(nMapStates).fill(null) : mapStates
    return state
  }
  const mapped = upstream.filter(({ edge }) => edge.mapped)
  const fitting = mapped.filter(({ state }) => isSuccessful(state))
  const failed = (message: string) => make("Failed", { message }, { now })
  if (world.has("triggersOfMappedTasks") && fitting.length < mapped.length) {
    // The trigger is asked about the items of the others too, once they have ended.
    if (!haveEnded(fitting, items)) return state
    for (const { edge, state } of fitting) {
      if (isMapped(state)) state.mapStates = [...itemsAt(edge.from!, state, items)]
    }
    ask()
  }
  const unnested = fitting.filter(({ edge }) => edge.flattened)
  if (world.has("flattenedItemsAreCounted") && !haveEnded(unnested, items)) return state
  if (upstream.length > 0 && fitting.length === 0) {
    return failed("No upstream states can be mapped over.")
  }
  const fits = world.has("mappingBreaksNoFlow") ? isList : hasItems
  if (!fitting.every(({ state }) => isMapped(state) || fits(state.result))) {
    return failed("At least one upstream state has an unmappable result.")
  }
  const counts = fitting.map(({ edge, state }) => {
    if (!isMapped(state)) return lengthOf(state.result)
    return edge.flattened === true && world.has("flattenedItemsAreCounted")
      ? rowOf(edge.from!, state, true, items).length
      : state.nMapStates!
  })
  const nMapStates = counts.length === 0 ? 0 : Math.min(...counts)
  return make("Mapped", { message: "Ready to proceed with mapping.", nMapStates }, { now })
}

const haveEnded = (upstream: ReadonlyArray<Given>, items: Items): boolean =>
  upstream.every(({ edge, state }) => itemsAt(edge.from!, state, items).every(isFinished))

const itemsAt = (name: string, state: ModelState, items: Items): ReadonlyArray<ModelState> =>
  isMapped(state) ? items.get(name) ?? itemsOf(state) : []

const rowOf = (
  name: string,
  state: ModelState,
  isFlattened: boolean,
  items: Items
): ReadonlyArray<ModelState> => {
  const states = itemsAt(name, state, items)
  return isFlattened ? states.flatMap(flattenItem) : states
}

/** What each item of a mapped task gets, given the state that it was left in. */
export const prepare = (
  parent: ModelState,
  upstream: ReadonlyArray<Given>,
  items: Items,
  { world }: FlowRun
): ReadonlyArray<ReadonlyArray<Given>> => {
  if (isPending(parent) || isFailed(parent) || isSkipped(parent)) return []
  if (!isMapped(parent) && world.has("mappingBreaksNoFlow")) {
    if (breaksOff(parent, upstream)) return []
  }
  if (!isMapped(parent) && world.has("replacedFanOutHasNoItems")) return []
  // Without a list that counts, nobody knows how many items there are.
  if (!upstream.some(({ edge, state }) => edge.mapped && isSuccessful(state))) return []
  const rows: Array<ReadonlyArray<Given>> = []
  for (let place = 0;; place++) {
    const row = upstream.map((given) => shareOf(given, place, parent, { items, world }))
    if (row.includes(undefined)) return rows
    rows.push(row as ReadonlyArray<Given>)
  }
}

/** Whether the recorded engine would ask a state for items that has none. */
const breaksOff = (parent: ModelState, upstream: ReadonlyArray<Given>): boolean =>
  !isMapped(parent) &&
  upstream.some(({ edge, state }) =>
    edge.mapped === true && !isMapped(state) && lengthAt(state.result) > 0
  )

const lengthAt = (value: Json): number => isList(value) ? value.length : Number.POSITIVE_INFINITY

const shareOf = (
  given: Given,
  place: number,
  parent: ModelState,
  { items, world }: { readonly items: Items } & Pick<FlowRun, "world">
): Given | undefined => {
  const { edge, state } = given
  if (edge.mapped !== true) return given
  if (isMapped(state)) {
    const item = rowOf(edge.from!, state, edge.flattened === true, items)[place]
    return item === undefined ? undefined : { edge, state: item }
  }
  // Nobody knows how long a list that failed would have been: the others decide.
  if (world.has("triggersOfMappedTasks") && !isA(state, "Success")) return given
  const { mapStates } = parent
  const isOver = mapStates !== undefined && place >= mapStates.length
  if (isMapped(parent) && !state.hasResult) {
    return isOver ? undefined : { edge, state: { ...state } }
  }
  const { result } = state
  if (isList(result) && place >= result.length) return undefined
  if (mapStates === undefined) {
    const message = `'${parent.type}' object has no attribute 'map_states'`
    throw new Raised({ error: "AttributeError", message })
  }
  if (mapStates.length > 0 && isOver) return undefined
  if (!isList(result) && hasItems(result)) throw new Raised({ error: "KeyError", message: "0" })
  return { edge, state: { ...state, result: isList(result) ? result[place]! : null } }
}
