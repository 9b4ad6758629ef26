/**
 * What the fibres of a run wait for: virtual time, one another, or something real.
 *
 * Effect suspends a fibre in one way only, with a function that registers how it goes on. The
 * functions of Effect's own waits are known by their text, taken once from the running code itself;
 * sleeps on a simulated clock are marked. Any other wait is one for something real: a promise, a
 * timer, a request.
 *
 * @module
 */
import {
  Context,
  Deferred,
  Effect,
  Fiber,
  Latch,
  PartitionedSemaphore,
  Pool,
  PubSub,
  Queue,
  Request,
  RequestResolver,
  Scheduler,
  Semaphore,
  Tracer,
  TxRef
} from "effect"
import * as Flow from "../Flow.ts"
import * as Task from "../Task.ts"
import { isVirtualWait } from "./SimulatedClock.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What a fibre waits for that may come from outside of the run. */
export type Wait =
  /** A promise, a timer, a request: it comes from outside. */
  | "Real"
  /** A queue, a latch, a deferred value: another fibre may bring it, or something outside. */
  | "Shared"

/** The waits of the fibres of one run. */
export interface Waits {
  /** The tracer to run under: it sees each operation of each fibre, and spans go to `outer`. */
  readonly tracer: Tracer.Tracer
  /** The fibres that wait for something real, and since when, by the clock of `make`. */
  readonly real: () => ReadonlyMap<AnyFiber, number>
  /** Whether a fibre waits for what something outside might bring as well. */
  readonly areShared: () => boolean
  /** The fibre that moved last. */
  readonly latest: () => AnyFiber | undefined
}

/** Makes the record of waits; `onOperation` is called before each operation of each fibre. */
export const make = (
  outer: Tracer.Tracer,
  now: () => number,
  onOperation: () => void
): Waits => {
  let latest: AnyFiber | undefined
  const real = new Map<AnyFiber, number>()
  const shared = new Set<AnyFiber>()
  const go = outer.context
  const note = (fiber: AnyFiber, wait: Wait | undefined): void => {
    if (real.size > 0) real.delete(fiber)
    if (shared.size > 0) shared.delete(fiber)
    if (wait === "Real") real.set(fiber, now())
    else if (wait === "Shared") shared.add(fiber)
  }
  return {
    tracer: {
      span: (options) => outer.span(options),
      context: (primitive, fiber) => {
        onOperation()
        latest = fiber
        const register = registerOf(primitive)
        if (register !== undefined) note(fiber, classify(register))
        return go === undefined
          ? primitive["~effect/Effect/evaluate"](fiber)
          : go.call(outer, primitive, fiber) as never
      }
    },
    real: () => alive(real),
    areShared: () => alive(shared).size > 0,
    latest: () => latest
  }
}

/** Those that have not ended; the others are taken out. */
const alive = <Fibers extends Set<AnyFiber> | Map<AnyFiber, number>>(fibers: Fibers): Fibers => {
  if (fibers.size === 0) return fibers
  for (const fiber of fibers.keys()) if (fiber.pollUnsafe() !== undefined) fibers.delete(fiber)
  return fibers
}

const registerOf = (primitive: object): Function | undefined => {
  const { register } = primitive as { readonly register?: unknown }
  return typeof register === "function" ? register : undefined
}

const classify = (register: Function): Wait | undefined => {
  if (isVirtualWait(register)) return undefined
  known ??= learn()
  const text = register.toString()
  return known.inside.has(text) ? undefined : known.shared.has(text) ? "Shared" : "Real"
}

// -----------------------------------------------------------------------------
// Effect's own waits
// -----------------------------------------------------------------------------

interface Known {
  readonly inside: ReadonlySet<string>
  readonly shared: ReadonlySet<string>
}

let known: Known | undefined = undefined

/** Lets every kind of wait happen once, and takes down the functions that register them. */
const learn = (): Known => ({ inside: textsOf(inside()), shared: textsOf(shared()) })

