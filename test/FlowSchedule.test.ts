import { assert, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { FlowSchedule, ScheduleAdjustment, ScheduleClock, ScheduleFilter } from "signalbox/schedule"
import { printTime, runScheduleCase, type ScheduleCase } from "./conformance/schedule.ts"
import corpus from "./conformance/corpus-open.json" with { type: "json" }

const recorded =
  (corpus.cases as ReadonlyArray<unknown> as ReadonlyArray<ScheduleCase & { kind: string }>)
    .filter(({ kind }) => kind === "schedule")

/** The moments of a schedule, as local times with their offsets. */
const moments = (
  schedule: FlowSchedule.FlowSchedule,
  after: DateTime.DateTime.Input,
  count: number
): Array<string> => FlowSchedule.next(schedule, { after, count }).map(({ at }) => printTime(at))

const local = (text: string, timeZone: string): DateTime.Zoned =>
  DateTime.makeZonedUnsafe(text, { timeZone, adjustForTimeZone: true })

/** Asks for one moment at a time, each after the one before. */
const oneByOne = (
  schedule: FlowSchedule.FlowSchedule,
  after: DateTime.DateTime.Input,
  count: number
): Array<string> => {
  const found: Array<string> = []
  for (let from = after; found.length < count;) {
    const [event] = FlowSchedule.next(schedule, { after: from })
    if (event === undefined) break
    found.push(printTime(event.at))
    from = event.at
  }
  return found
}

const assertRefuses = (define: () => unknown, reason: string, message: string) => {
  const error = captured(define)
  assert.deepInclude(error, { _tag: "DefinitionError", reason, message })
}

const captured = (define: () => unknown): unknown => {
  try {
    return define()
  } catch (error) {
    return error
  }
}

it.each(recorded)("16.1 as recorded: $id, $title", (test) => {
  assert.deepStrictEqual(runScheduleCase(test, corpus.epoch), test.expected.next)
})

it("16.2 an interval of whole days keeps the local hour on both days that clocks change", () => {
  const at = (timeZone: string, start: string) =>
    moments(FlowSchedule.interval("1 day", { start: local(start, timeZone) }), 0, 3)
  assert.deepStrictEqual(at("Europe/Berlin", "2026-03-28T09:00"), [
    "2026-03-28T09:00:00+01:00",
    "2026-03-29T09:00:00+02:00",
    "2026-03-30T09:00:00+02:00"
  ])
  assert.deepStrictEqual(at("America/New_York", "2026-10-31T09:00"), [
    "2026-10-31T09:00:00-04:00",
    "2026-11-01T09:00:00-05:00",
    "2026-11-02T09:00:00-05:00"
  ])
  assert.deepStrictEqual(at("Australia/Lord_Howe", "2026-04-04T09:00"), [
    "2026-04-04T09:00:00+11:00",
    "2026-04-05T09:00:00+10:30",
    "2026-04-06T09:00:00+10:30"
  ])
})

it("16.2 an interval of half a day keeps the local hour from the second day on", () => {
  const schedule = FlowSchedule.interval("12 hours", {
    start: local("2026-03-27T06:00", "Europe/Berlin")
  })
  assert.deepStrictEqual(moments(schedule, "2026-03-28T12:00:00Z", 3), [
    "2026-03-28T18:00:00+01:00",
    "2026-03-29T06:00:00+02:00",
    "2026-03-29T18:00:00+02:00"
  ])
})

it("16.3 a local time that is skipped is as much later, and the next day on time again", () => {
  const skipped = (timeZone: string, start: string) =>
    moments(FlowSchedule.interval("1 day", { start: local(start, timeZone) }), 0, 3).slice(1)
  assert.deepStrictEqual(skipped("America/New_York", "2026-03-07T02:30"), [
    "2026-03-08T03:30:00-04:00",
    "2026-03-09T02:30:00-04:00"
  ])
  assert.deepStrictEqual(skipped("Europe/Berlin", "2026-03-28T02:30"), [
    "2026-03-29T03:30:00+02:00",
    "2026-03-30T02:30:00+02:00"
  ])
  assert.deepStrictEqual(skipped("Australia/Lord_Howe", "2026-10-03T02:15"), [
    "2026-10-04T02:45:00+11:00",
    "2026-10-05T02:15:00+11:00"
  ])
})

it("16.4 of a local time that comes twice, a daily interval names the second", () => {
  const twice = (timeZone: string, start: string) =>
    moments(FlowSchedule.interval("1 day", { start: local(start, timeZone) }), 0, 3).slice(1)
  assert.deepStrictEqual(twice("America/New_York", "2026-10-31T01:30"), [
    "2026-11-01T01:30:00-05:00",
    "2026-11-02T01:30:00-05:00"
  ])
  assert.deepStrictEqual(twice("Australia/Lord_Howe", "2026-04-04T01:45"), [
    "2026-04-05T01:45:00+10:30",
    "2026-04-06T01:45:00+10:30"
  ])
})

it("16.5 less than a day after its start an interval counts the time that passes", () => {
  const schedule = FlowSchedule.interval("6 hours", {
    start: local("2026-03-28T22:00", "Europe/Berlin")
  })
  assert.deepStrictEqual(moments(schedule, 0, 3), [
    "2026-03-28T22:00:00+01:00",
    "2026-03-29T05:00:00+02:00",
    "2026-03-29T11:00:00+02:00"
  ])
})

it("16.6 an hour that comes twice counts once, for an interval and for a cron text", () => {
  const start = local("2026-10-25T00:00", "Europe/Berlin")
  const hours = [
    "2026-10-25T01:00:00+02:00",
    "2026-10-25T02:00:00+02:00",
    "2026-10-25T03:00:00+01:00",
    "2026-10-25T04:00:00+01:00"
  ]
  assert.deepStrictEqual(moments(FlowSchedule.interval("1 hour", { start }), start, 4), hours)
  assert.deepStrictEqual(moments(FlowSchedule.cron("0 * * * *", { start }), start, 4), hours)
})

it("16.7 a cron text names the first of two local times, and one that is skipped as much later", () => {
  const around = (text: string, timeZone: string, after: string) =>
    moments(FlowSchedule.cron(text, { timeZone }), after, 3)
  assert.deepStrictEqual(around("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z"), [
    "2026-11-01T01:30:00-04:00",
    "2026-11-02T01:30:00-05:00",
    "2026-11-03T01:30:00-05:00"
  ])
  assert.deepStrictEqual(around("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), [
    "2026-03-29T03:30:00+02:00",
    "2026-03-30T02:30:00+02:00",
    "2026-03-31T02:30:00+02:00"
  ])
  assert.deepStrictEqual(around("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z"), [
    "2026-10-04T02:45:00+11:00",
    "2026-10-05T02:15:00+11:00",
    "2026-10-06T02:15:00+11:00"
  ])
})

it("16.8 asked one by one, a schedule names what it names at once: nothing twice, nothing missed", () => {
  const timeZones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]
  const lengths = ["15 minutes", "1 hour", "5 hours", "1 day", "36 hours"] as const
  for (const timeZone of timeZones) {
    for (const start of ["2025-07-01T02:30", "2026-01-01T02:30", "2026-03-28T02:30"]) {
      for (const length of lengths) {
        const schedule = FlowSchedule.interval(length, { start: local(start, timeZone) })
        for (const after of ["2026-03-28T22:00:00Z", "2026-04-04T13:10:00Z"]) {
          const name = `${length} ${timeZone} ${start} ${after}`
          assert.deepStrictEqual(oneByOne(schedule, after, 9), moments(schedule, after, 9), name)
        }
      }
    }
  }
})

