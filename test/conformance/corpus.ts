/**
 * The form of a file of recorded cases: what was run on Prefect 1.4.1, and what it did.
 *
 * @module
 */
import type { NotifyCase } from "./notify.ts"
import type { Schedule, ScheduleCase } from "./schedule.ts"

/** Plain JSON, with `{"$error": …}` and the like in what was recorded. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

// -----------------------------------------------------------------------------
// States
// -----------------------------------------------------------------------------

/** A state to be made: one that is given, or that replaces another. */
export interface StateText {
  readonly state: string
  readonly message?: string
  readonly result?: Json
  readonly keepResult?: boolean
  readonly startInSeconds?: number | null
  readonly runCount?: number
  readonly loopCount?: number
  readonly cachedForSeconds?: number
  readonly nMapStates?: number
  readonly mapStates?: ReadonlyArray<StateText | null>
  readonly wraps?: StateText
}

/** A state as it was recorded; the brief form has type and message only. */
export interface StateRecord {
  readonly type: string
  readonly message?: string
  readonly result?: Json
  readonly startTime?: number | null
  readonly runCount?: number
  readonly loopCount?: number
  readonly cachedUntil?: number | null
  readonly nMapStates?: number
}

// -----------------------------------------------------------------------------
// Tasks
// -----------------------------------------------------------------------------

/** A signal to be raised. */
export interface SignalText {
  readonly signal: string
  readonly message?: string
  readonly result?: Json
  readonly startInSeconds?: number | null
  readonly payload?: JsonObject
}

/** An error to be raised. */
export interface ErrorText {
  readonly error: string
  readonly message?: string
}

/** What a body does with its inputs. */
export type Behaviour =
  | { readonly kind: "return"; readonly value: Json }
  | { readonly kind: "echo"; readonly key: string }
  | { readonly kind: "add"; readonly plus?: number }
  | { readonly kind: "sumList"; readonly key: string }
  | { readonly kind: "collect" }
  | { readonly kind: "raise" } & ErrorText
  | { readonly kind: "signal" } & SignalText
  | { readonly kind: "endrun"; readonly with: StateText }
  | { readonly kind: "sequence"; readonly attempts: ReadonlyArray<Behaviour> }
  | { readonly kind: "sleepSeconds"; readonly n: number; readonly then?: Behaviour }
  | { readonly kind: "context"; readonly keys: ReadonlyArray<string> }
  | {
    readonly kind: "if"
    readonly key: string
    readonly op: string
    readonly arg?: Json
    readonly value?: Json
    readonly then: Behaviour
    readonly else: Behaviour
  }
  | {
    readonly kind: "loopUntil"
    readonly start: number
    readonly limit: number
    readonly step: number
    readonly message?: string
  }
  | {
    readonly kind: "pauseTask"
    readonly message?: string
    readonly startInSeconds?: number | null
    readonly then: Behaviour
  }

/** When a handler does its thing: all that is given must match. */
export type When = string | {
  readonly new?: string
  readonly newExact?: string
  readonly old?: string
  readonly mapIndex?: number | null
}

/** What a handler does besides recording its call. */
export type Handler =
  & { readonly when?: When; readonly times?: number }
  & (
    | { readonly kind: "record" | "returnNone" | "returnNew" | "returnOld" }
    | { readonly kind: "replace" | "raiseEndrun"; readonly with: StateText }
    | { readonly kind: "raise" } & ErrorText
    | { readonly kind: "raiseSignal" } & SignalText
    | { readonly kind: "callback"; readonly check: string }
    | { readonly kind: "print"; readonly template: string }
  )

/** A trigger, by its name or with what it takes. */
export type Trigger = string | {
  readonly name: string
  readonly atLeast?: number
  readonly atMost?: number
  readonly does?: Behaviour
}

/** A cache validator, by its name or with what it compares. */
export type CacheValidator = string | {
  readonly name: string
  readonly validateOn?: ReadonlyArray<string>
}

