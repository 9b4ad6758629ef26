/**
 * Lets the faults of a plan happen in a run.
 *
 * @module
 */
import { Data, Effect } from "effect"
import * as Executor from "../Executor.ts"
import * as Flow from "../Flow.ts"
import type { RunContext } from "../RunContext.ts"
import * as Signal from "../Signal.ts"
import * as StateHandler from "../StateHandler.ts"
import { TaskTimeout } from "../FailedState.ts"
import type { Subject, TaskSubject } from "../Transition.ts"
import type { Answer, Fault, FaultPlan, HandlerFault, Place, Strike } from "./FaultPlan.ts"
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
  /** Told of each fault that strikes. */
  readonly onStrike: (strike: Strike) => void
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
    return effect.pipe(
      Effect.provideService(Executor.Executor, faults.executor(fiber.getRef(Executor.Executor))),
      faults.interceptHandlers(fiber.getRef(StateHandler.Interceptor)),
      faults.interceptPauses(fiber.getRef(Flow.PauseInterceptor)),
      (struck) => Effect.andThen(faults.clockJumps, struck)
    )
  })
}

/** The fault of a plan that lets the write of a change to the journal fail, if one does. */
export const journalFault = (plan: FaultPlan, transition: number): Strike | undefined => {
  const fault = plan.findIndex((fault) =>
    fault.kind === "JournalFail" && fault.transition === transition
  )
  return fault === -1 ? undefined : { fault, transition }
}

/** What the write of a change to the journal dies of, if it is to fail. */
export const journalError = ({ transition }: Strike): InjectedFault =>
  injected("JournalFail", `the write of change ${transition} to the journal fails`)

/** Whether a run ended because a write to the journal failed. */
export const isJournalFault = (error: unknown): boolean =>
  error instanceof InjectedFault && error.kind === "JournalFail"

const kindsOf = {
  body: ["Fail", "Die", "Interrupt", "TimeOut", "NeverAnswer", "Delay"],
  handler: ["HandlerFail", "HandlerDie", "HandlerHang"],
  clock: ["ClockJump"],
  answer: ["Resume"]
} as const

type OfKind<Part extends keyof typeof kindsOf> = Fault & {
  readonly kind: (typeof kindsOf)[Part][number]
}

/** A fault and its place in the plan. */
type Numbered<Part extends keyof typeof kindsOf> = readonly [fault: OfKind<Part>, place: number]

const pick = <Part extends keyof typeof kindsOf>(
  plan: FaultPlan,
  part: Part
): ReadonlyArray<Numbered<Part>> => {
  const kinds: ReadonlyArray<Fault["kind"]> = kindsOf[part]
  return plan.flatMap((fault, place) =>
    kinds.includes(fault.kind) ? [[fault as OfKind<Part>, place] as const] : []
  )
}

type Provide = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

class Faults {
  private readonly plan: FaultPlan
  private readonly world: World
  private readonly random: SeededRandom.SeededRandom
  /** What runs that were answered do instead of going on, by {@link keyOf}. */
  private readonly instead = new Map<string, NonNullable<Answer["as"]>>()

  constructor(plan: FaultPlan, world: World) {
    this.plan = plan
    this.world = world
    this.random = SeededRandom.make(world.seed, "faults")
  }

  private strike(fault: number, where: Omit<Strike, "fault" | "transition">): void {
    this.world.onStrike({ fault, ...where, transition: this.world.changes() })
  }

  /** Whether a fault strikes one of the calls or pauses that it fits. */
  private strikesNow({ probability, transition }: Place): boolean {
    return isOneOf(transition, this.world.changes()) &&
      (probability === undefined || this.random.nextDoubleUnsafe() < probability)
  }

  // ---------------------------------------------------------------------------
  // Bodies
  // ---------------------------------------------------------------------------

  executor(outer: Executor.Executor): Executor.Executor {
    const bodies = pick(this.plan, "body")
    return {
      execute: outer.execute,
      runBody: (run, body) => {
        const within = outer.runBody === undefined ? body : outer.runBody(run, body)
        const instead = this.insteadOf(run)
        if (instead !== undefined) return instead
        const found = bodies.find(([fault]) => this.strikesBody(fault, run))
        if (found === undefined) return within
        this.strike(found[1], { ...placeOf(run.taskSlug!, run.mapIndex), attempt: run.runCount })
        return strikeBody(found[0], run, within)
      }
    }
  }

  private strikesBody(fault: Place, run: RunContext): boolean {
    return isOneOf(fault.task, run.taskSlug, run.taskName) &&
      isOneOf(fault.attempt, run.runCount) &&
      isOneOf(fault.item, run.mapIndex) &&
      this.strikesNow(fault)
  }

