/**
 * A run as lines of JSON, from its plan to its end: to watch while it goes on, to store in a file
 * and to open again.
 *
 * The first line is the header; then come changes, as `Trace.lines` writes them, and what was
 * printed, in the order in which they happened; the last line says how it ended.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import type * as FlowGraph from "../FlowGraph.ts"
import type { Transition } from "../Transition.ts"
import type { Json } from "./Canonical.ts"
import * as FaultPlan from "./FaultPlan.ts"
import * as Trace from "./Trace.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** The version of the format that this module writes. */
export const version = 1

/** One task of the flow, as far as it is known before the run. */
export interface Node {
  readonly slug: string
  readonly name: string
  /** What it is: a task, a parameter, a constant, or what makes or releases a resource. */
  readonly kind: "task" | "parameter" | "constant" | "init" | "cleanup"
  /** The places in the list of nodes of those that it depends on. */
  readonly upstream: ReadonlyArray<number>
  /** Whether it runs once for each item of some input. */
  readonly mapped: boolean
  /** The names of its handlers, in the order in which they are asked. */
  readonly handlers: ReadonlyArray<string>
  readonly maxRetries: number
  readonly tags: ReadonlyArray<string>
}

/** What is known before a run begins. */
export interface Header {
  /** The version of the format. */
  readonly signalbox: number
  readonly flow: string
  /** When it began, in milliseconds since 1970. */
  readonly start: number
  /** The seed, of a simulated run. */
  readonly seed?: number
  /** What goes wrong on purpose, in a simulated run. */
  readonly faults?: FaultPlan.FaultPlan
  readonly nodes: ReadonlyArray<Node>
  /** The places of the tasks whose states decide the flow's. */
  readonly reference: ReadonlyArray<number>
}

/** A state: its kind first, then what it has. */
export interface State {
  readonly tag: string
  readonly message?: string
  readonly result?: Json
  readonly [field: string]: Json | undefined
}

/** What one handler made of a change. */
export interface HandlerCall {
  readonly handler: string
  /** The state it left, where that is not the one it was shown. */
  readonly decided?: State
  /** What went wrong in it. */
  readonly error?: Json
}

/** One settled change. */
export interface Change {
  /** Milliseconds since the start. */
  readonly at: number
  readonly flow: string
  /** The slug of the task; left out for the flow itself. */
  readonly task?: string
  /** The place of the item of a mapped task. */
  readonly index?: number
  /** The attempt, 1 for the first. */
  readonly run: number
  readonly from: State
  readonly to: State
  /** What the engine proposed, where handlers made something else of it. */
  readonly proposed?: State
  readonly handlers?: ReadonlyArray<HandlerCall>
}

/** What was printed, and by whom. */
export interface Log {
  readonly at: number
  readonly log: string
  readonly level: "out" | "err"
  readonly task?: string
  readonly index?: number
}

/** How it ended. */
export interface End {
  readonly at: number
  /**
   * `ended`: the flow has its final state. `until`: the time was over before. `crashed`: the write of
   * a change failed, as the fault plan has it. `failed`: it could not go on, for what `error` says.
   */
  readonly end: "ended" | "until" | "crashed" | "failed"
  readonly error?: string
  /** How many changes and printed lines were left out because there were too many. */
  readonly dropped?: number
}

/** One line. */
export type TraceLine = Header | Change | Log | End

// -----------------------------------------------------------------------------
// As data
// -----------------------------------------------------------------------------

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
// What is read has its fields in the order in which they are written.
const place = {
  task: Schema.optionalKey(Schema.String),
  index: Schema.optionalKey(count)
}
const strings = Schema.Array(Schema.String)
const counts = Schema.Array(count)

/** The Schema of the first line. */
export const Header: Schema.Codec<Header> = Schema.Struct({
  signalbox: Schema.Literal(version),
  flow: Schema.String,
  start: Schema.Finite,
  seed: Schema.optionalKey(Schema.Finite),
  faults: Schema.optionalKey(FaultPlan.FaultPlan),
  nodes: Schema.Array(Schema.Struct({
    slug: Schema.String,
    name: Schema.String,
    kind: Schema.Literals(["task", "parameter", "constant", "init", "cleanup"]),
    upstream: counts,
    mapped: Schema.Boolean,
    handlers: strings,
    maxRetries: count,
    tags: strings
  })),
  reference: counts
})

const State = Schema.StructWithRest(
  Schema.Struct({ tag: Schema.String, message: Schema.optionalKey(Schema.String) }),
  [Schema.Record(Schema.String, Schema.Json)]
) as unknown as Schema.Codec<State>

/** The Schema of a change. */
export const Change: Schema.Codec<Change> = Schema.Struct({
  at: Schema.Finite,
  flow: Schema.String,
  ...place,
  run: count,
  from: State,
  to: State,
  proposed: Schema.optionalKey(State),
  handlers: Schema.optionalKey(Schema.Array(Schema.Struct({
    handler: Schema.String,
    decided: Schema.optionalKey(State),
    error: Schema.optionalKey(Schema.Json as unknown as Schema.Codec<Json>)
  })))
})

/** The Schema of a printed line. */
export const Log: Schema.Codec<Log> = Schema.Struct({
  at: Schema.Finite,
  log: Schema.String,
  level: Schema.Literals(["out", "err"]),
  ...place
})

/** The Schema of the last line. */
export const End: Schema.Codec<End> = Schema.Struct({
  at: Schema.Finite,
  end: Schema.Literals(["ended", "until", "crashed", "failed"]),
  error: Schema.optionalKey(Schema.String),
  dropped: Schema.optionalKey(count)
})

/** The Schema of any line. */
export const TraceLine: Schema.Codec<TraceLine> = Schema.Union([Change, Log, Header, End])

/** Reads one line that came from elsewhere. */
export const decode: (line: unknown) => Effect.Effect<TraceLine, Schema.SchemaError> = Schema
  .decodeUnknownEffect(TraceLine)

/** Whether a line is the first one. */
export const isHeader = (line: TraceLine): line is Header => "signalbox" in line

/** Whether a line is a change. */
export const isChange = (line: TraceLine): line is Change => "to" in line

/** Whether a line was printed. */
export const isLog = (line: TraceLine): line is Log => "log" in line

/** Whether a line is the last one. */
export const isEnd = (line: TraceLine): line is End => "end" in line

// -----------------------------------------------------------------------------
// Making
// -----------------------------------------------------------------------------

/** The first line of a run of a flow. */
export const header = (
  graph: FlowGraph.FlowGraph,
  run: Pick<Header, "start" | "seed" | "faults">
): Header => ({
  signalbox: version,
  flow: graph.flow,
  ...run,
  nodes: graph.nodes.map(nodeOf),
  reference: graph.referenceTasks
})

const nodeOf = (
  { constant, isMapped, parameter, role, slug, subject, task, upstream }: FlowGraph.Node
): Node => ({
  slug,
  name: subject.name,
  kind: parameter !== undefined
    ? "parameter"
    : constant !== undefined
    ? "constant"
    : role ?? "task",
  upstream,
  mapped: isMapped,
  handlers: task.policies.handlers.map((handler) => "key" in handler ? handler.key : handler.name),
  maxRetries: task.policies.maxRetries,
  tags: subject.tags
})

/** Makes lines of the changes of one run in their order, `start` being when it began. */
export const changes = (start: number): (transition: Transition) => Change => {
  const known = new WeakMap<object, Json>()
  return (transition) => Trace.changeToJson(start, transition, known) as unknown as Change
}