/** Waits that only other fibres can end, or nothing. */
const inside = (): ReadonlyArray<Effect.Effect<unknown>> => {
  const { never } = Effect
  const forever = Effect.runFork(never)
  const task = Task.make("waits", { run: () => never })
  const flow = Flow.make("waits", function* () {
    yield* task()
  })
  return [
    never,
    Fiber.await(forever),
    Fiber.join(forever),
    Fiber.awaitAll([forever]),
    Fiber.joinAll([forever]),
    Effect.raceAll([never, never]),
    Effect.raceAllFirst([never, never]),
    Effect.forEach([1, 2], () => never, { concurrency: 2 }),
    Effect.forEach([1, 2], () => never, { concurrency: 2, discard: true }),
    Effect.all([never, never], { concurrency: "unbounded" }),
    Effect.request(
      Request.of<Request.Request<void>>()(),
      RequestResolver.fromEffect(() => never)
    ),
    Flow.run(flow, { concurrency: 2 })
  ]
}

/** Waits that another fibre can end, and whoever holds the other end outside of the run. */
const shared = (): ReadonlyArray<Effect.Effect<unknown>> => {
  const { never } = Effect
  const taken = Semaphore.makeUnsafe(0)
  return [
    Deferred.await(Deferred.makeUnsafe()),
    Effect.flatMap(
      TxRef.make(0),
      (ref) => Effect.tx(Effect.andThen(TxRef.get(ref), Effect.txRetry))
    ),
    Latch.makeUnsafe(false).await,
    taken.take(1),
    taken.withPermits(1)(never),
    Effect.flatMap(PartitionedSemaphore.make({ permits: 1 }), (semaphore) =>
      Effect.andThen(
        Effect.forkChild(semaphore.withPermits(1, 1)(never), { startImmediately: true }),
        semaphore.withPermits(1, 1)(never)
      )),
    Effect.flatMap(Queue.unbounded(), Queue.take),
    Effect.flatMap(Queue.unbounded(), Queue.await),
    Effect.flatMap(Queue.unbounded(), Queue.takeAll),
    Effect.flatMap(Queue.bounded<number>(1), (queue) => Queue.offerAll(queue, [1, 2])),
    Effect.flatMap(
      Queue.bounded<number>(1),
      (queue) => Effect.andThen(Queue.offer(queue, 1), Queue.offer(queue, 2))
    ),
    Effect.scoped(Effect.flatMap(
      PubSub.unbounded<number>(),
      (pubSub) => Effect.flatMap(PubSub.subscribe(pubSub), PubSub.take)
    )),
    Effect.scoped(
      Effect.flatMap(
        PubSub.bounded<number>(1),
        (pubSub) => Effect.andThen(PubSub.subscribe(pubSub), PubSub.publishAll(pubSub, [1, 2]))
      )
    ),
    Effect.scoped(Effect.flatMap(
      Pool.make({ acquire: Effect.void, size: 1 }),
      (pool) => Effect.andThen(Pool.get(pool), Pool.get(pool))
    ))
  ]
}

const textsOf = (effects: ReadonlyArray<Effect.Effect<unknown>>): ReadonlySet<string> => {
  const texts = new Set<string>()
  const scheduler = new Scheduler.MixedScheduler("sync")
  const tracer: Tracer.Tracer = {
    span: (options) => Tracer.nativeTracer.span(options),
    context: (primitive, fiber) => {
      const register = registerOf(primitive)
      if (register !== undefined) texts.add(register.toString())
      return primitive["~effect/Effect/evaluate"](fiber)
    }
  }
  const context = Context.make(Tracer.Tracer, tracer)
  for (const effect of effects) {
    const fiber = Effect.runForkWith(context)(effect, { scheduler })
    fiber.currentDispatcher.flush()
    fiber.interruptUnsafe()
    fiber.currentDispatcher.flush()
  }
  return texts
}
