/**
 * What a run is, as immutable data.
 *
 * States are built with the constructor of their name, told apart by `_tag` or by the guards, and
 * printed as `Running("Starting task run.")` or `Pending()`. The families are Prefect's: a
 * `Retrying` is also scheduled and pending, a `TimedOut` is also failed and finished.
 *
 * Fields that a constructor leaves open and only a run can know (the start time "now", the count of
 * the attempt) are filled in by the engine at the moment it takes the state over.
 *
 * @module
 */
import { type Cause, DateTime, Equal, Hash, Inspectable, Option } from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import { errorsIn } from "./PrintedError.ts"

const TypeId = "~signalbox/State" as const

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** The name of a kind of state. */
export type Tag =
  | "Pending"
  | "Scheduled"
  | "Paused"
  | "Resume"
  | "Retrying"
  | "Submitted"
  | "Queued"
  | "ClientFailed"
  | "Running"
  | "Cancelling"
  | "Finished"
  | "Looped"
  | "Success"
  | "Cached"
  | "Mapped"
  | "Skipped"
  | "Cancelled"
  | "Failed"
  | "TimedOut"
  | "TriggerFailed"
  | "ValidationFailed"

/** What every state has; `A` is the type of its result. */
export interface Common<out T extends Tag, out A = unknown> extends Equal.Equal {
  readonly [TypeId]: typeof TypeId
  readonly _tag: T
  /** What happened, in words. */
  readonly message: string | undefined
  /** The data of the run: what a task returned, or what it failed with. */
  readonly result: A
  /** The signal that made this state, if one did; see {@link signal}. */
  readonly signal: unknown
  toString(): string
  toJSON(): unknown
}

/** Waiting to run. */
export interface Pending extends Common<"Pending"> {}

interface Timed {
  /** When the run may start. Left open: now, or for `Paused` and `null` anywhere: never by itself. */
  readonly startTime: DateTime.Utc | null | undefined
  /** The attempt during which this state was made, 1 for the first. */
  readonly runCount: number | undefined
}

/** Waiting for its start time. */
export interface Scheduled extends Common<"Scheduled">, Timed {}
/** Waiting for an approval, or for its start time if it has one. */
export interface Paused extends Common<"Paused">, Timed {}
/** Approved after a pause and about to run again. */
export interface Resume extends Common<"Resume">, Timed {}
/** Failed and waiting for its next attempt; `runCount` is the attempt that failed. */
export interface Retrying extends Common<"Retrying">, Timed {}

interface Meta {
  /** The state that this one wraps. */
  readonly state: State | undefined
}

