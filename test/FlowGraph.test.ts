import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Flow, type FlowGraph, Task } from "signalbox"
import { DefinitionError } from "../src/DefinitionError.ts"

const value = (name: string, result: unknown = name) =>
  Task.make(name, { run: () => Effect.succeed(result) })

const echo = Task.make("echo", {
  run: (inputs: { readonly a?: unknown; readonly b?: unknown }) => Effect.succeed(inputs)
})

const slugsOf = (flow: { readonly graph: FlowGraph.FlowGraph }) =>
  flow.graph.nodes.map(({ slug }) => slug)

const assertRefused = (define: () => unknown, message: string) => {
  try {
    define()
  } catch (error) {
    assert.instanceOf(error, DefinitionError)
    assert.strictEqual(error.message, message)
    return
  }
  assert.fail(`accepted, where this was expected: ${message}`)
}

it("8.1 a slug is made of name, tags and a number", () => {
  const flow = Flow.make("flow", function* () {
    yield* value("load")()
    yield* value("load")()
    yield* Task.make("load", { tags: ["nightly", "big"], run: () => Effect.void })()
    yield* value("save")({}, { name: "keep" })
  })
  assert.deepStrictEqual(slugsOf(flow), ["load-1", "load-2", "load-big-nightly-1", "keep-1"])
})

it("8.1 a slug of the task or of the call is taken as it is", () => {
  const flow = Flow.make("flow", function* () {
    yield* Task.make("load", { slug: "load-1", run: () => Effect.void })()
    yield* value("load")({}, { slug: "mine" })
    yield* value("load")()
  })
  assert.deepStrictEqual(slugsOf(flow), ["load-1", "mine", "load-2"])
})

it("8.2 two tasks with one slug are refused", () => {
  const twin = Task.make("twin", { slug: "twin", run: () => Effect.void })
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield* twin()
        yield* twin()
      }),
    'Cannot build flow "flow": A task with the slug "twin" already exists in this flow.'
  )
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield* value("a")()
        yield* value("b")({}, { slug: "a-1" })
      }),
    'Cannot build flow "flow": A task with the slug "a-1" already exists in this flow.'
  )
})

it("8.3 a cycle is refused with its path", () => {
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        const a = yield* value("a")()
        const b = yield* value("b")({}, { after: [a] })
        const c = yield* value("c")({}, { after: [b] })
        yield* value("d")({}, { after: [c] })
        yield* Flow.edge(c, a)
      }),
    'Cannot build flow "flow": Cycle found; flows must be acyclic! (a-1 → b-1 → c-1 → a-1)'
  )
})

it("8.3 a cycle behind other tasks is found, and back edges without one are not", () => {
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        const root = yield* value("root")()
        const a = yield* value("a")({}, { after: [root] })
        const b = yield* value("b")({}, { after: [a] })
        yield* Flow.edge(b, a)
      }),
    'Cannot build flow "flow": Cycle found; flows must be acyclic! (a-1 → b-1 → a-1)'
  )
  const flow = Flow.make("flow", function* () {
    const late = yield* value("late")()
    const early = yield* value("early")()
    yield* Flow.edge(early, late)
  })
  assert.deepStrictEqual(flow.graph.nodes[0]?.upstream, [1])
})

it("8.4 a task that is named by itself is not after itself", () => {
  const one = value("one")
  assertRefused(
    () =>
      Flow.make("loop", function* () {
        yield* one({}, { after: [one] })
      }),
    'Cannot build flow "loop": Task <Task: one> was not found in Flow <Flow: name=loop>: yield* it first'
  )
})

it("8.4 a task cannot depend on itself", () => {
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        const a = yield* value("a")()
        yield* Flow.edge(a, a)
      }),
    'Cannot build flow "flow": Edges can not connect a task to itself. (a-1)'
  )
})

it("8.5 a reference of another flow is refused, wherever it is used", () => {
  let foreign!: Task.Ref<any>
  Flow.make("other", function* () {
    foreign = yield* value("a")()
  })
  const refusal =
    'Cannot build flow "flow": Task "a-1" was not found in this flow: it belongs to another one'
  const uses: ReadonlyArray<() => Generator<Task.Instruction<any, any, any>, unknown, any>> = [
    function* () {
      yield* echo({ a: foreign })
    },
    function* () {
      yield* echo({ a: [foreign] })
    },
    function* () {
      yield* echo({}, { after: [foreign] })
    },
    function* () {
      yield* Flow.edge(foreign, yield* echo())
    },
    function* () {
      yield* echo()
      return foreign
    }
  ]
  for (const body of uses) assertRefused(() => Flow.make("flow", body), refusal)
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield* Flow.referenceTasks(foreign)
      }),
    'Cannot build flow "flow": reference tasks must be part of the flow. (<Result: a-1>)'
  )
})

