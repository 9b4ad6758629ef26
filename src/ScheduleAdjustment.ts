/**
 * Adjustments: what becomes of a moment that a schedule has chosen.
 *
 * An adjustment is a function, so any will do. A moment that was moved is not looked at again:
 * neither filters nor the order of moments apply to what it has become.
 *
 * @module
 */
import { DateTime, Duration, Option } from "effect"
import * as DefinitionError from "./DefinitionError.ts"
import { isWeekday } from "./ScheduleFilter.ts"

/** Moves a moment. */
export type ScheduleAdjustment = (at: DateTime.Zoned) => DateTime.Zoned

/** Moves every moment by the same time, as it passes and whatever clocks show. */
export const add = (time: Duration.Input): ScheduleAdjustment => {
  const duration = Duration.fromInput(time)
  if (Option.isNone(duration)) {
    throw DefinitionError.refused(
      "Cannot define a schedule's adjustment",
      "what is added must be a duration",
      time
    )
  }
  return (at) => DateTime.addDuration(at, duration.value)
}

/** Moves Saturdays and Sundays to the Monday that follows, at the same local time. */
export const nextWeekday: ScheduleAdjustment = (at) => {
  if (isWeekday(at)) return at
  const days = DateTime.getPart(at, "weekDay") === 6 ? 2 : 1
  return DateTime.mutate(at, (date) => date.setUTCDate(date.getUTCDate() + days), {
    disambiguation: "later"
  })
}
