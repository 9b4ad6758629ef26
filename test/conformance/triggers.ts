/**
 * The triggers of recorded cases.
 *
 * @module
 */
import { Clock, Effect, Exit } from "effect"
import { Signal, Trigger } from "signalbox"
import { isTruthy } from "./behaviours.ts"
import type { Behaviour, Trigger as TriggerText, TriggerCase, TriggerRow } from "./corpus.ts"
import { makeError } from "./errors.ts"
import { makeSignal } from "./signals.ts"
import { makeState, writeState, type Written } from "./states.ts"
import type { Offset } from "./values.ts"

type AnyTrigger = Trigger.Trigger<unknown>

const byName: Readonly<Record<string, Trigger.BuiltIn>> = {
  all_successful: Trigger.allSuccessful,
  all_failed: Trigger.allFailed,
  any_successful: Trigger.anySuccessful,
  any_failed: Trigger.anyFailed,
  all_finished: Trigger.allFinished,
  always_run: Trigger.allFinished,
  manual_only: Trigger.manualOnly,
  not_all_skipped: Trigger.notAllSkipped
}

/** The trigger that a description asks for. */
export const makeTrigger = (text: TriggerText): AnyTrigger => {
  const { atLeast, atMost, does, name } = typeof text === "string" ? named(text) : text
  if (name === "custom" && does !== undefined) return custom(does)
  if (name === "some_failed") return Trigger.someFailed({ atLeast, atMost })
  if (name === "some_successful") return Trigger.someSuccessful({ atLeast, atMost })
  const trigger = byName[name]
  if (trigger === undefined) throw new Error(`Unknown trigger: ${name}`)
  return trigger
}

const named = (name: string): Exclude<TriggerText, string> => ({ name })

const custom = (does: Behaviour): AnyTrigger => () => {
  switch (does.kind) {
    case "return":
      return isTruthy(does.value)
    case "raise":
      return Effect.fail(makeError(does))
    case "signal":
      return Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.fail(makeSignal(does, now))
      )
    default:
      throw new Error(`Unknown trigger: ${does.kind}`)
  }
}

/** What a trigger says. */
export interface Verdict {
  readonly pass: boolean
  readonly signal?: string
  readonly state?: Written
}

/** What each trigger of a case says; to be compared with `expected.rows`. */
export const runTriggerCase = (
  { rows }: TriggerCase,
  offset: Offset
): Effect.Effect<ReadonlyArray<Verdict>> => Effect.forEach(rows, (row) => runRow(row, offset))

const runRow = (
  { resume = false, trigger, upstream }: TriggerRow,
  offset: Offset
): Effect.Effect<Verdict> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const states = upstream.map((state) => makeState(state, now))
    const counted = states.flatMap((state) => state._tag === "Mapped" ? state.mapStates : [state])
    const answer = makeTrigger(trigger)(counted, { edges: states.length, resume })
    const exit = yield* Effect.exit(Effect.isEffect(answer) ? answer : Effect.succeed(answer))
    return verdict(exit, offset)
  })

const verdict = (exit: Exit.Exit<boolean, unknown>, offset: Offset): Verdict => {
  if (Exit.isSuccess(exit)) return { pass: exit.value }
  const signal = Signal.raised(exit.cause)
  if (signal === undefined || Signal.isEndRun(signal)) return { pass: false }
  const state = writeState(Signal.toState(signal), offset)
  return { pass: false, signal: signal.name, state }
}
