import { assert, it } from "@effect/vitest"
import { Cause, Console, Effect, Schema } from "effect"
import { Flow, Parameter, State, StateHandler, Task, Trigger } from "signalbox"
import { DefinitionError } from "../src/DefinitionError.ts"
import { watch } from "./fixtures/watch.ts"

const one = Task.make("one", { run: () => Effect.succeed(1) })
const failing = Task.make("failing", { run: () => Effect.fail(new RangeError("no")) })

/** What an effect prints on the console. */
const printedBy = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<unknown> = []
    const console = { log: (line: unknown) => void lines.push(line) } as unknown as Console.Console
    return Effect.as(Effect.provideService(effect, Console.Console, console), lines)
  })

const announce = StateHandler.make((subject, oldState, newState) =>
  Effect.as(
    Console.log(`\nCalling my custom state handler on ${subject}:\n${oldState} to ${newState}\n`),
    newState
  )
)

it.effect("11.1 a flow announces its changes", () =>
  Effect.gen(function* () {
    const flow = Flow.make("state-handler-demo", { handlers: [announce] }, function* () {
      yield* Task.make("Task", { run: () => Effect.void })()
    })
    assert.deepStrictEqual(yield* printedBy(Flow.run(flow)), [
      "\nCalling my custom state handler on <Flow: name=state-handler-demo>:\n" +
      'Scheduled() to Running("Running flow.")\n',
      "\nCalling my custom state handler on <Flow: name=state-handler-demo>:\n" +
      'Running("Running flow.") to Success("All reference tasks succeeded.")\n'
    ])
  }))

it.effect("11.1 a task announces its changes", () =>
  Effect.gen(function* () {
    const flow = Flow.make("state-handler-demo", function* () {
      yield* Task.make("Task", { handlers: [announce], run: () => Effect.void })()
    })
    assert.deepStrictEqual(yield* printedBy(Flow.run(flow)), [
      "\nCalling my custom state handler on <Task: Task>:\n" +
      'Pending() to Running("Starting task run.")\n',
      "\nCalling my custom state handler on <Task: Task>:\n" +
      'Running("Starting task run.") to Success("Task run succeeded.")\n'
    ])
  }))

it("11.1 a flow prints as its name", () => {
  const flow = Flow.make("etl", function* () {})
  assert.strictEqual(`${flow}`, "<Flow: name=etl>")
  assert.isTrue(Flow.isFlow(flow))
  assert.isFalse(Flow.isFlow(one))
})

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

it("11.2 a flow needs a name", () => {
  for (const [name, printed] of [["", '""'], [undefined, "undefined"], [5, "5"]]) {
    assertRefused(
      () => Flow.make(name as string, function* () {}),
      `Cannot define flow: A name must be provided for the flow. (${printed})`
    )
  }
})

it("11.2 a flow needs a generator function", () => {
  const refusal = 'Cannot define flow "etl": its body must be a generator function'
  assertRefused(() => Flow.make("etl", 5 as never), `${refusal} (5)`)
  assertRefused(() => Flow.make("etl", {}, undefined as never), `${refusal} (undefined)`)
  assert.throws(
    () => Flow.make("etl", (() => 5) as never),
    DefinitionError,
    'Cannot define flow "etl": its body must be a generator function'
  )
})

it("11.2 handlers and onFailure of a flow are handlers and a function", () => {
  assertRefused(
    () => Flow.make("etl", { handlers: [5 as never] }, function* () {}),
    'Cannot define flow "etl": a handler must be made by StateHandler.make or be a ' +
      "StateHandler.Service (5)"
  )
  assert.throws(
    () => Flow.make("etl", { onFailure: 5 as never }, function* () {}),
    /onFailure must be a function \(5\)/
  )
})

it("11.2 a parameter must be one", () => {
  assert.throws(
    () => Flow.make("etl", { parameters: { n: Schema.Number as never } }, function* () {}),
    /Cannot define flow "etl": .*parameter/
  )
})

it.effect("11.3 a concurrency that is no number above zero is refused", () =>
  Effect.gen(function* () {
    const flow = Flow.make("etl", function* () {})
    for (const concurrency of [0, -1, Number.NaN, "all"]) {
      const exit = yield* Effect.exit(
        Flow.run(flow, { concurrency: concurrency as number })
      )
      assert.strictEqual(exit._tag, "Failure")
      const error = exit._tag === "Failure" ? exit.cause.reasons[0] : undefined
      assert.isTrue(error?._tag === "Die" && error.defect instanceof DefinitionError)
      assert.strictEqual(
        error?._tag === "Die" && (error.defect as DefinitionError).message,
        'Cannot run flow "etl": concurrency must be a number above zero or "unbounded" ' +
          `(${typeof concurrency === "string" ? '"all"' : concurrency})`
      )
    }
  }))

