/**
 * What bodies, triggers and handlers throw.
 *
 * @module
 */
import type { ErrorText, Json, SignalText } from "../corpus.ts"
import { make, type Making, type ModelState } from "./states.ts"
import { printThrown, type Thrown } from "./values.ts"

/** An ordinary error. */
export class Raised {
  readonly value: Thrown
  constructor({ error, message = null as never }: ErrorText) {
    this.value = { $error: { name: error, message } }
  }
}

/** A signal, with the state that it stands for. */
export class RaisedSignal {
  readonly name: string
  readonly state: ModelState
  constructor(name: string, state: ModelState) {
    this.name = name
    this.state = state
  }
}

/** The end of a run. */
export class RaisedEnd {
  readonly state: ModelState
  constructor(state: ModelState) {
    this.state = state
  }
}

/** The end of an attempt whose time is over. */
export const timeout = Symbol("timeout")

const types: Readonly<Record<string, string>> = {
  FAIL: "Failed",
  TRIGGERFAIL: "TriggerFailed",
  VALIDATIONFAIL: "ValidationFailed",
  SUCCESS: "Success",
  SKIP: "Skipped",
  RETRY: "Retrying",
  PAUSE: "Paused",
  LOOP: "Looped"
}

const noData = new Set(["SUCCESS", "SKIP", "RETRY", "PAUSE"])

/** Makes a signal; where signals are no data, one that ends a run well leaves it without a result. */
export const signal = (
  { message, payload, signal: name, startInSeconds, ...rest }: SignalText,
  making: Making,
  isNoData: boolean
): RaisedSignal => {
  const isLoaded = payload !== undefined && Object.keys(payload).length > 0
  const value: Thrown & { readonly [key: string]: Json } = {
    $signal: { name, message: message ?? null, ...(isLoaded ? { payload } : {}) }
  }
  const own = isNoData && noData.has(name)
    ? { signal: value }
    : { result: name === "LOOP" ? printThrown(value) : value }
  const state = make(types[name]!, {
    message,
    ...("result" in rest ? { result: rest.result! } : own),
    ...(typeof startInSeconds === "number" ? { startTime: making.now + startInSeconds } : {})
  }, making)
  return new RaisedSignal(name, state)
}

/** The state of a failure that an error made. */
export const failed = (
  words: string,
  { value }: Raised,
  type = "Failed"
): ModelState =>
  make(type, { message: `${words}: ${printThrown(value)}`, result: value as Json }, { now: 0 })
