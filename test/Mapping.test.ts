import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Flow, Signal, State, Task, Trigger } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"
import { watch } from "./fixtures/watch.ts"

const list = <A>(...items: ReadonlyArray<A>) =>
  Task.make("list", { run: () => Effect.succeed(items) })

const double = Task.make("double", {
  run: ({ n }: { readonly n: number }) => Effect.succeed(n * 2)
})

const pair = Task.make("pair", {
  run: ({ a, b }: { readonly a: number; readonly b: string }) => Effect.succeed(`${a}${b}`)
})

const sum = Task.make("sum", {
  run: ({ all }: { readonly all: ReadonlyArray<number> }) =>
    Effect.succeed(all.reduce((a, b) => a + b, 0))
})

it.effect("18.1 a mapped task runs once per item of a result", () =>
  Effect.gen(function* () {
    const flow: Flow.Flow<{}, ReadonlyArray<number>> = Flow.make("flow", function* () {
      return yield* Task.map(double, { n: yield* list(1, 2, 3)() })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [2, 4, 6])
    const mapped: State.State = run.stateOf("double")
    assert.strictEqual(mapped._tag, "Mapped")
  }))

it.effect("18.1 a list may be written down, with references among its items", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const two = yield* double({ n: 1 })
      return yield* Task.map(double, { n: [1, two, 3] })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [2, 4, 6])
  }))

it.effect("18.1 an item may be a record with references among its values", () =>
  Effect.gen(function* () {
    const sum = Task.make("sum", {
      run: ({ of }: { readonly of: { readonly a: number; readonly b: readonly [number] } }) =>
        Effect.succeed(of.a + of.b[0])
    })
    const flow = Flow.make("flow", function* () {
      const two = yield* double({ n: 1 })
      return yield* Task.map(sum, { of: [{ a: 1, b: [two] }, { a: two, b: [two] }] })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [3, 4])
  }))

it.effect("18.2 an unmapped input is given whole", () =>
  Effect.gen(function* () {
    const has = Task.make("has", {
      run: ({ of, n }: { readonly of: ReadonlyArray<number>; readonly n: number }) =>
        Effect.succeed(of.includes(n))
    })
    const flow = Flow.make("flow", function* () {
      const known = yield* list(1, 3)()
      return yield* Task.map(has, { n: [1, 2, 3], of: Task.unmapped(known) })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [true, false, true])
  }))

it.effect("18.3 the shortest input decides", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(pair, { a: yield* list(1, 2, 3)(), b: ["x", "y"] })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, ["1x", "2y"])
  }))

it.effect("18.3 an empty list gives no runs, and what depends on them goes on", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const doubled = yield* Task.map(double, { n: yield* list<number>()() })
      const again = yield* Task.map(double, { n: doubled })
      return [doubled, again, yield* sum({ all: again })] as const
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [[], [], 0])
    assert.strictEqual(run.state._tag, "Success")
  }))

it.effect("18.4 flatten maps over the items of lists", () =>
  Effect.gen(function* () {
    const upTo = Task.make("upTo", {
      run: ({ n }: { readonly n: number }) => Effect.succeed(Array.from({ length: n }, (_, i) => i))
    })
    const flow = Flow.make("flow", function* () {
      const plain = yield* Task.map(double, { n: Task.flatten(yield* list([1, 2], [], [3])()) })
      const lists = yield* Task.map(upTo, { n: [2, 0, 3] })
      return [plain, yield* Task.map(double, { n: Task.flatten(lists) })] as const
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [[2, 4, 6], [0, 2, 0, 2, 4]])
  }))

it.effect("18.5 a map over a map goes on item by item", () =>
  Effect.gen(function* () {
    const ends: Array<string> = []
    const step = (name: string) =>
      Task.make(name, {
        run: ({ hours }: { readonly hours: number }) =>
          Effect.as(
            Effect.delay(Effect.sync(() => ends.push(`${name} ${hours}`)), `${hours} hours`),
            hours
          )
      })
    const flow = Flow.make("flow", function* () {
      const first = yield* Task.map(step("first"), { hours: [1, 10] })
      return yield* Task.map(step("second"), { hours: first })
    })
    const run = yield* inVirtualTime(Flow.run(flow, { concurrency: "unbounded" }))
    assert.deepStrictEqual(run.state.result, [1, 10])
    assert.deepStrictEqual(ends, ["first 1", "second 1", "first 10", "second 10"])
  }))

const even = Task.make("even", {
  run: ({ n }: { readonly n: number }) =>
    n % 2 === 0 ? Effect.succeed(n) : Effect.fail(new RangeError(`${n} is odd`))
})

it.effect("18.5 an item goes on although another failed", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(double, { n: yield* Task.map(even, { n: [1, 2] }) })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    const state: State.State = run.stateOf("double")
    assert(state._tag === "Mapped")
    assert.deepStrictEqual(state.mapStates.map(({ _tag }) => _tag), ["TriggerFailed", "Success"])
    assert.strictEqual(run.state._tag, "Failed")
  }))

