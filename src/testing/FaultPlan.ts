/**
 * What happens to a simulated run from outside, as data: to write by hand, to draw from a seed, to
 * store and to share. Faults go wrong on purpose, and pauses are answered.
 *
 * @module
 */
import { Data, Effect, Formatter, Schema, SchemaIssue } from "effect"
import { make as definitionError } from "../DefinitionError.ts"
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

const bodyKinds = ["Fail", "Die", "Interrupt", "TimeOut", "NeverAnswer"] as const
const handlerKinds = ["HandlerFail", "HandlerDie", "HandlerHang"] as const

const structs = [
  Schema.Struct({ kind: Schema.Literals(bodyKinds), ...place }),
  Schema.Struct({ kind: Schema.Literal("Delay"), millis, ...place }),
  Schema.Struct({
    kind: Schema.Literals(handlerKinds),
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
] as const

type Struct = (typeof structs)[number]

const [body, delay, handler, clock, journal, answer] = structs

const structOf: Readonly<Record<Fault["kind"], Struct>> = {
  Fail: body,
  Die: body,
  Interrupt: body,
  TimeOut: body,
  NeverAnswer: body,
  Delay: delay,
  HandlerFail: handler,
  HandlerDie: handler,
  HandlerHang: handler,
  ClockJump: clock,
  JournalFail: journal,
  Resume: answer
}

/** The Schema of one fault. */
export const Fault: Schema.Codec<Fault> = Schema.Union(structs)

/** The Schema of a plan. */
export const FaultPlan: Schema.Codec<FaultPlan> = Schema.Array(Fault)

/** A plan as one line of text. */
export const format = (plan: FaultPlan): string => JSON.stringify(plan)

/** The plan that a text stands for. */
export const parse = (text: string): Effect.Effect<FaultPlan, FaultPlanError> =>
  Effect.suspend(() => {
    const plan = fromJson(text)
    const wrong = plan === undefined
      ? `it is no JSON (${Formatter.format(text.slice(0, maxShown))})`
      : wrongPlan(plan.value)
    return wrong === undefined
      ? Effect.succeed(plan!.value as FaultPlan)
      : Effect.fail(new FaultPlanError({ message: `Cannot read a fault plan: ${wrong}` }))
  })

const maxShown = 200

const fromJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Makes sure that a plan is one, and that the flow has the tasks it names. */
export const check = (
  plan: FaultPlan,
  graph: FlowGraph.FlowGraph
): Effect.Effect<FaultPlan, FaultPlanError> =>
  Effect.suspend(() => {
    const wrong = wrongPlan(plan) ?? firstOf(plan, (fault) => wrongPlace(fault, graph))
    return wrong === undefined ? Effect.succeed(plan) : Effect.fail(
      new FaultPlanError({
        message: `Cannot use a fault plan with flow "${graph.flow}": ${wrong}`
      })
    )
  })

const wrongPlan = (plan: unknown): string | undefined =>
  Array.isArray(plan)
    ? firstOf(plan, wrongFault)
    : `it must be a list of faults (${Formatter.format(plan)})`

const firstOf = <A>(
  list: ReadonlyArray<A>,
  wrong: (item: A, index: number) => string | undefined
): string | undefined => {
  for (const [index, item] of list.entries()) {
    const found = wrong(item, index)
    if (found !== undefined) return found
  }
  return undefined
}

/** What keeps a value from being a fault, in words. */
const wrongFault = (fault: unknown, index: number): string | undefined => {
  if (typeof fault !== "object" || fault === null) {
    return `fault ${index} must be an object with a kind (${Formatter.format(fault)})`
  }
  const { kind, ...fields } = fault as { readonly [key: string]: unknown }
  if (!isKind(kind)) {
    const all = kinds.join(", ")
    return `the kind of fault ${index} must be one of ${all} (${Formatter.format(kind)})`
  }
  const name = `fault ${index}, a ${kind}`
  const known = Object.keys(structOf[kind].fields).filter((key) => key !== "kind")
  const excess = Object.keys(fields).find((key) => !known.includes(key))
  if (excess !== undefined) {
    const value = Formatter.format(fields[excess])
    return `${name}, has no ${excess}; it takes ${known.join(", ")} (${value})`
  }
  const result = Schema.decodeUnknownResult(structOf[kind] as Schema.Codec<unknown>)(fault)
  if (result._tag === "Success") return undefined
  const { issues: [issue] } = issuesOf(result.failure.issue)
  const key = String(issue!.path![0])
  return key in fields
    ? `${key} of ${name}: ${issue!.message} (${Formatter.format(fields[key])})`
    : `${key} of ${name}, is missing`
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const kinds = Object.keys(structOf) as ReadonlyArray<Fault["kind"]>

const isKind = (kind: unknown): kind is Fault["kind"] =>
  (kinds as ReadonlyArray<unknown>).includes(kind)

/** What keeps a fault from striking in a flow, whatever the flow does. */
const wrongPlace = (fault: Fault, { nodes }: FlowGraph.FlowGraph): string | undefined => {
  if (!("task" in fault)) return undefined
  const { item, task } = fault
  const named = nodes.filter(({ slug, subject }) => slug === task || subject.name === task)
  if (named.length === 0) {
    const slugs = nodes.slice(0, 20).map(({ slug }) => slug).join(", ")
    return `it has no task "${task}"; its tasks are ${slugs}`
  }
  return item === undefined || named.some(({ isMapped }) => isMapped)
    ? undefined
    : `task "${task}" is not mapped and has no item (${item})`
}

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
  ...bodyKinds,
  "Delay",
  ...handlerKinds,
  "ClockJump"
]

const day = 86_400_000

/** Most pauses are answered by letting the run go on. */
const answers: ReadonlyArray<Pick<Answer, "as">> = [{}, {}, { as: "Skip" }, { as: "Fail" }]

/**
 * Draws plans of up to `max` faults.
 *
 * A task without a timeout gets an answer in the end: waiting for ever is then no fault of the flow.
 *
 * @throws DefinitionError for options that make no sense.
 */
export const random = (options: RandomOptions = {}): Generator => {
  const { kinds = usualKinds, max = 3, maxMillis = day } = options
  checkRandom(kinds, max, maxMillis)
  return (graph, random) => {
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
}

const checkRandom = (wanted: ReadonlyArray<unknown>, max: number, maxMillis: number): void => {
  const refuse = (reason: string, value: unknown) =>
    definitionError("Cannot draw fault plans", reason, Formatter.format(value))
  if (!(Number.isInteger(max) && max >= 0)) throw refuse("max must be a whole number from 0", max)
  if (!(Number.isFinite(maxMillis) && maxMillis >= 1)) {
    throw refuse("maxMillis must be a finite number from 1", maxMillis)
  }
  const unknown = wanted.find((kind) => !isKind(kind))
  if (unknown !== undefined) throw refuse(`kinds must be of ${kinds.join(", ")}`, unknown)
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
