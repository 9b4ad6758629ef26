/**
 * A flow that runs several times with the same cache, hours and days apart: which results must be
 * used again, and which bodies must run, is worked out without the engine.
 */
import { Effect, Schema } from "effect"
import { CachePolicy, Flow, Parameter, RunContext, Signal, State, Task } from "signalbox"
import { SeededRandom } from "signalbox/testing"
import type { Observed } from "./invariants.ts"
import { observe, type Outcome } from "./observe.ts"

// ---------------------------------------------------------------------------------------------
// Shapes
// ---------------------------------------------------------------------------------------------

type ValidatorName = "duration" | "inputs" | "parameters" | "someInputs" | "oneParameter" | "never"

interface Shape {
  readonly place: number
  /** The task whose result is its input `up`. */
  readonly upstream: number | undefined
  /** What it is mapped over, if it is. */
  readonly items: ReadonlyArray<number> | undefined
  readonly millis: number
  readonly cacheFor: number | undefined
  readonly validator: ValidatorName
  /** What it keeps its results under, if not under its own name. */
  readonly key: string | undefined
  /** What its body gives: always the same, its inputs, or something new each time. */
  readonly gives: "Same" | "Inputs" | "New"
  /** In which runs it does not succeed, and how it ends then. */
  readonly spoilt: ReadonlyArray<number>
  readonly end: "Fail" | "Skip"
}

interface Given {
  readonly p: number
  readonly q: number
}

const minute = 60_000
const spans = [minute, 60 * minute, 24 * 60 * minute]
const validatorNames: ReadonlyArray<ValidatorName> = [
  "duration",
  "duration",
  "inputs",
  "inputs",
  "parameters",
  "someInputs",
  "oneParameter",
  "never"
]

const pick = <A>(random: SeededRandom.SeededRandom, all: ReadonlyArray<A>): A =>
  all[random.below(all.length)]!

const drawShapes = (random: SeededRandom.SeededRandom): ReadonlyArray<Shape> => {
  const count = 1 + random.below(5)
  const upstreamOf = Array.from(
    { length: count },
    (_, place) => place > 0 && random.below(2) === 0 ? random.below(place) : undefined
  )
  return upstreamOf.map((upstream, place): Shape => ({
    place,
    upstream,
    items: random.below(3) === 0
      ? Array.from({ length: random.below(4) }, () => random.below(3))
      : undefined,
    millis: pick(random, [0, 0, 1500, 30 * minute]),
    cacheFor: random.below(4) === 0 ? undefined : pick(random, spans),
    validator: pick(random, validatorNames),
    key: random.below(4) === 0 ? "shared" : undefined,
    gives: pick(random, ["Same", "Inputs", "New"] as const),
    // One that others wait for always succeeds: what becomes of those is no matter of the cache.
    spoilt: upstreamOf.includes(place) ? [] : [0, 1, 2, 3].filter(() => random.below(5) === 0),
    end: pick(random, ["Fail", "Skip"] as const)
  }))
}

// ---------------------------------------------------------------------------------------------
// The flow
// ---------------------------------------------------------------------------------------------

const validators: Readonly<Record<ValidatorName, CachePolicy.Validator>> = {
  duration: CachePolicy.durationOnly,
  inputs: CachePolicy.allInputs,
  parameters: CachePolicy.allParameters,
  someInputs: CachePolicy.partialInputsOnly(["p", "up"]),
  oneParameter: CachePolicy.partialParametersOnly(["q"]),
  never: CachePolicy.neverUse
}

type Inputs = Readonly<Record<string, unknown>>

/** The bodies that have run, in order; something new is the number of one. */
type Bodies = Array<string>

const taskOf = (shape: Shape, bodies: Bodies) =>
  Task.make(`t${shape.place}`, {
    ...shape.cacheFor === undefined ? {} : {
      cacheFor: shape.cacheFor,
      cacheValidator: validators[shape.validator],
      cacheKey: shape.key
    },
    run: (inputs: Inputs) =>
      Effect.gen(function* () {
        const { taskFullName, values } = yield* RunContext.RunContext
        bodies.push(taskFullName!)
        if (shape.millis > 0) yield* Effect.sleep(shape.millis)
        const isSpoilt = shape.spoilt.includes(values["round"] as number)
        if (isSpoilt) return yield* shape.end === "Fail" ? Signal.fail() : Signal.skip()
        return given(shape, inputs, bodies.length)
      })
  })

const given = ({ gives, place }: Shape, inputs: Inputs, count: number): unknown =>
  gives === "Same" ? `t${place}` : gives === "New" ? count : inputs

const unmapped = (inputs: Readonly<Record<string, Task.Ref<unknown, unknown>>>) =>
  Object.fromEntries(Object.entries(inputs).map(([key, ref]) => [key, Task.unmapped(ref)]))

const flowOf = (shapes: ReadonlyArray<Shape>, given: Given, bodies: Bodies) =>
  Flow.make("cached", {
    parameters: {
      p: Parameter.withDefault(Schema.Number, given.p),
      q: Parameter.withDefault(Schema.Number, given.q)
    }
  }, function* ({ p }) {
    const refs: Array<Task.Ref<unknown, unknown>> = []
    for (const shape of shapes) {
      const { items, upstream } = shape
      const task = taskOf(shape, bodies) as Task.Task<Inputs, unknown, unknown>
      const whole = { p, ...upstream === undefined ? {} : { up: refs[upstream]! } }
      const call = items === undefined
        ? task(whole)
        : Task.map(task, { ...unmapped(whole), n: items } as never)
      refs.push(yield* call as Task.Call<unknown, unknown>)
    }
  }) as Flow.Flow<{}, unknown, unknown>