/** Handed to an executor; wraps the state it was handed over in. */
export interface Submitted extends Common<"Submitted">, Meta {}
/** Waiting for room to run; wraps the state it waits in. */
export interface Queued extends Common<"Queued">, Meta {
  /** When it may start. */
  readonly startTime: DateTime.Utc | null | undefined
}
/** Lost between client and engine; wraps the last known state. */
export interface ClientFailed extends Common<"ClientFailed">, Meta {}
/** Its body runs. */
export interface Running extends Common<"Running"> {}
/** Runs, and has been asked to stop. */
export interface Cancelling extends Common<"Cancelling"> {}
/** Has ended, nothing more is known. */
export interface Finished<out A = unknown> extends Common<"Finished", A> {}
/** Ended one round of a loop; the next begins at once. */
export interface Looped<out A = unknown> extends Common<"Looped", A> {
  /** The round that ended, 1 for the first. */
  readonly loopCount: number | undefined
}
/** Ended well; `result` is what it returned. */
export interface Success<out A = unknown> extends Common<"Success", A> {}
/** Ended well, and its result may be used again. */
export interface Cached<out A = unknown> extends Common<"Cached", A> {
  /** Until when the result may be used; left open: for ever. */
  readonly expiration: DateTime.Utc | undefined
  /** The inputs that the result was computed from, as hashes by name. */
  readonly hashedInputs: Readonly<Record<string, string>> | undefined
  /** The flow's parameters when the result was computed. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined
}
/** Fanned out into one run per item. */
export interface Mapped<out A = unknown> extends Common<"Mapped", A> {
  /** The states of the runs of its items, in the order of the items. */
  readonly mapStates: ReadonlyArray<State>
  /** How many items there are. */
  readonly nMapStates: number
}
/** Did not have to run; counts as a success. */
export interface Skipped extends Common<"Skipped"> {}
/** Was stopped; neither a success nor a failure. */
export interface Cancelled extends Common<"Cancelled"> {}

interface Failure<out E> {
  /** Everything that went wrong, the failure of a handler included. */
  readonly cause: Cause.Cause<E> | undefined
}

/** Ended with an error, a signal or a defect, which is its `result`. */
export interface Failed<out E = unknown> extends Common<"Failed">, Failure<E> {}
/** Ended because it took longer than its timeout. */
export interface TimedOut<out E = unknown> extends Common<"TimedOut">, Failure<E> {}
/** Did not run because its trigger refused. */
export interface TriggerFailed<out E = unknown> extends Common<"TriggerFailed">, Failure<E> {}
/** Ran, and its result was found wrong. */
export interface ValidationFailed<out E = unknown> extends Common<"ValidationFailed">, Failure<E> {}

/** Any state of a run that gives an `A` or fails with an `E`. */
export type State<A = unknown, E = unknown> =
  | AnyPending
  | AnyMeta
  | AnyRunning
  | AnyFinished<A, E>

/** `Pending` and all that wait for a time. */
export type AnyPending = Pending | AnyScheduled
/** All that wait for a time. */
export type AnyScheduled = Scheduled | Paused | Resume | Retrying
/** The states that wrap another one. */
export type AnyMeta = Submitted | Queued | ClientFailed
/** `Running` and `Cancelling`. */
export type AnyRunning = Running | Cancelling
/** All that have ended. */
export type AnyFinished<A = unknown, E = unknown> =
  | Finished<A>
  | Looped<A>
  | Cancelled
  | AnySuccess<A>
  | AnyFailed<E>
/** All that count as a success. */
export type AnySuccess<A = unknown> = Success<A> | Cached<A> | Mapped<A> | Skipped
/** All that count as a failure. */
export type AnyFailed<E = unknown> =
  | Failed<E>
  | TimedOut<E>
  | TriggerFailed<E>
  | ValidationFailed<E>

// -----------------------------------------------------------------------------
// Families
// -----------------------------------------------------------------------------

// One bit per kind that has kinds below it; a state carries the bits of all its ancestors, so a
// guard is one test of a small integer.
const PENDING = 1
const SCHEDULED = 2
const RUNNING = 4
const FINISHED = 8
const SUCCESS = 16
const FAILED = 32
const META = 64

interface Kind {
  readonly parent: Tag | "State" | "Meta"
  readonly color: string
  readonly bits: number
}

const kinds: Readonly<Record<Tag, Kind>> = {
  Pending: { parent: "State", color: "#7ebdff", bits: PENDING },
  Scheduled: { parent: "Pending", color: "#ffab00", bits: PENDING | SCHEDULED },
  Paused: { parent: "Scheduled", color: "#99a8e8", bits: PENDING | SCHEDULED },
  Resume: { parent: "Scheduled", color: "#f58c0c", bits: PENDING | SCHEDULED },
  Retrying: { parent: "Scheduled", color: "#f66a0a", bits: PENDING | SCHEDULED },
  Submitted: { parent: "Meta", color: "#ffdf5d", bits: META },
  Queued: { parent: "Meta", color: "#ffea7f", bits: META },
  ClientFailed: { parent: "Meta", color: "#eb0000", bits: META },
  Running: { parent: "State", color: "#3d67ff", bits: RUNNING },
  Cancelling: { parent: "Running", color: "#E8E8E8", bits: RUNNING },
  Finished: { parent: "State", color: "#003ccb", bits: FINISHED },
  Looped: { parent: "Finished", color: "#003ccb", bits: FINISHED },
  Success: { parent: "Finished", color: "#28a745", bits: FINISHED | SUCCESS },
  Cached: { parent: "Success", color: "#34d058", bits: FINISHED | SUCCESS },
  Mapped: { parent: "Success", color: "#003ccb", bits: FINISHED | SUCCESS },
  Skipped: { parent: "Success", color: "#62757f", bits: FINISHED | SUCCESS },
  Cancelled: { parent: "Finished", color: "#bdbdbd", bits: FINISHED },
  Failed: { parent: "Finished", color: "#eb0000", bits: FINISHED | FAILED },
  TimedOut: { parent: "Failed", color: "#ff4e33", bits: FINISHED | FAILED },
  TriggerFailed: { parent: "Failed", color: "#ff5131", bits: FINISHED | FAILED },
  ValidationFailed: { parent: "Failed", color: "#ff5131", bits: FINISHED | FAILED }
}

/** The names of all kinds of state. */
export const tags: ReadonlyArray<Tag> = Object.keys(kinds) as Array<Tag>

/** The colour that stands for a kind of state, as `#rrggbb`. */
export const color = (self: State | Tag): string =>
  kinds[typeof self === "string" ? self : self._tag].color

/** The kinds above a kind, nearest first, without the common root. */
export const parents = (self: State | Tag): ReadonlyArray<Tag> => {
  const found: Array<Tag> = []
  let parent = kinds[typeof self === "string" ? self : self._tag].parent
  while (parent !== "State" && parent !== "Meta") {
    found.push(parent)
    parent = kinds[parent].parent
  }
  return found
}

/** Whether a state is of the named kind or of one below it. */
export const isKind = (self: State, tag: Tag): boolean =>
  self._tag === tag || parents(self._tag).includes(tag)

// -----------------------------------------------------------------------------
// Implementation
// -----------------------------------------------------------------------------

class StateImpl {
  declare readonly [TypeId]: typeof TypeId
  // There are two for each task: what the constructor sets is not set to nothing before.
  declare readonly _tag: Tag
  declare readonly message: string | undefined
  declare readonly result: unknown
  declare readonly signal: unknown

