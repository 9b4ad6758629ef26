/** What the server of a shown run answers to requests and connections that nobody should make. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, assert, beforeEach, it } from "vitest"
import { Backlog } from "../../src/cli/Backlog.ts"
import { type LiveServer, startLiveServer } from "../../src/platform/LiveServer.ts"

const folder = mkdtempSync(join(tmpdir(), "signalbox-live-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let backlog: Backlog
let server: LiveServer
let page: URL
let events: string

beforeEach(async () => {
  writeFileSync(join(folder, "index.html"), "the page")
  backlog = new Backlog()
  backlog.add("{}")
  server = await startLiveServer({ backlog, folder, port: 0 })
  page = new URL(server.address)
  events = `/events?token=${page.hash.slice(1)}`
})
afterEach(() => server.close())

const open = (text: string): Socket => {
  const socket = connect(Number(page.port), "127.0.0.1").setEncoding("utf8")
  socket.write(text)
  return socket
}

const head = (line: string, host = page.host): string => `${line} HTTP/1.1\r\nhost: ${host}\r\n\r\n`

/** All that is answered to what no proper client would send, until a text is in it. */
const answerTo = (text: string, until = "\r\n\r\n"): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ""
    const socket = open(text)
    socket.on("error", reject).on("close", () => reject(new Error(`It only said "${answer}"`)))
    socket.on("data", (part: string) => {
      answer += part
      if (!answer.slice(-part.length - until.length).includes(until)) return
      resolve(answer)
      socket.destroy()
    })
  })

const statusOf = async (line: string, host?: string): Promise<number> =>
  Number(/^HTTP\/1\.1 (\d+) /.exec(await answerTo(head(line, host)))?.[1])

it.each<readonly [line: string, status: number]>([
  ["GET //", 404],
  ["GET //[", 404],
  ["GET ///index.html", 404],
  ["GET http://", 400],
  ["GET http://[/", 400],
  ["GET http://x:99999/", 400],
  ["GET *", 400],
  ["GET /%", 404],
  ["GET /%ff%00", 404],
  ["GET /events?token=%", 403],
  ["GET /events?token=%E2%82%AC", 403],
  ["OPTIONS *", 405],
  ["DELETE //", 405],
  ["HEAD /", 200],
  ["GET /", 200]
])("answers %s with %i and goes on", async (line, status) => {
  assert.strictEqual(await statusOf(line), status)
  assert.strictEqual(await statusOf("GET /"), 200)
})

it("answers addresses of any length", async () => {
  assert.strictEqual(await statusOf(`GET /${"x".repeat(10_000)}`), 404)
  assert.strictEqual(await statusOf(`GET /${"x".repeat(100_000)}`), 431)
  assert.strictEqual(await statusOf("GET /"), 200)
})

it("looks at the name that it is called by first", async () => {
  for (const line of ["GET //", "GET http://[/", "DELETE /"]) {
    assert.strictEqual(await statusOf(line, "evil.example"), 421, line)
  }
})

it("tells whoever asks for the head of the run what they would get, and no more", async () => {
  for (let i = 0; i < 40; i++) {
    const answer = await answerTo(head(`HEAD ${events}`))
    assert.match(answer, /^HTTP\/1\.1 200 .*text\/event-stream/s)
    assert.match(answer, /\r\n\r\n$/)
  }
  assert.strictEqual(await statusOf("HEAD /events"), 403)
  assert.strictEqual(await statusOf(`GET ${events}`), 200)
})

it("says that a file of the page is gone, or cannot be read", async () => {
  rmSync(join(folder, "index.html"))
  assert.strictEqual(await statusOf("GET /"), 404)
  assert.strictEqual(await statusOf("HEAD /"), 404)
  mkdirSync(join(folder, "index.html"))
  assert.strictEqual(await statusOf("GET /"), 500)
  rmdirSync(join(folder, "index.html"))
  writeFileSync(join(folder, "index.html"), "another page")
  assert.include(await answerTo(head("GET /"), "another page"), "content-length: 12")
})

/** More viewers than there is room for, and how many of them found room. */
const crowd = async () => {
  const sockets = Array.from({ length: 40 }, () => open(head(`GET ${events}`)))
  const answers = await Promise.all(
    sockets.map((socket) => new Promise<string>((resolve) => socket.once("data", resolve)))
  )
  const welcome = answers.filter((answer) => answer.startsWith("HTTP/1.1 200 "))
  return { sockets, room: welcome.length }
}

it("forgets viewers that have left, however they did", async () => {
  for (const leave of ["destroy", "resetAndDestroy", "end", "destroy"] as const) {
    let found = 0
    while (found < 32) {
      const { room, sockets } = await crowd()
      for (const socket of sockets) socket[leave]()
      found = room
    }
    assert.strictEqual(found, 32)
  }
})

it("takes one who asks for the run many times in one connection for one viewer", async () => {
  const socket = open(head(`GET ${events}`).repeat(40))
  await new Promise((resolve) => socket.once("data", resolve))
  assert.strictEqual((await crowd()).room, 31)
  socket.destroy()
})

it("goes on when viewers leave in the middle of a long run", async () => {
  const left = Array.from({ length: 6 }, () => open(head(`GET ${events}`)))
  await Promise.all(left.map((socket) => new Promise((resolve) => socket.once("data", resolve))))
  for (const [i, socket] of left.entries()) {
    for (let line = 0; line < 200; line++) backlog.add(JSON.stringify("x".repeat(10_000)))
    socket[i % 2 === 0 ? "resetAndDestroy" : "end"]()
    await new Promise((resolve) => setImmediate(resolve))
  }
  backlog.add("the last line")
  assert.include(await answerTo(head(`GET ${events}`), "the last line"), "data: {}\n")
})
