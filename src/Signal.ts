/**
 * How a body, a trigger or a handler speaks to the engine: it raises a signal, and the run takes
 * the state that the signal stands for.
 *
 * A class made by `Signal.Fail`, `Signal.Skip`, … carries a payload with a Schema, so it survives
 * storage and wire; `Signal.fail`, `Signal.skip`, … are the untyped ones. A signal is raised by
 * failing with it: `return yield* new QuotaExceeded({ … })`.
 *
 * @module
 */
import { type Cause, Data, DateTime, Formatter, Predicate, Schema, SchemaIssue } from "effect"
import * as PrintedError from "./PrintedError.ts"
import * as State from "./State.ts"

const TypeId = "~signalbox/Signal" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** What a signal asks for. */
export type Kind =
  | "Fail"
  | "TriggerFail"
  | "ValidationFail"
  | "Success"
  | "Skip"
  | "Retry"
  | "Pause"
  | "Loop"

/** The mark that tells signals from ordinary errors. */
export interface Marked<out K extends Kind> {
  readonly [TypeId]: K
}

/** A signal of some kind. */
export interface Signal<out K extends Kind = Kind> extends Cause.YieldableError, Marked<K> {
  /** The result that the state gets. Left open: the failures hold the signal itself. */
  readonly result?: unknown
}

/** The signals after which a run counts as failed. */
export type Failure = Marked<"Fail" | "TriggerFail" | "ValidationFail">

/** Of the errors `E`, those that a run can end with: signals of other kinds are no failures. */
export type FailureOf<E> = E extends Failure ? E : E extends Marked<Kind> | EndRun ? never : E

/** Of the errors `E`, the results of signals that stand for a success. */
export type ResultOf<E> = E extends Marked<"Success">
  ? E extends { readonly result: infer A } ? A : undefined
  : never

/** The fields that a kind of signal has besides its payload. */
export interface BaseFields {
  readonly message: Schema.optionalKey<Schema.String>
  readonly result: Schema.optionalKey<Schema.Unknown>
}

/** The fields of a signal that asks for a time; left open, it means now, for a pause never. */
export interface TimedFields extends BaseFields {
  readonly startTime: Schema.optionalKey<Schema.DateTimeUtc>
}

/** The fields of a signal that asks for another attempt. */
export interface RetryFields extends TimedFields {
  readonly runCount: Schema.optionalKey<Schema.Number>
}

/** The class of a typed signal: a Schema, an error to fail with, and a mark of its kind. */
export type Class<
  Self,
  K extends Kind,
  Tag extends string,
  Fields extends Schema.Struct.Fields,
  Base
> = Schema.Class<
  Self,
  Schema.TaggedStruct<Tag, Fields & Omit<Base, keyof Fields>>,
  Cause.YieldableError & Marked<K>
>

/** Any class of typed signals. */
export type AnyClass = Schema.Codec<any, any> & {
  new (...args: Array<never>): Signal
  readonly identifier: string
}

/**
 * A payload does not fit the Schema of its signal.
 *
 * Thrown by the constructor of the signal, so in a body it ends the run as any defect does.
 */
export class PayloadError extends Data.Error<{
  readonly signal: string
  readonly payload: unknown
  readonly message: string
}> {
  readonly _tag = "PayloadError"
  override readonly name = "PayloadError"
}

// -----------------------------------------------------------------------------
// Typed signals
// -----------------------------------------------------------------------------

const baseFields: BaseFields = {
  message: Schema.optionalKey(Schema.String),
  result: Schema.optionalKey(Schema.Unknown)
}

const timedFields: TimedFields = {
  ...baseFields,
  startTime: Schema.optionalKey(Schema.DateTimeUtc)
}

const retryFields: RetryFields = {
  ...timedFields,
  runCount: Schema.optionalKey(Schema.Number)
}

/** Makes classes of one kind; the payload's own fields go before those of the kind. */
export type Factory<K extends Kind, Base> = <Self = never>() => <
  const Tag extends string,
  const Fields extends Schema.Struct.Fields = {}
>(tag: Tag, fields?: Fields) => Class<Self, K, Tag, Fields, Base>

const factory =
  <K extends Kind, Base extends BaseFields>(kind: K, base: Base): Factory<K, Base> =>
  () =>
  (tag, fields) => {
    const Tagged = Schema.TaggedError<never>()(tag, { ...base, ...fields }) as any
    class SignalClass extends Tagged {
      constructor(payload: unknown, options: unknown) {
        try {
          super(payload, options)
        } catch (error) {
          throw payloadError(tag, payload, error)
        }
      }
    }
    Object.defineProperty(SignalClass.prototype, TypeId, { value: kind })
    return SignalClass as any
  }