// ---------------------------------------------------------------------------------------------
// What must become of it
// ---------------------------------------------------------------------------------------------

interface Kept {
  readonly result: unknown
  readonly inputs: Inputs
  readonly parameters: Given
  readonly expires: number
}

/** What the cache holds, by key, oldest first. */
type Memory = Map<string, ReadonlyArray<Kept>>

interface Expected {
  /** The kind and the result of each run of a task, by `t0` or `t0[1]`. */
  readonly ends: ReadonlyMap<string, readonly [tag: State.Tag, result: unknown]>
  readonly bodies: Bodies
  /** When it ends. */
  readonly now: number
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const accepts: Readonly<
  Record<ValidatorName, (kept: Kept, inputs: Inputs, parameters: Given) => boolean>
> = {
  duration: () => true,
  inputs: (kept, inputs) => isSame(kept.inputs, inputs),
  parameters: (kept, _, parameters) => isSame(kept.parameters, parameters),
  someInputs: (kept, { p, up }) => isSame([kept.inputs["p"], kept.inputs["up"]], [p, up]),
  oneParameter: (kept, _, { q }) => kept.parameters.q === q,
  never: () => false
}

/** One run after the other, each task after the other, as the rules of the cache have it. */
const expect = (
  shapes: ReadonlyArray<Shape>,
  parameters: Given,
  memory: Memory,
  run: { readonly round: number; readonly start: number; readonly bodies: Bodies }
): Expected => {
  const ends = new Map<string, readonly [State.Tag, unknown]>()
  const results: Array<unknown> = []
  const toKeep: Array<readonly [key: string, kept: Kept]> = []
  const bodies = [...run.bodies]
  let now = run.start
  const one = (shape: Shape, inputs: Inputs, name: string): unknown => {
    const { cacheFor, key = `t${shape.place}`, millis, spoilt, validator } = shape
    const found = cacheFor === undefined
      ? undefined
      : memory.get(key)?.find((kept) =>
        kept.expires > now && accepts[validator](kept, inputs, parameters) &&
        (shape.items === undefined || isSame(kept.inputs, inputs))
      )
    if (found !== undefined) {
      toKeep.push([key, found])
      ends.set(name, ["Cached", found.result])
      return found.result
    }
    bodies.push(name)
    now += millis
    if (spoilt.includes(run.round)) {
      ends.set(name, [shape.end === "Fail" ? "Failed" : "Skipped", undefined])
      return undefined
    }
    const result = given(shape, inputs, bodies.length)
    ends.set(name, [cacheFor === undefined ? "Success" : "Cached", result])
    if (cacheFor !== undefined) {
      toKeep.push([key, { result, inputs, parameters, expires: now + cacheFor }])
    }
    return result
  }
  for (const shape of shapes) {
    const { items, place, upstream } = shape
    const whole = {
      p: parameters.p,
      ...upstream === undefined ? {} : { up: results[upstream] }
    }
    results.push(
      items === undefined
        ? one(shape, whole, `t${place}`)
        : items.map((n, i) => one(shape, { ...whole, n }, `t${place}[${i}]`))
    )
  }
  for (const [key, kept] of toKeep) {
    const valid = (memory.get(key) ?? []).filter(({ expires }) => expires > now)
    memory.set(key, valid.includes(kept) ? valid : [...valid, kept])
  }
  return { ends, bodies, now }
}

const differences = (
  shapes: ReadonlyArray<Shape>,
  expected: Expected,
  bodies: Bodies,
  { report }: Observed
): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const [name, [tag, result]] of expected.ends) {
    const state = report.final(name)
    if (state._tag !== tag) found.push(`${name} is ${state} and not ${tag}`)
    else if (State.isSuccessful(state) && !isSame(state.result, result)) {
      found.push(`${name} gives ${JSON.stringify(state.result)}, not ${JSON.stringify(result)}`)
    }
  }
  if (!isSame(bodies, expected.bodies)) {
    found.push(`bodies ran: ${bodies}; expected: ${expected.bodies}`)
  }
  const end = report.trace.changes.at(-1)!.at
  if (end !== expected.now) found.push(`it ended at ${end} and not at ${expected.now}`)
  return found.length === 0 ? [] : [`${found[0]} (of ${JSON.stringify(shapes)})`]
}

// ---------------------------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------------------------

const rounds = 4

/** Runs a flow that a seed makes up, several times in one cache. */
export const simulateCached = (seed: number): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const random = SeededRandom.make(seed, "cached")
    const shapes = drawShapes(random)
    const memory: Memory = new Map()
    const bodies: Bodies = []
    let start = 1_000_000
    let last: Outcome | undefined
    for (let round = 0; round < rounds; round++) {
      const parameters = { p: random.below(2), q: random.below(2) }
      const expected = expect(shapes, parameters, memory, { round, start, bodies })
      const flow = flowOf(shapes, parameters, bodies)
      const made = {
        flow,
        seed: seed + round,
        start,
        faults: [],
        concurrency: 1,
        isMeddled: false,
        values: { round }
      }
      last = yield* observe(made, random, (run) => differences(shapes, expected, bodies, run))
      if (last.broken.length > 0) return last
      start = expected.now + pick(random, [0, 10, ...spans])
    }
    return last!
  }).pipe(Effect.provide(CachePolicy.layerMemory))