it.effect("18.6 what takes all results waits for all, and its trigger is asked about each", () =>
  Effect.gen(function* () {
    const counted: Array<number> = []
    const all = (name: string, trigger: Trigger.Trigger<unknown, never>) =>
      Task.make(name, {
        trigger,
        run: ({ all }: { readonly all: ReadonlyArray<number> }) => Effect.succeed(all.length)
      })
    const flow = Flow.make("flow", function* () {
      const mapped = yield* Task.map(even, { n: [2, 3, 4] })
      const strict = yield* all("strict", Trigger.allSuccessful)({ all: mapped })
      const lax = yield* all("lax", (states) => {
        counted.push(states.length)
        return Effect.succeed(true)
      })({ all: mapped })
      return [strict, lax] as const
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(run.stateOf("strict")._tag, "TriggerFailed")
    assert.strictEqual(run.stateOf("lax").result, 3)
    assert.deepStrictEqual(counted, [3])
  }))

const broken = Task.make("broken", {
  run: (): Effect.Effect<ReadonlyArray<number>, string> => Effect.fail("no list")
})

it.effect("18.7 without a list the trigger is asked, and then the task fails", () =>
  Effect.gen(function* () {
    const stateWith = (trigger: Trigger.Trigger<unknown, never>) => {
      const task = Task.make("task", {
        trigger,
        run: ({ n }: { readonly n: number }) => Effect.succeed(n)
      })
      const flow = Flow.make("flow", function* () {
        return yield* Task.map(task, { n: yield* broken() })
      })
      return Effect.map(inVirtualTime(Flow.run(flow)), (run) => String(run.stateOf("task")))
    }
    assert.match(yield* stateWith(Trigger.allSuccessful), /^TriggerFailed\(/)
    assert.strictEqual(
      yield* stateWith(Trigger.allFinished),
      'Failed("No upstream states can be mapped over.")'
    )
  }))

it.effect("18.7 what is no list fails its task, and the rest goes on", () =>
  Effect.gen(function* () {
    const record = Task.make("record", {
      run: () => Effect.succeed({ a: 1 } as unknown as ReadonlyArray<number>)
    })
    const flow = Flow.make("flow", function* () {
      const mapped = yield* Task.map(double, { n: yield* record() })
      return [mapped, yield* sum({ all: [1, 2] })] as const
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(
      String(run.stateOf("double")),
      'Failed("At least one upstream state has an unmappable result.")'
    )
    assert.strictEqual(run.stateOf("sum").result, 3)
  }))

it.effect("18.7 the trigger is asked about the items of other lists too, once they have ended", () =>
  Effect.gen(function* () {
    for (const concurrency of [1, "unbounded"] as const) {
      const counted: Array<ReadonlyArray<string>> = []
      const slow = Task.make("slow", {
        maxRetries: 1,
        retryDelay: "1 hour",
        run: ({ n }: { readonly n: number }) =>
          n === 1 ? Effect.fail("no") : Effect.delay(Effect.succeed(n), "2 hours")
      })
      const task = Task.make("task", {
        trigger: (states) => {
          counted.push(states.map(({ _tag }) => _tag))
          return false
        },
        run: ({ a, b }: { readonly a: number; readonly b: number }) => Effect.succeed(a + b)
      })
      const flow = Flow.make("flow", function* () {
        const a = yield* Task.map(slow, { n: [0, 1, 2] })
        return yield* Task.map(task, { a, b: yield* broken() })
      })
      const run = yield* inVirtualTime(Flow.run(flow, { concurrency }))
      assert.deepStrictEqual(counted, [["Success", "Failed", "Success", "Failed"]])
      assert.strictEqual(String(run.stateOf("task")), 'TriggerFailed("Trigger failed")')
    }
  }))

it.effect("18.8 each item has its own retries", () =>
  Effect.gen(function* () {
    const attempts = new Map<number, number>()
    const flaky = Task.make("flaky", {
      maxRetries: 2,
      retryDelay: "1 hour",
      run: ({ n }: { readonly n: number }) => {
        const attempt = (attempts.get(n) ?? 0) + 1
        attempts.set(n, attempt)
        return attempt > n ? Effect.succeed(n) : Effect.fail("not yet")
      }
    })
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(flaky, { n: [0, 1, 2] })
    })
    const { run, transitions } = yield* watch(Flow.run(flow))
    assert.deepStrictEqual(run.state.result, [0, 1, 2])
    const retried = transitions.flatMap(({ subject, to }) =>
      subject._tag === "Task" && to._tag === "Retrying" ? [subject.mapIndex] : []
    )
    assert.deepStrictEqual(retried, [1, 2, 2])
  }))

it.effect("18.9 as many items run at a time as the concurrency says", () =>
  Effect.gen(function* () {
    let now = 0
    let most = 0
    const busy = Task.make("busy", {
      run: ({ n }: { readonly n: number }) =>
        Effect.sync(() => {
          most = Math.max(most, ++now)
        }).pipe(
          Effect.andThen(Effect.sleep("1 hour")),
          Effect.andThen(Effect.sync(() => {
            now--
            return n
          }))
        )
    })
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(busy, { n: [1, 2, 3, 4, 5] })
    })
    for (const [concurrency, expected] of [[1, 1], [3, 3], ["unbounded", 5]] as const) {
      most = 0
      const run = yield* inVirtualTime(Flow.run(flow, { concurrency }))
      assert.deepStrictEqual(run.state.result, [1, 2, 3, 4, 5])
      assert.strictEqual(most, expected)
    }
  }))

it.effect("18.10 ten thousand items, mapped twice and reduced", () =>
  Effect.gen(function* () {
    const items = Array.from({ length: 10_000 }, (_, i) => i)
    const flow = Flow.make("flow", function* () {
      const once = yield* Task.map(double, { n: yield* list(...items)() })
      return yield* sum({ all: yield* Task.map(double, { n: once }) })
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(run.state.result, 4 * 49_995_000)
  }))

it("18.11 a literal that is no list is refused where it is mapped over", () => {
  for (const [value, shown] of [[5, "number: 5..."], [{ a: 1 }, 'object: {"a":1}...']] as const) {
    const define = () =>
      Flow.make("flow", function* () {
        yield* Task.map(double, { n: value as never })
      })
    assert.throws(
      define,
      `Cannot build flow "flow": Cannot map over unsubscriptable object of type ${shown} (input "n")`
    )
  }
})

it.effect("18.3 the inputs decide how many runs there are, whatever state was given", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      return yield* Task.map(
        Task.make("double", { run: ({ n }: { readonly n: number }) => Effect.succeed(2 * n) }),
        { n: [1, 2] }
      )
    })
    const given: ReadonlyArray<State.State> = [
      State.mapped({ nMapStates: 3 }),
      State.mapped({ nMapStates: 1 }),
      State.mapped(),
      State.mapped({ mapStates: [1, 2, 3].map(() => State.pending()) })
    ]
    for (const state of given) {
      const run = yield* Flow.run(flow, { initialTaskStates: { double: state } })
      assert.deepStrictEqual(run.state.result, [2, 4])
      assert.strictEqual((run.stateOf("double") as State.Mapped).nMapStates, 2)
    }
  }))

