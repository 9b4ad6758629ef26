/**
 * What running flows costs, as a ratio to bare Effect doing the same work: `Effect.forEach` over the
 * tasks, a `Deferred` each for whatever depends on it, every change of state appended to a log.
 *
 * Both sides take turns in one process, and CPU time is compared turn by turn, so that a busy
 * machine harms both alike. A turn is several runs, so that each side pays for its own garbage. A
 * ratio below 1 is faster than bare Effect.
 *
 * How warm the code is changes everything, so there are three columns: the first run is that of a
 * script, the second has had one to warm up, and both are measured in processes of their own, again
 * turn by turn and from a heap without garbage; the last is that of a server, after many.
 *
 * `node scripts/bench.ts` measures every shape, `--quick` the small ones, `--shape NAME` one.
 */
import { Deferred, Effect, Fiber, Ref, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { execFileSync } from "node:child_process"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Flow, StateHandler, Task, Transition } from "signalbox"
import { Simulation } from "signalbox/testing"
import { peers, type Upstream } from "./bench_peers.ts"
import { readOptions } from "./options.ts"
import { textTable } from "./text_table.ts"

interface Shape {
  readonly name: string
  /** How many task runs one turn has. */
  readonly tasks: number
  readonly turns: number
  readonly bare: Effect.Effect<unknown>
  readonly flow: Effect.Effect<unknown>
  /** The same by other libraries, where they can do it. */
  readonly peers: ReadonlyArray<() => Promise<unknown>>
}

// -----------------------------------------------------------------------------
// The two sides
// -----------------------------------------------------------------------------

const independent = (n: number): Upstream => Array.from({ length: n }, () => [])

const chain = (n: number): Upstream => Array.from({ length: n }, (_, i) => i === 0 ? [] : [i - 1])

const layers = (n: number): Upstream => {
  const width = Math.min(100, Math.ceil(Math.sqrt(n)))
  return Array.from({ length: n }, (_, i) => {
    const first = i - (i % width) - width
    return first < 0 ? [] : [0, 1, 2].map((k) => first + ((i + k * 7) % width))
  })
}

interface Body {
  readonly effect: Effect.Effect<number>
  readonly concurrency: 1 | "unbounded"
}

const atOnce: Body = { effect: Effect.sync(() => 1), concurrency: 1 }
const suspending: Body = { effect: Effect.as(Effect.yieldNow, 1), concurrency: "unbounded" }

type Change = readonly [task: number, state: string]

/** Every change of state is appended, and passes a handler that does nothing if there is one. */
const makeLog = (handler: boolean) =>
  Effect.map(Ref.make<ReadonlyArray<Change>>([]), (log) => {
    const kept: Array<Change> = []
    const note = (task: number, state: string): Effect.Effect<unknown> => {
      const change: Change = [task, state]
      const noted = Ref.update(log, () => (kept.push(change), kept))
      return handler ? Effect.andThen(noted, Effect.succeed(change)) : noted
    }
    return { log, note }
  })

const bareOf = (upstream: Upstream, { concurrency, effect }: Body, handler: boolean) =>
  Effect.gen(function* () {
    const { log, note } = yield* makeLog(handler)
    const done = yield* Effect.forEach(upstream, () => Deferred.make<number>())
    yield* Effect.forEach(
      upstream,
      Effect.fnUntraced(function* (before, task) {
        for (const index of before) yield* Deferred.await(done[index]!)
        yield* note(task, "Running")
        const result = yield* effect
        yield* note(task, "Success")
        yield* Deferred.succeed(done[task]!, result)
      }),
      { concurrency, discard: true }
    )
    return yield* Ref.get(log)
  })

const noop = StateHandler.make((_subject, _oldState, newState) => Effect.succeed(newState))

const flowOf = (upstream: Upstream, { concurrency, effect }: Body, handler: boolean) => {
  const task = Task.make("task", { run: () => effect, handlers: handler ? [noop] : [] })
  const flow = Flow.make("bench", function* () {
    const refs: Array<Task.Ref<number>> = []
    for (const before of upstream) {
      refs.push(yield* task({}, { after: before.map((index) => refs[index]!) }))
    }
  })
  return logged(flow, concurrency)
}

/** Runs a flow with the same log of its changes of state; the states themselves are in the run. */
const logged = (
  flow: Flow.Flow<{}, unknown, unknown>,
  concurrency: 1 | "unbounded" = 1
): Effect.Effect<unknown> =>
  Effect.suspend(() => {
    const kept: Array<readonly [task: string, state: string]> = []
    const log = Transition.layer(({ subject, to }) => {
      kept.push([subject.name, to._tag])
      return Effect.void
    })
    return Effect.map(
      Effect.provide(Flow.run(flow, { concurrency }), log),
      (run) => ({ kept, run })
    )
  })

