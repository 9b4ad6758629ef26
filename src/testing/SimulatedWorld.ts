/**
 * A world of its own for one effect: its fibres see a simulated clock, a simulated scheduler and
 * chance that a seed fixes, and nothing of the clock and the scheduler around it.
 *
 * Time moves when nothing in the world can move, and stands still while a fibre waits for something
 * real. What would stand still for longer than a stated limit ends with an error that says who
 * waits.
 *
 * @module
 */
import {
  Clock,
  Context,
  Data,
  Duration,
  Effect,
  type Fiber,
  Option,
  Random,
  Scheduler,
  Tracer
} from "effect"
import { RunContext } from "../RunContext.ts"
import * as SeededRandom from "./SeededRandom.ts"
import { type Attached, ClockError, type SimulatedClock } from "./SimulatedClock.ts"
import * as SimulatedScheduler from "./SimulatedScheduler.ts"
import * as Waits from "./Waits.ts"

/** What a world is made of. */
export interface Settings {
  /** What messages call it. */
  readonly name: string
  readonly seed: number
  readonly clock: SimulatedClock
  /** The time at which the world ends, in milliseconds since 1970. */
  readonly until: number
  /** How long, in real time, virtual time may stand still. */
  readonly realTimeLimit: Duration.Duration
  readonly preemption: number | undefined
  /** The tasks that have begun and not ended, for messages. */
  readonly underWay: () => ReadonlyArray<string>
  /** How many changes there were: what counts as getting anywhere. */
  readonly changes: () => number
  /** Calls a listener whenever a flow run begins. */
  readonly whenBegun?: (listener: () => void) => void
  /** Called when the world ends, before what is left of it is cleaned up. */
  readonly onEnd: () => void
}

/**
 * A world could not go on: what it waits for did not come within the real-time limit, or nothing
 * can ever come.
 */
export class StandstillError extends Data.Error<{
  readonly simulation: string
  /**
   * `Real`: for something outside. `Never`: for what cannot come. `Busy`: it does not come to rest.
   * `Idle`: time moves and nothing comes of it. `Endless`: it changes and changes.
   */
  readonly reason: "Real" | "Never" | "Busy" | "Idle" | "Endless"
  /** The tasks that waited, the longest first, or that moved without end. */
  readonly waiting: ReadonlyArray<string>
  /** For how long virtual time stood still, in real time. */
  readonly waited: Duration.Duration
  readonly message: string
}> {
  readonly _tag = "StandstillError"
  override readonly name = "StandstillError"
}

/** Runs an effect in a world of its own; gives nothing when the world ended before it. */
export const run = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  settings: Settings
): Effect.Effect<Option.Option<A>, E | ClockError | StandstillError, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.callback<Option.Option<A>, E | ClockError | StandstillError>((resume) => {
      const world = new World<A, E>(settings, resume)
      const { clock } = settings
      if (!clock.attach(world)) {
        const message = "Cannot use a simulated clock: it belongs to another run; make one for each"
        return resume(Effect.fail(new ClockError({ message })))
      }
      world.start(effect, context)
      return Effect.sync(() => world.abandon())
    })
  )

/** The clock and the tasks of the real world, whatever clock the surroundings have. */
const real = Context.empty()
const realClock = Context.get(real, Clock.Clock)

/** After so many tasks without rest the real time is looked at. */
const tasksBetweenLooks = 4096

/** After so many moves of the clock without any change nothing is expected any more. */
const maxIdleMoves = 1_000_000

/** How long, in real time, the cleaning up of a world may take. */
const cleaningLimit = 1000

type Result<A, E> = Effect.Effect<Option.Option<A>, E | StandstillError>

class World<A, E> implements Attached {
  private readonly settings: Settings
  private readonly resume: (result: Result<A, E>) => void
  private readonly scheduler: SimulatedScheduler.SimulatedScheduler
  private waits: Waits.Waits | undefined = undefined
  private root: Fiber.Fiber<A, E> | undefined = undefined
  /** Whether its fibres run because the world lets them, and not because something real came. */
  private driving = false
  private driveIsDue = false
  private isOver = false
  /** Since when, in real time, virtual time stands still. */
  private stillSince: number
  private alarm: Fiber.Fiber<unknown> | undefined = undefined
  /** How often the clock has moved since the last change, and which one that was. */
  private moves = 0
  private changes = 0
  /** Who moved, each time someone looked, since virtual time stands still. */
  private readonly restless = new Set<string>()

  get until(): number {
    return this.settings.until
  }
  readonly wake = (sleeper: () => void): void => this.scheduler.add(sleeper)
  readonly goOn = (): void => {
    if (this.driveIsDue) return
    this.driveIsDue = true
    void Promise.resolve().then(this.drive)
  }

