/**
 * The notifications that conformance cases describe: the Slack handler, called with the states of a
 * case over a client that keeps what is posted.
 */
import { Data, Effect, Exit, Option, Redacted } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { Signal, State, Transition } from "signalbox"
import { Slack } from "signalbox/notify"

/** The description of a state, as far as cases of this kind use it. */
export interface StateText {
  readonly state: string
  readonly message?: string
  readonly result?: unknown
}

/** One call of the handler. */
export interface Change {
  readonly old: StateText
  readonly new: StateText
  readonly newError?: { readonly error: string; readonly message?: string }
  readonly newSignal?: { readonly signal: string; readonly message?: string }
}

/** What was posted. */
export interface Post {
  readonly url: string
  readonly json: unknown
  readonly proxies?: unknown
}

/** What came of one call; `error` is the message of what it failed with. */
export interface Outcome {
  readonly posts: ReadonlyArray<Post>
  readonly returnsNew?: boolean
  readonly error?: { readonly type?: string; readonly message: string }
}

/** A case of kind `notify`. */
export interface NotifyCase {
  readonly id: string
  readonly title: string
  readonly object: { readonly kind: string; readonly name: string }
  readonly secrets: Readonly<Record<string, string>>
  readonly options?: {
    readonly ignoreStates?: ReadonlyArray<string>
    readonly onlyStates?: ReadonlyArray<string>
    readonly webhookSecret?: string
    readonly backendInfo?: boolean
    readonly proxies?: unknown
  }
  readonly httpOk?: boolean
  readonly transitions: ReadonlyArray<Change>
  readonly expected: { readonly transitions: ReadonlyArray<Outcome> }
}

/** The words that the recorded engine signs with. */
const recordedStyle: Slack.Style = {
  author: {
    name: "Prefect",
    link: "https://www.prefect.io/",
    icon: "https://emoji.slack-edge.com/TAN3D79AL/prefect/2497370f58500a5a.png"
  },
  footer: "Prefect notification"
}

/** An error that prints as the recorded one. */
const errorOf = (name: string, message = ""): Error => Object.assign(new Error(message), { name })

/** The states that a filter names; every state is a `State`. */
const tagsOf = (names: ReadonlyArray<string> | undefined): ReadonlyArray<State.Tag> | undefined =>
  names?.flatMap((name) => name === "State" ? State.tags : [tagOf(name)])

const tagOf = (name: string): State.Tag => {
  const tag = State.tags.find((tag) => tag === name)
  if (tag === undefined) throw new Error(`A state that this harness does not know: ${name}`)
  return tag
}

const signals: Readonly<Record<string, (message?: string) => Signal.Signal>> = {
  FAIL: Signal.fail,
  TRIGGERFAIL: Signal.triggerFail,
  VALIDATIONFAIL: Signal.validationFail,
  SUCCESS: Signal.success,
  SKIP: Signal.skip,
  RETRY: Signal.retry,
  PAUSE: Signal.pause,
  LOOP: Signal.loop
}

const newStateOf = (change: Change): State.State => {
  if (change.newSignal !== undefined) {
    const { message, signal } = change.newSignal
    return Signal.toState(signals[signal]!(message))
  }
  const { newError } = change
  return stateOf(change.new, newError && errorOf(newError.error, newError.message))
}

const stateOf = ({ message, result, state }: StateText, error?: Error): State.State =>
  State.make(tagOf(state), { message, result: error ?? result })

/** A secret as the recorded engine reads it: JSON where it is JSON. */
const readSecret = (text: string): string => {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

class MissingSecret extends Data.TaggedError("MissingSecret")<{ readonly message: string }> {}

const secretOf = (
  { options = {}, secrets }: NotifyCase
): Effect.Effect<Redacted.Redacted, MissingSecret> => {
  const name = options.webhookSecret ?? "SLACK_WEBHOOK_URL"
  const text = secrets[name]
  return text === undefined
    ? Effect.fail(new MissingSecret({ message: `Local Secret "${name}" was not found.` }))
    : Effect.succeed(Redacted.make(readSecret(text)))
}

/** What a request posts, if that is JSON. */
export const jsonOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown =>
  body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined

/** A client that keeps what is posted; proxies are a matter of the client. */
const keeping = ({ httpOk = true, options }: NotifyCase, posts: Array<Post>) =>
  HttpClient.make((request) =>
    Effect.sync(() => {
      const proxies = options?.proxies
      posts.push({
        url: request.url,
        json: jsonOf(request),
        ...(proxies !== undefined && { proxies })
      })
      const response = new Response(null, { status: httpOk ? 200 : 500 })
      return HttpClientResponse.fromWeb(request, response)
    })
  )

/** What the handler makes of each change of a case; to be compared with `expected.transitions`. */
export const runNotifyCase = (test: NotifyCase): Effect.Effect<ReadonlyArray<Outcome>> => {
  const { name } = test.object
  const subject = test.object.kind === "flow"
    ? Transition.flowSubject(name)
    : Transition.taskSubject({ name, slug: name, tags: [] })
  const handle = Slack.handle({
    webhookUrl: secretOf(test),
    ignoreStates: tagsOf(test.options?.ignoreStates),
    onlyStates: tagsOf(test.options?.onlyStates),
    ...recordedStyle
  })
  return Effect.forEach(test.transitions, (change) =>
    Effect.gen(function* () {
      const posts: Array<Post> = []
      const newState = newStateOf(change)
      const exit = yield* handle(subject, stateOf(change.old), newState).pipe(
        Effect.provideService(HttpClient.HttpClient, keeping(test, posts)),
        Effect.exit
      )
      return outcomeOf(exit, newState, posts)
    }))
}

const outcomeOf = (
  exit: Exit.Exit<State.State | void, Error>,
  newState: State.State,
  posts: ReadonlyArray<Post>
): Outcome => {
  if (Exit.isSuccess(exit)) {
    return { posts, returnsNew: exit.value === undefined || exit.value === newState }
  }
  const error = Exit.findErrorOption(exit)
  return { posts, error: { message: Option.getOrThrow(error).message } }
}

/** An outcome as this repository tells it: without the recorded error's class, and its own forms. */
export const expectedOf = (outcome: Outcome): Outcome => {
  if (outcome.error === undefined) return outcome
  const message = outcome.error.message.replace(/<Flow: name="(.*?)">/g, "<Flow: name=$1>")
  return { ...outcome, error: { message } }
}
