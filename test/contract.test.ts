import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Flow, Parameter, StateHandler, Task } from "signalbox"

class FlowAlert extends StateHandler.Service<FlowAlert>()("app/FlowAlert") {}

interface Row {
  readonly day: string
  readonly amount: number
}

const extract = Task.make("extract", {
  run: ({ day, limit }: { readonly day: string; readonly limit: number }) =>
    Effect.succeed([{ day, amount: 1 }, { day, amount: limit }] as ReadonlyArray<Row>)
})

const transform = Task.make("transform", {
  run: ({ day, row }: { readonly row: Row; readonly day: string }) =>
    Effect.succeed(row.day === day ? row.amount : 0)
})

const audit = Task.make("audit", { run: () => Effect.void })

const sum = Task.make("sum", {
  run: ({ values }: { readonly values: ReadonlyArray<number> }) =>
    Effect.succeed(values.reduce((a, b) => a + b, 0))
})

const etl = (after: "reference" | "task") =>
  Flow.make("etl", {
    parameters: {
      day: Parameter.required(Schema.String),
      limit: Parameter.withDefault(Schema.Number, 100)
    },
    handlers: [FlowAlert]
  }, function* ({ day, limit }) {
    const audited = yield* audit()
    const rows = yield* extract({ day, limit })
    const clean = yield* Task.map(transform, { row: rows, day: Task.unmapped(day) })
    const total = yield* sum({ values: clean }, {
      after: [after === "task" ? audit : audited]
    })
    yield* Flow.referenceTasks(total)
    return total
  })

it.effect("11.9 a flow has parameters, mapped tasks, and dependencies with and without data", () =>
  Effect.gen(function* () {
    for (const after of ["reference", "task"] as const) {
      const flow = etl(after)
      const run = yield* Flow.run(flow, { parameters: { day: "2026-01-01" }, concurrency: 8 })
      assert.strictEqual(String(run.state), 'Success("All reference tasks succeeded.")')
      assert.strictEqual(run.state.result, 101)
      assert.strictEqual(run.stateOf(sum).result, 101)
      const { edges } = flow.graph.nodes.find(({ slug }) => slug === "sum-1")!
      assert.deepStrictEqual(edges.map(({ key }) => key), ["values", undefined])
    }
  }).pipe(Effect.provide(FlowAlert.layerRecording)))

it("8.9 a dependency on a task that the flow does not have once is refused", () => {
  const build = (calls: number) => () =>
    Flow.make("flow", function* () {
      for (let i = 0; i < calls; i++) yield* audit()
      yield* sum({ values: [] }, { after: [audit] })
    })
  assert.throws(build(0), /Task <Task: audit> was not found in Flow <Flow: name=flow>/)
  assert.throws(build(2), /it has 2 tasks <Task: audit>; name one by its reference/)
})