  constructor(settings: Settings, resume: (result: Result<A, E>) => void) {
    this.settings = settings
    this.resume = resume
    this.stillSince = realClock.currentTimeMillisUnsafe()
    this.scheduler = SimulatedScheduler.make({
      random: SeededRandom.make(settings.seed, "scheduler"),
      preemption: settings.preemption,
      onTask: this.onActivity
    })
    let flows = 0
    settings.whenBegun?.(() => {
      this.scheduler.reseed(SeededRandom.make(settings.seed, `scheduler of flow ${++flows}`))
    })
  }

  start<R>(effect: Effect.Effect<A, E, R>, outer: Context.Context<R>): void {
    const { clock, seed } = this.settings
    const now = () => realClock.currentTimeMillisUnsafe()
    this.waits = Waits.make(Context.get(outer, Tracer.Tracer), now, this.onActivity)
    const context = outer.pipe(
      Context.add(Clock.Clock, clock),
      Context.add(Scheduler.Scheduler, this.scheduler),
      Context.add(Random.Random, SeededRandom.make(seed, "random")),
      Context.add(Tracer.Tracer, this.waits.tracer)
    )
    this.driving = true
    this.root = Effect.runForkWith(context)(effect)
    this.root.addObserver(this.onActivity)
    this.driving = false
    this.drive()
  }

  /** Something real came: goes on with it once it has done what it does at once. */
  private readonly onActivity = (): void => {
    if (!this.driving) this.goOn()
  }

  // ---------------------------------------------------------------------------
  // Going on
  // ---------------------------------------------------------------------------

  /** Lets everything happen that can, until the end or until only something outside can go on. */
  private readonly drive = (): void => {
    this.driveIsDue = false
    if (this.driving) return
    this.driving = true
    try {
      while (this.drain() && this.rootIsAlive() && this.moveOn());
    } finally {
      this.driving = false
    }
    const exit = this.root?.pollUnsafe()
    if (exit !== undefined) this.end(Effect.map(exit, Option.some))
  }

  /** Runs all tasks; gives whether they came to an end within the limit. */
  private drain(): boolean {
    for (let tasks = 1; this.scheduler.runNext(); tasks++) {
      if (tasks % tasksBetweenLooks !== 0) continue
      // Much to do at one moment is no standstill as long as states change.
      if (this.lookForChanges()) this.stillSince = -1
      this.noteRestless()
      if (this.stoodStillFor() <= this.limit) continue
      this.standstill("Busy")
      return false
    }
    return true
  }

  private noteRestless(): void {
    if (this.stillSince === -1) this.restless.clear()
    const fiber = this.waits!.latest()
    if (fiber !== undefined) this.restless.add(nameOf(fiber))
  }

  /** Gives whether there were changes since the last look. */
  private lookForChanges(): boolean {
    const changes = this.settings.changes()
    if (changes === this.changes) return false
    this.changes = changes
    this.moves = 0
    return true
  }

  private rootIsAlive(): boolean {
    return this.root?.pollUnsafe() === undefined
  }

  /** Moves time if nothing real is waited for; gives whether it moved. */
  private moveOn(): boolean {
    const { clock, until } = this.settings
    if (this.isOver) return false
    const isHeld = this.waits!.real().size > 0
    if (!isHeld && clock.moveOn()) return this.hasMoved()
    if (isHeld) this.setAlarm()
    else if (clock.nextDue() === undefined) this.waitForNothing()
    else if (clock.nextDue()! > until) this.end(Effect.succeedNone)
    else clock.atRest(false)
    return false
  }

  /** Gives whether the moves of the clock still lead anywhere. */
  private hasMoved(): boolean {
    this.stillSince = -1
    this.lookForChanges()
    if (++this.moves <= maxIdleMoves) return true
    this.standstill("Idle")
    return false
  }

  private waitForNothing(): void {
    if (this.waits!.areShared()) this.setAlarm()
    else if (Number.isFinite(this.settings.until)) this.end(Effect.succeedNone)
    else this.standstill("Never")
  }

  // ---------------------------------------------------------------------------
  // Standing still
  // ---------------------------------------------------------------------------

  private get limit(): number {
    return Duration.toMillis(this.settings.realTimeLimit)
  }

  /** For how long virtual time stands still, in milliseconds; asking begins the count. */
  private stoodStillFor(): number {
    const now = realClock.currentTimeMillisUnsafe()
    if (this.stillSince === -1) this.stillSince = now
    return now - this.stillSince
  }

  /** Makes sure that someone looks when the limit is over. */
  private setAlarm(): void {
    if (this.alarm !== undefined) return
    const left = Math.max(0, this.limit - this.stoodStillFor())
    const ring = Effect.andThen(
      realClock.sleep(Duration.millis(left)),
      Effect.sync(() => this.look())
    )
    this.alarm = Effect.runForkWith(real)(ring)
  }

