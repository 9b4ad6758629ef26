/**
 * Tells a Slack channel of changes of state.
 *
 * @example
 * ```ts
 * import { Config, Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { Flow, StateHandler, Task } from "signalbox"
 * import { Slack } from "signalbox/notify"
 *
 * class PostToSlack extends StateHandler.Service<PostToSlack>()("app/PostToSlack") {}
 *
 * const PostToSlackLive = Slack.layer(PostToSlack, {
 *   webhookUrl: Config.Redacted("SLACK_WEBHOOK_URL"),
 *   onlyStates: ["Failed", "Retrying"]
 * })
 *
 * const extract = Task.make("extract", { handlers: [PostToSlack], run: () => Effect.void })
 * const flow = Flow.make("etl", function*() {
 *   yield* extract()
 * })
 *
 * export const program = Flow.run(flow).pipe(
 *   Effect.provide(PostToSlackLive),
 *   Effect.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @module
 */
import { Effect, type Layer } from "effect"
import type { HttpClient } from "effect/http"
import * as PrintedError from "../PrintedError.ts"
import type { RunContext } from "../RunContext.ts"
import * as Signal from "../Signal.ts"
import * as State from "../State.ts"
import * as StateHandler from "../StateHandler.ts"
import type { Subject } from "../Transition.ts"
import * as Notification from "./Notification.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** Who a message is from. */
export interface Author {
  readonly name: string
  readonly link?: string | undefined
  /** The address of a small picture. */
  readonly icon?: string | undefined
}

/** How a message looks. */
export interface Style {
  /** Signalbox unless given. */
  readonly author?: Author | undefined
  /** The small line below a message. */
  readonly footer?: string | undefined
  /** Where the title of a message leads, such as a page about the run; nowhere unless given. */
  readonly titleLink?: ((subject: Subject, newState: State.State) => string | undefined) | undefined
}

/** What a notifier on Slack can be given. */
export interface Options<out E = never, out R = never> extends Notification.Options<E, R>, Style {}

/** One line of a message in Slack's own format. */
export interface Field {
  readonly title: string
  readonly value: string
  readonly short: boolean
}

/** A message in Slack's own format. */
export interface Attachment {
  readonly fallback: string
  readonly color: string
  readonly author_name: string
  readonly author_link?: string
  readonly author_icon?: string
  readonly title: string
  readonly title_link?: string
  readonly fields: ReadonlyArray<Field>
  readonly text: string
  readonly footer: string
}

/** What is posted to Slack. */
export interface Payload {
  readonly attachments: readonly [Attachment]
}

// -----------------------------------------------------------------------------
// Payload
// -----------------------------------------------------------------------------

/** The message about a new state, with the state's colour, its message or the error it failed with. */
export const payload = (subject: Subject, newState: State.State, style: Style = {}): Payload => {
  const author = style.author ?? { name: "Signalbox" }
  const titleLink = style.titleLink?.(subject, newState)
  return {
    attachments: [{
      fallback: "State change notification",
      color: State.color(newState),
      author_name: author.name,
      ...(author.link !== undefined && { author_link: author.link }),
      ...(author.icon !== undefined && { author_icon: author.icon }),
      title: newState._tag,
      ...(titleLink !== undefined && { title_link: titleLink }),
      fields: fieldsOf(newState),
      text: `${subject.name} is now in a ${newState._tag} state`,
      footer: style.footer ?? "Signalbox notification"
    }]
  }
}

const fieldsOf = (state: State.State): ReadonlyArray<Field> => {
  const value = isOrdinaryError(state.result)
    ? `\`\`\`${PrintedError.print(state.result)}\`\`\``
    : state.message
  return value === undefined ? [] : [{ title: "Message", value, short: false }]
}

const isOrdinaryError = (result: unknown): result is Error =>
  result instanceof Error && !Signal.isSignal(result)

// -----------------------------------------------------------------------------
// Handlers
// -----------------------------------------------------------------------------

/** The function of {@link handler}, for a handler that is made otherwise. */
export const handle = <E = never, R = never>(
  options: Options<E, R>
): StateHandler.Handle<E | Notification.NotificationError, R | HttpClient.HttpClient> =>
  Notification.handle(
    options,
    (subject, _oldState, newState) =>
      Effect.sync(() => ({ kind: "Slack", body: payload(subject, newState, options) }))
  )

/**
 * Makes a handler that posts to a Slack webhook.
 *
 * What Slack answers does not change the run: trouble is logged as a warning and the state stands,
 * unless `policy` says otherwise.
 */
export const handler = <E = never, R = never>(
  options: Options<E, R>
): StateHandler.StateHandler<E | Notification.NotificationError, R | HttpClient.HttpClient> =>
  StateHandler.make(handle(options), Notification.handlerOptions("Slack", options))

/** Gives a handler that is a service the work of {@link handler}. */
export const layer = <Self, Id extends string, Wants, E = never, R = never>(
  service: StateHandler.ServiceClass<Self, Id, Wants>,
  options: Options<E, R>
): Layer.Layer<Self, never, HttpClient.HttpClient | Exclude<R, RunContext>> =>
  service.layer(handle(options), Notification.handlerOptions(service.key, options))