/** A task of a flow. */
export interface TaskText {
  readonly name: string
  readonly kind?: string
  readonly behaviour?: Behaviour
  readonly maxRetries?: number
  readonly retryDelaySeconds?: number
  readonly retryOn?: ReadonlyArray<string>
  readonly timeoutSeconds?: number
  readonly trigger?: Trigger
  readonly skipOnUpstreamSkip?: boolean
  readonly cacheForSeconds?: number
  readonly cacheValidator?: CacheValidator
  readonly cacheKey?: string
  readonly checkpoint?: boolean
  readonly resultLocation?: string
  readonly target?: string
  readonly constants?: JsonObject
  readonly mappedConstants?: Readonly<Record<string, ReadonlyArray<Json>>>
  readonly handlers?: ReadonlyArray<Handler>
  readonly onFailure?: boolean
  readonly default?: Json
  readonly required?: boolean
}

// -----------------------------------------------------------------------------
// Flows
// -----------------------------------------------------------------------------

/** One dependency. */
export interface EdgeText {
  readonly from: string
  readonly to: string
  readonly key?: string
  readonly mapped?: boolean
  readonly flattened?: boolean
}

/** Control flow and resources. */
export type Construct =
  | {
    readonly construct: "case"
    readonly condition: string
    readonly value: Json
    readonly tasks: ReadonlyArray<string>
  }
  | {
    readonly construct: "resource"
    readonly name: string
    readonly init?: Behaviour
    readonly setup?: Behaviour | null
    readonly cleanup?: Behaviour
    readonly tasks: ReadonlyArray<string>
  }
  | {
    readonly construct: "switch"
    readonly condition: string
    readonly cases: ReadonlyArray<readonly [value: Json, task: string]>
  }
  | {
    readonly construct: "ifelse"
    readonly condition: string
    readonly ifTrue?: string | null
    readonly ifFalse?: string | null
  }
  | { readonly construct: "merge"; readonly name: string; readonly tasks: ReadonlyArray<string> }
  | { readonly construct: "filter"; readonly name: string; readonly from: string }

/** What decides on the final state of a flow. */
export interface TerminalHandler {
  readonly kind: string
  readonly when?: When
  readonly with?: StateText
  readonly error?: string
  readonly message?: string
}

/** A flow. */
export interface FlowText {
  readonly name: string
  readonly tasks: ReadonlyArray<TaskText>
  readonly edges: ReadonlyArray<EdgeText>
  readonly constructs?: ReadonlyArray<Construct>
  readonly referenceTasks?: ReadonlyArray<string>
  readonly handlers?: ReadonlyArray<Handler>
  readonly onFailure?: boolean
  readonly terminalStateHandler?: TerminalHandler
  readonly schedule?: Schedule
}

/** One run of a flow. */
export interface RunText {
  readonly parameters?: JsonObject
  readonly advanceSeconds?: number
  readonly pauseAnswers?: ReadonlyArray<string>
  readonly initialTaskStates?: Readonly<Record<string, StateText>>
  readonly initialFlowState?: StateText
  readonly taskRunnerHandlers?: ReadonlyArray<Handler>
  readonly context?: JsonObject
  readonly checkpointing?: boolean
  readonly secrets?: JsonObject
  readonly runOnSchedule?: boolean
  readonly mode?: string
}

// -----------------------------------------------------------------------------
// What was recorded of flows
// -----------------------------------------------------------------------------

/** A change of state, with the new state as it was proposed. */
export interface TransitionRecord {
  readonly old: StateRecord
  readonly new: StateRecord
}

/** A call of a handler; `handler` is its place in the list. */
export interface HandlerCallRecord extends TransitionRecord {
  readonly handler: number
}

