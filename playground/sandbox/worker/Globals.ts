/**
 * The globals that a program sees: the language, what computes in memory, and simulated time and
 * chance. Effect and the engine keep the real ones.
 *
 * What would ask the network, store anything or take real time is not there, so that a run is the
 * same wherever it is made.
 */
import { type Console, Duration, Effect, Fiber } from "effect"
import { SeededRandom, type SimulatedClock } from "signalbox/testing"
import { setImmediate } from "./Immediate.ts"

/** The names of all globals there are, and what a program finds under each. */
export interface Globals {
  readonly names: ReadonlyArray<string>
  readonly values: ReadonlyArray<unknown>
}

/** What the globals of one run are made from. */
export interface Options {
  readonly seed: number
  readonly clock: SimulatedClock.SimulatedClock
  readonly console: Console.Console
  /** Whether something is under way that takes real time, and simulated time has to wait. */
  readonly isBusy: () => boolean
}

/** Makes the globals of one run. */
export const make = (options: Options): Globals => {
  const scope: Record<string, unknown> = {}
  for (const name of kept) scope[name] = real[name]
  Object.assign(scope, simulated(options), { globalThis: scope, self: scope })
  const names = allNames()
  return { names, values: names.map((name) => scope[name]) }
}

const real = globalThis as unknown as Readonly<Record<string, unknown>>

const kept: ReadonlyArray<string> = [
  ..."Object Function Array Number Boolean String Symbol BigInt Promise RegExp JSON Intl".split(
    " "
  ),
  ..."Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError".split(" "),
  ..."URIError SuppressedError DisposableStack AsyncDisposableStack DOMException".split(" "),
  ..."Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator Proxy Reflect".split(" "),
  ..."ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array".split(" "),
  ..."Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array".split(" "),
  ..."Float32Array Float64Array parseFloat parseInt isFinite isNaN decodeURI".split(" "),
  ..."decodeURIComponent encodeURI encodeURIComponent escape unescape atob btoa".split(" "),
  ..."structuredClone queueMicrotask TextEncoder TextDecoder URL URLSearchParams".split(" "),
  ..."AbortController Event EventTarget CustomEvent Headers Request Response FormData".split(" "),
  ..."Blob ReadableStream WritableStream TransformStream".split(" ")
]

/** Names that mean what they mean, or that no parameter can have. */
const untouched = new Set(["eval", "undefined", "NaN", "Infinity"])

const allNames = (): ReadonlyArray<string> => {
  const names = new Set(["globalThis", "self", "setImmediate", "clearImmediate"])
  for (
    let object: object | null = globalThis;
    object !== null && object !== Object.prototype;
    object = Object.getPrototypeOf(object)
  ) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (/^[A-Za-z_$][\w$]*$/.test(name) && name !== "constructor") names.add(name)
    }
  }
  return [...names].filter((name) => !untouched.has(name))
}

// -----------------------------------------------------------------------------
// Time, chance and words
// -----------------------------------------------------------------------------

const simulated = (options: Options): Readonly<Record<string, unknown>> => {
  const { clock, console, seed } = options
  const timers = makeTimers(options)
  return {
    ...timers,
    console,
    Date: dateOf(clock),
    Math: Object.create(Math, {
      random: { value: randomOf(seed, "Math.random"), writable: true, configurable: true }
    }),
    performance: {
      timeOrigin: clock.startTime,
      now: () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
    },
    crypto: cryptoOf(randomOf(seed, "crypto")),
    AbortSignal: signalsOf(timers.setTimeout),
    fetch: () =>
      Promise.reject(
        new TypeError(
          "Cannot fetch: a program has no network here; the requests of effect/http are answered " +
            "by a stand-in"
        )
      )
  }
}

const randomOf = (seed: number, purpose: string): () => number => {
  const random = SeededRandom.make(seed, purpose)
  return () => random.nextDoubleUnsafe()
}

const dateOf = (clock: SimulatedClock.SimulatedClock): DateConstructor =>
  new Proxy(Date, {
    apply: () => new Date(clock.currentTimeMillisUnsafe()).toString(),
    construct: (target, given, made) =>
      Reflect.construct(
        target,
        given.length === 0 ? [clock.currentTimeMillisUnsafe()] : given,
        made
      ),
    get: (target, name, receiver) =>
      name === "now"
        ? () => clock.currentTimeMillisUnsafe()
        : Reflect.get(target, name, receiver) as unknown
  })

const cryptoOf = (random: () => number): Pick<Crypto, "getRandomValues" | "randomUUID"> => {
  const getRandomValues = <A extends ArrayBufferView | null>(array: A): A => {
    if (array === null) return array
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
    return array
  }
  const randomUUID = (): ReturnType<Crypto["randomUUID"]> => {
    const bytes = getRandomValues(new Uint8Array(16))
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
    return [...parts, hex.slice(20)].join("-") as ReturnType<Crypto["randomUUID"]>
  }
  return { getRandomValues, randomUUID }
}

// -----------------------------------------------------------------------------
// Timers
// -----------------------------------------------------------------------------

type Call = (...args: ReadonlyArray<unknown>) => void

const longest = 2_147_483_647

const makeTimers = ({ clock, console, isBusy }: Options) => {
  const pending = new Map<number, Fiber.Fiber<unknown>>()
  let last = 0
  let turnIsDue = false

  // Whoever waits for a timer waits for something real, so far as the simulation knows, and it lets
  // time stand still. Nothing here takes real time, however: once a turn of the event loop finds
  // everything at rest, only a timer can go on.
  const turn = (): void => {
    turnIsDue = false
    if (pending.size === 0) return
    if (!isBusy()) clock.moveOn()
    nextTurn()
  }
  const nextTurn = (): void => {
    if (turnIsDue) return
    turnIsDue = true
    setImmediate(() => setImmediate(turn))
  }
  const call = (then: Call, args: ReadonlyArray<unknown>): void => {
    try {
      then(...args)
    } catch (error) {
      console.error(error)
    }
  }
  const start = (then: unknown, delay: unknown, args: ReadonlyArray<unknown>, again: boolean) => {
    if (typeof then !== "function") throw new TypeError("Cannot set a timer without a function")
    const id = ++last
    const millis = Math.min(longest, Math.max(1, Math.trunc(Number(delay)) || 0))
    const wait = clock.sleep(Duration.millis(millis))
    const once = Effect.andThen(
      wait,
      Effect.sync(() => {
        if (!again) pending.delete(id)
        call(then as Call, args)
      })
    )
    pending.set(id, Effect.runFork(again ? Effect.forever(once) : once))
    nextTurn()
    return id
  }
  const stop = (id: unknown): void => {
    pending.get(id as number)?.interruptUnsafe()
    pending.delete(id as number)
  }
  return {
    setTimeout: (then: unknown, delay?: unknown, ...args: ReadonlyArray<unknown>) =>
      start(then, delay, args, false),
    setInterval: (then: unknown, delay?: unknown, ...args: ReadonlyArray<unknown>) =>
      start(then, delay, args, true),
    clearTimeout: stop,
    clearInterval: stop
  }
}

const signalsOf = (setTimeout: (then: () => void, delay: number) => number): typeof AbortSignal =>
  new Proxy(AbortSignal, {
    get: (target, name, receiver) =>
      name === "timeout"
        ? (millis: number) => {
          const controller = new AbortController()
          const reason = new DOMException("signal timed out", "TimeoutError")
          setTimeout(() => controller.abort(reason), millis)
          return controller.signal
        }
        : Reflect.get(target, name, receiver) as unknown
  })
