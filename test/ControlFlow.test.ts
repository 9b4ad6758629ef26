import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Flow, Signal, Task } from "signalbox"
import { inVirtualTime } from "./fixtures/virtualTime.ts"

const give = <A>(name: string, value: A) => Task.make(name, { run: () => Effect.succeed(value) })

const statesOf = <A, E>(flow: Flow.Flow<{}, A, E>) =>
  Effect.map(
    inVirtualTime(Flow.run(flow)),
    (run) => Object.fromEntries(run.tasks.map(({ name, state }) => [name, state._tag]))
  )

it.effect("19.1 the tasks of a case run where the value is that of the case", () =>
  Effect.gen(function* () {
    const flowOf = (value: string) =>
      Flow.make("flow", function* () {
        const kind = yield* give("kind", value)()
        yield* Flow.case(kind, "csv", function* () {
          const echo = Task.make("echo", {
            run: ({ x }: { readonly x: number }) => Effect.succeed(x)
          })
          yield* echo({ x: yield* give("inside", 1)() })
        })
        return yield* give("outside", 2)()
      })
    const matched = yield* statesOf(flowOf("csv"))
    assert.deepInclude(matched, { inside: "Success", echo: "Success", outside: "Success" })
    const other = yield* statesOf(flowOf("json"))
    assert.deepInclude(other, { inside: "Skipped", echo: "Skipped", outside: "Success" })
  }))

it.effect("19.1 the names and the message show a value as it is written", () =>
  Effect.gen(function* () {
    const kind = (value: unknown) => give("kind", value)
    const flow = Flow.make("flow", function* () {
      const object = yield* kind({ format: "json" })()
      yield* Flow.case(object, { format: "csv" }, function* () {
        yield* give("inside", 1)()
      })
      const list = yield* kind([1])({}, { name: "list" })
      yield* Flow.switch(list, [[[1, 2], yield* give("pair", 1)()], [
        "csv",
        yield* give("csv", 1)()
      ]])
    })
    const run = yield* Flow.run(flow)
    const printed = Object.fromEntries(run.tasks.map(({ name, state }) => [name, state.message]))
    assert.deepInclude(printed, {
      'case({"format":"csv"})':
        `Provided value "{"format":"json"}" did not match "{"format":"csv"}"`,
      'CompareValue: "[1,2]"': `Provided value "[1]" did not match "[1,2]"`,
      'CompareValue: "csv"': `Provided value "[1]" did not match "csv"`
    })
  }))

it("19.1 the value of a case is no reference", () => {
  assert.throws(
    () =>
      Flow.make("flow", function* () {
        const kind = yield* give("kind", "csv" as unknown)()
        yield* Flow.case(kind, kind, function* () {
          yield* give("inside", 1)()
        })
      }),
    /Cannot add a case: `value` cannot be a task/
  )
})

it.effect("19.2 a case within a case runs where both match", () =>
  Effect.gen(function* () {
    const flowOf = (outer: number, inner: number) =>
      Flow.make("flow", function* () {
        const a = yield* give("a", outer)()
        const b = yield* give("b", inner)()
        yield* Flow.case(a, 1, function* () {
          yield* give("outer", 1)()
          yield* Flow.case(b, 2, function* () {
            yield* give("inner", 2)()
          })
        })
      })
    const names = ({ inner, outer }: Record<string, string>) => [outer, inner]
    assert.deepStrictEqual(names(yield* statesOf(flowOf(1, 2))), ["Success", "Success"])
    assert.deepStrictEqual(names(yield* statesOf(flowOf(1, 3))), ["Success", "Skipped"])
    assert.deepStrictEqual(names(yield* statesOf(flowOf(0, 2))), ["Skipped", "Skipped"])
  }))

it.effect("19.3 a switch lets the task of one value run", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const size = yield* give("size", "m")()
      const small = yield* give("small", 1)()
      const medium = yield* give("medium", 2)()
      yield* Flow.switch(size, [["s", small], ["m", medium]])
      return yield* Flow.merge(small, medium)
    })
    assert.deepInclude(yield* statesOf(flow), { small: "Skipped", medium: "Success" })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(run.state.result, 2)
  }))

