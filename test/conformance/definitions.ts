/**
 * What can be defined.
 *
 * @module
 */
import { type BuildReport, cannotBeWritten } from "./buildCase.ts"
import type { BuildCase } from "./corpus.ts"

/** Gives what is promised; the report that it was given where the rule has nothing to say. */
export type BuildRule = (test: BuildCase, report: BuildReport) => BuildReport

/** What the API has no words for, or the compiler refuses, cannot go wrong. */
export const wrongStepsCannotBeWritten: BuildRule = ({ ops }, report) => {
  const op = ops[report.error?.op ?? -1]
  return op !== undefined && cannotBeWritten(op)
    ? { ...report, error: null, cannotBeWritten: op.op }
    : report
}

/** The parameters of a flow are a record, which has one of a name. */
export const parametersHaveNames: BuildRule = ({ ops }, report) => {
  const name = /^A task with the slug "(.*)" already exists in this flow\.$/
    .exec(report.error?.message ?? "")?.[1]
  const isTwice = ops.filter((op) => op.op === "parameter" && op.name === name).length > 1
  return isTwice ? { error: null, cannotBeWritten: "parameter" } : report
}

/** A required parameter has no default, which could never be used. */
export const requiredMeansNoDefault: BuildRule = (_test, report) => {
  const { parameter } = report
  return isRequired(parameter) ? { ...report, parameter: { ...parameter, default: null } } : report
}

const isRequired = (parameter: unknown): parameter is { readonly required: true } =>
  (parameter as { readonly required?: boolean } | undefined)?.required === true

/** A cycle is an error at the edge that closes it. */
export const cyclesAreFoundAtOnce: BuildRule = ({ ops }, report) => {
  const text = "Cycle found; flows must be acyclic!"
  const { final, ...rest } = report
  const isOne = report.error?.message === text || final?.message?.includes(text) === true
  return isOne ? { ...rest, error: { op: closingEdge(ops), message: text } } : report
}

/** The place of the edge that closes a cycle. */
const closingEdge = (ops: BuildCase["ops"]): number => {
  const downstream = new Map<unknown, Array<unknown>>()
  const leadsTo = (from: unknown, to: unknown): boolean =>
    from === to || (downstream.get(from) ?? []).some((next) => leadsTo(next, to))
  return ops.findIndex(({ from, op, to }) => {
    if (op !== "edge") return false
    if (leadsTo(to, from)) return true
    downstream.set(from, [...downstream.get(from) ?? [], to])
    return false
  })
}

/** Inputs are properties of an object, whose names may be any text. */
export const inputsHaveAnyName: BuildRule = (_test, report) =>
  report.error?.message.startsWith("Key must be a valid identifier") === true
    ? { ...report, error: null }
    : report

/** A timeout is any duration above zero, to the millisecond. */
export const timeoutsAreDurations: BuildRule = ({ ops }, report) => {
  const { error } = report
  if (error?.message.startsWith("Only integer timeouts") === true) {
    const given = ops[error.op]?.timeoutSeconds
    const message = "timeout must be a duration above zero"
    return {
      ...report,
      error: typeof given === "number" && given > 0 ? null : { ...error, message }
    }
  }
  const { task, warnings, ...rest } = report
  if (warnings?.some((text) => text.startsWith("Task timeouts do not support")) !== true) {
    return report
  }
  const millis = ops.find((op) => op.timeoutDurationMillis !== undefined)?.timeoutDurationMillis
  return { ...rest, task: { ...task as object, timeout: Number(millis) / 1000 } }
}

/** A task's `onFailure` is its own, whoever else was given the same list of handlers. */
export const handlersAreNotShared: BuildRule = (_test, report) => {
  const { handlerCounts } = report
  if (handlerCounts === undefined) return report
  const [first = 0, ...others] = handlerCounts
  return { ...report, handlerCounts: [first, ...others.map((count) => count - 1)] }
}
