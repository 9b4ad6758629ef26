/**
 * Faults as people read them.
 */
import type { FaultPlan } from "signalbox/testing"
import { formatDuration } from "./Elapsed.ts"

/** One kind of fault. */
export type FaultKind = FaultPlan.Fault["kind"]

/** What each kind of fault does, in the order in which one chooses them. */
export const faultKinds: Readonly<Record<FaultKind, string>> = {
  Fail: "Fails",
  Die: "Dies of a defect",
  Interrupt: "Is interrupted",
  TimeOut: "Times out",
  NeverAnswer: "Never ends",
  Delay: "Begins later",
  HandlerFail: "Handler fails",
  HandlerDie: "Handler dies of a defect",
  HandlerHang: "Handler never ends",
  ClockJump: "Clock jumps",
  JournalFail: "Crash at a change",
  Resume: "Pause is answered"
}

/** What an answer to a pause can be. */
export const answers = { "": "Approve", Skip: "Skip", Fail: "Fail" } as const

/** A fault in a few words: `Fails: extract, attempt 1`. */
export const describeFault = (fault: FaultPlan.Fault): string => {
  // One that came with a link may be of a kind that nobody knows.
  const what = faultKinds[fault.kind] ?? fault.kind
  if (fault.kind === "ClockJump") {
    const way = fault.by < 0 ? "back" : "ahead"
    return `${what} ${way} by ${formatDuration(Math.abs(fault.by))} at ${formatDuration(fault.at)}`
  }
  if (fault.kind === "JournalFail") return `${what}: number ${fault.transition + 1}`
  const { item, probability, task = "any task", transition } = fault
  return [
    `${what}: ${task}${item === undefined ? "" : `[${item}]`}`,
    ...fault.kind === "Delay" ? [`by ${formatDuration(fault.millis)}`] : [],
    ...fault.kind === "Resume"
      ? [`“${answers[fault.as ?? ""]}” after ${formatDuration(fault.after)}`]
      : [],
    ..."handler" in fault && fault.handler !== undefined ? [fault.handler] : [],
    ..."attempt" in fault && fault.attempt !== undefined ? [`attempt ${fault.attempt}`] : [],
    ...transition === undefined ? [] : [`at change ${transition + 1}`],
    ...probability === undefined ? [] : [`chance ${Math.round(probability * 100)} %`]
  ].join(", ")
}
