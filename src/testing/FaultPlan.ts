/**
 * What happens to a simulated run from outside, as data: to write by hand, to draw from a seed, to
 * store and to share. Faults go wrong on purpose, and pauses are answered.
 *
 * @module
 */
import { Data, Effect, Schema } from "effect"
import type * as FlowGraph from "../FlowGraph.ts"
import type { SeededRandom } from "./SeededRandom.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** Where a fault strikes; what is left open fits everything, so an empty one strikes always. */
export interface Place {
  /** The slug of the task, or its name. */
  readonly task?: string
  /** The attempt, 1 for the first. */
  readonly attempt?: number
  /** The place of the item of a mapped task. */
  readonly item?: number
  /** How many changes the run has seen by then. */
  readonly transition?: number
  /** The chance with which it strikes, each time it could. */
  readonly probability?: number
}

/**
 * Something goes wrong instead of the body of a task.
 *
 * `Fail`, `Die`, `Interrupt` and `TimeOut` are how the body ends; with `NeverAnswer` it does not.
 */
export interface BodyFault extends Place {
  readonly kind: "Fail" | "Die" | "Interrupt" | "TimeOut" | "NeverAnswer"
}

/** The body of a task begins later, within its timeout. */
export interface DelayFault extends Place {
  readonly kind: "Delay"
  readonly millis: number
}

/** Something goes wrong instead of a call of a handler. */
export interface HandlerFault extends Omit<Place, "attempt"> {
  readonly kind: "HandlerFail" | "HandlerDie" | "HandlerHang"
  /** The name of the handler. */
  readonly handler?: string
}

/** The clock shows another time all of a sudden; sleeps are as long as before. */
export interface ClockFault {
  readonly kind: "ClockJump"
  /** When, in milliseconds since the start. */
  readonly at: number
  /** By how much, in milliseconds; back, where it is below zero. */
  readonly by: number
}

/** The write of a change to the journal fails, which ends the run as a crash would. */
export interface JournalFault {
  readonly kind: "JournalFail"
  /** Which change, 0 for the first. */
  readonly transition: number
}

/** Someone answers a paused run: it goes on, or does something else instead. */
export interface Answer extends Place {
  readonly kind: "Resume"
  /** How long after the pause, in milliseconds. */
  readonly after: number
  /** What it does instead of going on: it is skipped, or fails. */
  readonly as?: "Skip" | "Fail"
}

/** One thing that happens. */
export type Fault = BodyFault | DelayFault | HandlerFault | ClockFault | JournalFault | Answer

/** All that happens to a run; the first fault that fits a call or a pause is the one it gets. */
export type FaultPlan = ReadonlyArray<Fault>

/** A fault that has struck, and where. */
export interface Strike {
  /** The place of the fault in its plan. */
  readonly fault: number
  /** The slug of the task that it struck, if it was one. */
  readonly task?: string
  readonly item?: number
  readonly attempt?: number
  readonly handler?: string
  /** How many changes the run had seen by then. */
  readonly transition: number
}

/** A plan is no plan, or none for the flow. */
export class FaultPlanError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "FaultPlanError"
  override readonly name = "FaultPlanError"
}

// -----------------------------------------------------------------------------
// As data
// -----------------------------------------------------------------------------

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const millis = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const anywhere = {
  task: Schema.optionalKey(Schema.NonEmptyString),
  item: Schema.optionalKey(count),
  transition: Schema.optionalKey(count),
  probability: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })))
}

const place = {
  ...anywhere,
  attempt: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))
}

/** The Schema of one fault. */
export const Fault: Schema.Codec<Fault> = Schema.Union([
  Schema.Struct({
    kind: Schema.Literals(["Fail", "Die", "Interrupt", "TimeOut", "NeverAnswer"]),
    ...place
  }),
  Schema.Struct({ kind: Schema.Literal("Delay"), millis, ...place }),
  Schema.Struct({
    kind: Schema.Literals(["HandlerFail", "HandlerDie", "HandlerHang"]),
    handler: Schema.optionalKey(Schema.NonEmptyString),
    ...anywhere
  }),
  Schema.Struct({ kind: Schema.Literal("ClockJump"), at: millis, by: Schema.Finite }),
  Schema.Struct({ kind: Schema.Literal("JournalFail"), transition: count }),
  Schema.Struct({
    kind: Schema.Literal("Resume"),
    after: millis,
    as: Schema.optionalKey(Schema.Literals(["Skip", "Fail"])),
    ...place
  })
])

/** The Schema of a plan. */
export const FaultPlan: Schema.Codec<FaultPlan> = Schema.Array(Fault)

/** A plan as one line of text. */
export const format = (plan: FaultPlan): string => JSON.stringify(plan)

