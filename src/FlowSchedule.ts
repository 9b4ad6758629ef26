/**
 * When a flow is to run by itself: moments named by clocks, chosen by filters, moved by
 * adjustments.
 *
 * A schedule is data and {@link next} a pure function: the same schedule asked about the same point
 * in time gives the same moments, on every runtime.
 *
 * @example
 * ```ts
 * import { FlowSchedule, ScheduleClock, ScheduleFilter } from "signalbox/schedule"
 *
 * const officeHours = FlowSchedule.make({
 *   clocks: [ScheduleClock.interval("1 hour", { timeZone: "Europe/Berlin" })],
 *   filters: [ScheduleFilter.isWeekday],
 *   orFilters: [ScheduleFilter.atTime("09:00"), ScheduleFilter.atTime("17:00")]
 * })
 *
 * for (const { at } of FlowSchedule.next(officeHours, { after: "2026-01-01T00:00:00Z", count: 4 })) {
 *   console.log(String(at))
 * }
 * ```
 *
 * @module
 */
import { DateTime, type Duration, Equal, Predicate } from "effect"
import * as DefinitionError from "./DefinitionError.ts"
import type { ScheduleAdjustment } from "./ScheduleAdjustment.ts"
import * as ScheduleClock from "./ScheduleClock.ts"
import type { ScheduleFilter } from "./ScheduleFilter.ts"

const TypeId = "~signalbox/FlowSchedule" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** What {@link make} takes. */
export interface Options {
  readonly clocks: ReadonlyArray<ScheduleClock.ScheduleClock>
  /** All of them must let a moment pass. */
  readonly filters?: ReadonlyArray<ScheduleFilter> | undefined
  /** At least one of them must, if there are any. */
  readonly orFilters?: ReadonlyArray<ScheduleFilter> | undefined
  /** None of them may. */
  readonly notFilters?: ReadonlyArray<ScheduleFilter> | undefined
  /** Applied one after another to the moments that passed. */
  readonly adjustments?: ReadonlyArray<ScheduleAdjustment> | undefined
}

/** Clocks, and what becomes of the moments that they name. */
export interface FlowSchedule {
  readonly [TypeId]: typeof TypeId
  readonly clocks: ReadonlyArray<ScheduleClock.ScheduleClock>
  readonly filters: ReadonlyArray<ScheduleFilter>
  readonly orFilters: ReadonlyArray<ScheduleFilter>
  readonly notFilters: ReadonlyArray<ScheduleFilter>
  readonly adjustments: ReadonlyArray<ScheduleAdjustment>
  /** The first moment after a time in milliseconds since 1970, if there is one. */
  readonly nextAfter: (time: number) => ScheduleClock.Event | undefined
}

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

/** Makes a schedule of any number of clocks. */
export const make = (options: Options): FlowSchedule => {
  if (options.clocks.length === 0) {
    throw DefinitionError.make("Cannot define a schedule", "there must be at least one clock")
  }
  const self: FlowSchedule = {
    [TypeId]: TypeId,
    clocks: options.clocks,
    filters: options.filters ?? [],
    orFilters: options.orFilters ?? [],
    notFilters: options.notFilters ?? [],
    adjustments: options.adjustments ?? [],
    nextAfter: (time) => next(self, { after: time })[0]
  }
  return self
}

/** Makes a schedule of one {@link ScheduleClock.interval}. */
export const interval = (
  every: Duration.Input,
  options?: ScheduleClock.BoundedOptions
): FlowSchedule => make({ clocks: [ScheduleClock.interval(every, options)] })

/** Makes a schedule of one {@link ScheduleClock.cron}. */
export const cron = (text: string, options?: ScheduleClock.CronOptions): FlowSchedule =>
  make({ clocks: [ScheduleClock.cron(text, options)] })

/** Makes a schedule of one {@link ScheduleClock.dates}. */
export const dates = (
  moments: ReadonlyArray<DateTime.DateTime.Input>,
  options?: ScheduleClock.Options
): FlowSchedule => make({ clocks: [ScheduleClock.dates(moments, options)] })

/** Whether a value is a schedule. */
export const isFlowSchedule = (u: unknown): u is FlowSchedule => Predicate.hasProperty(u, TypeId)

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

const eventBound = 10_000

