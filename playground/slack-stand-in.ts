/**
 * What answers in Slack's place, so that the examples post for real and bother no one.
 */
import { Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"

const decode = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ text: Schema.String }))
)

/**
 * The line in which a stand-in tells what was posted to it.
 *
 * @throws if Slack would not take it either: it wants JSON with a `text`.
 */
export const lineFor = (body: string): string => `[Slack stand-in] ${decode(body).text}`

/** Takes the place of the network: for a page, which may not post anywhere, and for tests. */
export const withoutNetwork = (tell: (line: string) => void): Layer.Layer<never> => {
  const fetch: typeof globalThis.fetch = async (input, init) => {
    tell(lineFor(await new Request(input, init).text()))
    return new Response("ok")
  }
  return Layer.succeed(FetchHttpClient.Fetch, fetch)
}