it.effect("18.12 an item that was skipped is one item, whatever it brings", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const lists = yield* Task.map(
        Task.make("list", {
          run: ({ n }: { readonly n: number }): Effect.Effect<Array<number>, Signal.Signal> =>
            n === 1 ? Effect.succeed([1, 2]) : Effect.fail(Signal.skip({ result: [7, 8] }))
        }),
        { n: [1, 2] }
      )
      return yield* Task.make("all", {
        skipOnUpstreamSkip: false,
        trigger: Trigger.allFinished,
        run: ({ items }: { readonly items: ReadonlyArray<unknown> }) => Effect.succeed(items)
      })({ items: Task.flatten(lists as any) as any })
    })
    const run = yield* Flow.run(flow)
    assert.deepStrictEqual(run.state.result, [1, 2, [7, 8]])
  }))

it.effect("18.13 a trigger counts each list that is mapped over", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const list = yield* Task.make("list", { run: () => Effect.succeed([1, 2]) })()
      return yield* Task.map(
        Task.make("add", {
          trigger: Trigger.someSuccessful({ atLeast: 2 }),
          run: ({ a, b }: { readonly a: number; readonly b: number }) => Effect.succeed(a + b)
        }),
        { a: list, b: list }
      )
    })
    assert.deepStrictEqual((yield* Flow.run(flow)).state.result, [2, 4])
  }))
