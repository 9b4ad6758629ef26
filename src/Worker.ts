/**
 * What runs ready tasks, one after the other, on a fibre of its own.
 *
 * @module
 */
import { type Context, Effect, Fiber, type Scheduler } from "effect"
import type { RunContext } from "./RunContext.ts"
import type { TaskRun } from "./TaskRun.ts"
import * as TaskRunner from "./TaskRunner.ts"

/** Where a worker gets its runs, and where it leaves them. */
export interface Work {
  /** Takes the next ready run. */
  readonly takeRun: () => TaskRun | undefined
  /** Begins a run; gives nothing when it was done at once. */
  readonly execute: (run: TaskRun) => Effect.Effect<unknown, unknown> | undefined
  /** What runs on a fibre of this context finds `run` as its run context. */
  readonly contextOf: (run: RunContext) => Context.Context<never>
  /** Lets other workers begin while one waits for its run. */
  readonly share: () => void
  /** Lets a worker go that has nothing left to do. */
  readonly dismiss: (worker: Worker) => void
  /** Takes over what a run was left in. */
  readonly settle: (run: TaskRun) => void
  /** Lets timers and interruption have a turn. */
  readonly giveWay: Effect.Effect<void>
}

// So many tasks that never suspend a worker runs in one go before timers and interruption get a turn.
const maxTasksPerTurn = 2048

/**
 * Runs one task after the other, as long as any is ready. Tasks that never suspend cost no effect at
 * all, and one worker does them all; once a task needs a fibre the worker gets one. A task that
 * suspends keeps its worker, and the flow starts another for the rest.
 */
export class Worker {
  /** Where it runs; nothing before a task needed a fibre. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  run: TaskRun | undefined = undefined
  private readonly flow: Work
  private rest: Effect.Effect<unknown, unknown> | undefined = undefined

  constructor(flow: Work) {
    this.flow = flow
  }

  /** Begins ready runs until one needs a fibre; tells whether one did. */
  while(): boolean {
    if (this.rest !== undefined) return true
    if (this.run !== undefined) {
      this.flow.settle(this.run)
      this.run = undefined
    }
    for (let tasks = 0; tasks < maxTasksPerTurn; tasks++) {
      const run = this.flow.takeRun()
      if (run === undefined) {
        this.flow.dismiss(this)
        return false
      }
      this.rest = this.flow.execute(run)
      if (this.rest !== undefined) {
        this.run = run
        this.fiber?.setContext(this.flow.contextOf(run))
        this.flow.share()
        return true
      }
      this.flow.settle(run)
    }
    this.rest = this.flow.giveWay
    return true
  }

  body(): Effect.Effect<unknown, unknown> {
    return this.rest!
  }

  step(value: unknown): void {
    const { run } = this
    this.fiber ??= Fiber.getCurrent()
    // What is thrown from here on is a defect of an observer or the engine, not of the body.
    this.rest = undefined
    if (run !== undefined) this.rest = TaskRunner.proceed(run, value)
  }

  /**
   * Runs on a fibre until nothing is ready. What succeeds, as most bodies do, goes to `step` as it
   * is, without an exit around it; only what fails leaves the loop, and enters it again.
   */
  work(): Effect.Effect<void> {
    return Effect.catchCause(Effect.whileLoop(this), (cause) => {
      const { rest, run } = this
      // What is thrown while observers are told, or between the runs, is nobody's but the engine's.
      if (rest === undefined || run === undefined || run.awaiting === "change") {
        return Effect.failCause(cause as never)
      }
      this.fiber ??= Fiber.getCurrent()
      this.rest = TaskRunner.fail(run, cause)
      return this.work()
    })
  }
}

/**
 * The scheduler of a flow, with one queue for all workers instead of one for each: what becomes ready
 * at the same time takes one hop.
 */
export class OneQueue implements Scheduler.Scheduler, Scheduler.SchedulerDispatcher {
  /** How many times a fibre was put into the queue. */
  waiting = 0
  readonly executionMode: Scheduler.Scheduler["executionMode"]
  private readonly scheduler: Scheduler.Scheduler
  private readonly dispatcher: Scheduler.SchedulerDispatcher

  constructor(scheduler: Scheduler.Scheduler, dispatcher: Scheduler.SchedulerDispatcher) {
    this.executionMode = scheduler.executionMode
    this.scheduler = scheduler
    this.dispatcher = dispatcher
  }

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return this.scheduler.shouldYield(fiber)
  }

  makeDispatcher(): this {
    return this
  }

  scheduleTask(task: () => void, priority: number): void {
    this.waiting++
    this.dispatcher.scheduleTask(task, priority)
  }

  flush(): void {
    this.dispatcher.flush()
  }
}
