/**
 * Triggers, asked about the states of what is upstream.
 *
 * @module
 */
import type { Trigger } from "../corpus.ts"
import { raise } from "./behaviours.ts"
import type { Context } from "./run.ts"
import { isFailed, isFinished, isSkipped, isSuccessful, type ModelState } from "./states.ts"
import { Raised } from "./thrown.ts"
import { isTruthy } from "./values.ts"

/** What a trigger is asked about; `edges` counts an upstream task without items too. */
export interface Upstream {
  readonly states: ReadonlyArray<ModelState>
  readonly edges: number
  /** The states by their keys. */
  readonly byKey: Readonly<Record<string, ModelState>>
}

const refusals: Readonly<Record<string, string>> = {
  all_successful: "some of the upstream tasks failed.",
  all_failed: "some of the upstream tasks succeeded.",
  any_successful: "none of the upstream tasks succeeded.",
  any_failed: "none of the upstream tasks failed.",
  all_finished: "some of the upstream tasks were not finished.",
  not_all_skipped: "some of the upstream tasks failed.",
  some_failed: "thresholds were not met.",
  some_successful: "thresholds were not met."
}

/** Lets a task run; throws where it may not. */
export const ask = (trigger: Trigger, upstream: Upstream, context: Context): void => {
  const name = nameOf(trigger)
  const states = [...new Set(upstream.states)]
  const refuse = (message: string) => raise({ signal: "TRIGGERFAIL", message }, context)
  if (typeof trigger !== "string" && trigger.does !== undefined) {
    if (trigger.does.kind === "raise") throw new Raised(trigger.does)
    if (trigger.does.kind === "signal") throw raise(trigger.does, context)
    if (trigger.does.kind === "return" && isTruthy(trigger.does.value)) return
    throw refuse("Trigger failed")
  }
  if (name === "manual_only") {
    if (context.resume === true) return
    throw raise({ signal: "PAUSE", message: 'Trigger function is "manual_only"' }, context)
  }
  if (name === "resource_cleanup") return askCleanup(upstream, context)
  if (name === "not_all_skipped" && states.every(isSkipped)) {
    throw raise({ signal: "SKIP", message: "All upstreams were skipped", result: null }, context)
  }
  if (passes(trigger, states, upstream.edges)) return
  throw refuse(`Trigger was "${name}" but ${refusals[name]}`)
}

const nameOf = (trigger: Trigger): string => {
  const name = typeof trigger === "string" ? trigger : trigger.name
  return name === "always_run" ? "all_finished" : name
}

const passes = (trigger: Trigger, states: ReadonlyArray<ModelState>, edges: number): boolean => {
  switch (nameOf(trigger)) {
    case "all_successful":
    case "not_all_skipped":
      return states.every(isSuccessful)
    case "all_failed":
      return states.every(isFailed)
    case "any_successful":
      return edges === 0 || states.some(isSuccessful)
    case "any_failed":
      return edges === 0 || states.some(isFailed)
    case "all_finished":
      return states.every(isFinished)
    case "some_failed":
      return edges === 0 || isWithin(trigger, states, isFailed)
    case "some_successful":
      return edges === 0 || isWithin(trigger, states, isSuccessful)
    default:
      throw new Error(`Unknown trigger: ${JSON.stringify(trigger)}`)
  }
}

const isWithin = (
  trigger: Trigger,
  states: ReadonlyArray<ModelState>,
  counts: (state: ModelState) => boolean
): boolean => {
  const { atLeast = 0, atMost = states.length } = typeof trigger === "string" ? {} : trigger as {
    readonly atLeast?: number
    readonly atMost?: number
  }
  const bound = (given: number) => given < 1 ? given * states.length : given
  const count = states.filter(counts).length
  return count >= bound(atLeast) && count <= bound(atMost)
}

const askCleanup = ({ byKey }: Upstream, context: Context): void => {
  for (const [key, step] of [["mgr", "init"], ["resource", "setup"]] as const) {
    const state = byKey[key]
    if (state === undefined || !(isSkipped(state) || isFailed(state))) continue
    const became = isSkipped(state) ? "skipped" : "failed"
    throw raise({ signal: "SKIP", message: `Resource manager ${step} ${became}` }, context)
  }
}
