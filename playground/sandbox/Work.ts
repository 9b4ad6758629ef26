/**
 * One job in one worker, watched from the page.
 */
import type { TraceLine } from "signalbox/testing"
import type { Plan, Problem, ShakeOutcome } from "../Store.ts"
import { ArrivalError, Arrivals, readReply } from "./Arrivals.ts"
import { type Job, maxLinesUnread, pingEvery, progressLimit, silenceLimit } from "./Protocol.ts"
import type { SandboxWorker } from "./Workers.ts"

/** Told of a job. */
export interface WorkListener {
  readonly onLines: (lines: ReadonlyArray<TraceLine.TraceLine>) => void
  readonly onOutcome: (outcome: ShakeOutcome) => void
  readonly onProblem: (problem: Problem) => void
}

/** How long lines may be checked at a time, in milliseconds: half of a frame. */
const slice = 8

/** How many replies may come between two pings. */
const maxReplies = 1000

const tooMuch = "Cannot go on with the run: its worker says more than it was asked for"

/** A job from its beginning to its end. */
export class Work {
  readonly done: Promise<void>
  private readonly worker: SandboxWorker
  private readonly job: Job
  private readonly listener: WorkListener
  private readonly arrivals = new Arrivals()
  /** What came and has not been told: lines, and what is to be done in their order. */
  private readonly queue: Array<string | (() => void)> = []
  private linesQueued = 0
  private isTelling = false
  private isOver = false
  private hasProblem = false
  private watch: ReturnType<typeof setInterval> | undefined = undefined
  private lookedAt = 0
  private heard = 0
  private silence = 0
  private progress = -1
  private withoutProgress = 0
  private settle: () => void = () => {}

  constructor(worker: SandboxWorker, job: Job, listener: WorkListener) {
    this.worker = worker
    this.job = job
    this.listener = listener
    this.done = new Promise((resolve) => {
      this.settle = resolve
    })
    worker.warm.then(() => this.begin(), (error: unknown) => this.fail(messageOf(error)))
  }

  /** Ends the job at once. */
  readonly stop = (): void => {
    if (this.isOver) return
    this.isOver = true
    this.queue.length = 0
    this.release()
    this.settle()
  }

  private begin(): void {
    if (this.isOver) return
    this.worker.onReply((reply) => this.hear(reply))
    this.worker.ask(this.job)
    this.lookedAt = performance.now()
    this.watch = setInterval(() => this.look(), pingEvery)
  }

  private release(): void {
    clearInterval(this.watch)
    this.worker.end()
  }

  // ---------------------------------------------------------------------------
  // Watching
  // ---------------------------------------------------------------------------

  private look(): void {
    const now = performance.now()
    // While the page itself was busy, the worker's answers could not be heard.
    const passed = Math.min(now - this.lookedAt, 2 * pingEvery)
    this.lookedAt = now
    this.heard = 0
    this.silence += passed
    // What the page has not read yet holds the worker back.
    if (this.queue.length === 0) this.withoutProgress += passed
    if (this.silence >= silenceLimit) this.fail(() => this.explain("gave no answer", silenceLimit))
    else if (this.withoutProgress >= progressLimit + 2 * pingEvery) {
      this.fail(() => this.explain("got nowhere", this.withoutProgress))
    } else this.worker.ask({ kind: "ping" })
  }

  private explain(what: string, millis: number): Problem {
    const after = `${what} for ${(millis / 1000).toFixed(1)} s and was ended`
    const { hasBegun, lastRunning } = this.arrivals
    if (lastRunning !== undefined) {
      return nowhere(`The program ${after}: does task "${lastRunning}" ever end?`)
    }
    const where = hasBegun || this.job.kind === "shake" ? "" : " while it was loaded"
    return nowhere(`The program ${after}${where}: is there a loop without an end?`)
  }

  // ---------------------------------------------------------------------------
  // Listening
  // ---------------------------------------------------------------------------

  private hear(reply: unknown): void {
    try {
      this.receive(reply)
    } catch (error) {
      this.distrust(error)
    }
  }

  /** Something came that cannot have come from the runtime: nothing of it is told. */
  private distrust(error: unknown): void {
    this.queue.length = 0
    this.fail(messageOf(error))
  }

  private receive(said: unknown): void {
    const reply = readReply(said)
    if (++this.heard > maxReplies) throw new ArrivalError(tooMuch)
    this.silence = 0
    switch (reply.kind) {
      case "pong":
        if (reply.progress > this.progress) this.withoutProgress = 0
        this.progress = reply.progress
        return
      case "lines":
        this.linesQueued += reply.lines.length
        if (this.linesQueued > maxLinesUnread) throw new ArrivalError(tooMuch)
        this.withoutProgress = 0
        this.queue.push(...reply.lines)
        return this.tell()
      case "outcome":
        this.withoutProgress = 0
        this.queue.push(() => this.listener.onOutcome(reply.outcome))
        return this.tell()
      case "problem":
        this.queue.push(() => this.tellProblem(reply.problem))
        return this.tell()
      case "done":
        this.queue.push(() => this.checkEnd())
        return this.finish()
    }
  }

  private fail(problem: () => Problem): void {
    if (this.isOver) return
    this.worker.onReply(() => {})
    this.queue.push(() => this.tellProblem(problem()))
    this.finish()
  }

  private tellProblem(problem: Problem): void {
    this.hasProblem = true
    const { lastRunning } = this.arrivals
    const isPlaced = problem.file !== undefined || lastRunning === undefined
    const place = isPlaced ? {} : placeOf(lastRunning, this.job.plan)
    this.listener.onProblem({ ...problem, ...place })
  }

  private checkEnd(): void {
    if (this.hasProblem || this.job.kind === "shake" || this.arrivals.hasEnded) return
    this.tellProblem(nowhere("Cannot go on with the run: its worker stopped before its end"))
  }

  /** Nothing more is heard from the worker; what was heard is still told. */
  private finish(): void {
    this.release()
    this.queue.push(() => this.stop())
    this.tell()
  }

  // ---------------------------------------------------------------------------
  // Telling
  // ---------------------------------------------------------------------------

  private readonly tell = (): void => {
    if (this.isTelling) return
    const start = performance.now()
    const lines: Array<TraceLine.TraceLine> = []
    let told = 0
    for (; told < this.queue.length; told++) {
      if (performance.now() - start > slice) break
      const next = this.queue[told]!
      if (typeof next === "string") {
        lines.push(this.arrivals.read(next))
      } else {
        this.hand(lines.splice(0))
        next()
      }
    }
    this.queue.splice(0, told)
    this.hand(lines)
    if (this.queue.length === 0) return
    this.isTelling = true
    setTimeout(this.tellOn)
  }

  private readonly tellOn = (): void => {
    this.isTelling = false
    try {
      this.tell()
    } catch (error) {
      this.distrust(error)
    }
  }

  private hand(lines: ReadonlyArray<TraceLine.TraceLine>): void {
    if (lines.length === 0 || this.isOver) return
    this.listener.onLines(lines)
    this.linesQueued -= lines.length
    this.worker.ask({ kind: "read", lines: lines.length })
  }
}

const nowhere = (message: string): Problem => ({ message, file: undefined, line: undefined })

const messageOf = (error: unknown) => (): Problem =>
  nowhere(error instanceof Error ? error.message : String(error))

/** Where a task is made, going by its name. */
const placeOf = (task: string, { files }: Plan): Partial<Problem> => {
  for (const { name, text } of files) {
    const place = text.indexOf(`make("${task}"`)
    if (place !== -1) return { file: name, line: text.slice(0, place).split("\n").length }
  }
  return {}
}
