/**
 * What all notifiers have in common: for which states they speak, and how they post.
 *
 * The address of a webhook is a secret: it is in no message, no log and no trace. A notifier waits
 * for its answer at most 10 seconds and never harms the run it tells of, unless asked to.
 *
 * @module
 */
import { Data, Effect, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import * as State from "../State.ts"
import * as StateHandler from "../StateHandler.ts"
import type { Subject } from "../Transition.ts"

/** What every notifier can be given; a kind of state stands for those below it too. */
export interface Options<out E = never, out R = never> extends StateHandler.Options {
  /**
   * Where to post: a redacted address, or where to get one, such as
   * `Config.Redacted("SLACK_WEBHOOK_URL")`. It is read first of all, so that a missing one shows at
   * the first change of state and not at the first failure.
   */
  readonly webhookUrl: Redacted.Redacted | Effect.Effect<Redacted.Redacted, E, R>
  /** The states to be silent about; they win over `onlyStates`. */
  readonly ignoreStates?: ReadonlyArray<State.Tag> | undefined
  /** The states to speak of; all of them unless some are given. */
  readonly onlyStates?: ReadonlyArray<State.Tag> | undefined
}

/** A notification that was not taken. */
export class NotificationError extends Data.Error<{
  /** The task or flow that it was about. */
  readonly subject: Subject
  /** What the receiver answered; open when there was no answer. */
  readonly status: number | undefined
  readonly message: string
}> {
  readonly _tag = "NotificationError"
  override readonly name = "NotificationError"
}

/** Whether a notifier with these options speaks of a state. */
export const concerns = (
  options: Pick<Options, "ignoreStates" | "onlyStates">,
  state: State.State
): boolean => {
  const { ignoreStates = [], onlyStates = [] } = options
  const isOneOf = (tags: ReadonlyArray<State.Tag>) => tags.some((tag) => State.isKind(state, tag))
  return !isOneOf(ignoreStates) && (onlyStates.length === 0 || isOneOf(onlyStates))
}

/** What one kind of notifier posts. */
export interface Letter {
  /** Begins the message of the error: `Slack` for `Slack notification for <Task: add> failed`. */
  readonly kind: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What is posted as JSON. */
  readonly body: unknown
}

/** Makes the function of a notifier from what it posts about a change. */
export const handle = <E, R, R1>(
  options: Options<E, R>,
  letter: (
    subject: Subject,
    oldState: State.State,
    newState: State.State
  ) => Effect.Effect<Letter, never, R1>
): StateHandler.Handle<E | NotificationError, R | R1 | HttpClient.HttpClient> =>
  Effect.fnUntraced(function* (subject, oldState, newState) {
    const { webhookUrl } = options
    const url = Redacted.isRedacted(webhookUrl) ? webhookUrl : yield* webhookUrl
    if (!concerns(options, newState)) return
    yield* post(subject, url, yield* letter(subject, oldState, newState))
  })

const post = (
  subject: Subject,
  url: Redacted.Redacted,
  letter: Letter
): Effect.Effect<void, NotificationError, HttpClient.HttpClient> => {
  const failed = (status?: number) =>
    new NotificationError({
      subject,
      status,
      message: `${letter.kind} notification for ${subject} failed`
    })
  const request = HttpClientRequest.post(Redacted.value(url)).pipe(
    HttpClientRequest.setHeaders(letter.headers ?? {}),
    HttpClientRequest.bodyJsonUnsafe(letter.body)
  )
  return HttpClient.execute(request).pipe(
    // The client's own errors and spans know the address.
    Effect.mapError(() => failed()),
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
    Effect.flatMap(({ status }) =>
      status >= 200 && status < 300 ? Effect.void : Effect.fail(failed(status))
    )
  )
}

/** How a notifier is called unless it says otherwise. */
export const handlerOptions = (
  name: string,
  options: StateHandler.Options
): StateHandler.Options => ({
  name: options.name ?? name,
  policy: options.policy ?? "ignore",
  timeout: options.timeout ?? "10 seconds"
})