  constructor(tag: Tag, { message, result, signal }: Fields) {
    this._tag = tag
    this.message = message
    this.result = result
    this.signal = signal
  }

  toString(): string {
    return this.message === undefined ? `${this._tag}()` : `${this._tag}("${this.message}")`
  }

  toJSON(): unknown {
    return Object.fromEntries(Object.entries(this).filter(([, value]) => value !== undefined))
  }

  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }

  /** Of the same kind, and all but the message equal. */
  [Equal.symbol](that: unknown): boolean {
    if (!isState(that) || that._tag !== this._tag) return false
    const mine = this as unknown as Record<string, unknown>
    const theirs = that as unknown as Record<string, unknown>
    return Object.keys(mine).every((key) =>
      key === "message" || Equal.equals(mine[key], theirs[key])
    )
  }

  [Hash.symbol](): number {
    return Hash.string(this._tag)
  }
}

class TimedImpl extends StateImpl {
  declare readonly startTime: DateTime.Utc | null | undefined
  declare readonly runCount: number | undefined
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.startTime = toInstant(options.startTime)
    this.runCount = options.runCount
  }
}

class MetaImpl extends StateImpl {
  declare readonly state: State | undefined
  constructor(tag: Tag, { message, state }: Fields) {
    super(tag, { message })
    this.state = state && unwrap(state)
  }
}

class QueuedImpl extends MetaImpl {
  declare readonly startTime: DateTime.Utc | null | undefined
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.startTime = toInstant(options.startTime)
  }
}

class LoopedImpl extends StateImpl {
  declare readonly loopCount: number | undefined
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.loopCount = options.loopCount
  }
}

class CachedImpl extends StateImpl {
  declare readonly expiration: DateTime.Utc | undefined
  declare readonly hashedInputs: Readonly<Record<string, string>> | undefined
  declare readonly parameters: Readonly<Record<string, unknown>> | undefined
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.expiration = toInstant(options.expiration) ?? undefined
    this.hashedInputs = options.hashedInputs
    this.parameters = options.parameters
  }
}

class MappedImpl extends StateImpl {
  declare readonly mapStates: ReadonlyArray<State>
  declare readonly nMapStates: number
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.mapStates = options.mapStates ?? []
    this.nMapStates = options.nMapStates ?? this.mapStates.length
  }
}

class FailedImpl extends StateImpl {
  declare readonly cause: Cause.Cause<unknown> | undefined
  constructor(tag: Tag, options: Fields) {
    super(tag, options)
    this.cause = options.cause
  }
}

Object.defineProperty(StateImpl.prototype, TypeId, { value: TypeId })

