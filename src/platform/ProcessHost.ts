/**
 * The process that the command runs in, on Node and on Deno.
 *
 * @module
 */
import { Effect } from "effect"
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from "node:fs"
import { resolve } from "node:path"
import process from "node:process"
import { fileURLToPath, pathToFileURL } from "node:url"
import { type Host, HostError } from "../cli/Host.ts"
import { startLiveServer } from "./LiveServer.ts"

const refuse = (message: string) => Effect.fail(new HostError({ message }))

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

// -----------------------------------------------------------------------------
// Files
// -----------------------------------------------------------------------------

const load: Host["load"] = (file) => {
  const path = resolve(file)
  if (!existsSync(path)) return refuse(`Cannot run ${file}: there is no such file`)
  if (!statSync(path).isFile()) return refuse(`Cannot run ${file}: it is no file`)
  return Effect.tryPromise({
    try: (): Promise<Record<string, unknown>> => import(pathToFileURL(path).href),
    catch: (error) => new HostError({ message: `Cannot run ${file}: ${whyNotLoaded(error)}` })
  })
}

const whyNotLoaded = (error: unknown): string => {
  const { code, stack } = error as { readonly code?: string; readonly stack?: string }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node ${process.versions.node} runs no TypeScript: use Node 22.18 or later, or Deno, or ` +
      "compile it to JavaScript"
  }
  if (code === "ERR_MODULE_NOT_FOUND" && /'signalbox/.test(messageOf(error))) {
    return `${messageOf(error)}; npm install signalbox effect`
  }
  return `it could not be loaded\n${stack ?? String(error)}`
}

const bufferedCharacters = 64 * 1024

/** Lines are collected for a moment, as a write for each would take longer than the run. */
const write: Host["write"] = (file) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => new LineFile(file),
      catch: (error) =>
        new HostError({ message: `Cannot write the trace to ${file}: ${messageOf(error)}` })
    }),
    (lines) => Effect.sync(lines.close)
  ).pipe(Effect.map((lines) => lines.add))

class LineFile {
  private readonly file: number
  private waiting = ""
  private timer: ReturnType<typeof setImmediate> | undefined

  constructor(path: string) {
    this.file = openSync(path, "w")
  }

  readonly add = (line: string): void => {
    this.waiting += `${line}\n`
    if (this.waiting.length >= bufferedCharacters) this.flush()
    else this.timer ??= setImmediate(() => this.flush())
  }

  readonly close = (): void => {
    this.flush()
    closeSync(this.file)
  }

  private flush(): void {
    clearImmediate(this.timer)
    this.timer = undefined
    const bytes = Buffer.from(this.waiting)
    this.waiting = ""
    for (let at = 0; at < bytes.length;) at += writeSync(this.file, bytes, at)
  }
}

// -----------------------------------------------------------------------------
// The package
// -----------------------------------------------------------------------------

const here = (path: string): URL => new URL(path, import.meta.url)

const version: Host["version"] = Effect.try({
  try: (): string => {
    const { version } = JSON.parse(readFileSync(here("../../package.json"), "utf8"))
    return version
  },
  catch: (error) => new HostError({ message: `Cannot tell the version: ${messageOf(error)}` })
})

/**
 * The built page: within the package beside its modules, in the repository where it is built to,
 * unless the environment names another folder.
 */
const playground = (): string =>
  process.env["SIGNALBOX_PLAYGROUND"] ??
    fileURLToPath(
      here(import.meta.url.endsWith(".ts") ? "../../dist/playground/" : "../../playground/")
    )

const serve: Host["serve"] = ({ backlog, port }) => {
  const folder = playground()
  if (!existsSync(resolve(folder, "index.html"))) {
    return refuse(
      `Cannot show the run: there is no built page in ${folder}; ` +
        "SIGNALBOX_PLAYGROUND can name the folder that has it"
    )
  }
  return Effect.acquireRelease(
    Effect.tryPromise({
      try: () => startLiveServer({ backlog, folder, port }),
      catch: (error) =>
        new HostError({
          message: (error as { readonly code?: string }).code === "EADDRINUSE"
            ? `Cannot show the run: port ${port} is taken`
            : `Cannot show the run: ${messageOf(error)}`
        })
    }),
    (server) => Effect.promise(server.close)
  ).pipe(Effect.map(({ address }) => address))
}

// -----------------------------------------------------------------------------
// The process
// -----------------------------------------------------------------------------

// As long as nobody waits for it, Ctrl-C ends the process at once, even one that is busy.
const interrupted: Effect.Effect<void> = Effect.callback((resume) => {
  const end = (): void => resume(Effect.void)
  const signals = ["SIGINT", "SIGTERM"] as const
  for (const signal of signals) process.once(signal, end)
  return Effect.sync(() => {
    for (const signal of signals) process.off(signal, end)
  })
})

/** The process as the command uses it. */
export const processHost: Host = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  version,
  load,
  write,
  serve,
  interrupted
}