const payloadError = (signal: string, payload: unknown, error: unknown): PayloadError => {
  const reason = reasonOf(error).replaceAll(/\s*\n\s*/g, " ")
  return new PayloadError({
    signal,
    payload,
    message: `Cannot raise signal "${signal}": its payload does not fit: ${reason}, got ${
      Formatter.format(payload)
    }`
  })
}

// A Schema class throws an error that only names the issue as its cause.
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return SchemaIssue.isIssue(error.cause)
    ? new Schema.SchemaError(error.cause).message
    : error.message
}

/**
 * Makes a class of signals that fail the run.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Signal } from "signalbox"
 *
 * class QuotaExceeded extends Signal.Fail<QuotaExceeded>()("QuotaExceeded", {
 *   used: Schema.Number
 * }) {}
 *
 * const signal = new QuotaExceeded({ message: "too much", used: 7 })
 * console.log(signal.used) // 7
 * ```
 */
export const Fail: Factory<"Fail", BaseFields> = factory("Fail", baseFields)

/** Makes a class of signals that say the conditions to run do not hold. */
export const TriggerFail: Factory<"TriggerFail", BaseFields> = factory("TriggerFail", baseFields)

/** Makes a class of signals that say the result is wrong. */
export const ValidationFail: Factory<"ValidationFail", BaseFields> = factory(
  "ValidationFail",
  baseFields
)

/** Makes a class of signals that end the run well; a field `result` is the result of the run. */
export const Success: Factory<"Success", BaseFields> = factory("Success", baseFields)

/** Makes a class of signals that skip the run, and by default all runs that depend on it. */
export const Skip: Factory<"Skip", BaseFields> = factory("Skip", baseFields)

/** Makes a class of signals that ask for another attempt, whatever `maxRetries` says. */
export const Retry: Factory<"Retry", RetryFields> = factory("Retry", retryFields)

/** Makes a class of signals that pause the run, until `startTime` or an approval. */
export const Pause: Factory<"Pause", TimedFields> = factory("Pause", timedFields)

/** Makes a class of signals that end one round of a loop with a `result` for the next. */
export const Loop: Factory<"Loop", BaseFields> = factory("Loop", baseFields)

// -----------------------------------------------------------------------------
// Untyped signals
// -----------------------------------------------------------------------------

interface Untyped {
  readonly message?: string
  readonly result?: unknown
}

/** The classes behind the untyped signals, by kind: for codecs that must know every signal. */
export const untyped = {
  Fail: Fail<Signal<"Fail">>()("FAIL"),
  TriggerFail: TriggerFail<Signal<"TriggerFail">>()("TRIGGERFAIL"),
  ValidationFail: ValidationFail<Signal<"ValidationFail">>()("VALIDATIONFAIL"),
  Success: Success<Signal<"Success">>()("SUCCESS"),
  Skip: Skip<Signal<"Skip">>()("SKIP"),
  Retry: Retry<Signal<"Retry">>()("RETRY"),
  Pause: Pause<Signal<"Pause">>()("PAUSE"),
  Loop: Loop<Signal<"Loop">>()("LOOP")
} as unknown as Readonly<Record<Kind, AnyClass>>

/** What the untyped constructors take: a message, or a message and more. */
export type Input<Options> = string | Options

/** What the untyped constructors of most kinds take. */
export interface Options {
  readonly message?: string | undefined
  readonly result?: unknown
}

/** What {@link pause} takes. */
export interface PauseOptions extends Options {
  readonly startTime?: State.StartTime | undefined
}

/** What {@link retry} takes. */
export interface RetryOptions extends PauseOptions {
  readonly runCount?: number | undefined
}

const props = (input: Input<RetryOptions> | undefined): never => {
  if (typeof input === "string") return { message: input } as never
  const { startTime, ...rest } = input ?? {}
  const given: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => key === "result" || value !== undefined)
  )
  if (startTime !== undefined && startTime !== null) {
    given.startTime = DateTime.toUtc(DateTime.makeUnsafe(startTime))
  }
  return given as never
}

/** A signal that fails the run. */
export const fail = (input?: Input<Options>): Signal<"Fail"> & Untyped =>
  new untyped.Fail(props(input)) as any

/** A signal that says the conditions to run do not hold. */
export const triggerFail = (input?: Input<Options>): Signal<"TriggerFail"> & Untyped =>
  new untyped.TriggerFail(props(input)) as any

