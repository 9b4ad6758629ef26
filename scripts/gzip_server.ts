/** Serves a folder to this machine as a web host does: compressed, and without asking again. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { gzipSync } from "node:zlib"

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json"
}

/** A folder that is served. */
export interface GzipServer {
  readonly address: string
  /** The bytes that a path costs. */
  readonly bytesOf: (path: string) => number
  readonly close: () => void
}

/** Answers in place of a file, whose text it is given. */
type Answer = (file: string, request: IncomingMessage) => string | Promise<string>

/** Serves a folder on any free port, with other answers for some paths. */
export const serveGzip = async (
  folder: string,
  answers: Readonly<Record<string, Answer>> = {}
): Promise<GzipServer> => {
  const packed = new Map<string, Buffer>()
  const fileOf = (path: string): string => join(folder, path === "/" ? "index.html" : path)
  const pack = (path: string): Buffer => {
    const known = packed.get(path) ?? gzipSync(readFileSync(fileOf(path)), { level: 9 })
    packed.set(path, known)
    return known
  }
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    const file = fileOf(pathname)
    const isFile = existsSync(file) && statSync(file).isFile()
    const answer = answers[pathname]
    if (answer !== undefined) {
      const type = types[extname(file)] ?? "text/plain"
      response.writeHead(200, { "content-type": type })
      response.end(await answer(isFile ? readFileSync(file, "utf8") : "", request))
      return
    }
    if (!isFile) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      "content-encoding": "gzip",
      "content-type": types[extname(file)] ?? "application/octet-stream"
    })
    response.end(pack(pathname))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bytesOf: (path) => pack(path).length,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