const shape = (
  name: string,
  upstream: Upstream,
  options: { readonly body?: Body; readonly handler?: boolean; readonly turns?: number } = {}
): Shape => {
  const { body = atOnce, handler = false, turns = 15 } = options
  return {
    name,
    tasks: upstream.length,
    turns,
    bare: bareOf(upstream, body, handler),
    flow: flowOf(upstream, body, handler),
    peers: handler || body === suspending
      ? []
      : Object.values(peers).map((peer) => peer(upstream, body.concurrency))
  }
}

// -----------------------------------------------------------------------------
// Mapping and retries
// -----------------------------------------------------------------------------

const mapAndReduce = (name: string, n: number, handler: boolean): Shape => {
  const items = Array.from({ length: n }, (_, i) => i)
  const handlers = handler ? [noop] : []
  const list = Task.make("list", { run: () => Effect.succeed(items) })
  const double = Task.make("double", {
    handlers,
    run: ({ x }: { readonly x: number }) => Effect.sync(() => x * 2)
  })
  const sum = Task.make("sum", {
    run: ({ xs }: { readonly xs: ReadonlyArray<number> }) =>
      Effect.sync(() => xs.reduce((a, b) => a + b, 0))
  })
  const flow = Flow.make("map", function* () {
    return yield* sum({ xs: yield* Task.map(double, { x: yield* list() }) })
  })
  const bare = Effect.gen(function* () {
    const { note } = yield* makeLog(handler)
    const done = yield* Effect.forEach(items, () => Deferred.make<number>())
    const doubled = yield* Effect.forEach(
      items,
      Effect.fnUntraced(function* (x) {
        yield* note(x, "Running")
        const result = yield* Effect.sync(() => x * 2)
        yield* note(x, "Success")
        yield* Deferred.succeed(done[x]!, result)
        return result
      })
    )
    return doubled.reduce((a, b) => a + b, 0)
  })
  return { name, tasks: n, turns: 7, bare, flow: logged(flow), peers: [] }
}

const retries = (name: string, n: number): Shape => {
  const failing = () => {
    let attempts = 0
    return Effect.suspend(() => ++attempts % 3 === 0 ? Effect.void : Effect.fail("not yet"))
  }
  const flow = Flow.make("retries", function* () {
    for (let i = 0; i < n; i++) {
      const body = failing()
      yield* Task.make("task", { maxRetries: 2, retryDelay: "1 hour", run: () => body })()
    }
  })
  const bodies = Array.from({ length: n }, failing)
  const everyHour = Schedule.upTo(Schedule.spaced("1 hour"), { times: 2 })
  const bare = Effect.gen(function* () {
    const all = Effect.forEach(bodies, (body) => Effect.retry(body, everyHour), {
      concurrency: "unbounded",
      discard: true
    })
    const fiber = yield* Effect.forkChild(all)
    yield* TestClock.adjust("1 hour")
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(fiber)
  })
  return {
    name,
    tasks: n,
    turns: 3,
    bare: Effect.orDie(Effect.provide(bare, TestClock.layer())),
    flow: Effect.orDie(Simulation.run(flow, { seed: 1, concurrency: "unbounded" })),
    peers: []
  }
}

// -----------------------------------------------------------------------------
// Measuring
// -----------------------------------------------------------------------------

/** CPU time of one run, in microseconds a task. */
const cost = async (run: () => Promise<unknown>, tasks: number): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / tasks
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** The mean cost of as many runs as make up a turn. */
const turnOf = async (run: () => Promise<unknown>, tasks: number): Promise<number> => {
  const runs = Math.max(1, Math.round(tasksInTurn / tasks))
  let sum = 0
  for (let i = 0; i < runs; i++) sum += await cost(run, tasks)
  return sum / runs
}

const sidesOf = ({ bare, flow }: Shape) => [
  () => Effect.runPromise(bare),
  () => Effect.runPromise(flow)
]

const measure = async (shape: Shape) => {
  const { name, peers, tasks, turns } = shape
  const sides = [...sidesOf(shape), ...peers]
  const costs: Array<Array<number>> = []
  for (let turn = 0; turn <= turns; turn++) {
    const row: Array<number> = []
    for (const side of sides) row.push(await turnOf(side, tasks))
    costs.push(row)
  }
  const warm = costs.slice(1)
  const ratio = (side: number) => `${median(warm.map((row) => row[side]! / row[0]!)).toFixed(2)}×`
  const memory = process.resourceUsage().maxRSS / 1024
  return [
    name,
    median(warm.map(([bare]) => bare!)).toFixed(2),
    median(warm.map(([, flow]) => flow!)).toFixed(2),
    ...firstRuns(name).map((ratio) => `${ratio.toFixed(2)}×`),
    ratio(1),
    ...(peers.length === 0 ? ["", ""] : peers.map((_, i) => ratio(i + 2))),
    `${memory.toFixed(0)} MB`
  ]
}

