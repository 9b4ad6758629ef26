/**
 * Tells any web server of changes of state, as JSON.
 *
 * @example
 * ```ts
 * import { Config, Effect, Redacted } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { Flow, Task } from "signalbox"
 * import { Webhook } from "signalbox/notify"
 *
 * const tellOps = Webhook.handler({
 *   webhookUrl: Config.Redacted("OPS_WEBHOOK_URL"),
 *   headers: { authorization: Redacted.make("Bearer …") },
 *   onlyStates: ["Failed"]
 * })
 *
 * const extract = Task.make("extract", { handlers: [tellOps], run: () => Effect.void })
 * const flow = Flow.make("etl", function*() {
 *   yield* extract()
 * })
 *
 * export const program = Flow.run(flow).pipe(Effect.provide(FetchHttpClient.layer))
 * ```
 *
 * @module
 */
import { DateTime, Effect, type Layer, Record, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { RunContext } from "../RunContext.ts"
import type * as State from "../State.ts"
import * as StateHandler from "../StateHandler.ts"
import type { Subject } from "../Transition.ts"
import * as Notification from "./Notification.ts"

/** A state, without the data that it may hold. */
export interface StateBody {
  readonly kind: State.Tag
  readonly message?: string
}

/** What is posted about one change of state. */
export interface Body {
  /** When it was posted, as an ISO text. */
  readonly at: string
  readonly flow: string
  readonly flowRunId: string
  /** The task, unless the change is one of the flow. */
  readonly task?: {
    readonly name: string
    readonly slug: string
    readonly tags: ReadonlyArray<string>
    readonly mapIndex?: number
  }
  /** The attempt, 1 for the first. */
  readonly runCount: number
  readonly from: StateBody
  readonly to: StateBody
}

/** What a webhook can be given. */
export interface Options<out E = never, out R = never> extends Notification.Options<E, R> {
  /** Sent along, such as a token; a redacted value is revealed to nobody else. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined
  /** Makes of the body what the receiver wants; must be fit for JSON. */
  readonly encode?: ((body: Body) => unknown) | undefined
}

/** Describes a change of state, without results: they may be large, or secret. */
export const body: (
  subject: Subject,
  oldState: State.State,
  newState: State.State
) => Effect.Effect<Body, never, RunContext> = Effect.fnUntraced(
  function* (subject, oldState, newState) {
    const run = yield* RunContext
    return {
      at: DateTime.formatIso(yield* DateTime.now),
      flow: run.flowName,
      flowRunId: run.flowRunId,
      ...(subject._tag === "Task" && { task: taskBody(subject) }),
      runCount: run.runCount,
      from: stateBody(oldState),
      to: stateBody(newState)
    }
  }
)

const taskBody = (
  subject: Extract<Subject, { _tag: "Task" }>
): Exclude<Body["task"], undefined> => ({
  name: subject.name,
  slug: subject.slug,
  tags: subject.tags,
  ...(subject.mapIndex !== undefined && { mapIndex: subject.mapIndex })
})

const stateBody = (state: State.State): StateBody => ({
  kind: state._tag,
  ...(state.message !== undefined && { message: state.message })
})

/** The function of {@link handler}, for a handler that is made otherwise. */
export const handle = <E = never, R = never>(
  options: Options<E, R>
): StateHandler.Handle<
  E | Notification.NotificationError,
  R | RunContext | HttpClient.HttpClient
> =>
  Notification.handle(
    options,
    (subject, oldState, newState) =>
      Effect.map(body(subject, oldState, newState), (described) => ({
        kind: "Webhook",
        headers: Record.map(
          options.headers ?? {},
          (value) => Redacted.isRedacted(value) ? Redacted.value(value) : value
        ),
        body: options.encode === undefined ? described : options.encode(described)
      }))
  )

/**
 * Makes a handler that posts to a web address.
 *
 * What the receiver answers does not change the run: trouble is logged as a warning and the state
 * stands, unless `policy` says otherwise.
 */
export const handler = <E = never, R = never>(
  options: Options<E, R>
): StateHandler.StateHandler<
  E | Notification.NotificationError,
  R | RunContext | HttpClient.HttpClient
> => StateHandler.make(handle(options), Notification.handlerOptions("Webhook", options))

/** Gives a handler that is a service the work of {@link handler}. */
export const layer = <Self, Id extends string, Wants, E = never, R = never>(
  service: StateHandler.ServiceClass<Self, Id, Wants>,
  options: Options<E, R>
): Layer.Layer<Self, never, HttpClient.HttpClient | Exclude<R, RunContext>> =>
  service.layer(handle(options), Notification.handlerOptions(service.key, options))