it("16.8 a daily interval that began in summer names this winter morning too", () => {
  const schedule = FlowSchedule.interval("1 day", {
    start: local("2025-07-01T09:00", "America/New_York")
  })
  const halfPastEight = local("2026-01-15T08:30", "America/New_York")
  assert.deepStrictEqual(moments(schedule, halfPastEight, 1), ["2026-01-15T09:00:00-05:00"])
})

it("16.9 what is asked for is strictly after, to the millisecond", () => {
  const schedule = FlowSchedule.cron("0 * * * *")
  const after = (text: string) => moments(schedule, text, 1)
  assert.deepStrictEqual(after("2026-01-01T10:59:59.999Z"), ["2026-01-01T11:00:00+00:00"])
  assert.deepStrictEqual(after("2026-01-01T11:00:00.000Z"), ["2026-01-01T12:00:00+00:00"])
  assert.deepStrictEqual(after("2026-01-01T11:00:00.001Z"), ["2026-01-01T12:00:00+00:00"])
  assert.lengthOf(FlowSchedule.next(schedule, { after: 0 }), 1)
  assert.deepStrictEqual(FlowSchedule.next(schedule, { after: 0, count: 0 }), [])
})

it("16.9 a start is the first moment if the clock would name it, and an end the last", () => {
  const bounds = { start: "2026-01-01T10:00:00Z", end: "2026-01-01T12:00:00Z" }
  const between = [10, 11, 12].map((hour) => `2026-01-01T${hour}:00:00+00:00`)
  assert.deepStrictEqual(moments(FlowSchedule.cron("0 * * * *", bounds), 0, 9), between)
  assert.deepStrictEqual(moments(FlowSchedule.interval("1 hour", bounds), 0, 9), between)
  const late = FlowSchedule.cron("0 0 * * *", { start: "2026-01-01T00:00:00.001Z" })
  assert.deepStrictEqual(moments(late, 0, 1), ["2026-01-02T00:00:00+00:00"])
})

