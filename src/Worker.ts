/**
 * What runs ready tasks, one after the other, on a fibre of its own.
 *
 * @module
 */
import { Effect, Fiber } from "effect"
import type { RunContext } from "./RunContext.ts"
import type { TaskRun } from "./TaskRun.ts"
import * as TaskRunner from "./TaskRunner.ts"

/** Where a worker gets its runs, and where it leaves them. */
export interface Work {
  /** Takes the next ready run. */
  readonly takeRun: () => TaskRun | undefined
  /** Begins a run; gives nothing when it was done at once. */
  readonly execute: (run: TaskRun) => Effect.Effect<unknown> | undefined
  /** What runs on a fibre from now on finds `run` as its run context. */
  readonly enter: (run: RunContext, fiber?: Fiber.Fiber<unknown, unknown>) => void
  /** Lets other workers begin while one waits for its run. */
  readonly share: () => void
  /** Takes over what a run was left in. */
  readonly settle: (run: TaskRun) => void
}

// So many tasks that never suspend a worker runs in one go before timers and interruption get a turn.
const maxTasksPerTurn = 2048

/**
 * Runs one task after the other on a fibre of its own, as long as any is ready. Tasks that never
 * suspend cost no effect at all, and one worker does them all; each task that does suspend keeps
 * its worker, and the flow starts another for the rest.
 */
export class Worker {
  fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  run: TaskRun | undefined = undefined
  private readonly flow: Work
  private rest: Effect.Effect<unknown> | undefined = undefined

  constructor(flow: Work) {
    this.flow = flow
  }

  // The worker is itself what `Effect.whileLoop` takes, so it needs no closures.

  while(): boolean {
    this.fiber ??= Fiber.getCurrent()
    return this.rest !== undefined || this.begin()
  }

  body(): Effect.Effect<unknown> {
    return this.rest!
  }

  step(value: unknown): void {
    const { run } = this
    this.rest = run && TaskRunner.proceed(run, value)
    if (run === undefined || this.rest !== undefined) return
    this.run = undefined
    this.flow.settle(run)
  }

  /** Begins ready runs until one suspends; tells whether one did. */
  private begin(): boolean {
    for (let tasks = 0; tasks < maxTasksPerTurn; tasks++) {
      const run = this.flow.takeRun()
      if (run === undefined) return false
      this.rest = this.flow.execute(run)
      if (this.rest !== undefined) {
        this.run = run
        this.flow.enter(run, this.fiber)
        this.flow.share()
        return true
      }
      this.flow.settle(run)
    }
    this.rest = Effect.yieldNow
    return true
  }
}
