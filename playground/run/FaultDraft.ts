/**
 * A fault as somebody fills it in: what each kind needs, and what is wrong with what was entered.
 */
import type { FaultPlan } from "signalbox/testing"
import { parseDuration } from "./Elapsed.ts"
import type { FaultKind } from "./FaultText.ts"

/** What can be filled in. */
export type Field =
  | "task"
  | "item"
  | "attempt"
  | "handler"
  | "as"
  | "after"
  | "millis"
  | "at"
  | "by"
  | "transition"
  | "probability"

const body: ReadonlyArray<Field> = ["task", "item", "attempt", "probability"]
const handler: ReadonlyArray<Field> = ["task", "item", "handler", "probability"]

const fields: Readonly<Record<FaultKind, ReadonlyArray<Field>>> = {
  Fail: body,
  Die: body,
  Interrupt: body,
  TimeOut: body,
  NeverAnswer: body,
  Delay: ["task", "item", "attempt", "millis", "probability"],
  HandlerFail: handler,
  HandlerDie: handler,
  HandlerHang: handler,
  ClockJump: ["at", "by"],
  JournalFail: ["transition"],
  Resume: ["task", "item", "attempt", "as", "after", "probability"]
}

/** What a kind of fault needs or can have. */
export const fieldsOf = (kind: FaultKind): ReadonlyArray<Field> => fields[kind]

/** A field that one types into. */
export interface TextField {
  readonly label: string
  /** What stands there as long as it is empty. */
  readonly hint: string
  readonly isNeeded: boolean
  /** The value of a text, or what it should have been. */
  readonly parse: (text: string) => number | string
}

const count = (least: number) => (text: string): number | string =>
  /^\d+$/.test(text) && Number(text) >= least ? Number(text) : `a whole number from ${least} on`

const duration = (text: string): number | string =>
  parseDuration(text) ?? "a time such as 250 ms, 1.5 s or 2 h"

const lasting = (text: string): number | string => {
  const millis = duration(text)
  return typeof millis === "number" && millis < 0 ? "a time of zero or more" : millis
}

const chance = (text: string): number | string => {
  const percent = text.trim() === "" ? NaN : Number(text.replace("%", ""))
  return percent >= 0 && percent <= 100 ? percent / 100 : "a number from 0 to 100"
}

/** The fields that one types into; from the others one chooses. */
export const textFields: Readonly<Record<Exclude<Field, "task" | "handler" | "as">, TextField>> = {
  item: { label: "Item", hint: "every", isNeeded: false, parse: count(0) },
  attempt: { label: "Attempt", hint: "every", isNeeded: false, parse: count(1) },
  after: { label: "After", hint: "1 s", isNeeded: true, parse: lasting },
  millis: { label: "By", hint: "2 h", isNeeded: true, parse: lasting },
  at: { label: "At", hint: "1 s", isNeeded: true, parse: lasting },
  by: { label: "By", hint: "-1 h", isNeeded: true, parse: duration },
  transition: { label: "Change", hint: "0 for the first", isNeeded: true, parse: count(0) },
  probability: { label: "Chance in %", hint: "100", isNeeded: false, parse: chance }
}

/** Why something that was filled in is no fault. */
export interface Refusal {
  readonly field: Field
  readonly message: string
}

/** The fault that was filled in; what was left empty fits everything. */
export const readFault = (
  kind: FaultKind,
  entered: Readonly<Partial<Record<Field, string>>>
): FaultPlan.Fault | Refusal => {
  const values: Record<string, unknown> = { kind }
  for (const field of fieldsOf(kind)) {
    const text = entered[field]?.trim() ?? ""
    const about = field in textFields ? textFields[field as keyof typeof textFields] : undefined
    if (text === "" && about?.isNeeded !== true) continue
    const value = about === undefined ? text : about.parse(text)
    if (about !== undefined && typeof value === "string") {
      return { field, message: `${about.label}: please enter ${value}` }
    }
    values[field] = value
  }
  return values as unknown as FaultPlan.Fault
}
