/**
 * Runs programs where they can do no harm: page side.
 *
 * Each job gets a worker of its own, which was made and warmed up before. A worker that does not
 * answer, gets nowhere or says what it must not is ended, and the next one is ready.
 */
import type { TraceLine } from "signalbox/testing"
import type { Plan, Problem, ShakeOutcome } from "../Store.ts"
import type { Job } from "./Protocol.ts"
import { Work, type WorkListener } from "./Work.ts"
import { type SandboxWorker, Workers } from "./Workers.ts"

/** Told of a run. */
export interface Listener {
  /** Checked lines, in order; the first of all is the header. */
  readonly onLines: (lines: ReadonlyArray<TraceLine.TraceLine>) => void
  /** The program does not compile or load, could not go on, or was ended. */
  readonly onProblem: (problem: Problem) => void
}

/** A run that goes on. */
export interface SandboxRun {
  /** Settled when the run has ended, in whichever way, and everything was told. */
  readonly done: Promise<void>
  /** Ends it at once; nothing more is told. */
  readonly stop: () => void
}

/** Runs programs. */
export interface Sandbox {
  /** Waits until runs can begin at once, or none ever can. */
  readonly ready: () => Promise<void>
  /** Runs a program; a run that goes on is stopped. */
  readonly run: (plan: Plan, listener: Listener) => SandboxRun
  /**
   * Runs a program once with each seed and tells what became of it; a run that goes on is stopped.
   * A problem that ends it all rejects `done`.
   */
  readonly shake: (
    plan: Plan,
    seeds: ReadonlyArray<number>,
    onOutcome: (outcome: ShakeOutcome) => void
  ) => SandboxRun
  readonly dispose: () => void
}

/** Makes the sandbox, and begins to load what it needs. */
export const makeSandbox = (): Sandbox => new SandboxImpl()

/** How many workers wait for a job: two, as runs that follow one another closely are common. */
const maxSpares = 2

/** For how long a job has the machine for itself, in milliseconds, before the only spare is made. */
const undisturbed = 300

class SandboxImpl implements Sandbox {
  private readonly workers = new Workers()
  private readonly spares: Array<SandboxWorker> = []
  /** How many of them there should be: one until a first run, as the page has more to load. */
  private wanted = 1
  private filling: Promise<void> | undefined = undefined
  private refilling: ReturnType<typeof setTimeout> | undefined = undefined
  private current: Work | undefined = undefined

  constructor() {
    void this.ready()
  }

  readonly ready = (): Promise<void> =>
    this.filling ??= this.fill().finally(() => {
      this.filling = undefined
    })

  readonly run = (plan: Plan, { onLines, onProblem }: Listener): SandboxRun =>
    this.begin({ kind: "run", plan }, { onLines, onProblem, onOutcome: () => {} })

  readonly shake: Sandbox["shake"] = (plan, seeds, onOutcome) => {
    let found: Problem | undefined
    const { done, stop } = this.begin({ kind: "shake", plan, seeds }, {
      onLines: () => {},
      onOutcome,
      onProblem: (problem) => {
        found = problem
      }
    })
    const ended = async (): Promise<void> => {
      await done
      if (found !== undefined) throw new Error(found.message)
    }
    return { stop, done: ended() }
  }

  readonly dispose = (): void => {
    this.current?.stop()
    clearTimeout(this.refilling)
    this.wanted = 0
    for (const spare of this.spares.splice(0)) spare.end()
    this.workers.close()
  }

  private begin(job: Job, listener: WorkListener): SandboxRun {
    this.current?.stop()
    clearTimeout(this.refilling)
    this.wanted = maxSpares
    const worker = this.spares.shift() ?? this.workers.make()
    // If this one has to be ended, another is at hand; else there is time until it is done.
    if (this.spares.length === 0) this.refilling = setTimeout(this.ready, undisturbed)
    const work = new Work(worker, job, listener)
    this.current = work
    void work.done.finally(() => {
      if (this.current === work) void this.ready()
    })
    return work
  }

  /** Makes spares one after the other, as long as there are too few. */
  private async fill(): Promise<void> {
    while (this.spares.length < this.wanted) {
      const spare = this.workers.make()
      this.spares.push(spare)
      try {
        await spare.warm
      } catch {
        // The job that takes it says why; until then there is no use in trying again.
        return
      }
    }
  }
}