/** The kinds that have fields of their own. */
const implementations: Readonly<Partial<Record<Tag, typeof StateImpl>>> = {
  Scheduled: TimedImpl,
  Paused: TimedImpl,
  Resume: TimedImpl,
  Retrying: TimedImpl,
  Submitted: MetaImpl,
  Queued: QueuedImpl,
  ClientFailed: MetaImpl,
  Looped: LoopedImpl,
  Cached: CachedImpl,
  Mapped: MappedImpl,
  Failed: FailedImpl,
  TimedOut: FailedImpl,
  TriggerFailed: FailedImpl,
  ValidationFailed: FailedImpl
}

const has = (self: State, bits: number): boolean => (kinds[self._tag].bits & bits) !== 0

/** A point in time that is printed as its ISO text, so that it reads well in a message. */
const toInstant = (input: StartTime | undefined): DateTime.Utc | null | undefined => {
  if (input === undefined || input === null) return input
  const instant = DateTime.toUtc(DateTime.makeUnsafe(input))
  return Object.defineProperty(instant, "toString", { value: printInstant })
}

function printInstant(this: DateTime.Utc): string {
  return DateTime.formatIso(this)
}

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

/** A point in time: a `DateTime`, a `Date`, milliseconds since 1970 or a text; `null` for never. */
export type StartTime = DateTime.DateTime.Input | null

/** What every constructor takes. */
export interface Options<out A = unknown> {
  readonly message?: string | undefined
  readonly result?: A | undefined
}

/** What the constructors of states that wait for a time take. */
export interface TimedOptions extends Options {
  readonly startTime?: StartTime | undefined
  readonly runCount?: number | undefined
}

/** What the constructors of wrapping states take. */
export interface MetaOptions {
  readonly message?: string | undefined
  readonly state?: State | undefined
}

/** What {@link queued} takes. */
export interface QueuedOptions extends MetaOptions {
  readonly startTime?: StartTime | undefined
}

/** What {@link looped} takes. */
export interface LoopedOptions<out A = unknown> extends Options<A> {
  readonly loopCount?: number | undefined
}

/** What {@link cached} takes. */
export interface CachedOptions<out A = unknown> extends Options<A> {
  readonly expiration?: DateTime.DateTime.Input | undefined
  readonly hashedInputs?: Readonly<Record<string, string>> | undefined
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
}

/** What {@link mapped} takes. */
export interface MappedOptions<out A = unknown> extends Options<A> {
  readonly mapStates?: ReadonlyArray<State> | undefined
  readonly nMapStates?: number | undefined
}

/** What the constructors of failures take. */
export interface FailedOptions<out E = unknown> extends Options {
  readonly cause?: Cause.Cause<E> | undefined
}

const none: Options<never> = {}

// States are immutable, so the two that every run passes through are made once.
const pendingState = new StateImpl("Pending", none) as unknown as Pending

/** Builds a `Pending` state. */
export const pending = (options?: Options): Pending =>
  options === undefined ? pendingState : make("Pending", options) as Pending

/** Builds a `Scheduled` state; without a `startTime` it starts now, with `null` never. */
export const scheduled = (options?: TimedOptions): Scheduled =>
  make("Scheduled", options) as Scheduled

/** Builds a `Paused` state; without a `startTime` it waits for an approval. */
export const paused = (options?: TimedOptions): Paused => make("Paused", options) as Paused

/** Builds a `Resume` state. */
export const resume = (options?: TimedOptions): Resume => make("Resume", options) as Resume

/** Builds a `Retrying` state; without a `startTime` the next attempt starts now. */
export const retrying = (options?: TimedOptions): Retrying => make("Retrying", options) as Retrying

/** Builds a `Submitted` state around another. */
export const submitted = (options?: MetaOptions): Submitted =>
  make("Submitted", options) as Submitted

/** Builds a `Queued` state around another. */
export const queued = (options?: QueuedOptions): Queued => make("Queued", options) as Queued

/** Builds a `ClientFailed` state around another. */
export const clientFailed = (options?: MetaOptions): ClientFailed =>
  make("ClientFailed", options) as ClientFailed

/** Builds a `Running` state. */
export const running = (options?: Options): Running => make("Running", options) as Running

/** Builds a `Cancelling` state. */
export const cancelling = (options?: Options): Cancelling =>
  make("Cancelling", options) as Cancelling

/** Builds a `Finished` state. */
export const finished = <A = undefined>(options?: Options<A>): Finished<A> =>
  make("Finished", options) as Finished<A>

