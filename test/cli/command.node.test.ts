/**
 * The `signalbox` command, as a process of its own on Node and on Deno: what it prints, what it
 * writes, how it ends, and who may see the run that it shows.
 */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import repository from "../../package.json" with { type: "json" }
import { TraceReader } from "../../playground/viewer/TraceReader.ts"
import * as Command from "../../src/cli/Command.ts"
import { Host } from "../../src/cli/Host.ts"
import { denoProgram } from "../../scripts/deno_program.ts"
import { processHost } from "../../src/platform/ProcessHost.ts"

const start = [process.execPath]
const root = resolve(import.meta.dirname, "../..")
const command = join(root, "src/platform/signalbox.ts")
const folder = mkdtempSync(join(tmpdir(), "signalbox-cli-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, "index.html"), "<!doctype html><title>The page</title>")
writeFileSync(join(folder, "secret.txt"), "not of the page")

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Process {
  readonly child: ChildProcess
  /** The first line of its error output that a pattern finds. */
  readonly told: (pattern: RegExp) => Promise<string>
  readonly ended: Promise<Ended>
}

const runtimes = [
  { name: "Node", start: [process.execPath] },
  { name: "Deno", start: [await denoProgram(), "run", "--allow-all"] }
]

const begin = (start: ReadonlyArray<string>, args: ReadonlyArray<string>): Process => {
  const [program = "", ...before] = start
  const env = { ...process.env, NO_COLOR: "1", SIGNALBOX_PLAYGROUND: folder }
  const child = spawn(program, [...before, command, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let out = ""
  let err = ""
  const waiting = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text
    for (const look of waiting) look()
  })
  return {
    child,
    told: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = err.split("\n").find((line) => pattern.test(line))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        child.once("close", () => reject(new Error(`It never told ${pattern}: ${err}`)))
        look()
      }),
    ended: new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (code) => resolve({ code, out, err }))
    })
  }
}

const flow = (name: string): string => `test/cli/flows/${name}.ts`
const example = (name: string): string => `playground/examples/${name}.ts`

const simulated = `00:00:00 market-report: Scheduled → Running("Running flow.")
00:00:00 extract: Pending → Running("Starting task run.")
00:00:00 extract: Running → Failed("there are no rows yet")
00:00:00 extract: Failed → Retrying("Retrying Task (after attempt 1 of 3)")
00:00:00 price: Pending → Running("Starting task run.")
00:00:00 price: Running → Success("Using the price of yesterday.")
00:00:00.100 extract: Retrying → Running("Starting task run.")
00:00:00.100 extract: Running → Success("Task run succeeded.")
00:00:00.100 report: Pending → Running("Starting task run.")
apples and pears at 40
00:00:00.100 report: Running → Success("Task run succeeded.")
00:00:00.100 market-report: Running → Success("All reference tasks succeeded.")

task        state                                      attempts
----------  -----------------------------------------  --------
extract     Success("Task run succeeded.")             2
price       Success("Using the price of yesterday.")   1
report      Success("Task run succeeded.")             1
(the flow)  Success("All reference tasks succeeded.")
`

const readTrace = (path: string) => {
  const reader = new TraceReader(path)
  for (const line of readFileSync(path, "utf8").split("\n")) reader.add(line)
  return reader.soFar ?? assert.fail("the trace is empty")
}

