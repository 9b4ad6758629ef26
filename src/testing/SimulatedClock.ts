/**
 * A clock for one run, that moves by itself to the next due time when nothing in the run can move.
 *
 * `Effect.sleep`, `DateTime.now`, schedules, timeouts and cron all follow it. A driver, such as a
 * page with a "step" button, can hold it: `pause`, `step`, `advance`, `runUntil`, `runToEnd`.
 *
 * Sleepers wait in a heap, so that waking one costs the logarithm of their number. Those that were
 * interrupted are swept out once they are more than half of it.
 *
 * @module
 */
import { type Clock, Data, DateTime, Duration, Effect, Formatter, Option } from "effect"
import { type Due, DueQueue } from "../DueQueue.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** A clock that shows a time of its own. */
export interface SimulatedClock extends Clock.Clock {
  /** When it started, in milliseconds since 1970. */
  readonly startTime: number
  /** How long ago that was, on this clock. */
  readonly elapsed: () => Duration.Duration
  /** How many sleepers wait. */
  readonly sleepers: () => number
  /** When the next of them is due, in milliseconds since 1970. */
  readonly nextDue: () => number | undefined
  /** Whether it moves only when a driver says so. */
  readonly isPaused: () => boolean
  /** From now on moves only when a driver says so. */
  readonly pause: Effect.Effect<void>
  /**
   * Moves to the next due time and lets everything happen that is due then; gives whether there was
   * a next one.
   */
  readonly step: Effect.Effect<boolean>
  /** Moves on by a duration, and lets everything happen that becomes due meanwhile. */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void, ClockError>
  /** Moves on to a point in time, and lets everything happen that becomes due until then. */
  readonly runUntil: (time: DateTime.DateTime.Input) => Effect.Effect<void, ClockError>
  /** Moves by itself again, and waits for the end of the run. */
  readonly runToEnd: Effect.Effect<void>
  /** Puts the clock into a run, unless it is in one; gives whether it did. */
  readonly attach: (run: Attached) => boolean
  /** Moves to the next due time if it may, and wakes who is due; gives whether it did. */
  readonly moveOn: () => boolean
  /** Sets the time on or back without waking anyone by that: a clock that jumps. */
  readonly jump: (millis: number) => void
  /** Tells those who drive the clock that the run has come to rest, and whether it is over. */
  readonly atRest: (isOver: boolean) => void
}

/** What a clock needs of the run that it belongs to. */
export interface Attached {
  /** Lets a sleeper go on, in an order that is the run's to choose. */
  readonly wake: (sleeper: () => void) => void
  /** Lets the run go on, after the clock was told that it may move. */
  readonly goOn: () => void
  /** The time that the clock must not pass, in milliseconds since 1970. */
  readonly until: number
}

/** A clock was asked for what it cannot do. */
export class ClockError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "ClockError"
  override readonly name = "ClockError"
}

// -----------------------------------------------------------------------------
// Constructors
// -----------------------------------------------------------------------------

/** Where a simulated clock starts unless told otherwise. */
export const defaultStart: DateTime.Utc = DateTime.makeUnsafe("2026-01-01T00:00:00Z")

/** Makes a clock that starts at a point in time, held by a driver if it starts `paused`. */
export const make = (options: {
  readonly start?: DateTime.DateTime.Input | undefined
  readonly paused?: boolean | undefined
} = {}): Effect.Effect<SimulatedClock, ClockError> =>
  Effect.suspend(() => {
    const start = instant(options.start ?? defaultStart)
    return start === undefined
      ? Effect.fail(error("start a simulated clock", "start is no point in time", options.start))
      : Effect.succeed(new SimulatedClockImpl(start, options.paused ?? false))
  })

/** A point in time in milliseconds since 1970, if it is one. */
export const instant = (input: DateTime.DateTime.Input): number | undefined =>
  Option.getOrUndefined(Option.map(DateTime.make(input), DateTime.toEpochMillis))

const error = (action: string, reason: string, value: unknown): ClockError =>
  new ClockError({ message: `Cannot ${action}: ${reason} (${Formatter.format(value)})` })

// -----------------------------------------------------------------------------
// Implementation
// -----------------------------------------------------------------------------

/** What {@link SimulatedClock} keeps of one sleep; without `resume` it is over. */
interface Sleeper extends Due {
  resume: ((effect: Effect.Effect<void>) => void) | undefined
}

const fewSleepers = 1024
const nanosPerMilli = 1_000_000

class SimulatedClockImpl implements SimulatedClock {
  readonly startTime: number
  /** The time since the start in milliseconds, which sleepers count by. */
  private at = 0
  /** What it shows at that start; a jump changes it. */
  private origin: number
  /** Up to when it may move by itself, counted as `at` is. */
  private allowed: number
  private run: Attached | undefined = undefined
  private due = new DueQueue<Sleeper>()
  private interrupted = 0
  private readonly drivers = new Set<(isOver: boolean) => void>()

  constructor(startTime: number, paused: boolean) {
    this.startTime = startTime
    this.origin = startTime
    this.allowed = paused ? 0 : Number.POSITIVE_INFINITY
  }

  // ---------------------------------------------------------------------------
  // The clock as Effect knows it
  // ---------------------------------------------------------------------------