it("8.5 what is no reference is refused as a dependency", () => {
  const refusal = 'Cannot build flow "flow": Tasks must be Task instances (received 5)'
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield* echo({}, { after: [5 as never] })
      }),
    refusal
  )
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield* Flow.referenceTasks(5 as never)
      }),
    'Cannot build flow "flow": reference tasks must be part of the flow. (5)'
  )
})

it("8.6 a body that yields anything but calls is refused", () => {
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield 5 as never
      }),
    'Cannot build flow "flow": its body must yield* calls of tasks (received 5)'
  )
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        yield Effect.succeed(5) as never
      }),
    'Cannot build flow "flow": its body must yield* calls of tasks ' +
      "(received an Effect)"
  )
})

it("8.6 what a body throws is thrown where the flow is defined", () => {
  assert.throws(
    () =>
      Flow.make("flow", function* () {
        yield* echo()
        throw new RangeError("not today")
      }),
    RangeError,
    "not today"
  )
})

it("8.7 an input that is fed twice is refused", () => {
  assertRefused(
    () =>
      Flow.make("flow", function* () {
        const a = yield* value("a")()
        const b = yield* echo({ a })
        yield* Flow.edge(a, b, { key: "a" })
      }),
    'Cannot build flow "flow": Argument "a" for task <Task: echo> has already been assigned in ' +
      "this flow."
  )
})

it.effect("8.8 references inside a list or a record are dependencies", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const one = yield* value("one", 1)()
      const two = yield* value("two", 2)()
      return yield* echo({ a: [one, 0, two], b: { one, zero: 0 } })
    })
    assert.deepStrictEqual(flow.graph.nodes[2]?.upstream, [0, 1])
    const run = yield* Flow.run(flow)
    assert.deepStrictEqual(run.state.result, { a: [1, 0, 2], b: { one: 1, zero: 0 } })
  }))

it.effect("8.8 references deeper inside an input are dependencies too", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const one = yield* value("one", 1)()
      return yield* echo({ a: [[one]], b: { list: [one], record: { one } } })
    })
    assert.deepStrictEqual(flow.graph.nodes[1]?.upstream, [0])
    const run = yield* Flow.run(flow)
    assert.deepStrictEqual(run.state.result, {
      a: [[1]],
      b: { list: [1], record: { one: 1 } }
    } as never)
  }))

it.effect("8.8 a constant reaches the body as the object it is", () =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const constant = new Map([["k", 1]])
    const list = [1, 2]
    const task = Task.make("task", {
      run: (inputs: { readonly a: unknown; readonly b: unknown }) =>
        Effect.sync(() => void seen.push(inputs.a, inputs.b))
    })
    yield* Flow.run(Flow.make("flow", function* () {
      yield* task({ a: constant, b: list })
    }))
    assert.strictEqual(seen[0], constant)
    assert.strictEqual(seen[1], list)
  }))

it.effect("8.9 after and an edge are dependencies, and with a key with data", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const step = (name: string) =>
      Task.make(name, {
        run: (inputs: { readonly a?: unknown }) =>
          Effect.sync(() => {
            order.push(`${name} ${inputs.a}`)
            return name
          })
      })
    yield* Flow.run(Flow.make("flow", function* () {
      const last = yield* step("last")()
      const middle = yield* step("middle")()
      const first = yield* step("first")()
      yield* Flow.edge(first, middle, { key: "a" })
      yield* Flow.edge(middle, last)
      yield* step("after")({}, { after: [last, first] })
    }))
    assert.deepStrictEqual(order, [
      "first undefined",
      "middle first",
      "last undefined",
      "after undefined"
    ])
  }))

it.effect("8.10 the body of a flow runs once, where it is defined", () =>
  Effect.gen(function* () {
    let bodies = 0
    const flow = Flow.make("flow", function* () {
      bodies++
      yield* echo()
    })
    assert.strictEqual(bodies, 1)
    yield* Flow.run(flow)
    yield* Flow.run(flow)
    assert.strictEqual(bodies, 1)
  }))

it.effect("8.11 the result of a flow is what its body returned", () =>
  Effect.gen(function* () {
    const resultOf = <A>(returned: (ref: Task.Ref<number>) => A) =>
      Effect.map(
        Flow.run(Flow.make("flow", function* () {
          return returned(yield* Task.make("one", { run: () => Effect.succeed(1) })())
        })),
        (run): unknown => run.state.result
      )
    assert.strictEqual(yield* resultOf((ref) => ref), 1)
    assert.deepStrictEqual(yield* resultOf((ref) => [ref, "two"]), [1, "two"])
    assert.deepStrictEqual(yield* resultOf((ref) => ({ ref, two: 2 })), { ref: 1, two: 2 })
    assert.deepStrictEqual(yield* resultOf((ref) => ({ a: { b: ref }, c: [[ref]] })), {
      a: { b: 1 },
      c: [[1]]
    })
    assert.strictEqual(yield* resultOf(() => "constant"), "constant")
    assert.isUndefined(yield* resultOf(() => undefined))
  }))
