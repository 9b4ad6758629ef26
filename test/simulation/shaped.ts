/**
 * Flows of a few tasks with retries, timeouts, triggers and loops, whose fate without faults follows
 * from their shape: which state, how many bodies, and when.
 */
import { Effect } from "effect"
import { State, type Transition } from "signalbox"
import { Arbitraries, FaultPlan, SeededRandom } from "signalbox/testing"
import { type Observed, type Rule, show } from "./invariants.ts"
import { drawShapes, expect } from "./model.ts"
import { observe, type Outcome } from "./observe.ts"

interface Shaped extends Observed {
  readonly shapes: ReadonlyArray<Arbitraries.TaskShape>
}

const generator = FaultPlan.random()

/** Runs a flow that a seed makes up, with faults for every other. */
export const simulateShaped = (seed: number): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    const random = SeededRandom.make(seed, "flow")
    const shapes = drawShapes(random)
    const flow = Arbitraries.flowOf("simulated", shapes)
    const concurrency = [1, 2, 100][random.below(3)]!
    const faults = seed % 2 === 0 ? [] : generator(flow.graph, random)
    const rules = faults.length === 0 ? [...always, ...withoutFaults] : always
    const isSlow = faults.length > 0
    const made = { flow, seed, concurrency, faults, isMeddled: false, isSlow }
    return observe(made, random, (run) => rules.flatMap((rule) => rule({ ...run, shapes })))
  })

const isTask = (subject: Transition.Subject, index: number): boolean =>
  subject._tag === "Task" && subject.name === `t${index}`

const attemptsAreLimited: Rule<Shaped> = (run) =>
  run.shapes.flatMap(({ maxRetries }, index) =>
    run.report.trace.changes
      .filter(({ runCount, subject }) => isTask(subject, index) && runCount > maxRetries + 1)
      .map((change) => `attempt ${change.runCount} of ${maxRetries + 1}: ${show(change)}`)
  )

const always: ReadonlyArray<Rule<Shaped>> = [attemptsAreLimited]

// ---------------------------------------------------------------------------------------------
// Where nothing goes wrong but what the flow itself does
// ---------------------------------------------------------------------------------------------

const tasksEndAsTheirShapeSays: Rule<Shaped> = ({ report, shapes }) =>
  expect(shapes).flatMap(({ tag }, index) => {
    const state = report.final(`t${index}`)
    return state._tag === tag ? [] : [`t${index} is ${state} and not ${tag}`]
  })

const bodiesRunAsOftenAsTheirShapeSays: Rule<Shaped> = ({ report, shapes }) =>
  expect(shapes).flatMap(({ bodies }, index) => {
    const count = report.trace.changes
      .filter(({ subject, to }) => isTask(subject, index) && State.isRunning(to)).length
    return count === bodies ? [] : [`the body of t${index} ran ${count} times and not ${bodies}`]
  })

const tasksEndWhenTheirShapeSays: Rule<Shaped> = ({ concurrency, report, shapes }) =>
  concurrency < shapes.length ? [] : expect(shapes).flatMap(({ end }, index) => {
    const last = report.trace.changes.findLast(({ subject }) => isTask(subject, index))
    const at = (last?.at ?? Number.NaN) - report.trace.start
    return at === end ? [] : [`t${index} ended at ${at} and not at ${end}`]
  })

const withoutFaults: ReadonlyArray<Rule<Shaped>> = [
  tasksEndAsTheirShapeSays,
  bodiesRunAsOftenAsTheirShapeSays,
  tasksEndWhenTheirShapeSays
]
