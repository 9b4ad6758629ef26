/**
 * Which of the fibres that can go on goes next: drawn from a seed.
 *
 * All fibres of a run share one queue, so that whatever order the real scheduler could bring about,
 * some seed brings about too. Among the tasks of the most urgent priority each is as likely as the
 * others. Now and then a fibre is made to give way in the middle of its work, which real schedulers
 * do as well, though rarely.
 *
 * @module
 */
import type { Fiber, Scheduler } from "effect"
import type { SeededRandom } from "./SeededRandom.ts"

/** A scheduler whose queue is run by hand. */
export interface SimulatedScheduler extends Scheduler.Scheduler {
  /** How many tasks wait; each fibre that can go on is one. */
  readonly size: () => number
  /** Adds a task to the most urgent ones. */
  readonly add: (task: () => void) => void
  /** Runs one task; gives whether there was one. */
  readonly runNext: () => boolean
  /**
   * Goes on with other chance: what is wrapped around a flow, which differs from a page to a test,
   * must not decide which of its fibres go first.
   */
  readonly reseed: (random: SeededRandom) => void
}

/** How often a fibre gives way, a chance for each of its operations, unless told otherwise. */
export const defaultPreemption = 0.01

/** Makes a scheduler; `onTask` is told of every task that is added. */
export const make = (options: {
  readonly random: SeededRandom
  readonly preemption?: number | undefined
  readonly onTask?: (() => void) | undefined
}): SimulatedScheduler => new SimulatedSchedulerImpl(options)

interface Lane {
  readonly priority: number
  readonly tasks: Array<() => void>
}

class SimulatedSchedulerImpl implements SimulatedScheduler {
  readonly executionMode = "async"
  private random: SeededRandom
  /** In proportion to the range of 32 bits, for a comparison of whole numbers. */
  private readonly preemption: number
  private readonly onTask: (() => void) | undefined
  private readonly urgent: Array<() => void> = []
  /** The tasks of other priorities, the most urgent first. */
  private readonly lanes: Array<Lane> = []
  private readonly dispatcher: Scheduler.SchedulerDispatcher

  constructor(options: Parameters<typeof make>[0]) {
    this.random = options.random
    this.preemption = (options.preemption ?? defaultPreemption) * resolution
    this.onTask = options.onTask
    this.dispatcher = {
      scheduleTask: (task, priority) => this.schedule(task, priority),
      flush: () => {
        while (this.runNext());
      }
    }
  }

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield ||
      (this.preemption > 0 && this.random.below(resolution) < this.preemption)
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this.dispatcher
  }

  readonly size = (): number => this.urgent.length + this.lanes.length

  readonly add = (task: () => void): void => this.schedule(task, 0)

  readonly runNext = (): boolean => {
    const [lane] = this.lanes
    const tasks = lane === undefined || (this.urgent.length > 0 && lane.priority > 0)
      ? this.urgent
      : lane.tasks
    const task = this.draw(tasks)
    if (task === undefined) return false
    if (lane !== undefined && lane.tasks.length === 0) this.lanes.shift()
    task()
    return true
  }

  readonly reseed = (random: SeededRandom): void => {
    this.random = random
  }

  private draw(tasks: Array<() => void>): (() => void) | undefined {
    const last = tasks.pop()
    if (last === undefined || tasks.length === 0) return last
    const at = this.random.below(tasks.length + 1)
    if (at === tasks.length) return last
    const drawn = tasks[at]
    tasks[at] = last
    return drawn
  }

  private schedule(task: () => void, priority: number): void {
    if (priority === 0) this.urgent.push(task)
    else this.laneOf(priority).tasks.push(task)
    this.onTask?.()
  }

  private laneOf(priority: number): Lane {
    const { lanes } = this
    let at = 0
    while (at < lanes.length && lanes[at]!.priority < priority) at++
    const found = lanes[at]
    if (found?.priority === priority) return found
    const lane = { priority, tasks: [] }
    lanes.splice(at, 0, lane)
    return lane
  }
}

const resolution = 0x10000