/**
 * The first moments after a point in time, one unless `count` says how many.
 *
 * Moments are looked at in time order, and one that equals the one before it, in local time and in
 * parameters, is dropped. After 10,000 of them the search ends with what it has found.
 */
export const next = (
  self: FlowSchedule,
  options: { readonly after: DateTime.DateTime.Input; readonly count?: number | undefined }
): ReadonlyArray<ScheduleClock.Event> => {
  const count = options.count ?? 1
  const found: Array<ScheduleClock.Event> = []
  let seen = 0
  if (count <= 0) return found
  for (const event of distinct(merged(self, DateTime.makeUnsafe(options.after)))) {
    if (passes(self, event.at)) found.push(adjusted(self, event))
    seen += 1
    if (found.length >= count || seen >= eventBound) break
  }
  return found
}

const passes = (self: FlowSchedule, at: DateTime.Zoned): boolean =>
  self.filters.every((filter) => filter(at)) &&
  (self.orFilters.length === 0 || self.orFilters.some((filter) => filter(at))) &&
  !self.notFilters.some((filter) => filter(at))

const adjusted = (self: FlowSchedule, event: ScheduleClock.Event): ScheduleClock.Event => ({
  at: self.adjustments.reduce((at, adjust) => adjust(at), event.at),
  parameters: event.parameters
})

const isSame = (a: ScheduleClock.Event, b: ScheduleClock.Event): boolean =>
  isSameTime(a.at, b.at) && Equal.equals(a.parameters, b.parameters)

/** Two turns of an hour that comes twice are the same time where both are read in one zone. */
const isSameTime = (a: DateTime.Zoned, b: DateTime.Zoned): boolean =>
  a.epochMilliseconds === b.epochMilliseconds ||
  (DateTime.zoneToString(a.zone) === DateTime.zoneToString(b.zone) &&
    ScheduleClock.localMillis(a) === ScheduleClock.localMillis(b))

function* distinct(events: Iterable<ScheduleClock.Event>): Generator<ScheduleClock.Event> {
  let before: ScheduleClock.Event | undefined
  for (const event of events) {
    if (before !== undefined && isSame(before, event)) continue
    before = event
    yield event
  }
}

// -----------------------------------------------------------------------------
// Merging
// -----------------------------------------------------------------------------

/** The next event of one clock, and the events after it. */
interface Head {
  readonly event: ScheduleClock.Event
  /** The place of the clock in the schedule. */
  readonly place: number
  readonly rest: Iterator<ScheduleClock.Event>
}

const comesBefore = (a: Head, b: Head): boolean =>
  isSame(a.event, b.event)
    ? a.place < b.place
    : a.event.at.epochMilliseconds < b.event.at.epochMilliseconds

const advance = (place: number, rest: Iterator<ScheduleClock.Event>): Head | undefined => {
  const step = rest.next()
  return step.done === true ? undefined : { event: step.value, place, rest }
}

/** The events of all clocks in time order; a heap holds the next one of each. */
function* merged(self: FlowSchedule, after: DateTime.DateTime): Generator<ScheduleClock.Event> {
  const heap: Array<Head> = self.clocks
    .map((clock, place) =>
      advance(place, ScheduleClock.events(clock, after.epochMilliseconds)[Symbol.iterator]())
    )
    .filter((head) => head !== undefined)
  for (let index = Math.floor(heap.length / 2) - 1; index >= 0; index--) settle(heap, index)
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    yield first.event
    const head = advance(first.place, first.rest) ?? heap.pop()!
    if (heap.length === 0) return
    heap[0] = head
    settle(heap, 0)
  }
}

/**
 * Brings one head of a heap to its place: down to a leaf along the earlier of its children, then up.
 *
 * Of events at the same time but with other parameters none comes before the other, and which one
 * goes first is what this way of moving them makes it: always the same.
 */
const settle = (heap: Array<Head>, from: number): void => {
  const head = heap[from]!
  let index = from
  for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
    const isLeft = child + 1 >= heap.length || comesBefore(heap[child]!, heap[child + 1]!)
    const earlier = isLeft ? child : child + 1
    heap[index] = heap[earlier]!
    index = earlier
  }
  while (index > from) {
    const parent = (index - 1) >> 1
    if (!comesBefore(head, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = head
}