  // ---------------------------------------------------------------------------
  // Handlers
  // ---------------------------------------------------------------------------

  interceptHandlers(outer: StateHandler.Interceptor | undefined): Provide {
    const handlers = pick(this.plan, "handler")
    if (handlers.length === 0) return (same) => same
    const interceptor: StateHandler.Interceptor = (handler, change, call) => {
      const found = handlers.find(([fault]) =>
        isOneOf(fault.handler, handler) && this.strikesHandler(fault, change.subject)
      )
      if (found === undefined) return outer === undefined ? call() : outer(handler, change, call)
      this.strike(found[1], { ...placeOfSubject(change.subject), handler })
      return strikeHandler(found[0], handler)
    }
    return Effect.provideService(StateHandler.Interceptor, interceptor)
  }

  private strikesHandler(fault: HandlerFault, subject: Subject): boolean {
    if (subject._tag === "Flow") return fault.task === undefined && this.strikesNow(fault)
    return fitsTask(fault, subject) && this.strikesNow(fault)
  }

  // ---------------------------------------------------------------------------
  // Pauses
  // ---------------------------------------------------------------------------

  interceptPauses(outer: Flow.PauseInterceptor | undefined): Provide {
    const answers = pick(this.plan, "answer")
    if (answers.length === 0) return (same) => same
    const interceptor: Flow.PauseInterceptor = (pause, ask) => {
      const found = answers.find(([answer]) => this.answers(answer, pause))
      if (found !== undefined) return this.answer(...found, pause)
      return outer === undefined ? ask : outer(pause, ask)
    }
    return Effect.provideService(Flow.PauseInterceptor, interceptor)
  }

  private answers(answer: Answer, { state, subject }: Flow.Pause): boolean {
    return subject._tag === "Task" && fitsTask(answer, subject) &&
      isOneOf(answer.attempt, state.runCount) &&
      this.strikesNow(answer)
  }

  private answer({ after, as }: Answer, place: number, pause: Flow.Pause): Effect.Effect<unknown> {
    const { state, subject } = pause
    const key = keyOf(subject as TaskSubject)
    const resume = Effect.suspend(() => {
      // Before it goes on, as its body may run before this fibre does again.
      if (as !== undefined) this.instead.set(key, as)
      return Effect.map(pause.resume, (waited) => {
        if (!waited) this.instead.delete(key)
      })
    })
    const { runCount: attempt } = state
    this.strike(place, { ...placeOfSubject(subject), ...attempt === undefined ? {} : { attempt } })
    return Effect.andThen(Effect.sleep(after), resume)
  }

  private insteadOf(run: RunContext): Effect.Effect<never, unknown> | undefined {
    if (this.instead.size === 0 || !run.resume) return undefined
    const key = keyOf({ slug: run.taskSlug!, mapIndex: run.mapIndex })
    const as = this.instead.get(key)
    this.instead.delete(key)
    const task = `The fault plan says that task "${run.taskFullName}"`
    if (as === undefined) return undefined
    return as === "Skip"
      ? Effect.fail(Signal.skip(`${task} is skipped.`))
      : Effect.fail(Signal.fail(`${task} fails.`))
  }

  // ---------------------------------------------------------------------------
  // The clock
  // ---------------------------------------------------------------------------

  readonly clockJumps: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(pick(this.plan, "clock"), ([{ at, by }, place]) => {
      const jump = Effect.sync(() => {
        this.strike(place, {})
        this.world.clock.jump(by)
      })
      return Effect.forkChild(Effect.andThen(Effect.sleep(at), jump), { startImmediately: true })
    }, { discard: true })
  )
}

const isOneOf = <A>(wanted: A | undefined, ...found: ReadonlyArray<A | undefined>): boolean =>
  wanted === undefined || found.includes(wanted)

const fitsTask = ({ item, task }: Pick<Place, "item" | "task">, subject: TaskSubject): boolean =>
  isOneOf(task, subject.slug, subject.name) && isOneOf(item, subject.mapIndex)

const placeOf = (task: string, item: number | undefined): Pick<Strike, "task" | "item"> =>
  item === undefined ? { task } : { task, item }

const placeOfSubject = (subject: Subject): Pick<Strike, "task" | "item"> =>
  subject._tag === "Flow" ? {} : placeOf(subject.slug, subject.mapIndex)

const keyOf = ({ mapIndex, slug }: Pick<TaskSubject, "mapIndex" | "slug">): string =>
  `${slug}/${mapIndex}`

const strikeBody = (
  fault: OfKind<"body">,
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
