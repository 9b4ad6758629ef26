/**
 * When flows run by themselves: schedules for `Flow.serve`.
 *
 * @module
 */
export * as FlowSchedule from "./FlowSchedule.ts"
export * as ScheduleAdjustment from "./ScheduleAdjustment.ts"
export * as ScheduleClock from "./ScheduleClock.ts"
export * as ScheduleFilter from "./ScheduleFilter.ts"