it.effect("19.4 ifElse decides by whether a result is true, as nothing empty is", () =>
  Effect.gen(function* () {
    const flowOf = (value: unknown) =>
      Flow.make("flow", function* () {
        const condition = yield* give("condition", value)()
        const ifTrue = yield* give("yes", 1)()
        const ifFalse = yield* give("no", 2)()
        yield* Flow.ifElse(condition, { ifTrue, ifFalse })
      })
    for (const value of [true, 1, "text", [0], { a: 0 }, new Set([0]), new Error("no")]) {
      assert.deepInclude(yield* statesOf(flowOf(value)), { yes: "Success", no: "Skipped" })
    }
    for (const value of [false, 0, "", null, undefined, [], {}, new Map()]) {
      assert.deepInclude(yield* statesOf(flowOf(value)), { yes: "Skipped", no: "Success" })
    }
  }))

it.effect("19.4 either branch may be left out", () =>
  Effect.gen(function* () {
    const flow = Flow.make("flow", function* () {
      const condition = yield* give("condition", false)()
      yield* Flow.ifElse(condition, { ifTrue: yield* give("yes", 1)() })
      yield* Flow.ifElse(condition, { ifFalse: yield* give("no", 1)() })
    })
    assert.deepInclude(yield* statesOf(flow), { yes: "Skipped", no: "Success" })
  }))

it.effect("19.5 a merge gives the first result there is, of twelve branches too", () =>
  Effect.gen(function* () {
    const merged = (values: ReadonlyArray<number | undefined>) =>
      Flow.make("flow", function* () {
        const branches = []
        for (const [i, value] of values.entries()) branches.push(yield* give(`b${i}`, value)())
        return yield* Flow.merge(...branches)
      })
    const resultOf = (values: ReadonlyArray<number | undefined>) =>
      Effect.map(inVirtualTime(Flow.run(merged(values))), (run) => run.state.result)
    const none = Array.from({ length: 12 }, () => undefined)
    assert.strictEqual(yield* resultOf(none), undefined)
    assert.strictEqual(yield* resultOf(none.map((_, i) => i + 1)), 1)
    // In the order given: the second, although the tenth comes first as a text.
    assert.strictEqual(yield* resultOf(none.map((_, i) => i === 1 || i === 9 ? i : undefined)), 1)
    assert.strictEqual(yield* resultOf(none.map((_, i) => i === 11 ? 0 : undefined)), 0)
  }))

const skipped = (name: string) =>
  Task.make(name, { run: () => Effect.fail(Signal.skip("not today")) })

it.effect("19.6 a merge of skipped branches is skipped, one of a failed branch refused", () =>
  Effect.gen(function* () {
    const none = Flow.make("flow", function* () {
      yield* Flow.merge(yield* skipped("a")(), yield* skipped("b")())
    })
    assert.deepInclude(yield* statesOf(none), { Merge: "Skipped" })
    const failed = Flow.make("flow", function* () {
      const bad = yield* Task.make("bad", { run: () => Effect.fail("no") })()
      yield* Flow.merge<unknown, unknown>(bad, yield* give("good", 1)())
    })
    assert.deepInclude(yield* statesOf(failed), { Merge: "TriggerFailed" })
  }))

it.effect("19.7 a filter keeps what passes", () =>
  Effect.gen(function* () {
    const check = Task.make("check", {
      run: ({ n }: { readonly n: number }) =>
        n === 1
          ? Effect.fail(new Error("one"))
          : n === 2
          ? Effect.fail(Signal.skip("two"))
          : n === 3
          ? Effect.fail(Signal.fail("three"))
          : Effect.succeed(n)
    })
    const flow = Flow.make("flow", function* () {
      const checked = yield* Task.map(check, { n: [0, 1, 2, 3, 4] })
      const kept = yield* Flow.filter(checked)
      return yield* Flow.filter(kept, (n) => n > 0)
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.deepStrictEqual(run.tasks.find(({ name }) => name === "FilterTask")!.state.result, [
      0,
      4
    ])
    assert.deepStrictEqual(run.state.result, [4])
  }))

it.effect("19.7 a filter of what is no list fails, and says so", () =>
  Effect.gen(function* () {
    const five = Task.make("five", { run: () => Effect.succeed<ReadonlyArray<number>>(5 as never) })
    const flow = Flow.make("flow", function* () {
      return yield* Flow.filter(yield* five())
    })
    const run = yield* inVirtualTime(Flow.run(flow))
    assert.strictEqual(
      run.tasks.find(({ name }) => name === "FilterTask")!.state.message,
      "Error during execution of task: TypeError('Cannot filter 5: it is no list')"
    )
  }))
