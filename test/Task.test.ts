import { assert, it } from "@effect/vitest"
import { Duration, Effect, Schedule } from "effect"
import { Flow, StateHandler, Task } from "signalbox"
import { DefinitionError } from "../src/DefinitionError.ts"

const run = () => Effect.succeed(1)

/** Defines a task with options that the compiler would not let pass. */
const define = (options: object, name: unknown = "task") =>
  Task.make(name as string, { run, ...options } as never)

const assertRefused = (options: object, message: string, name?: unknown) => {
  try {
    define(options, name)
  } catch (error) {
    assert.instanceOf(error, DefinitionError)
    assert.strictEqual(error._tag, "DefinitionError")
    assert.strictEqual(error.message, message)
    return
  }
  assert.fail(`accepted, where this was expected: ${message}`)
}

it("7.1 a task needs a name", () => {
  assertRefused({}, 'Cannot define task: a name must be provided ("")', "")
  assertRefused({}, "Cannot define task: a name must be provided (7)", 7)
})

it("7.1 a task needs a function to run", () => {
  const refusal = 'Cannot define task "task": `run` must be a function'
  assertRefused({ run: undefined }, `${refusal} (undefined)`)
  assertRefused({ run: 5 }, `${refusal} (5)`)
  assert.throws(() => Task.make("task", undefined as never), `${refusal} (undefined)`)
})

it("7.2 retries need a delay or a schedule", () => {
  assertRefused(
    { maxRetries: 3 },
    'Cannot define task "task": A `retryDelay` must be provided if maxRetries > 0 (maxRetries is 3)'
  )
  define({ maxRetries: 3, retryDelay: 0 })
  define({ maxRetries: 3, retryDelay: "2 hours" })
  define({ maxRetries: 3, retrySchedule: Schedule.spaced("1 second") })
  define({ retrySchedule: Schedule.recurs(1) })
  define({ maxRetries: 0 })
})

it("7.2 a delay and a schedule exclude each other", () => {
  assertRefused(
    { maxRetries: 3, retryDelay: 1, retrySchedule: Schedule.recurs(3) },
    'Cannot define task "task": retryDelay and retrySchedule exclude each other'
  )
})

it("7.3 a delay or retryOn without retries is refused", () => {
  assertRefused(
    { retryDelay: "1 hour" },
    'Cannot define task "task": A `maxRetries` argument greater than 0 must be provided if ' +
      'specifying a retry delay. (retryDelay is "1 hour")'
  )
  assertRefused(
    { retryOn: [RangeError] },
    'Cannot define task "task": A number of `maxRetries` must be provided if `retryOn` is set.'
  )
})

it("7.4 maxRetries is a whole number that is not negative", () => {
  for (const maxRetries of [-1, 1.5, Number.NaN]) {
    assertRefused(
      { maxRetries, retryDelay: 0 },
      `Cannot define task "task": maxRetries must be a whole number (${maxRetries})`
    )
  }
  define({ maxRetries: Number.POSITIVE_INFINITY, retryDelay: "1 hour" })
})

it("7.5 retryOn is a test or a list of error classes", () => {
  const refusal = 'Cannot define task "task": Invalid `retryOn` value'
  const retryOn = (value: unknown) => ({ maxRetries: 1, retryDelay: 0, retryOn: value })
  assertRefused(
    retryOn([new RangeError("m")]),
    `${refusal} RangeError('m'). Expected an error class but got an instance of RangeError`
  )
  assertRefused(retryOn(["RangeError"]), `${refusal} "RangeError". Expected an error class.`)
  assertRefused(retryOn("all"), `${refusal} "all". Expected a list of error classes or a test.`)
  define(retryOn([RangeError, TypeError]))
  define(retryOn(() => true))
})

it("7.6 a timeout is a duration above zero", () => {
  for (const [timeout, printed] of [[0, "0"], [-5, "-5"], ["soon", '"soon"'], [NaN, "NaN"]]) {
    assertRefused(
      { timeout },
      `Cannot define task "task": timeout must be a duration above zero (${printed})`
    )
  }
  for (const timeout of [1, "1 millis", "60 days", Duration.nanos(1n), Duration.infinity]) {
    define({ timeout })
  }
})

it("7.6 a retry delay is a duration that ends", () => {
  for (const [retryDelay, printed] of [["later", '"later"'], [-1, "-1"], [NaN, "NaN"]]) {
    assertRefused(
      { maxRetries: 1, retryDelay },
      `Cannot define task "task": retryDelay must be a duration (${printed})`
    )
  }
  assert.throws(() => define({ maxRetries: 1, retryDelay: Duration.infinity }), /retryDelay/)
})

it("7.7 tags are a list of texts", () => {
  const refusal = 'Cannot define task "task": Tags should be a set of tags, not a string.'
  assertRefused({ tags: "nightly" }, `${refusal} ("nightly")`)
  assertRefused({ tags: [1] }, `${refusal} ([1])`)
  assert.deepStrictEqual(define({ tags: ["b", "a", "b"] }).policies.tags, ["b", "a"])
})

it("7.7 handlers are a list of handlers", () => {
  const handler = StateHandler.make(() => Effect.void)
  assertRefused({ handlers: 5 }, 'Cannot define task "task": handlers must be a list (5)')
  assertRefused(
    { handlers: [handler, 5] },
    'Cannot define task "task": a handler must be made by StateHandler.make or be a ' +
      "StateHandler.Service (5)"
  )
  assert.throws(
    () => define({ handlers: [() => Effect.void] }),
    /a handler must be made by StateHandler\.make or be a StateHandler\.Service/
  )
  assert.throws(() => define({ handlers: handler }), /handlers must be a list/)
})

it("7.7 a trigger is a function", () => {
  assertRefused(
    { trigger: "all_done" },
    'Cannot define task "task": trigger must be a function ("all_done")'
  )
})

it("7.7 onFailure is a function, and a slug a text", () => {
  assert.throws(() => define({ onFailure: 5 }), /onFailure must be a function \(5\)/)
  assert.throws(() => define({ slug: "" }), /slug must be/)
})

it("7.8 a list of handlers that tasks share stays as it is", () => {
  const handlers = [StateHandler.make(() => Effect.void)]
  const tell = () => Effect.void
  define({ handlers, onFailure: tell })
  define({ handlers: Object.freeze(handlers), onFailure: tell })
  assert.strictEqual(handlers.length, 1)
})

it("7.9 a task prints as its name", () => {
  assert.strictEqual(`${define({}, "load rows")}`, "<Task: load rows>")
  assert.isTrue(Task.isTask(define({})))
  assert.isFalse(Task.isTask(run))
})

it("7.9 a reference prints as the result of its task", () => {
  Flow.make("flow", function* () {
    const ref = yield* Task.make("load", { run })()
    assert.strictEqual(`${ref}`, "<Result: load-1>")
    assert.isTrue(Task.isRef(ref))
  })
})
