/**
 * Programs that mean harm, or do it by mistake.
 */

/** A program that tries everything that could reach a server, a storage or the page. */
export const escape = (server: string): string => `
import { Flow, Task } from "signalbox"
import { Effect } from "effect"

const real: any = Function("return this")()
const at = ${JSON.stringify(server)}
const blob = (text: string) => real.URL.createObjectURL(new real.Blob([text], { type: "text/javascript" }))
const heard = (target: any, good: string, bad: string) =>
  new Promise((resolve, reject) => {
    target["on" + good] = () => resolve(good)
    target["on" + bad] = () => reject(new Error(bad))
  })
const inWorker = (text: string) => {
  const worker = new real.Worker(blob(text))
  return heard(worker, "message", "error")
}
const xhr = (isAsync: boolean) => {
  const request = new real.XMLHttpRequest()
  const outcome = isAsync ? heard(request, "load", "error") : undefined
  request.open("GET", at + "/xhr", isAsync)
  request.send()
  return outcome
}

const attempts: Record<string, () => unknown> = {
  "fetch, as a program sees it": () => fetch(at + "/plain"),
  fetch: () => real.fetch(at + "/fetch"),
  "fetch, no-cors": () => real.fetch(at + "/no-cors", { mode: "no-cors" }),
  "fetch, keepalive": () => real.fetch(at, { method: "POST", body: "x", keepalive: true, mode: "no-cors" }),
  "fetch of the page": () => real.fetch(real.location.ancestorOrigins?.[0] ?? "/"),
  XMLHttpRequest: () => xhr(true),
  "XMLHttpRequest, synchronous": () => xhr(false),
  WebSocket: () => heard(new real.WebSocket(at.replace("http", "ws")), "open", "error"),
  WebSocketStream: () => new real.WebSocketStream(at.replace("http", "ws")).opened,
  EventSource: () => heard(new real.EventSource(at + "/events"), "open", "error"),
  WebTransport: () => new real.WebTransport(at.replace("http:", "https:")).ready,
  importScripts: () => real.importScripts(at + "/script.js"),
  "importScripts, data": () => real.importScripts("data:text/javascript,0"),
  "importScripts, blob with http": () => real.importScripts(blob("importScripts('" + at + "/b.js')")),
  "import of http": () => real.eval("import('" + at + "/module.js')"),
  "import of data": () => real.eval("import('data:text/javascript,export default 1')"),
  "import of a blob that imports http": () => real.eval("import('" + blob("import '" + at + "/c.js'") + "')"),
  "import, as a program writes it": () => import(at + "/d.js"),
  "worker of http": () => heard(new real.Worker(at + "/worker.js"), "message", "error"),
  "worker of data": () => heard(new real.Worker("data:text/javascript,postMessage(1)"), "message", "error"),
  "nested worker with fetch": () => inWorker("fetch('" + at + "/nested').then(() => postMessage(1), () => { throw 1 })"),
  "nested worker with import": () => inWorker("import('" + at + "/nested.js').then(() => postMessage(1), () => { throw 1 })"),
  SharedWorker: () => new real.SharedWorker(at + "/shared.js"),
  FontFace: () => new real.FontFace("f", "url(" + at + "/font.woff)").load(),
  sendBeacon: () => real.navigator.sendBeacon(at + "/beacon", "x"),
  RTCPeerConnection: () => new real.RTCPeerConnection().createDataChannel("x"),
  serviceWorker: () => real.navigator.serviceWorker.register(at + "/sw.js"),
  indexedDB: () => heard(real.indexedDB.open("x"), "success", "error"),
  caches: () => real.caches.open("x"),
  localStorage: () => real.localStorage.setItem("x", "y"),
  cookieStore: () => real.cookieStore.set("x", "y"),
  directory: () => real.navigator.storage.getDirectory(),
  "file system": () => real.webkitRequestFileSystemSync(0, 1),
  parent: () => real.parent.location.href,
  top: () => real.top.document.title,
  document: () => real.document.title
}

const late = () => new Promise((_, reject) => real.setTimeout(() => reject(new Error("no answer")), 1000))
const attempt = async (name: string, make: () => unknown) => {
  try {
    await Promise.race([make(), late()])
    return name + ": allowed"
  } catch (error: any) {
    return name + ": refused, " + (error?.message ?? error)
  }
}
const outcomes = await Promise.all(Object.entries(attempts).map(([name, make]) => attempt(name, make)))
real.postMessage({ kind: "lines", lines: ["to the frame"] })
real.postMessage({ worker: 99, end: false })
try { new real.BroadcastChannel("signalbox").postMessage("to the page") } catch {}

export const flow = Flow.make("escape", function* () {
  yield* Task.make("tell", { run: () => Effect.sync(() => outcomes.forEach((line) => console.log(line))) })()
})
`