  currentTimeMillisUnsafe(): number {
    return Math.floor(this.origin + this.at)
  }
  currentTimeNanosUnsafe(): bigint {
    return nanos(this.origin) + nanos(this.at)
  }
  monotonicTimeNanosUnsafe(): bigint {
    return nanos(this.at)
  }
  readonly currentTimeMillis = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (!(millis > 0)) return Effect.yieldNow
    if (millis === Number.POSITIVE_INFINITY) return Effect.never
    return Effect.callback<void>(virtual((resume) => {
      const sleeper: Sleeper = { time: this.at + millis, order: 0, resume }
      this.due.add(sleeper)
      return Effect.sync(() => this.forget(sleeper))
    }))
  }

  private forget(sleeper: Sleeper): void {
    if (sleeper.resume === undefined) return
    sleeper.resume = undefined
    this.interrupted++
    if (this.interrupted > fewSleepers && this.interrupted > this.due.size / 2) this.sweep()
  }

  private sweep(): void {
    const kept = new DueQueue<Sleeper>()
    for (let sleeper = this.due.take(); sleeper !== undefined; sleeper = this.due.take()) {
      if (sleeper.resume !== undefined) kept.add(sleeper)
    }
    this.due = kept
    this.interrupted = 0
  }

  // ---------------------------------------------------------------------------
  // The clock as its run knows it
  // ---------------------------------------------------------------------------

  readonly elapsed = (): Duration.Duration => Duration.millis(this.at)
  readonly sleepers = (): number => this.due.size - this.interrupted

  readonly nextDue = (): number | undefined => {
    const time = this.nextTime()
    return time === undefined ? undefined : this.origin + time
  }

  /** The next due time, once those who were interrupted are out of the way. */
  private nextTime(): number | undefined {
    if (this.interrupted > 0 && this.sleepers() === 0) this.sweep()
    return this.due.next?.time
  }

  readonly attach = (run: Attached): boolean => {
    if (this.run !== undefined) return false
    this.run = run
    return true
  }

  readonly moveOn = (): boolean => {
    const until = this.run?.until ?? Number.POSITIVE_INFINITY
    const limit = Math.min(this.allowed, until - this.startTime)
    let time = this.nextTime()
    while (time !== undefined && time <= limit) {
      const woken = this.wakeAt(time)
      if (woken) return true
      time = this.nextTime()
    }
    return false
  }

  /** Wakes all that are due at a time; time stands still if they were all interrupted. */
  private wakeAt(time: number): boolean {
    const { due } = this
    let woken = false
    while (due.next?.time === time) {
      const sleeper = due.take()!
      const { resume } = sleeper
      if (resume === undefined) {
        this.interrupted--
        continue
      }
      // Whoever is woken with it may interrupt it before it has gone on.
      sleeper.resume = undefined
      woken = true
      this.at = time
      if (this.run === undefined) resume(Effect.void)
      else this.run.wake(() => resume(Effect.void))
    }
    return woken
  }

  readonly jump = (millis: number): void => {
    this.origin += millis
  }

  // ---------------------------------------------------------------------------
  // The clock as its driver knows it
  // ---------------------------------------------------------------------------

  readonly isPaused = (): boolean => this.allowed !== Number.POSITIVE_INFINITY

  readonly pause = Effect.sync(() => {
    this.allowed = this.at
  })

  readonly step = Effect.suspend(() => {
    const time = this.nextTime()
    if (time === undefined) return Effect.succeed(false)
    return Effect.as(this.moveTo(time), true)
  })

  readonly advance = (duration: Duration.Input): Effect.Effect<void, ClockError> =>
    Effect.suspend(() => {
      const millis = millisFrom(duration)
      if (millis !== undefined) return this.moveTo(this.at + millis)
      return Effect.fail(error("advance a simulated clock", "it takes a duration from 0", duration))
    })

  readonly runUntil = (time: DateTime.DateTime.Input): Effect.Effect<void, ClockError> =>
    Effect.suspend(() => {
      const action = "run a simulated clock until then"
      const target = instant(time)
      if (target === undefined) return Effect.fail(error(action, "it is no point in time", time))
      const now = this.origin + this.at
      if (target >= now) return this.moveTo(target - this.origin)
      const reason = `it is in the past, now is ${DateTime.formatIso(DateTime.makeUnsafe(now))}`
      return Effect.fail(error(action, reason, time))
    })

  readonly runToEnd = Effect.suspend(() => {
    this.allowed = Number.POSITIVE_INFINITY
    return this.rest(() => {})
  })

  private moveTo(time: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.allowed = time
      return this.rest(() => {
        if (this.at < time && Number.isFinite(time)) this.at = time
      })
    })
  }

  /** Lets the run go on, and waits until it has come to rest. */
  private rest(then: () => void): Effect.Effect<void> {
    const { run } = this
    if (run === undefined) {
      return Effect.sync(() => {
        while (this.moveOn());
        then()
      })
    }
    return Effect.callback<void>((resume) => {
      const driver = () => {
        this.drivers.delete(driver)
        then()
        resume(Effect.void)
      }
      this.drivers.add(driver)
      run.goOn()
      return Effect.sync(() => {
        this.drivers.delete(driver)
      })
    })
  }

  readonly atRest = (isOver: boolean): void => {
    const drivers = Array.from(this.drivers)
    for (const driver of drivers) driver(isOver)
  }
}

const nanos = (millis: number): bigint => BigInt(Math.round(millis * nanosPerMilli))

/** A duration in milliseconds, if it is one and not below zero. */
export const millisFrom = (input: Duration.Input): number | undefined => {
  const millis = Option.map(Duration.fromInput(input), Duration.toMillis)
  return Option.isSome(millis) && millis.value >= 0 ? millis.value : undefined
}

type Register = (
  resume: (effect: Effect.Effect<void>) => void
) => void | Effect.Effect<void>

/** Marks a wait as one for virtual time; a property costs less than a place in a weak set. */
const Virtual: unique symbol = Symbol("signalbox/testing/virtual")

const virtual = (register: Register & { [Virtual]?: true }): Register => {
  register[Virtual] = true
  return register
}

/** Whether a wait, given by the function that registers it, is one for virtual time. */
export const isVirtualWait = (register: Function): boolean => Virtual in register
