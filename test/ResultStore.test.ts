import { assert, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import { Flow, Parameter, ResultStore, RunContext, Signal, State, Task } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

type Written = Record<string, unknown>

/** Runs a flow with a store that shows what was written, and what it holds at the start. */
const runWith = <A, E>(flow: Flow.Flow<{}, A, E>, written: Written, checkpointing = true) => {
  const memory = ResultStore.makeMemory(written)
  const store: ResultStore.ResultStore = {
    read: memory.read,
    write: (location, result) => {
      written[location] = result
      return memory.write(location, result)
    }
  }
  return inVirtualTime(
    Effect.provideService(Flow.run(flow, { checkpointing }), ResultStore.ResultStore, store)
  )
}

const flowOf = <A, E>(task: Task.Task<unknown, A, E>) =>
  Flow.make("flow", function* () {
    return yield* task()
  })

/** A checkpointing run of a task, and every result that it writes. */
const writing = <A, E>(task: Task.Task<unknown, A, E>) => {
  const written: Array<readonly [string, unknown]> = []
  const memory = ResultStore.makeMemory()
  const store: ResultStore.ResultStore = {
    read: memory.read,
    write: (location, result) => {
      written.push([location, result])
      return memory.write(location, result)
    }
  }
  const run = Flow.run(flowOf(task), { checkpointing: true })
  return { written, run: inVirtualTime(Effect.provideService(run, ResultStore.ResultStore, store)) }
}

it.effect("22.1 a checkpointing run writes results that have a location", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      yield* Task.make("kept", { location: "kept.json", run: () => Effect.succeed([1, 2]) })()
      yield* Task.make("elsewhere", { run: () => Effect.succeed(2) })()
      yield* Task.make("off", {
        location: "off.json",
        checkpoint: false,
        run: () => Effect.succeed(3)
      })()
      yield* Task.make("failed", { location: "failed.json", run: () => Effect.fail("no") })()
      yield* Task.make("nothing", { location: "nothing.json", run: () => Effect.void })()
    })
    const on: Written = {}
    yield* runWith(flow, on)
    assert.deepStrictEqual(on, { "kept.json": [1, 2] })
    const off: Written = {}
    yield* runWith(flow, off, false)
    assert.deepStrictEqual(off, {})
  }))

it.effect("22.1 what a loop goes on from is written again when a round is tried again", () =>
  Effect.gen(function* () {
    let attempts = 0
    const task = Task.make("load", {
      location: "{runCount}.json",
      maxRetries: 1,
      retryDelay: 0,
      run: () =>
        Effect.gen(function* () {
          const { loopResult, runCount } = yield* RunContext.RunContext
          if (loopResult === undefined) return yield* Effect.fail(Signal.loop({ result: 1 }))
          attempts++
          if (runCount === 1) return yield* Effect.fail("no")
          return 2
        })
    })
    const { run, written } = writing(task)
    yield* run
    assert.strictEqual(attempts, 2)
    assert.deepStrictEqual(written, [["1.json", 1], ["1.json", 1], ["2.json", 2]])
  }))

it.effect("22.2 a location names parameters, inputs and the run", () =>
  Effect.gen(function* () {
    const task = Task.make("load", {
      location: "{flowName}/{taskName}/{today}/{day}/{n}-{mapIndex}/{unknown}",
      run: ({ n }: { readonly n: number }) => Effect.succeed(n)
    })
    const parameters = { day: Parameter.withDefault(Schema.String, "monday") }
    const flow = Flow.make("etl", { parameters }, function* () {
      yield* Task.map(task, { n: [5, 6] })
    })
    const written: Written = {}
    yield* runWith(flow, written)
    assert.deepStrictEqual(written, {
      "etl/load/1970-01-01/monday/5-0/{unknown}": 5,
      "etl/load/1970-01-01/monday/6-1/{unknown}": 6
    })
  }))

it.effect("22.2 a location may be a function", () =>
  Effect.gen(function* () {
    const flow = flowOf(Task.make("load", {
      location: ({ flowName, taskName }) => `${String(flowName)}-${String(taskName)}`,
      run: () => Effect.succeed(1)
    }))
    const written: Written = {}
    yield* runWith(flow, written)
    assert.deepStrictEqual(written, { "flow-load": 1 })
  }))

it.effect("22.3 a target that is there is the result", () =>
  Effect.gen(function* () {
    let bodies = 0
    const flow = flowOf(Task.make("load", {
      target: "{taskName}.json",
      run: () => Effect.sync(() => ++bodies)
    }))
    const hit = yield* runWith(flow, { "load.json": 7 })
    assert.strictEqual(bodies, 0)
    assert.strictEqual(hit.state.result, 7)
    assert.strictEqual(
      String(hit.stateOf("load")),
      'Cached("Result found at task target load.json")'
    )
    const written: Written = {}
    const miss = yield* runWith(flow, written)
    assert.strictEqual(miss.state.result, 1)
    assert.deepStrictEqual(written, { "load.json": 1 })
    assert.strictEqual((yield* runWith(flow, written)).state.result, 1)
    assert.strictEqual(bodies, 1)
  }))

class Row extends Schema.Class<Row>("Row")({ id: Schema.Number, at: Schema.DateTimeUtc }) {}

