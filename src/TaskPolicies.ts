/**
 * What a task does besides running its body: what one may ask for, and what comes of it once it has
 * been checked.
 *
 * @module
 */
import {
  Duration,
  type Effect,
  Formatter,
  Option,
  Predicate,
  type Schedule,
  type Schema
} from "effect"
import * as CachePolicy from "./CachePolicy.ts"
import { make as definitionError, refused } from "./DefinitionError.ts"
import * as PrintedError from "./PrintedError.ts"
import * as State from "./State.ts"
import * as StateHandler from "./StateHandler.ts"
import type { Subject } from "./Transition.ts"
import * as Trigger from "./Trigger.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** What a task does besides running its body, as checked and completed by {@link make}. */
export interface TaskPolicies {
  readonly slug: string | undefined
  readonly tags: ReadonlyArray<string>
  readonly handlers: ReadonlyArray<StateHandler.Any>
  readonly maxRetries: number
  /** Between two attempts, in milliseconds. */
  readonly retryDelay: number
  /** Whether another attempt makes sense after this error. */
  readonly retryOn: ((error: unknown) => boolean) | undefined
  readonly retrySchedule: Schedule.Schedule<unknown, unknown> | undefined
  readonly timeout: Duration.Duration | undefined
  readonly trigger: Trigger.Trigger<any, any>
  readonly skipOnUpstreamSkip: boolean
  /** For how long a result may be used again, in milliseconds. */
  readonly cacheFor: number | undefined
  readonly cacheValidator: CachePolicy.Validator
  readonly cacheKey: string | undefined
  readonly checkpoint: boolean
  readonly location: Location | undefined
  readonly target: Location | undefined
  /** How the result is written as JSON. */
  readonly result: Schema.Codec<any, any> | undefined
  /** What is odd about the options although the task can run; logged when a flow run begins. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * Where a result is written: a text with `{name}` for a parameter, a field of the run context or
 * an input (of several with one name the last of these counts), or a function of them all.
 */
export type Location = string | ((values: Readonly<Record<string, unknown>>) => string)

/** What may be asked for. */
export interface Options<
  A,
  Handlers extends ReadonlyArray<StateHandler.Any>,
  TriggerE,
  TriggerR,
  TellE,
  TellR
> {
  /** Who every change of state passes, in order. */
  readonly handlers?: Handlers | undefined
  /** Called with every failed state of this task, before another attempt too. */
  readonly onFailure?:
    | ((subject: Subject, state: State.AnyFailed) => Effect.Effect<unknown, TellE, TellR>)
    | undefined
  /** How many attempts may follow the first; needs `retryDelay` or `retrySchedule`. */
  readonly maxRetries?: number | undefined
  /** How long to wait between two attempts. */
  readonly retryDelay?: Duration.Input | undefined
  /** The error classes, or a test, after which another attempt makes sense. */
  readonly retryOn?: ReadonlyArray<ErrorClass> | ((error: unknown) => boolean) | undefined
  /** When to try again, and how often; its input is the error. */
  readonly retrySchedule?: Schedule.Schedule<unknown, unknown> | undefined
  /** How long one attempt of the body may take. */
  readonly timeout?: Duration.Input | undefined
  /** Decides from the upstream states whether the task runs; `Trigger.allSuccessful` unless given. */
  readonly trigger?: Trigger.Trigger<TriggerE, TriggerR> | undefined
  /** Whether one skipped upstream task skips this one; true unless given. */
  readonly skipOnUpstreamSkip?: boolean | undefined
  /** For how long a later flow run may use the result instead of running the body. */
  readonly cacheFor?: Duration.Input | undefined
  /** Decides whether a kept result may be used; `CachePolicy.durationOnly` unless given. */
  readonly cacheValidator?: CachePolicy.Validator | undefined
  /** What results are kept under; tasks with one key share them. Flow and task name unless given. */
  readonly cacheKey?: string | undefined
  /** Whether the result is written at its location when the run is checkpointing; true unless given. */
  readonly checkpoint?: boolean | undefined
  /** Where the result is written. */
  readonly location?: Location | undefined
  /** Where the result is written, and where it is looked for instead of running the body. */
  readonly target?: Location | undefined
  /** How the result becomes JSON where it is stored; without, it must be JSON itself. */
  readonly result?: Schema.Codec<A, any> | undefined
  readonly tags?: ReadonlyArray<string> | undefined
  /** Tells the task from others in a flow; made from its name and tags unless given. */
  readonly slug?: string | undefined
}

/** A class of errors, as `retryOn` takes it. */
export type ErrorClass = abstract new (...args: Array<never>) => object

// -----------------------------------------------------------------------------
// Checks
// -----------------------------------------------------------------------------

/** Any options. */
export type AnyOptions = Options<any, ReadonlyArray<any>, any, any, any, any>

/**
 * Checks and completes the options of a task; `action` is what was attempted.
 *
 * @throws DefinitionError for policies that cannot hold.
 */
export const make = (action: string, options: AnyOptions): TaskPolicies => ({
  slug: slugOf(action, options),
  tags: tagsOf(action, options),
  handlers: handlersWith(action, options),
  ...retriesOf(action, options),
  timeout: options.timeout === undefined
    ? undefined
    : durationOf(action, "timeout", options.timeout, isAbove),
  trigger: triggerOf(action, options),
  skipOnUpstreamSkip: options.skipOnUpstreamSkip ?? true,
  ...cachingOf(action, options),
  checkpoint: options.checkpoint ?? true,
  location: options.target ?? options.location,
  target: options.target,
  result: options.result
})

const cachingOf = (
  action: string,
  { cacheFor, cacheKey, cacheValidator }: AnyOptions
): Pick<TaskPolicies, "cacheFor" | "cacheKey" | "cacheValidator" | "warnings"> => {
  const isKept = cacheFor !== undefined
  const warning = "cacheValidator provided without specifying cache expiration (cacheFor); " +
    "this Task will not be cached."
  const isInVain = !isKept && cacheValidator !== undefined &&
    cacheValidator !== CachePolicy.neverUse
  return {
    cacheFor: isKept
      ? Duration.toMillis(durationOf(action, "cacheFor", cacheFor, isNotBelow))
      : undefined,
    cacheKey,
    cacheValidator: cacheValidator ?? (isKept ? CachePolicy.durationOnly : CachePolicy.neverUse),
    warnings: isInVain ? [`${action.replace("Cannot define task", "Task")}: ${warning}`] : []
  }
}

const isAbove = (millis: number): boolean => millis > 0
const isNotBelow = (millis: number): boolean => millis >= 0
const isFiniteTime = (millis: number): boolean => millis >= 0 && millis < Infinity

const durationOf = (
  action: string,
  option: string,
  input: Duration.Input,
  fits: (millis: number) => boolean
): Duration.Duration => {
  const duration = Duration.fromInput(input)
  // A duration takes what is no number above zero for zero, so a number is looked at as it was given.
  const isGiven = typeof input !== "number" || input >= 0
  if (isGiven && Option.isSome(duration) && fits(Duration.toMillis(duration.value))) {
    return duration.value
  }
  const expected = fits(0) ? "a duration" : "a duration above zero"
  throw refused(action, `${option} must be ${expected}`, input)
}

const slugOf = (action: string, { slug }: AnyOptions): string | undefined => {
  if (slug === undefined || (Predicate.isString(slug) && slug !== "")) return slug
  throw refused(action, "slug must be a text that is not empty", slug)
}

const tagsOf = (action: string, { tags = [] }: AnyOptions): ReadonlyArray<string> => {
  if (Array.isArray(tags) && tags.every(Predicate.isString)) return [...new Set(tags)]
  throw refused(action, "Tags should be a set of tags, not a string.", tags)
}

/**
 * The list of handlers of a task or flow, its `onFailure` last; `action` is what was attempted.
 *
 * @throws DefinitionError for what is no list of handlers, or no function.
 */
export const handlersWith = (
  action: string,
  { handlers = [], onFailure }: Pick<AnyOptions, "handlers" | "onFailure">
): ReadonlyArray<StateHandler.Any> => {
  checkHandlers(action, handlers)
  if (onFailure === undefined) return handlers
  if (!Predicate.isFunction(onFailure)) {
    throw refused(action, "onFailure must be a function", onFailure)
  }
  return [...handlers, StateHandler.callback(onFailure, State.isFailed, { name: "onFailure" })]
}

const checkHandlers = (action: string, handlers: ReadonlyArray<unknown>): void => {
  if (!Array.isArray(handlers)) {
    throw refused(action, "handlers must be a list", handlers)
  }
  for (const handler of handlers) {
    if (StateHandler.isStateHandler(handler) || StateHandler.isService(handler)) continue
    throw refused(
      action,
      "a handler must be made by StateHandler.make or be a StateHandler.Service",
      handler
    )
  }
}

const triggerOf = (
  action: string,
  { trigger = Trigger.allSuccessful }: AnyOptions
): Trigger.Trigger<any, any> => {
  if (Predicate.isFunction(trigger)) return trigger
  throw refused(action, "trigger must be a function", trigger)
}

const retriesOf = (
  action: string,
  { maxRetries, retryDelay, retryOn, retrySchedule }: AnyOptions
): Pick<TaskPolicies, "maxRetries" | "retryDelay" | "retryOn" | "retrySchedule"> => {
  const limit = maxRetries ?? (retrySchedule === undefined ? 0 : Number.POSITIVE_INFINITY)
  if (!(limit >= 0) || (Number.isFinite(limit) && !Number.isInteger(limit))) {
    throw definitionError(action, "maxRetries must be a whole number", String(maxRetries))
  }
  if (limit > 0 && retryDelay === undefined && retrySchedule === undefined) {
    throw definitionError(
      action,
      "A `retryDelay` must be provided if maxRetries > 0",
      `maxRetries is ${limit}`
    )
  }
  if (limit === 0 && retryDelay !== undefined) {
    throw definitionError(
      action,
      "A `maxRetries` argument greater than 0 must be provided if specifying a retry delay.",
      `retryDelay is ${Formatter.format(retryDelay)}`
    )
  }
  if (limit === 0 && retryOn !== undefined) {
    throw definitionError(
      action,
      "A number of `maxRetries` must be provided if `retryOn` is set."
    )
  }
  if (retryDelay !== undefined && retrySchedule !== undefined) {
    throw definitionError(action, "retryDelay and retrySchedule exclude each other")
  }
  return {
    maxRetries: limit,
    retryDelay: retryDelay === undefined
      ? 0
      : Duration.toMillis(durationOf(action, "retryDelay", retryDelay, isFiniteTime)),
    retryOn: retryOn === undefined ? undefined : retryTest(action, retryOn),
    retrySchedule
  }
}

const retryTest = (
  action: string,
  retryOn: ReadonlyArray<ErrorClass> | ((error: unknown) => boolean)
): (error: unknown) => boolean => {
  if (!Array.isArray(retryOn)) {
    if (Predicate.isFunction(retryOn)) return retryOn as (error: unknown) => boolean
    throw invalidRetryOn(action, retryOn, "Expected a list of error classes or a test.")
  }
  for (const entry of retryOn) {
    if (Predicate.isFunction(entry)) continue
    const expected = entry instanceof Error
      ? `Expected an error class but got an instance of ${entry.constructor.name}`
      : "Expected an error class."
    throw invalidRetryOn(action, entry, expected)
  }
  return (error) => retryOn.some((errorClass) => error instanceof errorClass)
}

const invalidRetryOn = (action: string, value: unknown, expected: string) =>
  definitionError(action, `Invalid \`retryOn\` value ${PrintedError.print(value)}. ${expected}`)