/** What the flow, a task or an item of a mapped task went through in one run. */
export interface SubjectRecord {
  readonly transitions: ReadonlyArray<TransitionRecord>
  readonly handlerCalls?: ReadonlyArray<HandlerCallRecord>
  readonly runnerHandlerCalls?: ReadonlyArray<HandlerCallRecord>
  readonly callbackCalls?: ReadonlyArray<{ readonly handler: number; readonly state: StateRecord }>
  readonly onFailureCalls?: ReadonlyArray<StateRecord>
  readonly printed?: ReadonlyArray<string>
  readonly calls?: ReadonlyArray<JsonObject>
  readonly terminalHandlerCalls?: ReadonlyArray<{
    readonly state: StateRecord
    readonly referenceStates: ReadonlyArray<StateRecord>
  }>
  readonly final?: StateRecord
}

/** A task, with its items if it is mapped. */
export interface TaskRecord extends SubjectRecord {
  readonly children?: ReadonlyArray<ChildRecord>
}

/** One item of a mapped task. */
export interface ChildRecord extends SubjectRecord {
  readonly mapIndex: number
}

/** One run of a flow. */
export interface RunRecord {
  readonly flow: SubjectRecord
  readonly tasks: Readonly<Record<string, TaskRecord>>
  readonly elapsedSeconds: number
  /** How often the flow runner ran; nothing to compare. */
  readonly passes?: number
  readonly prompts?: ReadonlyArray<string>
  readonly writes?: ReadonlyArray<{ readonly location: string; readonly value: Json }>
  readonly error?: { readonly type: string; readonly message: string }
  /** The run did not end. */
  readonly stalled?: boolean
}

/** A flow as it was built. */
export interface GraphRecord {
  readonly tasks: ReadonlyArray<string>
  readonly edges: ReadonlyArray<EdgeText>
  readonly referenceTasks: ReadonlyArray<string>
  readonly skipOnUpstreamSkip: Readonly<Record<string, boolean>>
}

// -----------------------------------------------------------------------------
// Cases
// -----------------------------------------------------------------------------

interface CaseFields<Kind extends string> {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly tags?: ReadonlyArray<string>
  readonly quirk?: string
  /** Some recorded text belongs to Python: only whether there is one is compared. */
  readonly languageSpecific?: boolean
}

/** A flow that was run once or several times. */
export interface FlowCase extends CaseFields<"flow"> {
  readonly flow: FlowText
  readonly runs?: ReadonlyArray<RunText>
  readonly store?: JsonObject
  /** After how many passes a run that never ends was cut off. */
  readonly stallAfterPasses?: number
  readonly expected: { readonly runs: ReadonlyArray<RunRecord>; readonly graph?: GraphRecord }
}

/** A trigger on one set of upstream states. */
export interface TriggerRow {
  readonly trigger: Trigger
  readonly upstream: ReadonlyArray<StateText>
  readonly resume?: boolean
}

/** Triggers that were asked one by one. */
export interface TriggerCase extends CaseFields<"trigger"> {
  readonly rows: ReadonlyArray<TriggerRow>
  readonly expected: { readonly rows: ReadonlyArray<Json> }
}

/** The tables of all states and all signals. */
export interface PredicatesCase extends CaseFields<"predicates"> {
  readonly expected: {
    readonly states: Readonly<Record<string, JsonObject>>
    readonly signals: Readonly<Record<string, JsonObject>>
  }
}

/** One step of building; its fields depend on `op`. */
export interface BuildOp extends JsonObject {
  readonly op: string
}

/** Definitions, good and bad. */
export interface BuildCase extends CaseFields<"build"> {
  readonly ops: ReadonlyArray<BuildOp>
  readonly expected: JsonObject
}

/** Any case. */
export type Case =
  | FlowCase
  | TriggerCase
  | PredicatesCase
  | BuildCase
  | CaseFields<"schedule"> & ScheduleCase
  | CaseFields<"notify"> & NotifyCase

/** A file of cases. */
export interface Corpus {
  readonly format: number
  readonly epoch: string
  readonly cases: ReadonlyArray<Case>
}