it("16.10 a cron text has five fields, or six with the seconds last, or is a shorthand", () => {
  const first = (text: string) => moments(FlowSchedule.cron(text), "2026-01-31T23:59:30Z", 2)
  assert.deepStrictEqual(first("0 0 * * * 15"), [
    "2026-02-01T00:00:15+00:00",
    "2026-02-02T00:00:15+00:00"
  ])
  assert.deepStrictEqual(first("30 9 * FEB mon-fri"), [
    "2026-02-02T09:30:00+00:00",
    "2026-02-03T09:30:00+00:00"
  ])
  for (
    const [shorthand, text] of [
      ["@hourly", "0 * * * *"],
      ["@daily", "0 0 * * *"],
      ["@weekly", "0 0 * * 0"],
      ["@monthly", "0 0 1 * *"],
      ["@yearly", "0 0 1 1 *"]
    ] as const
  ) assert.deepStrictEqual(first(shorthand), first(text), shorthand)
})

it("16.11 a cron text that names both kinds of day wants either, or both without dayOr", () => {
  const days = (text: string, dayOr?: boolean) =>
    moments(FlowSchedule.cron(text, { dayOr }), "2026-02-01T00:00:00Z", 3)
      .map((text) => text.slice(5, 10))
  assert.deepStrictEqual(days("0 0 13 * fri"), ["02-06", "02-13", "02-20"])
  assert.deepStrictEqual(days("0 0 13 * fri", false), ["02-13", "03-13", "11-13"])
  assert.deepStrictEqual(days("0 0 */10 * fri"), ["02-06", "02-11", "02-13"])
  assert.deepStrictEqual(days("0 0 1-31 * fri"), ["02-06", "02-13", "02-20"], "every day is no day")
  assert.deepStrictEqual(days("0 0 13 * 0-6"), ["02-13", "03-13", "04-13"], "every day is no day")
})

