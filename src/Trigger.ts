/**
 * Whether a task runs, decided from what became of the tasks that it depends on.
 *
 * A trigger is asked once all upstream runs have ended and none of them makes the task skip. Where
 * it refuses, the task ends as `TriggerFailed` without having run; a trigger that raises a signal
 * gives the task that signal's state.
 *
 * @module
 */
import { Effect } from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"

/** What a trigger can ask besides the states themselves. */
export interface Asked {
  /** How many inputs and other dependencies the task has. */
  readonly edges: number
  /** Whether the run goes on after a pause. */
  readonly resume: boolean
}

/**
 * Decides from the states of the upstream runs, each named once; a constant input counts as a
 * success and a mapped task as the runs of its items.
 */
export type Trigger<E = never, R = never> = (
  upstream: ReadonlyArray<State.State>,
  asked: Asked
) => boolean | Effect.Effect<boolean, E, R>

/** A trigger whose refusal is a signal. */
export type BuiltIn = Trigger<Signal.Signal<"TriggerFail" | "Skip" | "Pause">>

const named = (name: string, trigger: BuiltIn): BuiltIn =>
  Object.defineProperty(trigger, "name", { value: name })

const refuse = (name: string, because: string) =>
  Effect.fail(Signal.triggerFail(`Trigger was "${name}" but ${because}`))

/** Runs when all upstream runs succeeded; this is the default. */
export const allSuccessful: BuiltIn = named(
  "all_successful",
  (states) =>
    states.every(State.isSuccessful) ||
    refuse("all_successful", "some of the upstream tasks failed.")
)

/** Runs when all upstream runs failed. */
export const allFailed: BuiltIn = named(
  "all_failed",
  (states) =>
    states.every(State.isFailed) || refuse("all_failed", "some of the upstream tasks succeeded.")
)

/** Runs when at least one upstream run succeeded, or there is none. */
export const anySuccessful: BuiltIn = named(
  "any_successful",
  (states, { edges }) =>
    edges === 0 || states.some(State.isSuccessful) ||
    refuse("any_successful", "none of the upstream tasks succeeded.")
)

/** Runs when at least one upstream run failed, or there is none. */
export const anyFailed: BuiltIn = named(
  "any_failed",
  (states, { edges }) =>
    edges === 0 || states.some(State.isFailed) ||
    refuse("any_failed", "none of the upstream tasks failed.")
)

/** Runs when all upstream runs ended, whatever became of them. */
export const allFinished: BuiltIn = named(
  "all_finished",
  (states) =>
    states.every(State.isFinished) ||
    refuse("all_finished", "some of the upstream tasks were not finished.")
)

/** Pauses the task, and runs when it was approved. */
export const manualOnly: BuiltIn = named(
  "manual_only",
  (_states, { resume }) => resume || Effect.fail(Signal.pause('Trigger function is "manual_only"'))
)

/** Runs when not all upstream runs were skipped and all succeeded; skips when all were skipped. */
export const notAllSkipped: BuiltIn = named("not_all_skipped", (states) => {
  if (states.every(State.isSkipped)) {
    return Effect.fail(Signal.skip({ message: "All upstreams were skipped" }))
  }
  return states.every(State.isSuccessful) ||
    refuse("not_all_skipped", "some of the upstream tasks failed.")
})

/** Bounds on a number of runs: a bound below 1 is a share of them, any other a count. */
export interface Bounds {
  readonly atLeast?: number | undefined
  readonly atMost?: number | undefined
}

const between = (
  name: string,
  { atLeast, atMost }: Bounds,
  test: (state: State.State) => boolean
): BuiltIn => {
  for (const [bound, value] of [["atLeast", atLeast], ["atMost", atMost]] as const) {
    if (value !== undefined && !(value >= 0)) {
      throw definitionError(
        `Cannot define trigger "${name}"`,
        `${bound} must be a share below 1 or a count, not below zero`,
        String(value)
      )
    }
  }
  return named(name, (states, { edges }) => {
    if (edges === 0) return true
    const scale = (bound: number) => bound < 1 ? bound * states.length : bound
    const count = states.filter(test).length
    const fits = count >= scale(atLeast ?? 0) && count <= scale(atMost ?? states.length)
    return fits || refuse(name, "thresholds were not met.")
  })
}

/** Runs when the number of failed upstream runs is within bounds. */
export const someFailed = (bounds: Bounds = {}): BuiltIn =>
  between("some_failed", bounds, State.isFailed)

/** Runs when the number of successful upstream runs is within bounds. */
export const someSuccessful = (bounds: Bounds = {}): BuiltIn =>
  between("some_successful", bounds, State.isSuccessful)
