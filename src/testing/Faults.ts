/**
 * Lets the faults of a plan happen in a run.
 *
 * @module
 */
import { Data, Effect } from "effect"
import * as Executor from "../Executor.ts"
import type { RunContext } from "../RunContext.ts"
import * as StateHandler from "../StateHandler.ts"
import { TaskTimeout } from "../TaskRunner.ts"
import type { Subject } from "../Transition.ts"
import type { Fault, FaultPlan, HandlerFault, Place } from "./FaultPlan.ts"
import * as SeededRandom from "./SeededRandom.ts"
import type { SimulatedClock } from "./SimulatedClock.ts"

/** What a body or a handler fails with, or dies of, because a plan says so. */
export class InjectedFault extends Data.Error<{
  readonly kind: Fault["kind"]
  readonly message: string
}> {
  readonly _tag = "InjectedFault"
  override readonly name = "InjectedFault"
}

/** What faults need of the run that they happen in. */
export interface World {
  readonly seed: number
  readonly clock: SimulatedClock
  /** How many changes there were. */
  readonly changes: () => number
}

/** Runs an effect with the faults of a plan; without any, it is the effect itself. */
export const inject = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  plan: FaultPlan,
  world: World
): Effect.Effect<A, E, R> => {
  if (plan.length === 0) return effect
  return Effect.withFiber((fiber) => {
    const faults = new Faults(plan, world)
    const executor = fiber.getRef(Executor.Executor)
    const interceptor = fiber.getRef(StateHandler.Interceptor)
    return effect.pipe(
      Effect.provideService(Executor.Executor, faults.executor(executor)),
      faults.strikeHandlers
        ? Effect.provideService(StateHandler.Interceptor, faults.interceptor(interceptor))
        : (same) => same,
      (struck) => Effect.andThen(faults.clockJumps, struck)
    )
  })
}

/** What the write of a change to the journal dies of, if it is to fail. */
export const journalFault = (plan: FaultPlan, change: number): InjectedFault | undefined =>
  plan.some((fault) => fault.kind === "JournalFail" && fault.transition === change)
    ? injected("JournalFail", `the write of change ${change} to the journal fails`)
    : undefined

/** Whether a run ended because a write to the journal failed. */
export const isJournalFault = (error: unknown): boolean =>
  error instanceof InjectedFault && error.kind === "JournalFail"

type BodyFault = Exclude<Fault, HandlerFault | { readonly kind: "ClockJump" | "JournalFail" }>

const handlerKinds: ReadonlySet<Fault["kind"]> = new Set([
  "HandlerFail",
  "HandlerDie",
  "HandlerHang"
])
const isHandlerFault = (fault: Fault): fault is HandlerFault => handlerKinds.has(fault.kind)
const isBodyFault = (fault: Fault): fault is BodyFault =>
  !isHandlerFault(fault) && fault.kind !== "ClockJump" && fault.kind !== "JournalFail"

class Faults {
  private readonly bodies: ReadonlyArray<BodyFault>
  private readonly handlers: ReadonlyArray<HandlerFault>
  private readonly plan: FaultPlan
  private readonly world: World
  private readonly random: SeededRandom.SeededRandom

  constructor(plan: FaultPlan, world: World) {
    this.plan = plan
    this.world = world
    this.bodies = plan.filter(isBodyFault)
    this.handlers = plan.filter(isHandlerFault)
    this.random = SeededRandom.make(world.seed, "faults")
  }

  get strikeHandlers(): boolean {
    return this.handlers.length > 0
  }

  // ---------------------------------------------------------------------------
  // Bodies
  // ---------------------------------------------------------------------------

  executor(outer: Executor.Executor): Executor.Executor {
    return {
      execute: outer.execute,
      runBody: (run, body) => {
        const within = outer.runBody === undefined ? body : outer.runBody(run, body)
        const fault = this.bodies.find((fault) => this.strikesBody(fault, run))
        return fault === undefined ? within : strikeBody(fault, run, within)
      }
    }
  }

  private strikesBody(fault: Place, run: RunContext): boolean {
    return isOneOf(fault.task, run.taskSlug, run.taskName) &&
      isOneOf(fault.attempt, run.runCount) &&
      isOneOf(fault.item, run.mapIndex) &&
      this.strikesNow(fault)
  }

  private strikesNow({ probability, transition }: Omit<Place, "attempt">): boolean {
    return isOneOf(transition, this.world.changes()) &&
      (probability === undefined || this.random.nextDoubleUnsafe() < probability)
  }

  // ---------------------------------------------------------------------------
  // Handlers
  // ---------------------------------------------------------------------------

  interceptor(outer: StateHandler.Interceptor | undefined): StateHandler.Interceptor {
    return (handler, change, call) => {
      const fault = this.handlers.find((fault) =>
        isOneOf(fault.handler, handler) && this.strikesHandler(fault, change.subject)
      )
      if (fault !== undefined) return strikeHandler(fault, handler)
      return outer === undefined ? call() : outer(handler, change, call)
    }
  }

  private strikesHandler(fault: HandlerFault, subject: Subject): boolean {
    if (subject._tag === "Flow") return fault.task === undefined && this.strikesNow(fault)
    return isOneOf(fault.task, subject.slug, subject.name) &&
      isOneOf(fault.item, subject.mapIndex) &&
      this.strikesNow(fault)
  }

  // ---------------------------------------------------------------------------
  // The clock
  // ---------------------------------------------------------------------------

  readonly clockJumps: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(
      this.plan.filter((fault) => fault.kind === "ClockJump"),
      ({ at, by }) =>
        Effect.forkChild(
          Effect.andThen(Effect.sleep(at), Effect.sync(() => this.world.clock.jump(by))),
          { startImmediately: true }
        ),
      { discard: true }
    )
  )
}

const isOneOf = <A>(wanted: A | undefined, ...found: ReadonlyArray<A | undefined>): boolean =>
  wanted === undefined || found.includes(wanted)

const strikeBody = (
  fault: BodyFault,
  run: RunContext,
  body: Effect.Effect<unknown, unknown>
): Effect.Effect<unknown, unknown> => {
  switch (fault.kind) {
    case "Fail":
      return Effect.fail(injected(fault.kind, `task "${run.taskFullName}" fails`))
    case "Die":
      return Effect.die(injected(fault.kind, `task "${run.taskFullName}" dies`))
    case "Interrupt":
      return Effect.interrupt
    case "TimeOut":
      return Effect.fail(new TaskTimeout({ message: "Execution timed out." }))
    case "NeverAnswer":
      return Effect.never
    case "Delay":
      return Effect.delay(body, fault.millis)
  }
}

const strikeHandler = (fault: HandlerFault, handler: string): Effect.Effect<never, unknown> => {
  switch (fault.kind) {
    case "HandlerFail":
      return Effect.fail(injected(fault.kind, `handler "${handler}" fails`))
    case "HandlerDie":
      return Effect.die(injected(fault.kind, `handler "${handler}" dies`))
    case "HandlerHang":
      return Effect.never
  }
}

const injected = (kind: Fault["kind"], what: string): InjectedFault =>
  new InjectedFault({ kind, message: `The fault plan says that ${what}.` })
