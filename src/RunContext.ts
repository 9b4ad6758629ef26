/**
 * What a body, a trigger or a handler can ask of the run that it is part of.
 *
 * @module
 */
import { Context, DateTime } from "effect"

/** The run that is under way: of a task, or of a flow where the fields of a task are open. */
export interface RunContext {
  readonly flowName: string
  /** Unique for each `Flow.run`; drawn from Effect's `Random`, so a seed fixes it. */
  readonly flowRunId: string
  /** The parameters of the flow run, defaults included. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** When the flow run was to start. */
  readonly scheduledStartTime: DateTime.Utc
  /** When the flow run did start. */
  readonly date: DateTime.Utc
  /** Whether results are written at their locations. */
  readonly checkpointing: boolean
  /** What the caller of `Flow.run` passed along. */
  readonly values: Readonly<Record<string, unknown>>
  readonly taskName: string | undefined
  /** The name, followed by `[index]` for one item of a mapped task. */
  readonly taskFullName: string | undefined
  /** Unique in the flow. */
  readonly taskSlug: string | undefined
  readonly taskTags: ReadonlyArray<string>
  /** Unique for each attempt. */
  readonly taskRunId: string | undefined
  /** The attempt, 1 for the first. */
  readonly runCount: number
  /** The place of the item, for one item of a mapped task. */
  readonly mapIndex: number | undefined
  /** The round, from the second round of a loop on. */
  readonly loopCount: number | undefined
  /** What the round before ended with. */
  readonly loopResult: unknown
  /** Whether the run goes on after a pause. */
  readonly resume: boolean
}

/** The service that gives the run that is under way: `yield* RunContext.RunContext`. */
export const RunContext: Context.Service<RunContext, RunContext> = Context.Service(
  "signalbox/RunContext"
)

/** The dates of a run as texts: `YYYY-MM-DD`, and `YYYYMMDD` for the `Nodash` ones, in UTC. */
export const dates = (self: RunContext): {
  readonly today: string
  readonly yesterday: string
  readonly tomorrow: string
  readonly todayNodash: string
  readonly yesterdayNodash: string
  readonly tomorrowNodash: string
} => {
  const day = (days: number) => DateTime.formatIsoDateUtc(DateTime.add(self.date, { days }))
  const [yesterday, today, tomorrow] = [day(-1), day(0), day(1)]
  const nodash = (text: string) => text.replaceAll("-", "")
  return {
    today,
    yesterday,
    tomorrow,
    todayNodash: nodash(today),
    yesterdayNodash: nodash(yesterday),
    tomorrowNodash: nodash(tomorrow)
  }
}
