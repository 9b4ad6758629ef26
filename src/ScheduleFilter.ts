/**
 * Filters: which moments of a schedule's clocks count.
 *
 * A filter is a function, so any will do and Effect's `Predicate.and`, `or` and `not` combine them.
 * Those here read the local time of the clock that named the moment.
 *
 * @module
 */
import { DateTime } from "effect"
import * as DefinitionError from "./DefinitionError.ts"

/** Whether a moment counts. */
export type ScheduleFilter = (at: DateTime.Zoned) => boolean

/** The name of a day of the week. */
export type Weekday =
  | "Monday"
  | "Tuesday"
  | "Wednesday"
  | "Thursday"
  | "Friday"
  | "Saturday"
  | "Sunday"

const weekdayOf = (at: DateTime.Zoned): number => DateTime.getPart(at, "weekDay")

/** Lets one moment pass. */
export const onDateTime = (moment: DateTime.DateTime.Input): ScheduleFilter => {
  const { epochMilliseconds } = DateTime.makeUnsafe(moment)
  return (at) => at.epochMilliseconds === epochMilliseconds
}

/** Lets the moments from one to another pass, both included. */
export const betweenDateTimes = (
  start: DateTime.DateTime.Input,
  end: DateTime.DateTime.Input
): ScheduleFilter => {
  const [first, last] = [DateTime.makeUnsafe(start), DateTime.makeUnsafe(end)]
  return (at) =>
    DateTime.isGreaterThanOrEqualTo(at, first) && DateTime.isLessThanOrEqualTo(at, last)
}

const dayOfYear = (month: number, day: number): number => month * 100 + day

const dayOfYearOf = (at: DateTime.Zoned): number => {
  const { day, month } = DateTime.toParts(at)
  return dayOfYear(month, day)
}

/** Lets one day of each year pass; months count from 1. */
export const onDate = (month: number, day: number): ScheduleFilter => (at) =>
  dayOfYearOf(at) === dayOfYear(month, day)

/**
 * Lets the days of each year from one to another pass, both included; over the turn of the year
 * when the start's month comes after the end's.
 */
export const betweenDates = (
  startMonth: number,
  startDay: number,
  endMonth: number,
  endDay: number
): ScheduleFilter => {
  const [first, last] = [dayOfYear(startMonth, startDay), dayOfYear(endMonth, endDay)]
  return (at) => {
    const day = dayOfYearOf(at)
    return startMonth <= endMonth ? day >= first && day <= last : day >= first || day <= last
  }
}

const timeText = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,3}))?)?$/

const millisOf = (hour: number, minute: number, second: number, millisecond: number): number =>
  ((hour * 60 + minute) * 60 + second) * 1000 + millisecond

const readTime = (text: string): number => {
  const [, hour, minute, second = 0, fraction = ""] = timeText.exec(text) ?? []
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (isTime) {
    return millisOf(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, "0")))
  }
  throw DefinitionError.make(
    "Cannot define a schedule's filter",
    "a time of day must read like 09:30 or 09:30:15",
    text
  )
}

const timeOf = (at: DateTime.Zoned): number => {
  const { hour, millisecond, minute, second } = DateTime.toParts(at)
  return millisOf(hour, minute, second, millisecond)
}

/** Lets one time of each day pass, written like `"09:30"`. */
export const atTime = (time: string): ScheduleFilter => {
  const wanted = readTime(time)
  return (at) => timeOf(at) === wanted
}

/**
 * Lets the times of each day from one to another pass, both included; over midnight when the start
 * comes after the end.
 */
export const betweenTimes = (start: string, end: string): ScheduleFilter => {
  const [first, last] = [readTime(start), readTime(end)]
  return (at) => {
    const time = timeOf(at)
    return first <= last ? time >= first && time <= last : time >= first || time <= last
  }
}

/** Lets Saturdays and Sundays pass. */
export const isWeekend: ScheduleFilter = (at) => weekdayOf(at) % 6 === 0

/** Lets Mondays to Fridays pass. */
export const isWeekday: ScheduleFilter = (at) => !isWeekend(at)

const weekdays: ReadonlyArray<Weekday> = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday"
]

/** Lets one day of the week pass. */
export const isDayOfWeek = (day: Weekday): ScheduleFilter => (at) => weekdays[weekdayOf(at)] === day

/** Lets the first day of each month pass. */
export const isMonthStart: ScheduleFilter = (at) => DateTime.getPart(at, "day") === 1

/** Lets the last day of each month pass. */
export const isMonthEnd: ScheduleFilter = (at) => isMonthStart(DateTime.add(at, { days: 1 }))
