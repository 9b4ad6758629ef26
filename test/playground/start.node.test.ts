/**
 * What `npm start` runs, as a process of its own on Node and on Deno: exactly what it prints, and how
 * it ends.
 */
import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { resolve } from "node:path"
import { assert, describe, it } from "vitest"
import { examples } from "../../playground/examples.ts"
import { denoProgram } from "../../scripts/deno_program.ts"

const root = resolve(import.meta.dirname, "../..")

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Doing {
  /** The output at which Ctrl-C is pressed. */
  readonly interruptAt?: string
  /** What is in its input, which ends after that; without, it has none. */
  readonly input?: string | undefined
}

/** Runs a command to its end. */
const run = (
  command: string,
  args: ReadonlyArray<string>,
  { input, interruptAt }: Doing = {}
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const from = input === undefined ? "ignore" : "pipe"
    const child = spawn(command, args, { cwd: root, stdio: [from, "pipe", "pipe"] })
    child.stdin?.end(input)
    let out = ""
    let err = ""
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const before = out
      out += text
      if (interruptAt === undefined || before.includes(interruptAt)) return
      if (out.includes(interruptAt)) child.kill("SIGINT")
    })
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      err += text
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out, err }))
  })

const fourPrograms = `
Calling my custom state handler on <Flow: name=state-handler-demo>:
Scheduled() to Running("Running flow.")


Calling my custom state handler on <Flow: name=state-handler-demo>:
Running("Running flow.") to Success("All reference tasks succeeded.")


Calling my custom state handler on <Task: Task>:
Pending() to Running("Starting task run.")


Calling my custom state handler on <Task: Task>:
Running("Starting task run.") to Success("Task run succeeded.")

Special failure mode! Send all the alerts!
a == b == 1
`

const finalStates = `
example         task                   state
--------------  ---------------------  ------------------------------
flow-handler    Task                   Success("Task run succeeded.")
task-handler    Task                   Success("Task run succeeded.")
post-to-slack   Task                   Success("Task run succeeded.")
post-to-slack   flaky                  Success("Task run succeeded.")
signal-payload  mission_critical_task  Failed("a equaled b!")
`

const posted =
  /^\[Slack stand-in\] Task <Task: flaky> failed and is retrying at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/

const list = `flow-handler             A handler on a flow.
task-handler             The same handler on a task.
post-to-slack            A handler with dependencies is a Layer.
signal-payload           A signal with a typed payload.
retries-hours-apart      Retries hours apart, in no time.
map-and-reduce           Map and reduce.
triggers-and-skips       Which tasks run when others fail or skip.
branches                 One of several ways.
page-by-page             A task that loops.
cached-results           Results that are used again.
every-signal             What a task can say of itself.
replace-a-state          Handlers that replace a state.
handlers-for-everything  Handlers for every task and flow in a scope.
approval                 An approval.
borrowed-resource        A resource that is given back whatever happens.
`

const oneExample = `[0/1] <Flow: name=state-inspection-handler> Scheduled → Running
[0/1] <Task: mission_critical_task> Pending → Running
Special failure mode! Send all the alerts!
a == b == 1
[1/1] <Task: mission_critical_task> Running → Failed
[1/1] <Flow: name=state-inspection-handler> Running → Failed

task                   state
---------------------  --------------------------------------
mission_critical_task  Failed("a equaled b!")
(the flow)             Failed("Some reference tasks failed.")
`

const prompt = "<Task: approve> is currently Paused; enter 'y' to resume:\n"
const stays = "<Task: approve> stays Paused as it is: there is no one to ask.\n"

const script = "scripts/start.ts"

const deno = await denoProgram()
const runtimes = [
  { runtime: "Node", command: process.execPath, before: [script] },
  { runtime: "Deno", command: deno, before: ["run", "--allow-all", script] }
]

// Many processes at once on a small machine take their time.
describe.each(runtimes)("$runtime", { timeout: 60_000 }, ({ before, command }) => {
  const start = (...args: ReadonlyArray<string>) => run(command, [...before, ...args])

  it.concurrent("runs the four programs, then tells what became of every task", async () => {
    const { code, err, out } = await start()
    assert.strictEqual(out, fourPrograms + finalStates)
    assert.match(err, posted)
    assert.strictEqual(code, 0)
  })

  it.concurrent("--list names the examples, with a line for each", async () => {
    assert.deepStrictEqual(await start("--list"), { code: 0, out: list, err: "" })
  })

  it.concurrent("NAME runs one, and each step of it is a line where no terminal is", async () => {
    assert.deepStrictEqual(await start("signal-payload"), { code: 0, out: oneExample, err: "" })
  })

  it.concurrent("asks about a paused task until the answer is yes", async () => {
    const input = "what?\n Y \n"
    const { code, out } = await run(command, [...before, "approval"], { input })
    assert.strictEqual(out.split(prompt).length, 3)
    assert.include(out, "\nPublished: Signals at midnight\n")
    assert.strictEqual(code, 0)
  })

  it.concurrent("leaves a task paused that no one answers for", async () => {
    for (const input of [undefined, "", "no\n"]) {
      const { code, out } = await run(command, [...before, "approval"], { input })
      assert.include(out, prompt + stays)
      assert.match(out, /\napprove +Paused\("Signals at midnight waits for an editor"\)\n/)
      assert.notInclude(out, "Published")
      assert.strictEqual(code, 0)
    }
  })

  it.concurrent("an unknown NAME is an error that names what there is", async () => {
    const { code, err, out } = await start("nonsense")
    assert.strictEqual(out, "")
    assert.match(err, /^Cannot run "nonsense": there is no such example\.\n/)
    for (const { name } of examples) assert.include(err, `\n  ${name}\n`)
    assert.strictEqual(code, 1)
  })

  it.concurrent("more than one NAME is an error", async () => {
    const { code, err } = await start("flow-handler", "task-handler")
    assert.match(err, /^Cannot run 2 things at once\.\n/)
    assert.strictEqual(code, 1)
  })

  // Alone and with another chance: the signal has to arrive before the next attempt, a second later.
  it("Ctrl-C ends the flow as Cancelled", { retry: 2 }, async () => {
    const interruptAt = "<Task: flaky> Failed → Retrying"
    const { code, err, out } = await run(command, [...before, "post-to-slack"], { interruptAt })
    assert.isTrue(out.endsWith("<Flow: name=state-handler-demo> Running → Cancelled\n"), out)
    assert.isTrue(err.endsWith("\nInterrupted.\n"), err)
    assert.strictEqual(code, 130)
  })
})

it("every file among the examples is one", () => {
  const files = readdirSync(resolve(root, "playground/examples"))
  assert.deepStrictEqual(files.toSorted(), examples.map(({ name }) => `${name}.ts`).toSorted())
})