const loadRow = (bodies: Array<number>) =>
  Task.make("load", {
    target: "row.json",
    result: Row,
    run: () =>
      Effect.sync(() => {
        bodies.push(1)
        return Row.make({
          id: 1,
          at: Schema.decodeSync(Schema.DateTimeUtcFromString)("2026-01-01T00:00:00Z")
        })
      })
  })

it.effect("22.4 a result goes through its Schema to JSON and back", () =>
  Effect.gen(function* () {
    const bodies: Array<number> = []
    const flow = flowOf(loadRow(bodies))
    const written: Written = {}
    const first = yield* runWith(flow, written)
    assert.deepStrictEqual(written, { "row.json": { id: 1, at: "2026-01-01T00:00:00.000Z" } })
    const second = yield* runWith(flow, written)
    assert.lengthOf(bodies, 1)
    assert.instanceOf(second.state.result, Row)
    assert.deepStrictEqual(second.state.result, first.state.result)
    const unfit = yield* runWith(flow, { "row.json": { id: "one" } })
    assert.strictEqual(unfit.stateOf("load")._tag, "Failed")
    assert.lengthOf(bodies, 1)
  }))

const inKeyValueStore = Layer.provideMerge(
  ResultStore.layerKeyValueStore,
  KeyValueStore.layerMemory
)

it.effect("22.5 results may be kept in a KeyValueStore", () =>
  Effect.gen(function* () {
    const bodies: Array<number> = []
    const flow = flowOf(loadRow(bodies))
    const program = Effect.gen(function* () {
      yield* Flow.run(flow, { checkpointing: true })
      const run = yield* Flow.run(flow, { checkpointing: true })
      const store = yield* KeyValueStore.KeyValueStore
      return { run, text: yield* store.get("row.json") }
    })
    const { run, text } = yield* inVirtualTime(Effect.provide(program, inKeyValueStore))
    assert.lengthOf(bodies, 1)
    assert.instanceOf(run.state.result, Row)
    assert.deepStrictEqual(JSON.parse(text!), { id: 1, at: "2026-01-01T00:00:00.000Z" })
  }))

it.effect("22.5 what is no JSON is told with its location", () =>
  Effect.gen(function* () {
    const results = yield* ResultStore.ResultStore
    const store = yield* KeyValueStore.KeyValueStore
    assert.isTrue(Option.isNone(yield* results.read("none")))
    yield* store.set("bad", "{")
    const read = yield* Effect.flip(results.read("bad"))
    assert.match(read.message, /^Cannot read result "bad": /)
    const write = yield* Effect.flip(results.write("big", 1n))
    assert.match(write.message, /^Cannot write result "big": /)
    assert.strictEqual(write._tag, "ResultStoreError")
  }).pipe(Effect.provide(inKeyValueStore)))

it.effect("22.6 a store that fails makes the run fail", () =>
  Effect.gen(function* () {
    const error = new ResultStore.ResultStoreError({ location: "a", message: "disk full" })
    const failing: ResultStore.ResultStore = {
      read: () => Effect.succeedNone,
      write: () => Effect.fail(error)
    }
    const runIn = (store: ResultStore.ResultStore) => {
      const flow = flowOf(Task.make("load", { target: "a", run: () => Effect.succeed(1) }))
      const run = Flow.run(flow, { checkpointing: true })
      return inVirtualTime(Effect.provideService(run, ResultStore.ResultStore, store))
    }
    const unwritten = yield* runIn(failing)
    assert.isTrue(State.isFailed(unwritten.stateOf("load")))
    assert.strictEqual(unwritten.stateOf("load").result, error)
    const unread = yield* runIn({ ...failing, read: () => Effect.fail(error) })
    assert.isTrue(State.isFailed(unread.stateOf("load")))
    const dying = yield* runIn({ ...failing, read: () => Effect.die(error) })
    assert.isTrue(State.isFailed(dying.stateOf("load")))
  }))

it.effect("22.6 a target that cannot be read fails its task, whose trigger is not asked any more", () =>
  Effect.gen(function* () {
    const store: ResultStore.ResultStore = {
      read: () => Effect.fail(new ResultStore.ResultStoreError({ location: "a", message: "disk" })),
      write: () => Effect.void
    }
    const flow = Flow.make("flow", function* () {
      const failed = yield* Task.make("failed", { run: () => Effect.fail("no") })()
      yield* Task.make("task", { target: "a", run: () => Effect.void })({}, { after: [failed] })
    })
    const { changes } = yield* watch(
      Effect.provideService(Flow.run(flow), ResultStore.ResultStore, store)
    )
    assert.lengthOf(changes("task"), 1)
    assert.include(changes("task")[0], "disk")
  }))

it.effect("22.1 a loop without a result goes on from its signal in print, and that is written", () =>
  Effect.gen(function* () {
    const results: Array<unknown> = []
    const task = Task.make("task", {
      location: "task.json",
      run: () =>
        Effect.flatMap(RunContext.RunContext, ({ loopResult }) => {
          results.push(loopResult)
          return loopResult === undefined ? Effect.fail(Signal.loop("again")) : Effect.succeed(1)
        })
    })
    const { run, written } = writing(task)
    yield* run
    assert.deepStrictEqual(results, [undefined, "LOOP('again')"])
    assert.deepStrictEqual(written, [["task.json", "LOOP('again')"], ["task.json", 1]])
  }))