describe.each(runtimes)("on $name", ({ name, start }) => {
  const run = (...args: ReadonlyArray<string>): Promise<Ended> => begin(start, args).ended

  it("simulates a flow, with each change and what became of its tasks", async () => {
    assert.deepStrictEqual(await run("simulate", example("replace-a-state"), "--seed", "7"), {
      code: 0,
      out: simulated,
      err: ""
    })
  })

  it("prints only what the program prints, if asked", async () => {
    const ended = await run("simulate", example("replace-a-state"), "--quiet")
    assert.deepStrictEqual(ended, { code: 0, out: "apples and pears at 40\n", err: "" })
  })

  it("ends with 1 when the flow failed, as here by a fault", async () => {
    const faults = JSON.stringify([{ kind: "Die", task: "report" }])
    const ended = await run("simulate", example("replace-a-state"), "--faults", faults)
    assert.strictEqual(ended.code, 1)
    assert.include(ended.out, '(the flow)  Failed("Some reference tasks failed.")')
  })

  it("stops simulated time where it is told to", async () => {
    const ended = await run("simulate", flow("long"), "--until", "1 second", "-q")
    assert.deepStrictEqual(ended, { code: 0, out: "", err: "" })
  })

  it("sends nothing in simulated time, and says what it did not send", async () => {
    const ended = await run("simulate", example("post-to-slack"), "-q")
    assert.deepStrictEqual(ended, {
      code: 0,
      out: "",
      err: "[not sent] POST https://xxxxx/\n"
    })
  })

  it("runs a flow for real, with its parameters and the layers of its file", async () => {
    const ended = await run("run", flow("parameters"), "--parameters", '{"name":"Ada"}', "-q")
    assert.deepStrictEqual(ended, { code: 0, out: "audited Running\naudited Success\n", err: "" })
  })

  it("writes a trace that can be opened", async () => {
    const path = join(folder, `${name}.jsonl`)
    const ended = await run("simulate", example("replace-a-state"), "--trace", path, "--seed", "7")
    const { changes, end, header, logs } = readTrace(path)
    assert.strictEqual(ended.code, 0)
    assert.deepStrictEqual([header.flow, header.seed, end?.end], ["market-report", 7, "ended"])
    assert.deepStrictEqual([changes.length, logs.map(({ log }) => log)], [
      11,
      ["apples and pears at 40"]
    ])
  })

  it("keeps out of a redacted trace what the program said", async () => {
    const path = join(folder, `${name}-redacted.jsonl`)
    await run("simulate", flow("secrets"), "--trace", path, "--redact")
    const { changes, logs } = readTrace(path)
    assert.notInclude(readFileSync(path, "utf8"), "hunter2")
    assert.deepStrictEqual(changes.map(({ to }) => to.tag).slice(-4), [
      "Retrying",
      "Running",
      "Failed",
      "Failed"
    ])
    assert.deepStrictEqual(logs.map(({ log }) => log), ["(hidden)", "(hidden)"])
  })

  it("draws a flow", async () => {
    const { code, err, out } = await run("graph", example("replace-a-state"))
    assert.deepStrictEqual([code, err], [0, ""])
    assert.match(out, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n$/s)
    for (const task of ["extract", "price", "report"]) assert.include(out, `>${task}<`)
  })

  it("ends with 130 and a whole trace when Ctrl-C is pressed", async () => {
    const path = join(folder, `${name}-interrupted.jsonl`)
    const { child, ended } = begin(start, ["run", flow("long"), "--trace", path])
    child.stdout?.once("data", () => child.kill("SIGINT"))
    const { code, err, out } = await ended
    assert.strictEqual(code, 130)
    assert.include(out, '(the flow)  Cancelled("Flow run was interrupted.")')
    assert.include(err, "The run was interrupted.")
    assert.strictEqual(readTrace(path).end?.error, "The run was interrupted.")
  })

  it("goes on to the end of the run when whoever read it has left", async () => {
    const path = join(folder, `${name}-unread.jsonl`)
    const { child, ended } = begin(start, ["simulate", example("replace-a-state"), "--trace", path])
    child.stdout?.destroy()
    child.stderr?.destroy()
    assert.strictEqual((await ended).code, 0)
    assert.strictEqual(readTrace(path).end?.end, "ended")
  })

  it("shows a run on a page until Ctrl-C, and ends as the flow did", async () => {
    const args = ["simulate", example("replace-a-state"), "--ui", "-q"]
    const { child, ended, told } = begin(start, args)
    const address = new URL(/http:\S+/.exec(await told(/Watch it at/))?.[0] ?? "")
    await told(/The run is over/)
    assert.match(await (await fetch(address)).text(), /The page/)
    const events = await eventsAt(address)
    assert.strictEqual(events.at(-1)?.lines.at(-1), '{"at":100,"end":"ended"}')
    child.kill("SIGINT")
    assert.strictEqual((await ended).code, 0)
  })
})