/** The plan that a text stands for. */
export const parse = (text: string): Effect.Effect<FaultPlan, FaultPlanError> =>
  Effect.mapError(
    Schema.decodeUnknownEffect(Schema.fromJsonString(FaultPlan))(text),
    (error) => new FaultPlanError({ message: `Cannot read a fault plan: ${error.message}` })
  )

/** Makes sure that a plan is one, and that the flow has the tasks it names. */
export const check = (
  plan: FaultPlan,
  graph: FlowGraph.FlowGraph
): Effect.Effect<FaultPlan, FaultPlanError> =>
  Effect.suspend(() => {
    const refuse = (reason: string) =>
      Effect.fail(
        new FaultPlanError({
          message: `Cannot use a fault plan with flow "${graph.flow}": ${reason}`
        })
      )
    for (const [index, fault] of plan.entries()) {
      const result = Schema.decodeUnknownResult(Fault)(fault)
      if (result._tag === "Failure") {
        return refuse(`fault ${index} is none: ${result.failure.message} (${format([fault])})`)
      }
      if (!("task" in fault) || hasTask(graph, fault.task!)) continue
      const slugs = graph.nodes.slice(0, 20).map(({ slug }) => slug).join(", ")
      return refuse(`it has no task "${fault.task}"; its tasks are ${slugs}`)
    }
    return Effect.succeed(plan)
  })

const hasTask = (graph: FlowGraph.FlowGraph, task: string): boolean =>
  graph.nodes.some((node) => node.slug === task || node.subject.name === task)

// -----------------------------------------------------------------------------
// Random plans
// -----------------------------------------------------------------------------

/** Draws a plan for a flow. */
export type Generator = (graph: FlowGraph.FlowGraph, random: SeededRandom) => FaultPlan

/** What random plans are made of. */
export interface RandomOptions {
  /** How many faults a plan has at most: 3 unless given. */
  readonly max?: number | undefined
  /** Which kinds of faults; all but `JournalFail` and `Resume` unless given. */
  readonly kinds?: ReadonlyArray<Fault["kind"]> | undefined
  /** How long a delay or an answer takes and how far a clock jumps: one day at most unless given. */
  readonly maxMillis?: number | undefined
}

const usualKinds: ReadonlyArray<Fault["kind"]> = [
  "Fail",
  "Die",
  "Interrupt",
  "TimeOut",
  "NeverAnswer",
  "Delay",
  "HandlerFail",
  "HandlerDie",
  "HandlerHang",
  "ClockJump"
]

const day = 86_400_000

/** Most pauses are answered by letting the run go on. */
const answers: ReadonlyArray<Pick<Answer, "as">> = [{}, {}, { as: "Skip" }, { as: "Fail" }]

/**
 * Draws plans of up to `max` faults.
 *
 * A task without a timeout gets an answer in the end: waiting for ever is then no fault of the flow.
 */
export const random =
  ({ kinds = usualKinds, max = 3, maxMillis = day }: RandomOptions = {}): Generator =>
  (graph, random) => {
    const plan: Array<Fault> = []
    const nodes = graph.nodes.filter(({ constant, parameter }) =>
      constant === undefined && parameter === undefined
    )
    if (nodes.length === 0 || kinds.length === 0) return plan
    for (let left = random.below(max + 1); left > 0; left--) {
      const node = nodes[random.below(nodes.length)]!
      const fault = draw(kinds[random.below(kinds.length)]!, node, random, maxMillis)
      if (fault !== undefined) plan.push(fault)
    }
    return plan
  }

const draw = (
  kind: Fault["kind"],
  { slug, task }: FlowGraph.Node,
  random: SeededRandom,
  maxMillis: number
): Fault | undefined => {
  const millis = () => Math.floor(maxMillis ** random.nextDoubleUnsafe())
  const anywhere = { task: slug, ...random.below(8) === 0 ? { probability: 0.5 } : {} }
  const place = { ...anywhere, ...random.below(2) === 0 ? { attempt: 1 + random.below(3) } : {} }
  switch (kind) {
    case "Delay":
      return { kind, millis: millis(), ...place }
    case "ClockJump":
      return { kind, at: millis(), by: random.below(2) === 0 ? millis() : -millis() }
    case "JournalFail":
      return { kind, transition: random.below(40) }
    case "Resume":
      return { kind, after: millis(), ...answers[random.below(answers.length)], task: slug }
    case "NeverAnswer":
      return task.policies.timeout === undefined ? undefined : { kind, ...place }
    case "HandlerFail":
    case "HandlerDie":
    case "HandlerHang":
      return { kind, ...anywhere }
    default:
      return { kind, ...place }
  }
}
