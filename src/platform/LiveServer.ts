/**
 * Shows a run to a browser on this machine: the files of the page, and the lines of the run as they
 * come.
 *
 * It listens on the loopback interface only; answers only those who call it by its own name, so that
 * no page elsewhere can reach it by a name that leads here; and gives the lines only to those who
 * know the token, so that no other user of the machine can read them.
 *
 * Bound: 32 viewers at a time, one for each connection. Each is sent what it has not seen yet, as
 * fast as it takes it.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { extname, join, sep } from "node:path"
import type { Backlog } from "../cli/Backlog.ts"

/** What is shown, and where. */
export interface Options {
  readonly backlog: Backlog
  /** The folder with the built page. */
  readonly folder: string
  /** 0 for any that is free. */
  readonly port: number
}

/** A server that shows a run. */
export interface LiveServer {
  /** Where the page is; the token is in it. */
  readonly address: string
  readonly close: () => Promise<void>
}

const maxViewers = 32
const linesAtOnce = 500
const heartbeatMillis = 15_000

/** Starts a server. Fails if the port is taken or the folder cannot be read. */
export const startLiveServer = async ({ backlog, folder, port }: Options): Promise<LiveServer> => {
  const files = filesIn(folder)
  const token = randomBytes(24).toString("base64url")
  const viewers = new Map<Socket, Viewer>()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!isOwnName(request, server)) return refuse(response, 421, "Not a name of this server")
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(response, 405, "Only to be read", { allow: "GET, HEAD" })
    }
    const url = urlOf(request)
    if (url === undefined) return refuse(response, 400, "Not an address")
    if (url.pathname !== "/events") return sendFile(files, url.pathname, request, response)
    if (!isEqual(url.searchParams.get("token") ?? "", token)) {
      return refuse(response, 403, "The token in the address is not that of this run")
    }
    if (request.method === "HEAD") return void response.writeHead(200, eventHeaders).end()
    if (viewers.size >= maxViewers) return refuse(response, 503, "Too many viewers")
    const { socket } = request
    if (viewers.has(socket)) return refuse(response, 503, "This connection shows the run already")
    viewers.set(socket, new Viewer(backlog, request, response, () => viewers.delete(socket)))
  }
  // What is thrown here would end the process, and the run with it.
  const server = createServer((request, response) => {
    try {
      answer(request, response)
    } catch {
      if (response.headersSent) response.destroy()
      else refuse(response, 500, "This cannot be answered")
    }
  })
  await listen(server, port)
  const { port: actual } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${actual}/?live#${token}`,
    close: async () => {
      for (const viewer of viewers.values()) viewer.end()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject)
      resolve()
    })
  })

const isOwnName = ({ headers }: IncomingMessage, server: Server): boolean => {
  const { port } = server.address() as AddressInfo
  return headers.host === `127.0.0.1:${port}` || headers.host === `localhost:${port}`
}

/** What is asked for; a path that begins with two slashes names no other host. */
const urlOf = ({ url = "/" }: IncomingMessage): URL | undefined => {
  const address = url.startsWith("/") ? `http://localhost${url}` : url
  return URL.canParse(address) ? new URL(address) : undefined
}

const isEqual = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

// -----------------------------------------------------------------------------
// The page
// -----------------------------------------------------------------------------

/** All files of the page by their path: what is not among them is not there, whatever is asked. */
const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path.slice(join(folder, sep).length).split(sep).join("/"), path]
      })
  )

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm"
}

const headers = {
  "cache-control": "no-cache",
  "content-security-policy": "frame-ancestors 'self'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
} as const

const sendFile = (
  files: ReadonlyMap<string, string>,
  pathname: string,
  { method }: IncomingMessage,
  response: ServerResponse
): void => {
  const name = pathname === "/" ? "index.html" : decoded(pathname.slice(1))
  const path = files.get(name)
  if (path === undefined) return refuse(response, 404, "There is no such file")
  const content = contentOf(path)
  if (content === undefined) return refuse(response, 404, "The file is gone")
  response.writeHead(200, {
    ...headers,
    "content-type": types[extname(name)] ?? "application/octet-stream",
    "content-length": content.length
  })
  response.end(method === "HEAD" ? undefined : content)
}

/** Nothing if the file has been taken away since the server was started. */
const contentOf = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ENOENT") return undefined
    throw error
  }
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const refuse = (
  response: ServerResponse,
  status: number,
  reason: string,
  more: Readonly<Record<string, string>> = {}
): void => {
  response.writeHead(status, { ...headers, ...more, "content-type": "text/plain; charset=utf-8" })
  response.end(`${reason}\n`)
}

// -----------------------------------------------------------------------------
// The run
// -----------------------------------------------------------------------------

const eventHeaders = {
  ...headers,
  "cache-control": "no-store",
  "content-type": "text/event-stream"
} as const

/**
 * One browser that follows the run. An event has many lines of the trace, and the number of the last
 * one as its id: whoever comes back says which one that was, and goes on behind it.
 */
class Viewer {
  private readonly backlog: Backlog
  private readonly response: ServerResponse
  private readonly stop: () => void
  private next: number
  private isFull = false

  constructor(
    backlog: Backlog,
    { headers: asked, socket }: IncomingMessage,
    response: ServerResponse,
    onClose: () => void
  ) {
    this.backlog = backlog
    this.response = response
    this.next = nextAfter(asked["last-event-id"])
    response.writeHead(200, eventHeaders)
    const stopListening = backlog.onMore(this.scheduled())
    const beating = setInterval(() => response.write(":\n\n"), heartbeatMillis)
    this.stop = () => {
      stopListening()
      clearInterval(beating)
      socket.off("close", this.stop)
      onClose()
    }
    response.on("close", this.stop)
    // A response that waits behind another one in its connection may not be told that it is lost.
    socket.on("close", this.stop)
    response.on("drain", () => {
      this.isFull = false
      this.send()
    })
    response.write("retry: 1000\n\n")
    this.send()
  }

  readonly end = (): void => {
    this.stop()
    this.response.end()
  }

  /** Lines that come in the same moment go together. */
  private scheduled(): () => void {
    let isWaiting = false
    return () => {
      if (isWaiting) return
      isWaiting = true
      setImmediate(() => {
        isWaiting = false
        this.send()
      })
    }
  }

  private send(): void {
    while (!this.isFull && !this.response.writableEnded && !this.response.destroyed) {
      const part = this.backlog.from(this.next, linesAtOnce)
      if (part === undefined) return
      this.next = part.last + 1
      const data = part.lines.map((line) => `data: ${line}\n`).join("")
      this.isFull = !this.response.write(`id: ${part.last}\n${data}\n`)
    }
  }
}

const nextAfter = (lastId: string | ReadonlyArray<string> | undefined): number => {
  const last = Number(lastId ?? -1)
  return Number.isSafeInteger(last) && last >= -1 ? last + 1 : 0
}
