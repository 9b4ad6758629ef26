/**
 * What the prompts for paused tasks are answered.
 *
 * @module
 */
import { Effect } from "effect"
import type { Flow } from "signalbox"
import type { RunLog } from "./log.ts"

type OnPause = NonNullable<Flow.RunOptions<unknown>["onPause"]>

/**
 * Asks whether a paused run may go on, and writes down each prompt; when all answers are used up it
 * may. A run that was refused is asked about again, unless it goes on by itself at some time.
 */
export const answerPauses = (run: RunLog): OnPause => ({ resume, state, subject }) =>
  Effect.suspend(function ask(): Effect.Effect<unknown> {
    run.prompts.push(`${subject} is currently Paused; enter 'y' to resume:\n`)
    const answer = run.answers.shift() ?? "y"
    if (answer.trim().toLowerCase() === "y") return resume
    return state.startTime ? Effect.void : Effect.suspend(ask)
  })