it("16.12 leap days and the ends of months", () => {
  const leap = moments(FlowSchedule.cron("0 0 29 2 *"), "2026-01-01T00:00:00Z", 2)
  assert.deepStrictEqual(leap, ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"])
  const ends = FlowSchedule.make({
    clocks: [ScheduleClock.interval("1 day", { timeZone: "Australia/Lord_Howe" })],
    filters: [ScheduleFilter.isMonthEnd]
  })
  const days = moments(ends, "2028-01-31T12:00:00Z", 4).map((text) => text.slice(0, 10))
  assert.deepStrictEqual(days, ["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"])
  assert.deepStrictEqual(moments(FlowSchedule.cron("0 0 31 2 *"), 0, 1), [], "never")
})

it("16.13 a moment that two clocks name counts once, unless their parameters differ", () => {
  const clock = (parameters: Record<string, unknown>) =>
    ScheduleClock.cron("0 12 * * *", { parameters })
  const found = (...given: ReadonlyArray<Record<string, unknown>>) =>
    FlowSchedule.next(FlowSchedule.make({ clocks: given.map(clock) }), { after: 0, count: 3 })
      .map(({ at, parameters }) => [DateTime.formatIsoDate(at), parameters.day])
  const [first, second, third] = ["1970-01-01", "1970-01-02", "1970-01-03"]
  assert.deepStrictEqual(found({ day: 1 }, { day: 1 }), [[first, 1], [second, 1], [third, 1]])
  assert.sameDeepMembers(found({ day: 1 }, { day: 2 }).slice(0, 2), [[first, 1], [first, 2]])
  assert.deepStrictEqual(found({ day: 1 }, { day: 2 }), found({ day: 1 }, { day: 2 }))
})

it("16.13 many clocks are merged in time order, in whichever order they stand", () => {
  const offsets = [50, 20, 40, 10, 30, 0]
  const clocks = offsets.map((start) =>
    ScheduleClock.interval("1 minute", { start: start * 1000, end: 200_000 })
  )
  const seconds = FlowSchedule.next(FlowSchedule.make({ clocks }), { after: -1, count: 100 })
    .map(({ at }) => DateTime.toEpochSeconds(at))
  assert.deepStrictEqual(seconds, Array.from({ length: 21 }, (_, index) => index * 10))
})

it("16.14 each filter lets pass what its name says, by the clock of the moment", () => {
  const at = local("2026-03-01T02:30:15", "America/New_York")
  const passing: ReadonlyArray<ScheduleFilter.ScheduleFilter> = [
    ScheduleFilter.onDateTime("2026-03-01T07:30:15Z"),
    ScheduleFilter.betweenDateTimes("2026-03-01T07:30:15Z", "2026-03-01T07:30:15Z"),
    ScheduleFilter.onDate(3, 1),
    ScheduleFilter.betweenDates(3, 1, 3, 1),
    ScheduleFilter.betweenDates(12, 24, 3, 1),
    ScheduleFilter.atTime("2:30:15"),
    ScheduleFilter.betweenTimes("02:30", "02:30:15"),
    ScheduleFilter.betweenTimes("22:00", "02:30:15"),
    ScheduleFilter.isWeekend,
    ScheduleFilter.isMonthStart,
    ScheduleFilter.isDayOfWeek("Sunday")
  ]
  const refusing: ReadonlyArray<ScheduleFilter.ScheduleFilter> = [
    ScheduleFilter.onDateTime("2026-03-01T02:30:15Z"),
    ScheduleFilter.betweenDateTimes("2026-03-01T07:30:16Z", "2026-03-02T00:00:00Z"),
    ScheduleFilter.onDate(1, 3),
    ScheduleFilter.betweenDates(3, 2, 12, 31),
    ScheduleFilter.betweenDates(3, 31, 3, 1),
    ScheduleFilter.betweenDates(12, 24, 2, 28),
    ScheduleFilter.atTime("02:30"),
    ScheduleFilter.betweenTimes("02:30:15.001", "22:00"),
    ScheduleFilter.isWeekday,
    ScheduleFilter.isMonthEnd,
    ScheduleFilter.isDayOfWeek("Monday")
  ]
  assert.deepStrictEqual(passing.map((filter) => filter(at)), passing.map(() => true))
  assert.deepStrictEqual(refusing.map((filter) => filter(at)), refusing.map(() => false))
})

it("16.15 an adjustment adds time that passes, or moves to Monday at the same local time", () => {
  const moved = (adjust: ScheduleAdjustment.ScheduleAdjustment, text: string, zone: string) =>
    printTime(adjust(local(text, zone)))
  const day = ScheduleAdjustment.add("1 day")
  const monday = ScheduleAdjustment.nextWeekday
  const berlin = "Europe/Berlin"
  assert.strictEqual(moved(day, "2026-03-28T09:00", berlin), "2026-03-29T10:00:00+02:00")
  assert.strictEqual(moved(monday, "2026-03-28T02:30", berlin), "2026-03-30T02:30:00+02:00")
  assert.strictEqual(moved(monday, "2026-03-29T09:00", berlin), "2026-03-30T09:00:00+02:00")
  assert.strictEqual(moved(monday, "2026-03-27T09:00", berlin), "2026-03-27T09:00:00+01:00")
})

it("16.16 one question looks at 10,000 moments, and at 1,000 of a cron text", () => {
  const seen = (clock: ScheduleClock.ScheduleClock) => {
    let count = 0
    const never = () => {
      count += 1
      return false
    }
    const schedule = FlowSchedule.make({ clocks: [clock], filters: [never] })
    assert.deepStrictEqual(FlowSchedule.next(schedule, { after: 0 }), [])
    return count
  }
  assert.strictEqual(seen(ScheduleClock.interval("1 second")), 10_000)
  assert.strictEqual(seen(ScheduleClock.cron("* * * * *")), 1000)
  assert.strictEqual(seen(ScheduleClock.interval(Duration.days(50_000_000))), 2, "the end of time")
})

it("16.17 a schedule that cannot be is refused where it is defined", () => {
  assertRefuses(
    () => FlowSchedule.interval(0),
    "Interval must be greater than 0.",
    "Cannot define an interval clock: Interval must be greater than 0. (0)"
  )
  assertRefuses(
    () => ScheduleClock.cron("not a cron"),
    "Invalid cron string: not a cron",
    "Cannot define a cron clock: Invalid cron string: not a cron " +
      "(Invalid number of segments in cron expression)"
  )
  assertRefuses(
    () => ScheduleClock.cron("61 * * * *"),
    "Invalid cron string: 61 * * * *",
    "Cannot define a cron clock: Invalid cron string: 61 * * * * " +
      "(Expected a value between 0 and 59)"
  )
  assertRefuses(
    () => ScheduleClock.cron("@daily", { timeZone: "Europe/Atlantis" }),
    "unknown time zone",
    "Cannot define a cron clock: unknown time zone (Europe/Atlantis)"
  )
  assertRefuses(
    () => ScheduleClock.interval("1 hour", { start: "someday" }),
    "not a point in time",
    'Cannot define an interval clock: not a point in time ("someday")'
  )
  assertRefuses(
    () => ScheduleClock.dates([]),
    "there must be at least one date",
    "Cannot define a clock of dates: there must be at least one date"
  )
  assertRefuses(
    () => FlowSchedule.make({ clocks: [] }),
    "there must be at least one clock",
    "Cannot define a schedule: there must be at least one clock"
  )
  assertRefuses(
    () => ScheduleFilter.atTime("25:00"),
    "a time of day must read like 09:30 or 09:30:15",
    "Cannot define a schedule's filter: a time of day must read like 09:30 or 09:30:15 (25:00)"
  )
})

it("16.18 given moments are named in time order, from the time that is given on", () => {
  const schedule = FlowSchedule.dates([
    "2026-01-03T00:00:00Z",
    local("2026-01-02T00:00", "Asia/Kolkata"),
    "2026-01-01T00:00:00Z"
  ])
  assert.deepStrictEqual(moments(schedule, "2026-01-01T00:00:00Z", 9), [
    "2026-01-02T00:00:00+05:30",
    "2026-01-03T00:00:00+00:00"
  ])
  assert.isTrue(FlowSchedule.isFlowSchedule(schedule))
  assert.isFalse(FlowSchedule.isFlowSchedule({ clocks: [] }))
})
