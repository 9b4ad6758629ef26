/**
 * The schedules that conformance cases describe, built through the public API, and what is asked of
 * them.
 */
import { DateTime, Duration } from "effect"
import { FlowSchedule, ScheduleAdjustment, ScheduleClock, ScheduleFilter } from "signalbox/schedule"

/** Seconds from the epoch of the corpus, a text with its offset, or a local time in a zone. */
export type Time = number | string | { readonly local: string; readonly tz: string }

/** The description of a clock. */
export type Clock =
  & { readonly parameterDefaults?: Readonly<Record<string, unknown>> }
  & (
    | {
      readonly kind: "interval"
      readonly seconds: number
      readonly start?: Time
      readonly end?: Time
    }
    | {
      readonly kind: "cron"
      readonly cron: string
      readonly start?: Time
      readonly end?: Time
      readonly dayOr?: boolean
    }
    | { readonly kind: "dates"; readonly dates: ReadonlyArray<Time> }
  )

/** The description of a filter. */
export interface Filter {
  readonly name: string
  readonly time?: string
  readonly start?: Time
  readonly end?: Time
  readonly at?: Time
  readonly args?: ReadonlyArray<number>
  /** 0 for Monday. */
  readonly day?: number
}

/** The description of an adjustment. */
export interface Adjustment {
  readonly name: string
  readonly seconds?: number
}

/** The description of a schedule. */
export interface Schedule {
  readonly clocks: ReadonlyArray<Clock>
  readonly filters?: ReadonlyArray<Filter>
  readonly orFilters?: ReadonlyArray<Filter>
  readonly notFilters?: ReadonlyArray<Filter>
  readonly adjustments?: ReadonlyArray<Adjustment>
}

/** A moment as cases write it. */
export interface Moment {
  readonly at: string
  readonly local: string
  readonly parameterDefaults?: Readonly<Record<string, unknown>>
}

/** A case of kind `schedule`. */
export interface ScheduleCase {
  readonly id: string
  readonly title: string
  readonly schedule: Schedule
  readonly n: number
  readonly after?: Time
  readonly now?: Time
  readonly expected: { readonly next: ReadonlyArray<Moment> }
}

/** The time that a case means; `epoch` is that of its corpus. */
export const timeOf = (time: Time, epoch: string): DateTime.Zoned => {
  if (typeof time === "number") {
    const moment = DateTime.add(DateTime.makeUnsafe(epoch), { seconds: time })
    return DateTime.makeZonedUnsafe(moment, { timeZone: "UTC" })
  }
  if (typeof time === "string") {
    const offset = /[+-]\d\d:\d\d$/.exec(time)?.[0] ?? "+00:00"
    const timeZone = offset === "+00:00" ? "UTC" : offset
    return DateTime.makeZonedUnsafe(time, { timeZone })
  }
  return DateTime.makeZonedUnsafe(time.local, {
    timeZone: time.tz,
    adjustForTimeZone: true,
    disambiguation: "later"
  })
}

/** Builds a clock; throws a `DefinitionError` for one that cannot be. */
export const clockOf = (clock: Clock, epoch: string): ScheduleClock.ScheduleClock => {
  const parameters = clock.parameterDefaults
  if (clock.kind === "dates") {
    return ScheduleClock.dates(clock.dates.map((date) => timeOf(date, epoch)), { parameters })
  }
  const bounds = {
    parameters,
    start: clock.start === undefined ? undefined : timeOf(clock.start, epoch),
    end: clock.end === undefined ? undefined : timeOf(clock.end, epoch)
  }
  switch (clock.kind) {
    case "interval":
      return ScheduleClock.interval(Duration.seconds(clock.seconds), bounds)
    case "cron":
      return ScheduleClock.cron(clock.cron, { ...bounds, dayOr: clock.dayOr })
    default:
      throw new Error(`A clock that this harness does not know: ${JSON.stringify(clock)}`)
  }
}

const weekdays = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday"
] as const

const filterOf = (filter: Filter, epoch: string): ScheduleFilter.ScheduleFilter => {
  const [first = 0, second = 0, third = 0, fourth = 0] = filter.args ?? []
  switch (filter.name) {
    case "on_datetime":
      return ScheduleFilter.onDateTime(timeOf(filter.at!, epoch))
    case "between_datetimes":
      return ScheduleFilter.betweenDateTimes(
        timeOf(filter.start!, epoch),
        timeOf(filter.end!, epoch)
      )
    case "on_date":
      return ScheduleFilter.onDate(first, second)
    case "between_dates":
      return ScheduleFilter.betweenDates(first, second, third, fourth)
    case "at_time":
      return ScheduleFilter.atTime(filter.time!)
    case "between_times":
      return ScheduleFilter.betweenTimes(String(filter.start), String(filter.end))
    case "is_weekday":
      return ScheduleFilter.isWeekday
    case "is_weekend":
      return ScheduleFilter.isWeekend
    case "is_month_start":
      return ScheduleFilter.isMonthStart
    case "is_month_end":
      return ScheduleFilter.isMonthEnd
    case "is_day_of_week":
      return ScheduleFilter.isDayOfWeek(weekdays[filter.day!]!)
  }
  throw new Error(`A filter that this harness does not know: ${filter.name}`)
}

const adjustmentOf = (adjustment: Adjustment): ScheduleAdjustment.ScheduleAdjustment => {
  switch (adjustment.name) {
    case "add":
      return ScheduleAdjustment.add(Duration.seconds(adjustment.seconds!))
    case "next_weekday":
      return ScheduleAdjustment.nextWeekday
  }
  throw new Error(`An adjustment that this harness does not know: ${adjustment.name}`)
}

/** Builds a schedule, that of a case of kind `schedule` or of a flow. */
export const scheduleOf = (schedule: Schedule, epoch: string): FlowSchedule.FlowSchedule => {
  const filters = (list: ReadonlyArray<Filter> = []) =>
    list.map((filter) => filterOf(filter, epoch))
  return FlowSchedule.make({
    clocks: schedule.clocks.map((clock) => clockOf(clock, epoch)),
    filters: filters(schedule.filters),
    orFilters: filters(schedule.orFilters),
    notFilters: filters(schedule.notFilters),
    adjustments: (schedule.adjustments ?? []).map(adjustmentOf)
  })
}

/** A time as cases write it: to the second, with an offset. */
export const printTime = (at: DateTime.Zoned): string =>
  DateTime.formatIsoOffset(at).replace(".000", "")

/** What the schedule of a case says; to be compared with `expected.next`. */
export const runScheduleCase = (
  { after, n, now, schedule }: ScheduleCase,
  epoch: string
): ReadonlyArray<Moment> =>
  FlowSchedule.next(scheduleOf(schedule, epoch), {
    after: timeOf(after ?? now ?? 0, epoch),
    count: n
  }).map(({ at, parameters }) => ({
    at: printTime(DateTime.setZoneNamedUnsafe(at, "UTC")),
    local: printTime(at),
    ...(Object.keys(parameters).length === 0 ? {} : { parameterDefaults: parameters })
  }))

/** The next moment of a schedule after a time, both in seconds since the epoch. */
export const nextMomentOf = (schedule: Schedule, epoch: string) => {
  const start = timeOf(0, epoch).epochMilliseconds
  const made = scheduleOf(schedule, epoch)
  return (after: number) => {
    const found = made.nextAfter(start + after * 1000)
    return found && {
      at: (found.at.epochMilliseconds - start) / 1000,
      parameters: found.parameters
    }
  }
}