/** What the first two runs in a process cost, as ratios to those of bare Effect in another. */
const firstRuns = (shape: string): ReadonlyArray<number> => {
  const runs = (side: number): ReadonlyArray<number> =>
    JSON.parse(
      execFileSync(
        process.execPath,
        [import.meta.filename, "--shape", shape, "--side", `${side}`],
        { encoding: "utf8" }
      )
    )
  const turns = Array.from({ length: firstTurns }, () => {
    const bare = runs(0)
    return runs(1).map((flow, run) => flow / bare[run]!)
  })
  return [0, 1].map((run) => median(turns.map((ratios) => ratios[run]!)))
}

const tasksInTurn = 50_000
const firstTurns = 9

/** Collects all garbage, so that what comes next pays for its own. */
const collect = (): void => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
}

/**
 * One run in a process of its own, for flows too large to take turns with: its time, what the run and
 * its log keep, and how far the memory of the process grew at most, the flow itself included.
 */
const grow = async (n: number): Promise<ReadonlyArray<number>> => {
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const peakBefore = process.resourceUsage().maxRSS
  const flow = flowOf(layers(n), atOnce, false)
  const before = heap()
  let run: unknown
  const time = await cost(async () => {
    run = await Effect.runPromise(flow)
  }, n)
  const peak = (process.resourceUsage().maxRSS - peakBefore) / n
  const kept = (heap() - before) / 1024 / n
  if (run === undefined) throw new Error("The run has been forgotten before it was weighed")
  return [time, kept, peak]
}

const growthOf = (n: number): ReadonlyArray<string> => {
  const args = [import.meta.filename, "--size", `${n}`]
  const printed = execFileSync(process.execPath, args, { encoding: "utf8" })
  const [time, kept, peak] = (JSON.parse(printed) as ReadonlyArray<number>)
    .map((value) => value.toFixed(2))
  return [n.toLocaleString("en"), time!, `${kept} KB`, `${peak} KB`]
}

const { values } = readOptions("npm run bench -- [--quick] [--shape NAME]", {
  options: {
    quick: { type: "boolean", default: false },
    shape: { type: "string" },
    // Two runs of one side of the shape, in this process: what the first ones cost.
    side: { type: "string" },
    // One run of a flow of so many tasks, in this process.
    size: { type: "string" }
  }
})

const n = 10_000
// Each is made when its turn comes: one that was built before would warm up the engine for another.
const shapes: Readonly<Record<string, (name: string) => Shape>> = {
  "independent": (name) => shape(name, independent(n)),
  "independent, a handler each": (name) => shape(name, independent(n), { handler: true }),
  "chain": (name) => shape(name, chain(n)),
  "chain, a handler each": (name) => shape(name, chain(n), { handler: true }),
  "100 layers of 100": (name) => shape(name, layers(n)),
  "100 layers of 100, a handler each": (name) => shape(name, layers(n), { handler: true }),
  "independent, every body suspends": (name) => shape(name, independent(n), { body: suspending }),
  "100 layers of 100, every body suspends": (name) => shape(name, layers(n), { body: suspending }),
  ...(values.quick ? {} : {
    "map over 100,000 and reduce": (name) => mapAndReduce(name, 100_000, false),
    "map over 100,000 and reduce, a handler each": (name) => mapAndReduce(name, 100_000, true),
    "10,000 that fail twice, an hour apart": (name) => retries(name, n)
  })
}

const names = Object.keys(shapes)
const chosen = values.shape === undefined ? names : names.filter((name) => name === values.shape)
if (chosen.length === 0) {
  console.error(`Cannot measure "${values.shape}": the shapes are ${names.join("; ")}`)
  process.exit(2)
}
if (values.side !== undefined) {
  const shape = shapes[chosen[0]!]!(chosen[0]!)
  const side = sidesOf(shape)[Number(values.side)]!
  // Loading the modules and building the flow have left some, which is no part of the run.
  collect()
  console.log(JSON.stringify([await cost(side, shape.tasks), await cost(side, shape.tasks)]))
  process.exit()
}
if (values.size !== undefined) {
  console.log(JSON.stringify(await grow(Number(values.size))))
  process.exit()
}
const rows: Array<Array<string>> = []
for (const name of chosen) {
  console.error(`Measuring ${name} …`)
  rows.push(await measure(shapes[name]!(name)))
}
console.log(
  textTable(
    [
      "10,000 tasks",
      "bare µs",
      "flow µs",
      "first run",
      "second",
      "warm",
      ...Object.keys(peers),
      "memory"
    ],
    rows
  )
)

if (!values.quick && values.shape === undefined) {
  const sizes = [1000, 10_000, 100_000, 1_000_000].map(growthOf)
  const columns = ["layers, tasks", "µs a task", "kept a task", "peak a task"]
  console.log(`\n${textTable(columns, sizes)}`)
}