/** Builds a `Looped` state. */
export const looped = <A = undefined>(options?: LoopedOptions<A>): Looped<A> =>
  make("Looped", options) as Looped<A>

/** Builds a `Success` state. */
export const success = <A = undefined>(options: Options<A> = none): Success<A> =>
  new StateImpl("Success", options) as unknown as Success<A>

/** Builds a `Cached` state. */
export const cached = <A = undefined>(options?: CachedOptions<A>): Cached<A> =>
  make("Cached", options) as Cached<A>

/** Builds a `Mapped` state. */
export const mapped = <A = undefined>(options?: MappedOptions<A>): Mapped<A> =>
  make("Mapped", options) as Mapped<A>

/** Builds a `Skipped` state. */
export const skipped = (options?: Options): Skipped => make("Skipped", options) as Skipped

/** Builds a `Cancelled` state. */
export const cancelled = (options?: Options): Cancelled => make("Cancelled", options) as Cancelled

/** Builds a `Failed` state. */
export const failed = <E = never>(options?: FailedOptions<E>): Failed<E> =>
  make("Failed", options) as Failed<E>

/** Builds a `TimedOut` state. */
export const timedOut = <E = never>(options?: FailedOptions<E>): TimedOut<E> =>
  make("TimedOut", options) as TimedOut<E>

/** Builds a `TriggerFailed` state. */
export const triggerFailed = <E = never>(options?: FailedOptions<E>): TriggerFailed<E> =>
  make("TriggerFailed", options) as TriggerFailed<E>

/** Builds a `ValidationFailed` state. */
export const validationFailed = <E = never>(
  options?: FailedOptions<E>
): ValidationFailed<E> => make("ValidationFailed", options) as ValidationFailed<E>

/** Every field that some kind of state has; what {@link make} takes. */
export interface Fields
  extends TimedOptions, LoopedOptions, CachedOptions, MappedOptions, FailedOptions {
  readonly state?: State | undefined
  readonly signal?: unknown
}

/**
 * Builds a state of any kind from its name; fields that the kind does not have are dropped.
 *
 * @throws DefinitionError for a name that no kind has.
 */
export const make = (tag: Tag, fields: Fields = none): State => {
  if (!Object.hasOwn(kinds, tag)) {
    throw definitionError("Cannot make a state", `there is no kind "${tag}"`, tags.join(", "))
  }
  const Impl = implementations[tag] ?? StateImpl
  return new Impl(tag, fields) as unknown as State
}

// -----------------------------------------------------------------------------
// Guards
// -----------------------------------------------------------------------------

/** Whether a value is a state. */
export const isState = (u: unknown): u is State =>
  // The first test is the fast one; the second also knows the states of another copy of the module.
  u instanceof StateImpl || (typeof u === "object" && u !== null && TypeId in u)

// Where one state is by far the commonest, it is asked about first: a look into the table costs more.

/** Whether a state waits to run: `Pending` and below. */
export const isPending = (self: State): self is AnyPending =>
  self._tag === "Pending" || has(self, PENDING)

/** Whether a state waits for a time: `Scheduled` and below, and `Queued`. */
export const isScheduled = (self: State): self is AnyScheduled | Queued =>
  has(self, SCHEDULED) || self._tag === "Queued"

/** Whether a state waits for the next attempt. */
export const isRetrying = (self: State): self is Retrying => self._tag === "Retrying"

/** Whether a state waits for an approval. */
export const isPaused = (self: State): self is Paused => self._tag === "Paused"

/** Whether a state was approved after a pause. */
export const isResume = (self: State): self is Resume => self._tag === "Resume"

/** Whether a state waits in a queue. */
export const isQueued = (self: State): self is Queued => self._tag === "Queued"

/** Whether a state was handed to an executor. */
export const isSubmitted = (self: State): self is Submitted => self._tag === "Submitted"

/** Whether a state wraps another one. */
export const isMeta = (self: State): self is AnyMeta => has(self, META)

/** Whether a body runs: `Running` and `Cancelling`. */
export const isRunning = (self: State): self is AnyRunning =>
  self._tag === "Running" || has(self, RUNNING)

/** Whether a run has ended, well or not. */
export const isFinished = <A, E>(self: State<A, E>): self is AnyFinished<A, E> =>
  self._tag === "Success" || has(self, FINISHED)

/** Whether a state ended a round of a loop. */
export const isLooped = <A, E>(self: State<A, E>): self is Looped<A> => self._tag === "Looped"