it.effect("11.4 a final state is read by reference, slug, task or name", () =>
  Effect.gen(function* () {
    let ref!: Task.Ref<number>
    const run = yield* Flow.run(Flow.make("etl", function* () {
      ref = yield* one()
      return ref
    }))
    for (const state of [run.stateOf(ref), run.stateOf("one-1"), run.stateOf(one)]) {
      assert.strictEqual(state.result, 1)
    }
    assert.strictEqual(run.stateOf("one").result, 1)
    assert.strictEqual(run.flow, "etl")
    assert.deepStrictEqual(run.tasks.map(({ name, slug, state }) => [name, slug, state._tag]), [
      ["one", "one-1", "Success"]
    ])
  }))

it.effect("11.4 a task that the flow does not have, or has several times, is refused", () =>
  Effect.gen(function* () {
    let foreign!: Task.Ref<unknown>
    Flow.make("other", function* () {
      yield* one()
      yield* failing()
      foreign = yield* failing()
    })
    const run = yield* Flow.run(Flow.make("etl", function* () {
      yield* one()
      yield* one()
    }))
    const action = 'Cannot read a state of flow "etl"'
    assertRefused(
      () => run.stateOf(one),
      `${action}: it has 2 tasks <Task: one>; name one by its slug (one-1, one-2)`
    )
    assertRefused(
      () => run.stateOf("one"),
      `${action}: it has 2 tasks one; name one by its slug (one-1, one-2)`
    )
    assertRefused(
      () => run.stateOf("two"),
      `${action}: Task two was not found in Flow <Flow: name=etl>`
    )
    assertRefused(
      () => run.stateOf(failing),
      `${action}: Task <Task: failing> was not found in Flow <Flow: name=etl>`
    )
    assertRefused(
      () => run.stateOf(foreign),
      `${action}: <Result: failing-2> is the result of another flow's task`
    )
  }))

it.effect("11.4 a reference of another flow is refused where slug and place are the same", () =>
  Effect.gen(function* () {
    let foreign!: Task.Ref<number>
    Flow.make("other", function* () {
      foreign = yield* one()
    })
    const run = yield* Flow.run(Flow.make("etl", function* () {
      yield* one()
    }))
    assert.throws(() => run.stateOf(foreign), /is the result of another flow's task/)
  }))

it.effect("11.5 a flow's onFailure is called when the flow has failed", () =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const onFailure = (subject: unknown, state: State.AnyFailed) =>
      Effect.sync(() => void heard.push(`${subject} ${state}`))
    yield* Flow.run(Flow.make("good", { onFailure }, function* () {
      yield* one()
    }))
    yield* Flow.run(Flow.make("bad", { onFailure }, function* () {
      yield* failing()
    }))
    assert.deepStrictEqual(heard, ['<Flow: name=bad> Failed("Some reference tasks failed.")'])
  }))

it.effect("11.6 what goes wrong in tasks and handlers is in the states of the run", () =>
  Effect.gen(function* () {
    const handlers = [StateHandler.make(() => Effect.die("handler"))]
    const flows = [
      Flow.make("error", function* () {
        yield* failing()
      }),
      Flow.make("defect", function* () {
        yield* Task.make("task", { run: () => Effect.die("bug") })()
      }),
      Flow.make("handler", { handlers }, function* () {
        yield* one()
      }),
      Flow.make("task handler", function* () {
        yield* Task.make("task", { handlers, run: () => Effect.void })()
      }),
      Flow.make("trigger", function* () {
        yield* Task.make("task", { trigger: () => Effect.die("trigger"), run: () => Effect.void })()
      }),
      Flow.make("stalled", function* () {
        yield* Task.make("task", { trigger: Trigger.manualOnly, run: () => Effect.void })()
      })
    ]
    for (const flow of flows) {
      const { run } = yield* watch(Flow.run(flow as Flow.Flow<{}, unknown, unknown>))
      assert.isTrue(State.isFailed(run.state), `${flow}: ${run.state}`)
    }
  }))

it.effect("11.6 the state of a failed flow has the error of its type", () =>
  Effect.gen(function* () {
    const run = yield* Flow.run(Flow.make("etl", {
      parameters: { n: Parameter.withDefault(Schema.Number, 1) }
    }, function* () {
      return yield* failing()
    }))
    const failure = State.failure(run.state)
    assert.isTrue(failure._tag === "Some" && failure.value instanceof RangeError)
  }))

it.effect("11.6 a terminal state handler that breaks or answers nonsense fails the flow", () =>
  Effect.gen(function* () {
    const broken: ReadonlyArray<[() => any, string]> = [
      [() => {
        throw new Error("broken")
      }, "broken"],
      [() => 5, "5"],
      [() => Effect.succeed("done"), "done"]
    ]
    for (const [terminalStateHandler, text] of broken) {
      const flow = Flow.make("flow", { terminalStateHandler }, function* () {
        yield* Task.make("task", { run: () => Effect.fail("first") })()
      })
      const { state } = yield* Flow.run(flow)
      assert.strictEqual(state._tag, "Failed")
      assert.include(state.message, text)
      assert.include(Cause.pretty((state as State.Failed).cause!), "first")
    }
  }))
