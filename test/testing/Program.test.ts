/**
 * Programs as lines: what is found in a file, and what a run of it tells.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import { Flow, RunContext, Signal, StateHandler, Task } from "signalbox"
import { Program, Simulation, Trace, TraceLine } from "signalbox/testing"

class Alert extends StateHandler.Service<Alert>()("app/Alert") {}

const announce = StateHandler.make(
  (subject, _oldState, newState) => Console.log(`${subject} is ${newState._tag}`),
  { name: "announce" }
)

const retried = Task.make("retried", {
  handlers: [Alert, announce],
  maxRetries: 1,
  retryDelay: "1 hour",
  run: Effect.fn(function* () {
    const { runCount } = yield* RunContext.RunContext
    yield* Console.error(`attempt ${runCount}`)
    if (runCount === 1) return yield* Signal.fail("not yet")
    return { rows: 3 }
  })
})

const each = Task.make("each", {
  run: ({ item }: { readonly item: number }) => Console.log("item", item)
})

const flow = Flow.make("lines", function* () {
  yield* retried()
  yield* Task.map(each, { item: [10, 20] })
})

const program = { flow, run: Flow.run(flow).pipe(Effect.provide(Alert.layerNoop)) }

const linesOf = (
  program: Program.Program,
  options: Omit<Program.SimulateOptions, "onLine"> = {}
): Effect.Effect<ReadonlyArray<TraceLine.TraceLine>> =>
  Effect.suspend(() => {
    const lines: Array<TraceLine.TraceLine> = []
    const all = {
      seed: 7,
      ...options,
      onLine: (line: TraceLine.TraceLine) => void lines.push(line)
    }
    return Effect.as(Program.simulate(program, all), lines)
  })

describe("what a file exports", () => {
  it.effect("is a program with its flow, under any name if it is the only one", () =>
    Effect.gen(function* () {
      for (const exports of [{ flow }, { default: flow }, { nightly: flow, other: 1 }]) {
        assert.strictEqual((yield* Program.find("it", exports)).flow, flow)
      }
      assert.strictEqual((yield* Program.find("it", { ...program })).run, program.run)
    }))

  it.effect("is refused, and the reason says what to do", () =>
    Effect.gen(function* () {
      const reason = (exports: Record<string, unknown>) =>
        Effect.map(Effect.flip(Program.find("it", exports)), ({ message }) => message)
      const other = Flow.make("other", function* () {
        yield* each({ item: 1 })
      })
      assert.strictEqual(
        yield* reason({ one: 1 }),
        'Cannot run it: it exports no flow; write "export const flow = Flow.make(…)"'
      )
      assert.strictEqual(
        yield* reason({ a: flow, b: other }),
        'Cannot run it: it exports 2 flows; call the one to run "flow"'
      )
      assert.strictEqual(
        yield* reason({ flow, run: 3 }),
        'Cannot run it: what it exports as "run" is no Effect (3)'
      )
    }))
})

describe("the lines of a simulated run", () => {
  it.effect("begin with all that is known before", () =>
    Effect.map(linesOf(program), ([header]) => {
      assert.deepStrictEqual(header, {
        signalbox: 1,
        flow: "lines",
        start: Date.parse("2026-01-01T00:00:00Z"),
        seed: 7,
        faults: [],
        nodes: [
          {
            slug: "retried-1",
            name: "retried",
            kind: "task",
            upstream: [],
            mapped: false,
            handlers: ["app/Alert", "announce"],
            maxRetries: 1,
            tags: []
          },
          {
            slug: "[10, 20]-1",
            name: "[10, 20]",
            kind: "constant",
            upstream: [],
            mapped: false,
            handlers: [],
            maxRetries: 0,
            tags: []
          },
          {
            slug: "each-1",
            name: "each",
            kind: "task",
            upstream: [1],
            mapped: true,
            handlers: [],
            maxRetries: 0,
            tags: []
          }
        ],
        reference: [0, 2]
      } as never)
    }))

  it.effect("have the changes as the trace has them, and end with how it ended", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(program)
      const report = yield* Simulation.run(flow, { seed: 7 }).pipe(Effect.provide(Alert.layerNoop))
      const changes = lines.filter(TraceLine.isChange)
      assert.deepStrictEqual(
        changes.map((change) => JSON.stringify(change)),
        Trace.lines(report.trace)
      )
      assert.deepStrictEqual(lines.at(-1), { at: 3_600_000, end: "ended" })
    }))

  it.effect("have what was printed between them, each with its time and task", () =>
    Effect.map(linesOf(program), (lines) => {
      const printed = lines.filter(TraceLine.isLog)
      assert.deepStrictEqual(printed.filter(({ level }) => level === "err"), [
        { at: 0, log: "attempt 1", level: "err", task: "retried-1" },
        { at: 3_600_000, log: "attempt 2", level: "err", task: "retried-1" }
      ])
      assert.deepStrictEqual(
        printed.filter(({ task }) => task === "each-1").map(({ index, log }) => [index, log])
          .toSorted(),
        [[0, "item 10"], [1, "item 20"]]
      )
    }))

  it.effect("are each of the Schema, as JSON too", () =>
    Effect.gen(function* () {
      for (const line of yield* linesOf(program)) {
        const read = yield* TraceLine.decode(JSON.parse(JSON.stringify(line)))
        assert.deepStrictEqual(JSON.stringify(read), JSON.stringify(line))
      }
    }))

  it.effect("say why a run could not go on", () =>
    Effect.gen(function* () {
      const stuck = yield* linesOf(program, { faults: [{ kind: "NeverAnswer", task: "retried" }] })
      assert.deepInclude(stuck.at(-1), { end: "failed" })
      assert.match(
        (stuck.at(-1) as TraceLine.End).error!,
        /^StandstillError: Cannot go on with the simulation of "lines"/
      )
      const last = stuck.filter(TraceLine.isChange).findLast(({ task }) => task === "retried-1")
      assert.strictEqual(last?.to.tag, "Running")
    }))

  it.effect("have nothing that the trace has not, when the run ends before the flow", () =>
    Effect.gen(function* () {
      const ends: Record<string, Pick<Program.SimulateOptions, "until" | "faults">> = {
        until: { until: "10 minutes" },
        crashed: { faults: [{ kind: "JournalFail", transition: 2 }] }
      }
      for (const [end, options] of Object.entries(ends)) {
        const lines = yield* linesOf(program, options)
        const report = yield* Simulation.run(flow, { seed: 7, ...options }).pipe(
          Effect.provide(Alert.layerNoop)
        )
        assert.strictEqual((lines.at(-1) as TraceLine.End).end, end)
        assert.deepStrictEqual(
          lines.filter(TraceLine.isChange).map((change) => JSON.stringify(change)),
          Trace.lines(report.trace)
        )
      }
    }))

  it.effect("are no more than asked for, and those left out are counted", () =>
    Effect.gen(function* () {
      const all = yield* linesOf(program)
      const some = yield* linesOf(program, { maxLines: 5 })
      assert.deepStrictEqual(some.slice(0, 6), all.slice(0, 6))
      assert.deepInclude(some.at(-1), { end: "ended", dropped: all.length - 7 })
    }))
})

it.effect("much to do at one moment is no standstill", () =>
  Effect.gen(function* () {
    const nothing = Task.make("nothing", {
      run: ({ n }: { readonly n: number }) => Effect.as(Effect.yieldNow, n)
    })
    const wide = Flow.make("wide", function* () {
      yield* Task.map(nothing, { n: [...Array(6000).keys()] })
    })
    const report = yield* Simulation.run(wide, { realTimeLimit: "10 millis", preemption: 0 })
    assert.isTrue(report.ended)
  }))
