/**
 * Clocks: which moments there are, before a schedule chooses among them.
 *
 * A clock is data. Asked for the moments after a point in time, it names them one by one, in the
 * time zone of its start, without end unless it has one.
 *
 * @module
 */
import { Cron, DateTime, Duration, Option, Result } from "effect"
import * as DefinitionError from "./DefinitionError.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** A moment that a clock names, and what it sets the flow's parameters to. */
export interface Event {
  /** The moment, in the time zone of its clock. */
  readonly at: DateTime.Zoned
  /** The parameters of the clock. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What every clock can be given. */
export interface Options {
  /** The zone whose local time counts: that of the start unless given, or UTC. */
  readonly timeZone?: DateTime.TimeZone | string | undefined
  /** The parameters of the runs that this clock starts. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
}

/** What a clock that goes on by itself can be given. */
export interface BoundedOptions extends Options {
  /** Nothing before it; itself a moment if the clock would name it. */
  readonly start?: DateTime.DateTime.Input | undefined
  /** Nothing after it; itself a moment if the clock would name it. */
  readonly end?: DateTime.DateTime.Input | undefined
}

/** What {@link cron} can be given. */
export interface CronOptions extends BoundedOptions {
  /**
   * Where a text names both days of the month and days of the week: whether one of the two is
   * enough (`true` unless given, as in cron itself) or both must hold.
   */
  readonly dayOr?: boolean | undefined
}

/** A start and every whole number of intervals after it. */
export interface IntervalClock {
  readonly _tag: "Interval"
  readonly interval: Duration.Duration
  readonly start: DateTime.Zoned
  readonly end: DateTime.Zoned | undefined
  readonly parameters: Readonly<Record<string, unknown>>
}

/** The local times that a cron text names. */
export interface CronClock {
  readonly _tag: "Cron"
  readonly cron: Cron.Cron
  readonly timeZone: DateTime.TimeZone
  readonly start: DateTime.Zoned | undefined
  readonly end: DateTime.Zoned | undefined
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Moments given one by one. */
export interface DatesClock {
  readonly _tag: "Dates"
  /** In time order. */
  readonly dates: ReadonlyArray<DateTime.Zoned>
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Any clock. */
export type ScheduleClock = IntervalClock | CronClock | DatesClock

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

const utc: DateTime.TimeZone = DateTime.zoneMakeNamedUnsafe("UTC")
const firstStart = "2019-01-01T00:00:00Z"

/**
 * Makes a clock that ticks at its start (2019-01-01 00:00 UTC unless given) and at every interval
 * after it.
 *
 * Less than a day after the start counts the time that really passes. From a day on the local clock
 * of the start's zone is read, so that a daily nine o'clock stays nine o'clock when clocks change:
 * a local time that is skipped then is as much later, and of one that comes twice it is the second.
 */
export const interval = (every: Duration.Input, options: BoundedOptions = {}): IntervalClock => {
  const action = "Cannot define an interval clock"
  const duration = Duration.fromInput(every)
  if (Option.isNone(duration)) {
    throw DefinitionError.refused(action, "Interval must be a duration.", every)
  }
  const length = Duration.format(duration.value)
  if (!Duration.isPositive(duration.value)) {
    throw DefinitionError.make(action, "Interval must be greater than 0.", length)
  }
  if (!Duration.isFinite(duration.value)) {
    throw DefinitionError.make(action, "Interval must come to an end.", length)
  }
  return {
    _tag: "Interval",
    interval: duration.value,
    start: moment(action, options.start ?? firstStart, options.timeZone),
    end: endOf(action, options),
    parameters: options.parameters ?? {}
  }
}

const shorthands: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *"
}

/**
 * Makes a clock from a cron text: minute, hour, day of the month, month, day of the week and, if
 * there is a sixth field, second; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
 *
 * The local clock counts: a local time that is skipped when clocks change is as much later, and of
 * one that comes twice it is the first. One question is answered with at most 1,000 moments.
 */
export const cron = (text: string, options: CronOptions = {}): CronClock => {
  const action = "Cannot define a cron clock"
  const start = options.start === undefined
    ? undefined
    : moment(action, options.start, options.timeZone)
  const timeZone = start?.zone ?? zoneOf(action, options.timeZone)
  return {
    _tag: "Cron",
    cron: read(action, text, timeZone, options.dayOr ?? true),
    timeZone,
    start,
    end: endOf(action, options),
    parameters: options.parameters ?? {}
  }
}

/** Makes a clock from moments in any order; each keeps its own zone unless a zone is given. */
export const dates = (
  moments: ReadonlyArray<DateTime.DateTime.Input>,
  options: Options = {}
): DatesClock => {
  const action = "Cannot define a clock of dates"
  if (moments.length === 0) throw DefinitionError.make(action, "there must be at least one date")
  return {
    _tag: "Dates",
    dates: moments
      .map((each) => moment(action, each, options.timeZone))
      .toSorted(DateTime.Order),
    parameters: options.parameters ?? {}
  }
}

const zoneOf = (action: string, timeZone: Options["timeZone"]): DateTime.TimeZone => {
  if (timeZone === undefined) return utc
  if (DateTime.isTimeZone(timeZone)) return timeZone
  const zone = DateTime.zoneFromString(timeZone)
  if (Option.isSome(zone)) return zone.value
  throw DefinitionError.make(action, "unknown time zone", timeZone)
}

const moment = (
  action: string,
  input: DateTime.DateTime.Input,
  timeZone: Options["timeZone"]
): DateTime.Zoned => {
  const known = DateTime.make(input)
  if (Option.isNone(known)) {
    throw DefinitionError.refused(action, "not a point in time", input)
  }
  if (timeZone === undefined && DateTime.isZoned(known.value)) return known.value
  return DateTime.setZone(known.value, zoneOf(action, timeZone))
}

const endOf = (action: string, options: BoundedOptions): DateTime.Zoned | undefined =>
  options.end === undefined ? undefined : moment(action, options.end, options.timeZone)

/** Reads a text as cron does, where that is not how Effect reads it. */
const read = (
  action: string,
  text: string,
  timeZone: DateTime.TimeZone,
  dayOr: boolean
): Cron.Cron => {
  const fields = (shorthands[text.trim().toLowerCase()] ?? text).trim().split(/\s+/)
  const secondsFirst = [...fields.slice(5), ...fields.slice(0, 5)]
  const parsed = Cron.parse(secondsFirst.join(" "), timeZone)
  if (Result.isFailure(parsed)) {
    throw DefinitionError.make(action, `Invalid cron string: ${text}`, parsed.failure.message)
  }
  const { days, hours, minutes, months, seconds, weekdays } = parsed.success
  return Cron.make({
    seconds,
    minutes,
    hours,
    months,
    // A field that names every day restricts nothing, as if it were a star.
    days: days.size === 31 ? [] : days,
    weekdays: weekdays.size === 7 ? [] : weekdays,
    and: !dayOr,
    tz: timeZone
  })
}

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

/** The moments after a point in time, given in milliseconds since 1970, each after the one before. */
export const events = (self: ScheduleClock, after: number): Iterable<Event> => {
  switch (self._tag) {
    case "Interval":
      return intervalEvents(self, after)
    case "Cron":
      return cronEvents(self, after)
    case "Dates":
      return self.dates
        .filter((at) => at.epochMilliseconds > after)
        .map((at) => ({ at, parameters: self.parameters }))
  }
}

const day = 24 * 60 * 60 * 1000
// A little before the last moment that JavaScript can tell.
const lastMoment = 8.64e15 - 2 * day

function* intervalEvents(self: IntervalClock, after: number): Generator<Event> {
  const every = Duration.toMillis(self.interval)
  const last = Math.min(self.end?.epochMilliseconds ?? lastMoment, lastMoment)
  let latest = after
  for (let step = stepsUntil(self, every, after);; step++) {
    const at = afterStart(self, step * every)
    if (at === undefined || at.epochMilliseconds > last) return
    // Times that are skipped when clocks change meet those that follow them.
    if (at.epochMilliseconds <= latest) continue
    latest = at.epochMilliseconds
    yield { at, parameters: self.parameters }
  }
}

const afterStart = (self: IntervalClock, distance: number): DateTime.Zoned | undefined => {
  const { epochMilliseconds, zone: timeZone } = self.start
  if (epochMilliseconds + distance > lastMoment) return undefined
  if (distance < day) return DateTime.makeZonedUnsafe(epochMilliseconds + distance, { timeZone })
  return DateTime.makeZonedUnsafe(localMillis(self.start) + distance, {
    timeZone,
    adjustForTimeZone: true,
    disambiguation: "later"
  })
}

/** How many intervals surely lie before a point in time, close enough to count on from there. */
const stepsUntil = (self: IntervalClock, every: number, after: number): number => {
  const passed = after - self.start.epochMilliseconds
  if (passed < 0) return 0
  // A change of clocks nearby makes local times earlier or later: begin with the earliest.
  const offsets = [after - day, after + day].map((near) =>
    DateTime.zonedOffset(DateTime.makeZonedUnsafe(near, { timeZone: self.start.zone }))
  )
  const local = after + Math.min(...offsets) - localMillis(self.start)
  const distance = passed < day ? Math.min(local, passed) : local
  return Math.max(0, Math.floor(distance / every))
}

/** What the clock on the wall shows, as milliseconds; equal for the two turns of a repeated hour. */
export const localMillis = (at: DateTime.Zoned): number =>
  at.epochMilliseconds + DateTime.zonedOffset(at)

const cronBound = 1000

function* cronEvents(self: CronClock, after: number): Generator<Event> {
  const last = self.end?.epochMilliseconds ?? lastMoment
  // The search is for what comes after a moment, and the start itself may match.
  let from = Math.max(after, (self.start?.epochMilliseconds ?? -Infinity) - 1)
  for (let count = 0; count < cronBound; count++) {
    const found = Result.try(() => Cron.next(self.cron, from))
    // A text that never matches, such as one for the 31st of February, has no moments.
    if (Result.isFailure(found)) return
    const at = DateTime.makeZonedUnsafe(found.success, { timeZone: self.timeZone })
    if (at.epochMilliseconds > last) return
    from = at.epochMilliseconds
    yield { at, parameters: self.parameters }
  }
}
