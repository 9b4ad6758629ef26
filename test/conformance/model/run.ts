/**
 * What the parts of the model know of the case and of the run that is under way.
 *
 * @module
 */
import type { FlowCase, Json, JsonObject, RunText, SubjectRecord } from "../corpus.ts"
import type { ModelState } from "./states.ts"

/** A record that is being written. */
export type Log = { -readonly [K in keyof SubjectRecord]: SubjectRecord[K] }

/** What is done on purpose instead of what was recorded, by the names that the list has. */
export const switches = [
  "handlersDecideOnFlow",
  "taskStatesAreKept",
  "stallsAreErrors",
  "replacedFanOutHasNoItems",
  "signalsAreNoData",
  "filtersDropSignals",
  "nothingWaitsForAPass",
  "itemsCanBeApproved",
  "triggersOfMappedTasks",
  "mappingBreaksNoFlow",
  "flattenedItemsAreCounted",
  "itemsHaveCachesOfTheirOwn",
  "mergesGoInOrder",
  "terminalHandlerIsAskedOnce",
  "onceIsEnough",
  "cachedStaysCached",
  "everyTaskEnds",
  "aRunHasOneDate",
  "parametersAreCheckedFirst"
] as const

/** A departure that the model can make. */
export type Switch = (typeof switches)[number]

/** What a case has around it. */
export interface Surroundings {
  /** The time that offsets count from, in milliseconds since 1970. */
  readonly epoch: number
  /** When a flow with a schedule runs. */
  readonly nextMoment?: NextMoment | undefined
}

/** Names the next moment of a schedule after a time, both in seconds, and what it sets. */
export type NextMoment = (
  after: number
) => { readonly at: number; readonly parameters: JsonObject } | undefined

/** The runs of one case: they share counters, caches and stored results, and the clock goes on. */
export class World {
  now = 0
  readonly test: FlowCase
  readonly caches = new Map<string, ReadonlyArray<ModelState>>()
  readonly store: Map<string, Json>
  readonly surroundings: Surroundings
  private readonly departures: ReadonlySet<Switch>
  private readonly counts = new Map<object, Map<string, number>>()

  constructor(
    test: FlowCase,
    departures: ReadonlySet<Switch>,
    surroundings: Surroundings
  ) {
    this.test = test
    this.departures = departures
    this.surroundings = surroundings
    this.store = new Map(Object.entries(test.store ?? {}))
  }

  /** Whether a departure is made. */
  has(departure: Switch): boolean {
    return this.departures.has(departure)
  }

  /** Counts on, and gives how often it was asked before for this thing and key. */
  count(thing: object, key: string): number {
    const counts = this.counts.get(thing) ?? new Map<string, number>()
    this.counts.set(thing, counts)
    const before = counts.get(key) ?? 0
    counts.set(key, before + 1)
    return before
  }
}

/** One run of the flow. */
export interface FlowRun {
  readonly world: World
  readonly text: RunText
  parameters: JsonObject
  /** When it was to begin, and when the pass that is under way did. */
  scheduled: number
  date: number
  readonly writes: Array<{ readonly location: string; readonly value: Json }>
  readonly prompts: Array<string>
  readonly log: Log
  /** What tasks went through, by name and the place of the item; `-1` for the task itself. */
  readonly logs: Map<string, Map<number, Log>>
}

/** What the task, or an item of a mapped one, went through so far. */
export const logOf = ({ logs }: FlowRun, task: string, mapIndex: number | undefined): Log => {
  const ofTask = logs.get(task) ?? new Map<number, Log>()
  logs.set(task, ofTask)
  const place = mapIndex ?? -1
  const log = ofTask.get(place) ?? { transitions: [] }
  ofTask.set(place, log)
  return log
}

/** Adds to one of the lists of a record. */
export const push = <K extends keyof Log>(
  log: Log,
  list: K,
  item: NonNullable<Log[K]> extends ReadonlyArray<infer Item> ? Item : never
): void => {
  const before = log[list] as ReadonlyArray<unknown> | undefined
  log[list] = [...before ?? [], item] as unknown as Log[K]
}

/** What a body, a trigger or a handler finds around it. */
export interface Context {
  readonly world: World
  /** What attempts and the like are counted under. */
  readonly key: string
  readonly attempt?: number | undefined
  readonly round?: number | undefined
  readonly roundResult?: Json
  readonly resume?: boolean
  /** The time that is left for the body. */
  readonly allowed?: { left: number } | undefined
  /** What a body can ask for by name. */
  readonly values?: JsonObject
}

/** The time and the counts that states take over which are made here. */
export const making = ({ attempt, round, world }: Context) => ({
  now: world.now,
  attempt,
  round
})
