/**
 * Whether a kept result may be used.
 *
 * @module
 */
import type { JsonObject } from "../corpus.ts"
import type { ModelTask } from "./graph.ts"
import type { FlowRun } from "./run.ts"
import type { ModelState } from "./states.ts"
import { isSame } from "./values.ts"

/** A kept result, and what it is compared with. */
export interface Candidate extends Pick<FlowRun, "parameters" | "world"> {
  readonly kept: ModelState
  readonly inputs: JsonObject
}

/** Whether the validator of a task accepts a kept result. */
export const isValid = (
  { cacheForSeconds, cacheValidator }: Pick<ModelTask, "cacheForSeconds" | "cacheValidator">,
  { inputs, kept, parameters, world }: Candidate
): boolean => {
  const byDefault = cacheForSeconds === undefined ? "never_use" : "duration_only"
  const validator = cacheValidator ?? byDefault
  const { name, validateOn = [] } = typeof validator === "string"
    ? { name: validator, validateOn: undefined }
    : validator
  if (typeof kept.cachedUntil === "number" && kept.cachedUntil <= world.now) return false
  switch (name) {
    case "never_use":
      return false
    case "duration_only":
      return true
    case "all_inputs":
      return isSame(kept.inputs ?? {}, inputs)
    case "all_parameters":
      return isSame(kept.parameters ?? {}, parameters)
    case "partial_inputs_only":
      return validateOn.every((key) => isSame(kept.inputs?.[key], inputs[key]))
    case "partial_parameters_only":
      return validateOn.every((key) => isSame(kept.parameters?.[key], parameters[key]))
    default:
      throw new Error(`Unknown cache validator: ${name}`)
  }
}
