/** Serves a folder to this machine as a web host does: compressed, and without asking again. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer } from "node:http"
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

/** Serves a folder on any free port. */
export const serveGzip = async (folder: string): Promise<GzipServer> => {
  const packed = new Map<string, Buffer>()
  const fileOf = (path: string): string => join(folder, path === "/" ? "index.html" : path)
  const pack = (path: string): Buffer => {
    const known = packed.get(path) ?? gzipSync(readFileSync(fileOf(path)), { level: 9 })
    packed.set(path, known)
    return known
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    const file = fileOf(pathname)
    if (!existsSync(file) || !statSync(file).isFile()) {
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