/** A signal that says the result is wrong. */
export const validationFail = (input?: Input<Options>): Signal<"ValidationFail"> & Untyped =>
  new untyped.ValidationFail(props(input)) as any

/** A signal that ends the run well, with the `result` given. */
export const success = <A = undefined>(
  input?: string | { readonly message?: string | undefined; readonly result?: A }
): Signal<"Success"> & { readonly result: A } => new untyped.Success(props(input)) as any

/** A signal that skips the run. */
export const skip = (input?: Input<Options>): Signal<"Skip"> =>
  new untyped.Skip(props(input)) as any

/** A signal that asks for another attempt, now or at `startTime`. */
export const retry = (input?: Input<RetryOptions>): Signal<"Retry"> =>
  new untyped.Retry(props(input)) as any

/** A signal that pauses the run, until `startTime` if one is given or an approval. */
export const pause = (input?: Input<PauseOptions>): Signal<"Pause"> =>
  new untyped.Pause(props(input)) as any

/** A signal that ends one round of a loop; `result` is what the next round begins with. */
export const loop = (input?: Input<Options>): Signal<"Loop"> =>
  new untyped.Loop(props(input)) as any

/** Ends the run at once with the state given: no retry, no caching. */
export class EndRun extends Data.Error<{ readonly state: State.State }> {
  readonly _tag = "EndRun"
  override readonly name = "ENDRUN"
}

/** A signal that ends the run at once with the state given: no retry, no caching. */
export const endRun = (state: State.State): EndRun => new EndRun({ state })

// -----------------------------------------------------------------------------
// Guards and conversions
// -----------------------------------------------------------------------------

/** Whether a value is a signal, `EndRun` aside. */
export const isSignal = (u: unknown): u is Signal => Predicate.hasProperty(u, TypeId)

/** Whether a value asks to end the run at once. */
export const isEndRun = (u: unknown): u is EndRun => u instanceof EndRun

/** What a signal asks for. */
export const kind = (self: Signal): Kind => self[TypeId]

/** The signal that something failed with or died of, if any. */
export const raised = (cause: Cause.Cause<unknown>): Signal | EndRun | undefined => {
  return PrintedError.errorsIn(cause).find((error) => isSignal(error) || isEndRun(error)) as
    | Signal
    | EndRun
    | undefined
}

const stateTags: Readonly<Record<Kind, State.Tag>> = {
  Fail: "Failed",
  TriggerFail: "TriggerFailed",
  ValidationFail: "ValidationFailed",
  Success: "Success",
  Skip: "Skipped",
  Retry: "Retrying",
  Pause: "Paused",
  Loop: "Looped"
}

/** The name of the state that a kind of signal stands for. */
export const stateTag = (self: Kind): State.Tag => stateTags[self]

/**
 * The state that a signal stands for, or that `EndRun` ends the run with.
 *
 * A failure without a result of its own holds the signal as its result; a round of a loop holds
 * the printed form of the signal. `cause` is what the signal was raised in, kept by failures.
 */
export const toState = (
  self: EndRun | Signal & Partial<Pick<State.Fields, "startTime" | "runCount">>,
  cause?: Cause.Cause<unknown>
): State.State => {
  if (isEndRun(self)) return self.state
  const tag = stateTags[kind(self)]
  const fields: State.Fields = {
    message: Object.hasOwn(self, "message") ? self.message : undefined,
    result: Object.hasOwn(self, "result") ? self.result : defaultResult(self),
    startTime: self.startTime,
    runCount: self.runCount,
    signal: self,
    cause
  }
  return State.make(tag, fields)
}

const defaultResult = (self: Signal): unknown => {
  switch (kind(self)) {
    case "Fail":
    case "TriggerFail":
    case "ValidationFail":
      return self
    case "Loop":
      return PrintedError.print(self)
    default:
      return undefined
  }
}

/** A state that no signal stands for was turned into one. */
export class NoSignalError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "NoSignalError"
  override readonly name = "NoSignalError"
}

/**
 * The untyped signal that stands for a state of exactly its kind.
 *
 * @throws NoSignalError for a state that no signal stands for.
 */
export const fromState = (state: State.State): Signal => {
  const entry = Object.entries(stateTags).find(([, tag]) => tag === state._tag)
  if (entry === undefined) {
    throw new NoSignalError({ message: `No signal matches the provided state: ${state}` })
  }
  const { message, result, startTime } = state as State.Retrying
  const options = { message, startTime, ...(result === undefined ? {} : { result }) }
  return new untyped[entry[0] as Kind](props(options)) as Signal
}
