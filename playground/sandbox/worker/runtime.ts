/**
 * What a worker of the sandbox runs: the engine, and the one job that it is given.
 */
import { setImmediate } from "./Immediate.ts"
import { TraceLine } from "signalbox/testing"
import { printState } from "../../run/Run.ts"
import type { Plan, ShakeOutcome } from "../../Store.ts"
import type { Job, Reply, Request } from "../Protocol.ts"
import { Outbox } from "./Outbox.ts"
import { problemFrom, problemOf } from "./Place.ts"
import { type Lines, simulate } from "./Simulate.ts"
import { transpile } from "./Transpile.ts"

// Taken before any program runs, which could put others in their place.
const { apply } = Reflect
const { postMessage } = MessagePort.prototype
const realNow = performance.now.bind(performance)

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

class Worker {
  private readonly port: MessagePort
  private outbox: Outbox | undefined = undefined
  private progress = 0
  private signOfLife = 0

  constructor(port: MessagePort) {
    this.port = port
    port.addEventListener("message", ({ data }: MessageEvent<Request>) => this.answer(data))
    port.start()
    addEventListener("error", (event) => this.overheard(event, event.error))
    addEventListener("unhandledrejection", (event) => this.overheard(event, event.reason))
  }

  readonly post = (reply: Reply): void => {
    apply(postMessage, this.port, [reply])
  }

  private answer(request: Request): void {
    switch (request.kind) {
      case "ping":
        return this.isAlive()
      case "read":
        return this.outbox?.read(request.lines)
      default:
        void this.work(request)
    }
  }

  private isAlive(): void {
    this.signOfLife = realNow()
    this.post({ kind: "pong", progress: this.progress })
  }

  /** A run that gets on is alive even while it never gives way. */
  private gotOn(): void {
    this.progress++
    if (realNow() - this.signOfLife <= 100) return
    this.isAlive()
    this.outbox?.flush()
  }

  private async work(job: Job): Promise<void> {
    const { files } = job.plan
    try {
      await (job.kind === "run" ? this.run(job.plan) : this.shake(job.plan, job.seeds))
    } catch (thrown) {
      this.post({ kind: "problem", problem: problemOf(thrown, files) })
    }
    this.post({ kind: "done" })
  }

  private async run(plan: Plan): Promise<void> {
    const outbox = this.outbox = new Outbox(this.post, realNow)
    const lines = {
      print: (line: () => TraceLine.Log) => outbox.print(line),
      add: (line: TraceLine.TraceLine) => {
        outbox.add(line)
        this.gotOn()
      }
    }
    const { error } = await simulate(plan.files.map(transpile), plan, lines)
    await outbox.finish()
    if (error !== undefined) {
      this.post({ kind: "problem", problem: problemFrom(error, plan.files) })
    }
  }

  private async shake(plan: Plan, seeds: ReadonlyArray<number>): Promise<void> {
    const files = plan.files.map(transpile)
    for (const seed of seeds) {
      const summary = new Summary(seed, () => this.gotOn())
      await simulate(files, { ...plan, seed }, summary)
      this.post({ kind: "outcome", outcome: summary.outcome() })
      this.gotOn()
      // Lets the page ask whether it is alive.
      await new Promise<void>(setImmediate)
    }
  }

  /** Something went wrong where nobody waits for it. */
  private overheard(event: Event, thrown: unknown): void {
    event.preventDefault()
    const { message } = problemOf(thrown, [])
    this.outbox?.print(() => ({ at: 0, log: `Nobody caught this: ${message}`, level: "err" }))
  }
}

/** Keeps of the lines of a run what it came to. */
class Summary implements Lines {
  private readonly seed: number
  private readonly onChange: () => void
  private changes = 0
  private flow = ""
  private state: TraceLine.State = { tag: "Scheduled" }
  private end: TraceLine.End | undefined = undefined

  constructor(seed: number, onChange: () => void) {
    this.seed = seed
    this.onChange = onChange
  }

  readonly print = (): void => {}

  readonly add = (line: TraceLine.TraceLine): void => {
    if (TraceLine.isHeader(line)) this.flow = line.flow
    else if (TraceLine.isEnd(line)) this.end = line
    else if (TraceLine.isChange(line)) {
      this.changes++
      this.onChange()
      if (line.task === undefined && line.flow === this.flow) this.state = line.to
    }
  }

  outcome(): ShakeOutcome {
    const { at = 0, end = "until", error = "" } = this.end ?? {}
    const reasons = {
      ended: printState(this.state),
      until: "did not end",
      crashed: "crashed",
      failed: problemFrom(error, []).message
    }
    return {
      seed: this.seed,
      state: reasons[end],
      tag: this.state.tag,
      changes: this.changes,
      duration: at
    }
  }
}

// -----------------------------------------------------------------------------
// Beginning
// -----------------------------------------------------------------------------

/**
 * A first run makes everything ready that is made when it is first needed. It is long enough for the
 * engine's code to be compiled: a program's own run of thousands of changes is a fifth faster then.
 */
const warmUp = async (): Promise<void> => {
  const text = `
import { Effect } from "effect"
import { Flow, RunContext, Signal, StateHandler, Task } from "signalbox"
const handler = StateHandler.make((_subject, _oldState, newState) => Effect.succeed(newState))
const retried = Task.make("retried", {
  handlers: [handler],
  maxRetries: 1,
  retryDelay: "1 hour",
  run: Effect.fn(function* ({ number }) {
    const { runCount } = yield* RunContext.RunContext
    return runCount === 1 ? yield* Signal.fail("again") : number
  })
})
export const flow = Flow.make("warm", function* () {
  yield* Task.map(retried, { number: Array.from({ length: 300 }, (_, number) => number) })
})`
  const files = [transpile({ name: "flow.ts", text })]
  const outbox = new Outbox(() => {}, realNow)
  await simulate(files, { seed: 0, faults: [] }, {
    add: (line) => outbox.add(line),
    print: () => {}
  })
}

const begin = async ({ ports }: MessageEvent): Promise<void> => {
  removeEventListener("message", begin)
  const worker = new Worker(ports[0]!)
  await warmUp()
  worker.post({ kind: "warm" })
}

addEventListener("message", begin)