/** Whether a run ended well: `Success`, `Cached`, `Mapped` and `Skipped`. */
export const isSuccessful = <A, E>(self: State<A, E>): self is AnySuccess<A> =>
  self._tag === "Success" || has(self, SUCCESS)

/** Whether a result may be used again. */
export const isCached = <A, E>(self: State<A, E>): self is Cached<A> => self._tag === "Cached"

/** Whether a run fanned out into one per item. */
export const isMapped = <A, E>(self: State<A, E>): self is Mapped<A> => self._tag === "Mapped"

/** Whether a run did not have to run. */
export const isSkipped = (self: State): self is Skipped => self._tag === "Skipped"

/** Whether a run was stopped. */
export const isCancelled = (self: State): self is Cancelled => self._tag === "Cancelled"

/** Whether a run failed: `Failed`, `TimedOut`, `TriggerFailed` and `ValidationFailed`. */
export const isFailed = <A, E>(self: State<A, E>): self is AnyFailed<E> =>
  self._tag !== "Success" && has(self, FAILED)

/** Whether a run took longer than its timeout. */
export const isTimedOut = <A, E>(self: State<A, E>): self is TimedOut<E> => self._tag === "TimedOut"

/** Whether a trigger refused. */
export const isTriggerFailed = <A, E>(self: State<A, E>): self is TriggerFailed<E> =>
  self._tag === "TriggerFailed"

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

/** The state inside any number of wrapping states; a wrapper of nothing counts as `Pending`. */
export const unwrap = (self: State): State => {
  let inner = self
  while (isMeta(inner)) inner = inner.state ?? pendingState
  return inner
}

/**
 * The signal of a class that made a state or that its result or cause holds.
 *
 * A failure that a handler made worse still gives the signal that was raised first.
 */
export const signal = <S>(
  self: State,
  signalClass: abstract new (...args: Array<never>) => S
): Option.Option<S> => {
  if (self.signal instanceof signalClass) return Option.some(self.signal)
  if (self.result instanceof signalClass) return Option.some(self.result)
  if (!isFailed(self) || self.cause === undefined) return Option.none()
  const found = errorsIn(self.cause).find((error) => error instanceof signalClass)
  return Option.fromUndefinedOr(found as S | undefined)
}

/** What a failed run failed with, if that was an expected error. */
export const failure = <A, E>(self: State<A, E>): Option.Option<E> => {
  if (!isFailed(self) || self.cause === undefined) return Option.none()
  for (const reason of self.cause.reasons) {
    if (reason._tag === "Fail") return Option.some(reason.error)
  }
  return Option.none()
}

/** The result of a run that ended well. */
export const value = <A, E>(self: State<A, E>): Option.Option<A> =>
  isSuccessful(self) && !isSkipped(self) ? Option.some(self.result) : Option.none()

// -----------------------------------------------------------------------------
// Taking over
// -----------------------------------------------------------------------------

/** What only a run knows, for the fields that a constructor left open. */
export interface Taker {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number
  readonly runCount: number
  readonly loopCount: number | undefined
}

/**
 * The state as a run takes it over: a start time that was left open is now, except for a pause,
 * and counts are those of the run. A state with nothing left open is given back as it is.
 */
export const takeOver = (self: State, taker: Taker): State => {
  if (self instanceof TimedImpl) {
    const timeIsOpen = self.startTime === undefined && self._tag !== "Paused"
    if (!timeIsOpen && self.runCount !== undefined) return self as unknown as State
    return make(self._tag, {
      ...self as Fields,
      startTime: timeIsOpen ? taker.now() : self.startTime,
      runCount: self.runCount ?? taker.runCount
    })
  }
  if (self instanceof LoopedImpl && self.loopCount === undefined) {
    return make("Looped", { ...self as Fields, loopCount: taker.loopCount ?? 1 })
  }
  if (self instanceof QueuedImpl && self.startTime === undefined) {
    return queued({ ...self as QueuedOptions, startTime: taker.now() })
  }
  return self
}

/** When a state that waits for a time may go on, in milliseconds since 1970; open for never. */
export const dueTime = (self: State): number | undefined =>
  self instanceof TimedImpl && self.startTime !== undefined && self.startTime !== null
    ? self.startTime.epochMilliseconds
    : undefined
