/**
 * Where ready task runs execute: by default right here.
 *
 * What an executor is given can be written as data, so one that sends it to another process can
 * exist; where the run ends up, it goes through the same steps.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { RunContext } from "./RunContext.ts"
import type * as State from "./State.ts"

/** One run of a task that is ready, as data. */
export interface Request {
  readonly flow: string
  readonly flowRunId: string
  /** The slug of the task. */
  readonly task: string
  readonly mapIndex: number | undefined
  /** The attempt, 1 for the first. */
  readonly runCount: number
  readonly inputs: Readonly<Record<string, unknown>>
  /** The state that the run starts from. */
  readonly state: State.State
}

/** Executes ready runs. */
export interface Executor {
  /** Executes one run; `here` is the run as an effect of this process, giving its last state. */
  readonly execute: (
    request: Request,
    here: Effect.Effect<State.State>
  ) => Effect.Effect<State.State>
  /** Runs one body, inside the timeout of its task; left out, the body runs as it is. */
  readonly runBody?: (
    run: RunContext,
    body: Effect.Effect<unknown, unknown>
  ) => Effect.Effect<unknown, unknown>
}

/** Executes every run in this process, on the fibre that the flow runner chose. */
export const local: Executor = { execute: (_request, here) => here }

/** The executor in scope; {@link local} unless another is provided. */
export const Executor: Context.Reference<Executor> = Context.Reference("signalbox/Executor", {
  defaultValue: () => local
})
