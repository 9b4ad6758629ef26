/**
 * Results at their locations: what a run writes there, and what it finds.
 *
 * @module
 */
import { Effect, Option, Schema } from "effect"
import * as RunContext from "./RunContext.ts"
import * as Signal from "./Signal.ts"
import type * as TaskPolicies from "./TaskPolicies.ts"
import { inputsOf, type TaskRun } from "./TaskRun.ts"

/** Reads the result at a location, if there is one. */
export const read = (
  run: TaskRun,
  location: string
): Effect.Effect<Option.Option<unknown>, unknown> => {
  const schema = run.node.task.policies.result
  return Effect.flatMap(
    run.flow.resultStore.read(location),
    (found) =>
      schema === undefined || Option.isNone(found)
        ? Effect.succeed(found)
        : Effect.asSome(Schema.decodeUnknownEffect(Schema.toCodecJson(schema))(found.value))
  )
}

/** Whether the result of a run is written. */
export const isMade = ({ flow, node }: TaskRun): boolean =>
  flow.checkpointing && node.task.policies.checkpoint && node.task.policies.location !== undefined

/** Writes what a body returned, or what a signal brought as a result, before it is announced. */
export const make = (
  run: TaskRun,
  body: Effect.Effect<unknown, unknown>
): Effect.Effect<unknown, unknown> =>
  Effect.matchCauseEffect(body, {
    onSuccess: (result) => Effect.as(write(run, result), result),
    onFailure: (cause) => {
      const raised = Signal.raised(cause)
      const brings = Signal.isSignal(raised) && bringsResult.has(Signal.kind(raised))
      const written = brings ? write(run, Signal.toState(raised).result) : Effect.void
      return Effect.andThen(written, Effect.failCause(cause))
    }
  })

const bringsResult: ReadonlySet<Signal.Kind> = new Set(["Loop", "Success"])

/** Writes a result at its location; nothing, if it is none. */
export const write = (run: TaskRun, result: unknown): Effect.Effect<void, unknown> => {
  const { location, result: schema } = run.node.task.policies
  if (result === undefined || result === null || location === undefined) return Effect.void
  const encoded = schema === undefined
    ? Effect.succeed(result)
    : Schema.encodeUnknownEffect(Schema.toCodecJson(schema))(result)
  return Effect.flatMap(
    encoded,
    (json) => run.flow.resultStore.write(locate(run, location), json)
  )
}

/** The location that a template or function stands for in this run. */
export const locate = (run: TaskRun, location: TaskPolicies.Location): string => {
  const values = { ...run.parameters, ...runValues(run), ...inputsOf(run) }
  if (typeof location !== "string") return location(values)
  return location.replaceAll(
    /\{(\w+)\}/g,
    (text, name: string) => name in values ? String(values[name]) : text
  )
}

const runValues = (run: TaskRun): Readonly<Record<string, unknown>> => ({
  flowName: run.flowName,
  flowRunId: run.flowRunId,
  taskName: run.taskName,
  taskFullName: run.taskFullName,
  taskSlug: run.taskSlug,
  taskRunId: run.taskRunId,
  runCount: run.runCount,
  mapIndex: run.mapIndex,
  checkpointing: run.checkpointing,
  ...RunContext.dates(run),
  ...run.values
})
