import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Flow, Parameter, Signal, State, StateHandler, Task } from "signalbox"
import { Simulation, Trace, TraceDiagram } from "signalbox/testing"

class Quota extends Signal.Fail<Quota>()("Quota", { used: Schema.Number }) {}

const rename = StateHandler.make(
  (_subject, _from, to) => Effect.succeed(State.isFailed(to) ? State.skipped() : undefined),
  { name: "rename" }
)

const ask = Task.make("ask", {
  maxRetries: 1,
  retryDelay: "90 minutes",
  run: () => Effect.andThen(Effect.sleep(1500), Effect.fail(new Quota({ used: 7 })))
})

const odd = Task.make("odd", {
  handlers: [rename],
  run: () =>
    Effect.andThen(
      Effect.sleep(10),
      Effect.fail({ b: 1, a: new Date(0), c: [NaN, 1n, undefined], d: new Map([["k", -0]]) })
    )
})

const flow = Flow.make("traced", function* () {
  yield* ask()
  yield* odd()
})

const traceOf = (seed = 1) =>
  Effect.map(Simulation.run(flow, { seed, concurrency: 2 }), ({ trace }) => trace)

it.effect("25.23 lines are JSON whose fields have one order and whose values one form", () =>
  Effect.gen(function* () {
    const lines = Trace.lines(yield* traceOf())
    const changed = lines.find((line) => line.includes('"task":"odd-1"') && line.includes("rename"))
    assert.strictEqual(
      lines[0],
      '{"at":0,"flow":"traced","run":1,"from":{"tag":"Scheduled","runCount":1,"startTime":' +
        '"2026-01-01T00:00:00.000Z"},"to":{"tag":"Running","message":"Running flow."}}'
    )
    assert.isDefined(changed)
    for (const line of lines) assert.strictEqual(JSON.stringify(JSON.parse(line)), line)
    const failed = lines.find((line) => line.includes('"proposed"'))!
    assert.include(
      failed,
      '"result":{"a":"1970-01-01T00:00:00.000Z","b":1,"c":["NaN","1n",null],"d":{"map":[["k",0]]}}'
    )
    assert.include(failed, '"handlers":[{"handler":"rename","decided":{"tag":"Skipped"}}]')
    assert.include(
      lines.join("\n"),
      '"signal":{"error":"Quota","message":"","_tag":"Quota","used":7}'
    )
  }))

it.effect("25.7 the same run has the same hash on every runtime", () =>
  Effect.gen(function* () {
    const hash = Trace.hash(yield* traceOf())
    assert.strictEqual(hash, "7b21abd4ed2499961b82f07539f4f92377a27d3a3a06afbbd452a6bb88e5e951")
    assert.strictEqual(Trace.hash(yield* traceOf()), hash)
  }))

it.effect("25.23 times show hours beyond a day, and milliseconds where there are some", () =>
  Effect.sync(() => {
    const formatted = [0, 1000, 1500, 3_599_999, 90_000_000, 2_592_000_000, -1000]
    assert.deepStrictEqual(formatted.map(Trace.formatElapsed), [
      "00:00:00",
      "00:00:01",
      "00:00:01.500",
      "00:59:59.999",
      "25:00:00",
      "720:00:00",
      "-00:00:01"
    ])
  }))

it.effect("25.23 a trace prints as a table and as diagrams", () =>
  Effect.gen(function* () {
    const trace = yield* traceOf()
    const table = Trace.formatTable(trace).split("\n")
    assert.match(table[0]!, /^time +of +run +from +to +handlers$/)
    assert.strictEqual(table.length, trace.changes.length + 1)
    assert.match(table.join("\n"), /00:00:00.010 +odd-1 .* Skipped\(\) +rename → Skipped/)
    assert.match(
      TraceDiagram.gantt(trace),
      /^gantt\n[\s\S]*section ask-1\n +Running 1 :active, 17672256/
    )
    assert.match(TraceDiagram.sequence(trace), /^sequenceDiagram\n +participant p0 as traced/)
  }))

it.effect("25.23 a change is one row of the table, whatever its message", () =>
  Effect.gen(function* () {
    const long = Flow.make("long", function* () {
      yield* Task.make("say", {
        run: () => Effect.fail(Signal.fail(`two\r\n  lines\t${"x".repeat(1000)}`))
      })()
    })
    const { trace } = yield* Simulation.run(long)
    const rows = Trace.formatTable(trace).split("\n")
    assert.strictEqual(rows.length, trace.changes.length + 1)
    assert.match(rows[3]!, /Failed\("two lines x+…$/)
    for (const row of rows) assert.isBelow(row.length, 300)
  }))

it.effect("25.24 a comparison shows the first difference and what led to it", () =>
  Effect.gen(function* () {
    const parameters = { day: Parameter.required(Schema.String) }
    const given = Flow.make("given", { parameters }, function* ({ day }) {
      yield* Task.make("first", { run: () => Effect.void })()
      return yield* Task.make("echo", {
        run: ({ day }: { readonly day: string }) => Effect.succeed(day)
      })({ day })
    })
    const run = (day: string) => Simulation.run(given, { parameters: { day } })
    const [monday, tuesday] = [yield* run("monday"), yield* run("tuesday")]
    assert.isUndefined(Trace.compare(monday.trace, monday.trace))
    const difference = Trace.compare(monday.trace, tuesday.trace)!
    assert.include(difference.left, "monday")
    assert.include(difference.right, "tuesday")
    assert.strictEqual(
      difference.before.at(-1),
      '00:00:00 day Pending() → Running("Starting task run.")'
    )
    assert.match(Trace.formatDifference(difference), /^The traces have 2 changes in common/)
    const shorter = { ...monday.trace, changes: monday.trace.changes.slice(0, 3) }
    assert.isUndefined(Trace.compare(shorter, monday.trace)!.left)
  }))

it.effect("25.25 a trace keeps as many changes as its bound and counts the others", () =>
  Effect.gen(function* () {
    const { trace, ...report } = yield* Simulation.run(flow, { traceBound: 3 })
    assert.strictEqual(trace.changes.length, 3)
    assert.isAbove(trace.dropped, 5)
    assert.strictEqual(Trace.lines(trace).at(-1), `{"dropped":${trace.dropped}}`)
    assert.isTrue(State.isFailed(report.final("ask")))
  }))
