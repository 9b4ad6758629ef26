/**
 * The bodies of the tasks of recorded cases.
 *
 * @module
 */
import { Clock, Effect, Redacted } from "effect"
import { RunContext, Signal, Task } from "signalbox"
import type { Behaviour } from "./corpus.ts"
import { makeError } from "./errors.ts"
import type { CaseLog } from "./log.ts"
import { makeSignal } from "./signals.ts"
import { makeState } from "./states.ts"

/** What a body is given. */
export type Inputs = Readonly<Record<string, unknown>>

/** What a body does. */
export type Body = Effect.Effect<unknown, unknown, RunContext.RunContext>

/** Does what a description says; one that is missing gives nothing. */
export const behave = (behaviour: Behaviour | undefined, given: Inputs, log: CaseLog): Body =>
  Effect.gen(function* () {
    const context = yield* RunContext.RunContext
    const inputs = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, reveal(value)])
    )
    return yield* act(behaviour, { inputs, log, context })
  })

const reveal = (value: unknown): unknown =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

interface Call {
  readonly inputs: Inputs
  readonly log: CaseLog
  readonly context: RunContext.RunContext
}

/** What depends on the time at which it is done. */
const atOnce = <A, E, R>(
  act: (now: number) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.flatMap(Clock.currentTimeMillis, act)

const act = (behaviour: Behaviour | undefined, call: Call): Effect.Effect<unknown, unknown> => {
  if (behaviour === undefined) return Effect.succeed(null)
  const { context, inputs, log } = call
  switch (behaviour.kind) {
    case "return":
      return Effect.succeed(behaviour.value)
    case "echo":
      return Effect.succeed(inputs[behaviour.key] ?? null)
    case "add":
      return add(inputs, behaviour.plus)
    case "sumList":
      return sumList(inputs[behaviour.key])
    case "collect":
      return Effect.succeed(sortedKeys(inputs).map((key) => inputs[key]))
    case "raise":
      return Effect.fail(makeError(behaviour))
    case "signal":
      return atOnce((now) => Effect.fail(makeSignal(behaviour, now)))
    case "endrun":
      return atOnce((now) => Effect.fail(Signal.endRun(makeState(behaviour.with, now))))
    case "sequence": {
      const { attempts } = behaviour
      const before = log.count(behaviour, `${context.taskSlug}[${context.mapIndex}]`)
      return act(attempts[Math.min(before, attempts.length - 1)], call)
    }
    case "sleepSeconds": {
      const then = Effect.suspend(() => act(behaviour.then, call))
      return Effect.andThen(Effect.sleep(behaviour.n * 1000), then)
    }
    case "context":
      return Effect.succeed(
        Object.fromEntries(behaviour.keys.map((key) => [key, contextValue(context, key)]))
      )
    case "if":
      return act(holds(behaviour, inputs) ? behaviour.then : behaviour.else, call)
    case "loopUntil":
      return loopUntil(behaviour, context.loopResult ?? behaviour.start)
    case "pauseTask": {
      const { message, startInSeconds, then } = behaviour
      const timed = typeof startInSeconds === "number"
      const asked = atOnce((now) =>
        Task.awaitApproval({
          ...(message === undefined ? {} : { message }),
          ...(timed ? { startTime: now + startInSeconds * 1000 } : {})
        })
      )
      const waited = Effect.provideService(asked, RunContext.RunContext, context)
      return Effect.andThen(waited, Effect.suspend(() => act(then, call)))
    }
    default:
      return log.refuse("behaviour", behaviour)
  }
}

const sortedKeys = (inputs: Inputs): Array<string> => Object.keys(inputs).toSorted()

const valueError = (message: string) => Effect.fail(makeError({ error: "ValueError", message }))

const add = (inputs: Inputs, plus = 0): Effect.Effect<number, Error> => {
  let sum = plus
  for (const key of sortedKeys(inputs)) {
    const value = inputs[key]
    if (typeof value !== "number") return valueError(`add: non-numeric input ${key}`)
    sum += value
  }
  return Effect.succeed(sum)
}

const sumList = (list: unknown): Effect.Effect<number, Error> => {
  if (!Array.isArray(list)) return valueError("sumList: not a list")
  if (list.some((item) => typeof item !== "number")) {
    return valueError("sumList: non-numeric item")
  }
  return Effect.succeed(list.reduce((sum: number, item: number) => sum + item, 0))
}

const loopUntil = (
  { limit, message, step }: Extract<Behaviour, { readonly kind: "loopUntil" }>,
  current: unknown
): Effect.Effect<unknown, unknown> =>
  typeof current === "number" && current < limit
    ? Effect.fail(Signal.loop({ message, result: current + step }))
    : Effect.succeed(current)

// -----------------------------------------------------------------------------
// Conditions
// -----------------------------------------------------------------------------

const holds = (
  { arg, key, op, value }: Extract<Behaviour, { readonly kind: "if" }>,
  inputs: Inputs
): boolean => {
  const input = inputs[key]
  switch (op) {
    case "eq":
      return isSame(input, arg)
    case "eqKey":
      return isSame(input, inputs[String(arg)])
    case "gt":
      return typeof input === "number" && input > Number(arg)
    case "mod":
      return typeof input === "number" && modulo(input, Number(arg)) === value
    default:
      throw new Error(`Unknown condition: ${op}`)
  }
}

/** The remainder with the sign of the divisor. */
const modulo = (a: number, b: number): number => ((a % b) + b) % b

const isSame = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** Whether a value counts as true where the recorded engine asks for a truth. */
export const isTruthy = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

// -----------------------------------------------------------------------------
// Context
// -----------------------------------------------------------------------------

/** The value of the run context under its recorded name; what the caller passed comes first. */
const contextValue = (context: RunContext.RunContext, key: string): unknown =>
  context.values[key] ?? contextFields[key]?.(context) ?? null

const contextFields: Readonly<Record<string, (context: RunContext.RunContext) => unknown>> = {
  flow_name: ({ flowName }) => flowName,
  flow_id: ({ flowName }) => flowName,
  flow_run_id: ({ flowRunId }) => flowRunId,
  task_name: ({ taskName }) => taskName,
  task_full_name: ({ taskFullName }) => taskFullName,
  task_slug: ({ taskSlug }) => taskSlug,
  task_id: ({ taskSlug }) => taskSlug,
  task_run_id: ({ taskRunId }) => taskRunId,
  task_tags: ({ taskTags }) => taskTags,
  task_run_count: ({ runCount }) => runCount,
  map_index: ({ mapIndex }) => mapIndex,
  task_loop_count: ({ loopCount }) => loopCount,
  task_loop_result: ({ loopResult }) => loopResult,
  resume: ({ resume }) => resume ? true : null,
  parameters: ({ parameters }) => parameters,
  checkpointing: ({ checkpointing }) => checkpointing,
  scheduled_start_time: ({ scheduledStartTime }) => scheduledStartTime,
  date: ({ date }) => date,
  today: (context) => RunContext.dates(context).today,
  yesterday: (context) => RunContext.dates(context).yesterday,
  tomorrow: (context) => RunContext.dates(context).tomorrow,
  today_nodash: (context) => RunContext.dates(context).todayNodash,
  yesterday_nodash: (context) => RunContext.dates(context).yesterdayNodash,
  tomorrow_nodash: (context) => RunContext.dates(context).tomorrowNodash
}
