/**
 * A web server on this machine that stands in for Slack: the examples post to it over HTTP.
 */
import { Effect, Layer } from "effect"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { SlackUrl } from "../playground/examples/post-to-slack.ts"
import { lineFor } from "../playground/slack-stand-in.ts"

/** Serves while the layer is in use, and tells each message in a line. */
export const slackServer = (tell: (line: string) => void): Layer.Layer<never> =>
  Layer.effect(SlackUrl, Effect.map(Effect.acquireRelease(open(tell), close), urlOf))

const open = (tell: (line: string) => void): Effect.Effect<Server> =>
  Effect.callback((resume) => {
    const server = createServer(async (request, response) => {
      const status = await take(request, tell)
      response.writeHead(status).end(status === 200 ? "ok" : "invalid_payload")
    })
    server.once("error", (error) => resume(Effect.die(error)))
    server.listen({ host: "127.0.0.1", port: 0 }, () => resume(Effect.succeed(server)))
  })

const take = async (request: IncomingMessage, tell: (line: string) => void): Promise<number> => {
  try {
    tell(lineFor(await text(request)))
    return 200
  } catch {
    return 400
  }
}

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    // A client may keep its connection for a next message, which will not come.
    server.closeAllConnections()
  })

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