  private look(): void {
    this.alarm = undefined
    if (this.isOver) return
    if (this.lookForChanges()) this.stillSince = -1
    if (this.stillSince === -1 || this.stoodStillFor() < this.limit) this.setAlarm()
    else this.standstill(this.waits!.real().size > 0 ? "Real" : "Never")
  }

  private standstill(reason: StandstillError["reason"]): void {
    const still = this.stoodStillFor()
    const waiting = reason === "Real"
      ? this.realWaits()
      : reason === "Busy"
      ? [...this.restless].map((name) => [name, still] as const)
      : this.settings.underWay().map((name) => [name, still] as const)
    this.end(Effect.fail(standstill(this.settings.name, reason, waiting, still)))
  }

  /** Who waits for something real, the longest first. */
  private realWaits(): ReadonlyArray<Waiting> {
    const now = realClock.currentTimeMillisUnsafe()
    const longest = new Map<string, number>()
    for (const [fiber, since] of this.waits!.real()) {
      const name = nameOf(fiber)
      longest.set(name, Math.max(now - since, longest.get(name) ?? 0))
    }
    return [...longest].toSorted(([, one], [, two]) => two - one)
  }

  // ---------------------------------------------------------------------------
  // The end
  // ---------------------------------------------------------------------------

  private end(result: Result<A, E>): void {
    if (this.isOver) return
    this.isOver = true
    this.alarm?.interruptUnsafe()
    this.settings.onEnd()
    this.clean()
    this.settings.clock.atRest(true)
    this.resume(result)
  }

  /** Ends the world without a result. */
  abandon(): void {
    this.end(Effect.never)
  }

  /** Interrupts what is left, and lets it clean up as far as it can without anything real. */
  private clean(): void {
    if (!this.rootIsAlive()) return
    const { clock } = this.settings
    const start = realClock.currentTimeMillisUnsafe()
    const wasDriving = this.driving
    this.driving = true
    this.root?.interruptUnsafe()
    for (let tasks = 1; this.rootIsAlive(); tasks++) {
      if (!this.scheduler.runNext() && !clock.moveOn()) break
      if (tasks % tasksBetweenLooks !== 0) continue
      if (realClock.currentTimeMillisUnsafe() - start > cleaningLimit) break
    }
    this.driving = wasDriving
  }
}

const nameOf = (fiber: Fiber.Fiber<unknown, unknown>): string => {
  const run = Option.getOrUndefined(Context.getOption(fiber.context, RunContext))
  if (run === undefined) return "something outside of the flow"
  return run.taskFullName === undefined ? `flow "${run.flowName}"` : `task "${run.taskFullName}"`
}

/** Who waits, and for how long, in milliseconds. */
type Waiting = readonly [name: string, millis: number]

/** Builds the error, whose message says who waits, for what and for how long. */
export const standstill = (
  simulation: string,
  reason: StandstillError["reason"],
  waiting: ReadonlyArray<Waiting>,
  millis: number
): StandstillError =>
  new StandstillError({
    simulation,
    reason,
    waiting: waiting.map(([name]) => name),
    waited: Duration.millis(millis),
    message: `Cannot go on with the simulation of "${simulation}": ` +
      explain(reason, waiting, formatMillis(millis))
  })

const explain = (
  reason: StandstillError["reason"],
  waiting: ReadonlyArray<Waiting>,
  time: string
): string => {
  const who = waiting.length === 0 ? "the flow" : list(waiting.map(([name]) => name))
  switch (reason) {
    case "Real": {
      const [first, ...others] = waiting.map(([name, millis]) => [name, formatMillis(millis)])
      const waits = [first?.join(" waited "), ...others.map((other) => other.join(" "))]
      return `${list(waits)} for something real (a promise, a timer, a request), ` +
        `and virtual time stood still for ${time}; answer sooner, or raise realTimeLimit`
    }
    case "Busy":
      return `${who} did not come to rest, and virtual time stood still for ${time}`
    case "Idle":
      return `the clock moved ${maxIdleMoves} times and no state changed; under way: ${who}`
    case "Endless":
      return `it saw as many changes as maxChanges allows and no end; give it an end by until`
    case "Never":
      return `${who} waits for what nothing in the run can bring: ` +
        "no fibre can move and no sleep is due"
  }
}

const formatMillis = (millis: number): string =>
  millis === 0 ? "0ms" : Duration.format(Duration.millis(millis))

const maxNamed = 10

const list = (names: ReadonlyArray<string | undefined>): string =>
  names.length <= maxNamed
    ? names.join(", ")
    : `${names.slice(0, maxNamed).join(", ")}, and ${names.length - maxNamed} more`
