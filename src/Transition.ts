/**
 * One change of one run as plain data, and the seam that every settled change goes through.
 *
 * A trace, a journal, a live view, progress and telemetry are all observers. With none in scope a
 * change costs nothing; with some, the engine goes on only when all of them have it.
 *
 * @module
 */
import { type Context, Effect, type Layer } from "effect"
import * as Ambient from "./Ambient.ts"
import type * as State from "./State.ts"

// -----------------------------------------------------------------------------
// Subjects
// -----------------------------------------------------------------------------

/** The task whose run changes; printed as `<Task: name>`. */
export interface TaskSubject {
  readonly _tag: "Task"
  readonly name: string
  /** Unique in the flow. */
  readonly slug: string
  readonly tags: ReadonlyArray<string>
  /** The place of the item, for one item of a mapped task. */
  readonly mapIndex: number | undefined
  toString(): string
}

/** The flow whose run changes; printed as `<Flow: name=etl>`. */
export interface FlowSubject {
  readonly _tag: "Flow"
  readonly name: string
  toString(): string
}

/** What a handler is told of: a description, never the engine's own object. */
export type Subject = TaskSubject | FlowSubject

// The printed form sits on a prototype, so a subject stays plain data to JSON and to a comparison.
class TaskSubjectImpl implements TaskSubject {
  // There is one for each item of a mapped task: nothing is set twice.
  declare readonly _tag: "Task"
  declare readonly mapIndex: number | undefined
  declare readonly name: string
  declare readonly slug: string
  declare readonly tags: ReadonlyArray<string>

  constructor(
    { name, slug, tags }: Pick<TaskSubject, "name" | "slug" | "tags">,
    mapIndex: number | undefined
  ) {
    this._tag = "Task"
    this.mapIndex = mapIndex
    this.name = name
    this.slug = slug
    this.tags = tags
  }

  toString(): string {
    return `<Task: ${this.name}>`
  }
}

const flowPrototype = {
  toString(this: FlowSubject): string {
    return `<Flow: name=${this.name}>`
  }
}

/** Describes a task, or one item of a mapped one. */
export const taskSubject = (
  task: Pick<TaskSubject, "name" | "slug" | "tags">,
  mapIndex?: number | undefined
): TaskSubject => new TaskSubjectImpl(task, mapIndex)

/** Describes a flow. */
export const flowSubject = (name: string): FlowSubject =>
  Object.assign(Object.create(flowPrototype), { _tag: "Flow", name }) as FlowSubject

// -----------------------------------------------------------------------------
// Transitions
// -----------------------------------------------------------------------------

/** What one handler made of a change. */
export interface HandlerCall {
  readonly handler: string
  /** The state it was shown as new. */
  readonly proposed: State.State
  /** The state it left; the same object when it let the proposal stand. */
  readonly decided: State.State
  /** What went wrong in it. */
  readonly error: unknown
}

/** One settled change of one run. */
export interface Transition {
  readonly flow: string
  readonly flowRunId: string
  /** The place among the changes of the flow run, 0 for the first. */
  readonly sequence: number
  /** When it was settled, in milliseconds since 1970. */
  readonly at: number
  readonly subject: Subject
  /** The attempt, 1 for the first. */
  readonly runCount: number
  readonly from: State.State
  /** What the engine proposed. */
  readonly proposed: State.State
  /** What the run is from now on. */
  readonly to: State.State
  /** Who was asked, in order. */
  readonly handlers: ReadonlyArray<HandlerCall>
}

/** Told of every settled change; the run goes on when the effect has ended, and an interruption too. */
export type Observer = (transition: Transition) => Effect.Effect<void>

const observers = Ambient.make<Observer>("Transition.Observer")

/** Adds observers to the scope. */
export const layer = (...added: ReadonlyArray<Observer>): Layer.Layer<never> =>
  observers.layer(Effect.succeed(added))

/** The observers in the scope of a context, in the order of {@link Ambient}. */
export const observersIn = (context: Context.Context<never>): ReadonlyArray<Observer> =>
  observers.all(context)