const inTask = (body: string): string => `
import { Effect } from "effect"
import { Flow, Task } from "signalbox"
const calm = Task.make("calm", { run: () => Effect.succeed(1) })
const harm = Task.make("harm", { run: ({ n }: { readonly n: number }) => ${body} })
export const flow = Flow.make("hostile", function* () {
  yield* harm({ n: yield* calm() })
})
`

/** Programs that never give way, each with what it is like. */
export const endless: Readonly<Record<string, string>> = {
  "a loop while it is loaded": "while (true) {}",
  "a loop in a task": inTask("Effect.sync(() => { while (true) {} })"),
  "a loop of microtasks": inTask("Effect.promise(async () => { for (;;) await null })"),
  "a loop of effects": inTask("Effect.forever(Effect.void)"),
  "a loop that prints": inTask("Effect.sync(() => { for (;;) console.log('again') })"),
  "a loop of short sleeps": inTask("Effect.forever(Effect.sleep('1 millis'))"),
  "a loop of timers": inTask(
    "Effect.promise(async () => { for (;;) await new Promise((go) => setTimeout(go, 5)) })"
  ),
  "a promise that never comes": inTask("Effect.promise(() => new Promise(() => {}))"),
  "a promise that never comes, while it is loaded": "await new Promise(() => {})",
  "a promise that never comes, where no timer rings": `
const real: any = Function("return this")()
real.setTimeout = () => 0
await new Promise(() => {})`,
  "a bomb of memory": inTask(
    "Effect.sync(() => { const all: any[] = []; for (;;) all.push(new Array(1e6).fill(all.length)) })"
  )
}

/** A program that prints a million lines of 2,000 characters. */
export const flood = inTask(
  "Effect.sync(() => { const line = 'x'.repeat(2000); for (let i = 0; i < 1e6; i++) console.log(line) })"
)

/** Programs that take the worker over, to speak to the page in its place. */
export const forgeries: Readonly<Record<string, string>> = {
  "lines that were not asked for": forged(`
    for (let i = 0; i < 1e5; i++) port.postMessage({ kind: "lines", lines: Array(1000).fill("{}") })`),
  "endless signs of life": forged(`
    for (let i = 0; ; i++) port.postMessage({ kind: "pong", progress: i })`),
  "words that do not exist": forged(`port.postMessage({ kind: "gift", html: "<img src=x>" })`),
  "lines that are none": forged(`port.postMessage({ kind: "lines", lines: ['{"at":"now"}'] })`),
  "a second run": forged(`
    const header = JSON.stringify({ signalbox: 1, flow: "x", start: 0, nodes: [], reference: [] })
    port.postMessage({ kind: "lines", lines: [header, header] })`),
  "broken intrinsics": inTask(
    "Effect.sync(() => { JSON.stringify = () => '{' as any; Array.prototype.push = () => 0 })"
  )
}

/** Takes the port off the next message that the worker hears. */
function forged(speak: string): string {
  return inTask(`Effect.promise(() => new Promise(() => {
    const real: any = Function("return this")()
    const { get } = Object.getOwnPropertyDescriptor(real.MessageEvent.prototype, "data")!
    Object.defineProperty(real.MessageEvent.prototype, "data", {
      get() {
        const port = (this as any).target
        ${speak}
        return get!.call(this)
      }
    })
  }))`)
}