// -----------------------------------------------------------------------------
// What it refuses
// -----------------------------------------------------------------------------

/** The command in this process: what it prints is kept. */
const run = async (...args: ReadonlyArray<string>): Promise<Ended> => {
  const out: Array<string> = []
  const err: Array<string> = []
  const host: Host = {
    ...processHost,
    out: (line) => void out.push(`${line}\n`),
    err: (line) => void err.push(`${line}\n`)
  }
  const code = await Effect.runPromise(Effect.provideService(Command.run(args), Host, host))
  return { code, out: out.join(""), err: err.join("") }
}

describe("the command", () => {
  it("is the one that the package names", async () => {
    assert.strictEqual(join(root, repository.bin.signalbox), command)
    assert.match(readFileSync(command, "utf8"), /^#!\/usr\/bin\/env node\n/)
    assert.deepStrictEqual(await begin(start, ["fly"]).ended, {
      code: 2,
      out: "",
      err: "Cannot fly: there is no such command\n\nsignalbox --help says what there is.\n"
    })
  })

  it("tells its version and how it is used", async () => {
    assert.deepStrictEqual(await run("--version"), {
      code: 0,
      out: `${repository.version}\n`,
      err: ""
    })
    for (const args of [["--help"], ["run", "--help"], ["help", "simulate"], ["graph", "-h"]]) {
      const { code, err, out } = await run(...args)
      assert.deepStrictEqual([code, err], [0, ""])
      assert.match(out, /signalbox \w+ (FILE|COMMAND)/)
      assert.isEmpty(out.split("\n").filter((line) => line.length > 100))
    }
  })

  const replace = example("replace-a-state")
  it.each<readonly [args: ReadonlyArray<string>, reason: string]>([
    [[], "Cannot begin: no command is given"],
    [["fly"], "Cannot fly: there is no such command"],
    [["--seed", "7"], "Cannot begin: the command comes before its options (--seed)"],
    [["help", "fly"], 'Cannot explain "fly": the commands are run, simulate, graph'],
    [["run"], "Cannot run: no file is given"],
    [["run", "a.ts", "b.ts"], "Cannot run 2 files at once (b.ts)"],
    [["run", "nowhere.ts"], "Cannot run nowhere.ts: there is no such file"],
    [["run", "test"], "Cannot run test: it is no file"],
    [["run", replace, "--seed", "7"], "Cannot run: unknown option '--seed'"],
    [["simulate", replace, "--seed", "x"], 'Cannot use --seed: it must be a number ("x")'],
    [
      ["simulate", replace, "--until", "soon"],
      'Cannot use --until: it must be a duration such as "2 hours" ("soon")'
    ],
    [["simulate", replace, "--faults", "[}"], "Cannot use --faults: Cannot read a fault plan:"],
    [["simulate", replace, "--faults", '[{"kind":"Fail","task":"x"}]'], 'it has no task "x"'],
    [["run", replace, "--parameters", "{"], "Cannot use --parameters: it must be JSON ({)"],
    [["run", replace, "--parameters", "[]"], "must be an object of values by name ([])"],
    [["run", replace, "--parameters", "{}"], 'with --parameters: what it exports as "run"'],
    [["run", replace, "--port", "80"], "Cannot run: --port is for --ui, which is not given"],
    [["run", replace, "--ui", "--port", "-1"], "--port must be from 0 to 65535 (-1)"],
    [["run", replace, "--trace", "/nowhere/t"], "Cannot write the trace to /nowhere/t: ENOENT"],
    [["run", flow("two")], 'it exports 2 flows; call the one to run "flow"'],
    [["run", flow("throwing")], "it could not be loaded\nRangeError: out of luck"],
    [["run", flow("parameters")], 'Cannot run flow "greetings": parameter "name" has no value'],
    [
      ["run", flow("parameters"), "--parameters", '{"name":5}'],
      'parameter "name" does not fit: Expected string, got 5'
    ]
  ])("refuses %j with 2 and says why", async (args, reason) => {
    const { code, err, out } = await run(...args)
    assert.include(err, reason)
    assert.deepStrictEqual([code, out], [2, ""])
  })

  it("says that a port is taken", async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { readonly port: number }
    const args = ["run", replace, "--ui", "--port", String(port)]
    const { code, err } = await begin(start, args).ended
    assert.deepStrictEqual([code, err], [2, `Cannot show the run: port ${port} is taken\n`])
    server.close()
  })
})

