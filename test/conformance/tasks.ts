/**
 * The tasks of recorded cases.
 *
 * @module
 */
import { Duration, Effect } from "effect"
import { CachePolicy, RunContext, Task } from "signalbox"
import { behave, type Inputs } from "./behaviours.ts"
import type { Behaviour, CacheValidator, TaskText } from "./corpus.ts"
import { errorClass } from "./errors.ts"
import { makeHandlers, silent, tellFailure } from "./handlers.ts"
import type { CaseLog } from "./log.ts"
import { makeTrigger } from "./triggers.ts"

/** The task that a description asks for, with a handler before all others that writes down. */
export const makeTask = (text: TaskText, log: CaseLog): Task.Any => {
  const { maxRetries, retryDelaySeconds, retryOn, timeoutSeconds, trigger } = text
  return Task.make(text.name, {
    run: (inputs: Inputs) => recorded(text.behaviour, inputs ?? {}, log),
    handlers: [silent(log), ...makeHandlers(text.handlers, log)],
    onFailure: text.onFailure === true ? tellFailure(log) : undefined,
    maxRetries,
    retryDelay: seconds(retryDelaySeconds),
    retryOn: retryOn?.map(errorClass),
    timeout: seconds(timeoutSeconds),
    trigger: trigger === undefined ? undefined : makeTrigger(trigger),
    skipOnUpstreamSkip: text.skipOnUpstreamSkip,
    ...caching(text),
    checkpoint: text.checkpoint,
    location: text.resultLocation === undefined ? undefined : template(text.resultLocation),
    target: text.target === undefined ? undefined : template(text.target)
  })
}

const seconds = (count: number | undefined): Duration.Duration | undefined =>
  count === undefined ? undefined : Duration.seconds(count)

/** Writes down what the body is given, then does what it does. */
export const recorded = (
  behaviour: Behaviour | undefined,
  inputs: Inputs,
  log: CaseLog
): Effect.Effect<unknown, unknown, RunContext.RunContext> =>
  Effect.flatMap(RunContext.RunContext, ({ mapIndex, taskSlug }) => {
    log.ofTask(taskSlug!, mapIndex).calls.push(log.inputs(inputs))
    return behave(behaviour, inputs, log)
  })

// -----------------------------------------------------------------------------
// Caching
// -----------------------------------------------------------------------------

const caching = ({ cacheForSeconds, cacheKey, cacheValidator }: TaskText) => ({
  cacheFor: seconds(cacheForSeconds),
  cacheKey,
  cacheValidator: cacheValidator === undefined ? undefined : validatorOf(cacheValidator)
})

const validators: Readonly<Record<string, CachePolicy.Validator>> = {
  never_use: CachePolicy.neverUse,
  duration_only: CachePolicy.durationOnly,
  all_inputs: CachePolicy.allInputs,
  all_parameters: CachePolicy.allParameters
}

/** The cache validator that a description asks for. */
export const validatorOf = (text: CacheValidator): CachePolicy.Validator => {
  const { name, validateOn = undefined } = typeof text === "string" ? { name: text } : text
  if (name === "partial_inputs_only") return CachePolicy.partialInputsOnly(validateOn)
  if (name === "partial_parameters_only") return CachePolicy.partialParametersOnly(validateOn)
  const validator = validators[name]
  if (validator === undefined) throw new Error(`Unknown cache validator: ${name}`)
  return validator
}

// -----------------------------------------------------------------------------
// Locations
// -----------------------------------------------------------------------------

// The fields of the run context, by the names that recorded templates use.
const fields: Readonly<Record<string, string>> = {
  flow_name: "flowName",
  flow_run_id: "flowRunId",
  task_name: "taskName",
  task_full_name: "taskFullName",
  task_slug: "taskSlug",
  task_run_id: "taskRunId",
  task_run_count: "runCount",
  map_index: "mapIndex",
  today_nodash: "todayNodash",
  yesterday_nodash: "yesterdayNodash",
  tomorrow_nodash: "tomorrowNodash"
}

const template = (text: string): string =>
  text.replaceAll(/\{(\w+)\}/g, (_text, name: string) => `{${fields[name] ?? name}}`)