// -----------------------------------------------------------------------------
// What it shows
// -----------------------------------------------------------------------------

interface Event {
  readonly id: number
  readonly lines: ReadonlyArray<string>
}

/** The events of a run, from the one after `last` to its end. */
const eventsAt = async (page: URL, last?: number): Promise<ReadonlyArray<Event>> => {
  const events = new URL(`/events?token=${page.hash.slice(1)}`, page)
  const headers = last === undefined ? {} : { "last-event-id": String(last) }
  const response = await fetch(events, { headers })
  assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
  let text = ""
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes('"end":') && text.endsWith("\n\n")) break
  }
  return text.split("\n\n").filter((event) => event.startsWith("id: ")).map((event) => {
    const [first = "", ...rest] = event.split("\n")
    return { id: Number(first.slice(4)), lines: rest.map((line) => line.slice("data: ".length)) }
  })
}

/** The status that a request is answered with; `fetch` would not let one choose the host. */
const statusOf = (
  url: URL,
  options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {}
): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { ...options, agent: false }, (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    asked.on("error", reject).end()
  })

describe("a run that is shown", async () => {
  const show = async () => {
    const process = begin(start, ["simulate", example("replace-a-state"), "--ui", "-q"])
    const page = new URL(/http:\S+/.exec(await process.told(/Watch it at/))?.[0] ?? "")
    await process.told(/The run is over/)
    return { page, process }
  }

  it("can be seen on this machine, by its own names, with the token", async () => {
    const { page, process } = await show()
    const at = (path: string) => new URL(path, page)
    const token = page.hash.slice(1)
    assert.match(page.href, /^http:\/\/127\.0\.0\.1:\d+\/\?live#[\w-]{32}$/)

    const named = (host: string) => statusOf(at("/"), { headers: { host } })
    assert.strictEqual(await named(page.host), 200)
    assert.strictEqual(await named(`localhost:${page.port}`), 200)
    for (const host of ["evil.example", `evil.example:${page.port}`, "localhost", "127.0.0.1:1"]) {
      assert.strictEqual(await named(host), 421, host)
    }

    assert.strictEqual(await statusOf(at(`/events?token=${token}`)), 200)
    for (const wrong of ["", "?token=", `?token=${token.slice(1)}`, `?token=${token}x`]) {
      assert.strictEqual(await statusOf(at(`/events${wrong}`)), 403, wrong)
    }
    const headers = { host: "evil.example" }
    assert.strictEqual(await statusOf(at(`/events?token=${token}`), { headers }), 421)
    assert.strictEqual(await statusOf(at("/"), { method: "POST" }), 405)

    const elsewhere = ["/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/nothing"]
    for (const path of elsewhere) assert.strictEqual(await statusOf(at(path)), 404, path)
    process.child.kill("SIGINT")
    assert.strictEqual((await process.ended).code, 0)
  })

  it("is told from its beginning, and to one who comes back from where it was", async () => {
    const { page, process } = await show()
    const all = await eventsAt(page)
    const lines = all.flatMap((event) => event.lines)
    assert.deepStrictEqual([all.at(-1)?.id, lines.length], [13, 14])
    assert.match(lines[0] ?? "", /^\{"signalbox":1,/)
    const rest = await eventsAt(page, 9)
    assert.deepStrictEqual(rest.flatMap((event) => event.lines), lines.slice(10))
    process.child.kill("SIGINT")
    await process.ended
  })
})
