/** Cases made by hand, for what none of the recorded ones shows. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type {
  Behaviour,
  Construct,
  FlowCase,
  FlowText,
  Handler,
  Json,
  JsonObject,
  RunRecord,
  StateText,
  TaskText
} from "./corpus.ts"
import { runFlowCase } from "./flowCase.ts"
import { tell } from "./model/model.ts"
import { runNotifyCase } from "./notify.ts"
import { runCase, type Verdict } from "./runCase.ts"
import { inWorld } from "./world.ts"

const epoch = "2024-01-15T12:00:00+00:00"

type Made = Partial<Omit<FlowCase, "flow">> & { readonly flow: Partial<FlowText> }

/** A case of a flow, with what the model of the recorded engine tells of it as what was recorded. */
const flowCase = ({ flow, ...rest }: Made): FlowCase => {
  const test: FlowCase = {
    id: "handmade",
    kind: "flow",
    title: "",
    flow: { name: "f", tasks: [], edges: [], ...flow },
    expected: { runs: [] },
    ...rest
  }
  if (rest.expected !== undefined) return test
  return {
    ...test,
    expected: { runs: tell(test, new Set(), { epoch: Date.parse(epoch), nextMoment: undefined }) }
  }
}

const verdictOf = (made: Made): Effect.Effect<Verdict> => runCase(flowCase(made), epoch)

const departs = (made: Made, ...rules: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { differences, rules: shown, status } = yield* verdictOf(made)
    assert.strictEqual(status, "departure", JSON.stringify(differences, null, 1))
    for (const rule of rules) assert.include(shown, rule)
  })

const mappedOverARecord: FlowText = {
  name: "f",
  tasks: [
    { name: "l", behaviour: { kind: "return", value: { a: 1 } } },
    { name: "m", behaviour: { kind: "echo", key: "x" } }
  ],
  edges: [{ from: "l", to: "m", key: "x", mapped: true }]
}

it.effect.each([false, true])(
  "a flow that broke off departs, its texts of Python or not: %s",
  (languageSpecific) =>
    departs({ flow: mappedOverARecord, languageSpecific }, "mappingBreaksNoFlow")
)

it.effect.each([false, true])(
  "so does one whose terminal state handler raises: %s",
  (languageSpecific) =>
    departs({
      flow: {
        tasks: [{ name: "a" }],
        terminalStateHandler: { kind: "raise", error: "ValueError", message: "x" }
      },
      languageSpecific
    }, "taskStatesAreKept")
)

/** What a case comes to in its first run. */
const runOf = (made: Made): Effect.Effect<RunRecord> =>
  inWorld("handmade", Date.parse(epoch), runFlowCase(flowCase(made), Date.parse(epoch))).pipe(
    Effect.map(({ runs }) => runs[0]!),
    Effect.orDie
  )

/** What a body does, and what it does then. */
const before = <const First extends object>(first: First, next: Behaviour) => ({
  ...first,
  // oxlint-disable-next-line unicorn/no-thenable -- the recorded name
  then: next
})

const later: ReadonlyArray<readonly [string, Behaviour]> = [
  ["a retry", { kind: "signal", signal: "RETRY", startInSeconds: 20 }],
  ["a pause", { kind: "signal", signal: "PAUSE", startInSeconds: 20 }],
  ["the end of a run", { kind: "endrun", with: { state: "Retrying", startInSeconds: 20 } }],
  ["a question", before({ kind: "pauseTask", startInSeconds: 20 }, { kind: "collect" })]
]

it.effect.each(later)(
  "the times of %s count from the moment it is made",
  ([, next]) =>
    Effect.gen(function* () {
      const attempts: ReadonlyArray<Behaviour> = [
        before({ kind: "sleepSeconds", n: 3 }, next),
        { kind: "return", value: 1 }
      ]
      const task = { name: "a", behaviour: { kind: "sequence", attempts } } as const
      const test: Made = { flow: { tasks: [task] }, runs: [{ pauseAnswers: ["n", "n"] }] }
      const { tasks } = yield* runOf(test)
      assert.strictEqual(tasks.a?.transitions[1]?.new.startTime, 23)
      assert.strictEqual((yield* verdictOf(test)).status, "passed")
    })
)

const secrets: ReadonlyArray<Json> = [
  { a: 1 },
  [1, 2],
  [5],
  null,
  "",
  " ",
  5,
  false,
  "x",
  "[1]",
  "null"
]

it.effect.each(secrets.map((value) => [value] as const))(
  "a secret reaches the flow as it is: %j",
  ([value]) =>
    Effect.gen(function* () {
      const test: Made = {
        flow: {
          tasks: [{ name: "S", kind: "secret" }, { name: "a" }],
          edges: [{ from: "S", to: "a", key: "x" }]
        },
        runs: [{ secrets: { S: value } }]
      }
      const { tasks } = yield* runOf(test)
      const read = value === "[1]" ? [1] : value === "null" ? null : value
      assert.deepStrictEqual(tasks.a?.calls, [{ x: read }])
      assert.strictEqual((yield* verdictOf(test)).status, "passed")
      const build = yield* runCase({
        id: "handmade",
        kind: "build",
        title: "",
        ops: [{ op: "secret", name: "S", secrets: { S: value } }],
        expected: { error: null, value: read }
      }, epoch)
      assert.strictEqual(build.status, "passed", JSON.stringify(build))
    })
)

it.effect("a run among steps ends with the states of the tasks", () =>
  Effect.gen(function* () {
    const final = { type: "Success", message: "All reference tasks succeeded.", result: "$tasks" }
    const { status } = yield* runCase({
      id: "handmade",
      kind: "build",
      title: "",
      ops: [{ op: "flow", name: "f" }, { op: "task", name: "a" }, { op: "addTask", task: "a" }, {
        op: "run"
      }],
      expected: { error: null, final }
    }, epoch)
    assert.strictEqual(status, "passed")
  }))

const asked: ReadonlyArray<readonly [JsonObject, number]> = [
  [{ ignoreStates: ["State"] }, 0],
  [{ onlyStates: ["State"] }, 1],
  [{ onlyStates: ["Failed", "State"] }, 1]
]

it.effect.each(asked)(
  "every state is a State to a notifier: %j",
  ([options, count]) =>
    Effect.gen(function* () {
      const [outcome] = yield* runNotifyCase({
        id: "handmade",
        title: "",
        object: { kind: "task", name: "a" },
        secrets: { SLACK_WEBHOOK_URL: "https://example.com" },
        options,
        transitions: [{ old: { state: "Pending" }, new: { state: "Running" } }],
        expected: { transitions: [] }
      })
      assert.strictEqual(outcome?.posts.length, count)
    })
)

it.effect("a task that is not mapped has children where its state has", () =>
  Effect.gen(function* () {
    const given: StateText = {
      state: "Mapped",
      mapStates: [{ state: "Success", result: 1 }, { state: "Failed" }]
    }
    const children = [
      { mapIndex: 0, transitions: [], final: { type: "Success", result: 1 } },
      { mapIndex: 1, transitions: [], final: { type: "Failed" } }
    ]
    const replaced: Made = {
      flow: {
        tasks: [{ name: "a", handlers: [{ kind: "replace", when: "Success", with: given }] }]
      }
    }
    const begun: Made = {
      flow: { tasks: [{ name: "a" }] },
      runs: [{ initialTaskStates: { a: given } }]
    }
    for (const test of [replaced, begun]) {
      const { tasks } = yield* runOf(test)
      assert.deepStrictEqual(tasks.a?.children, children)
    }
  }))

const resource: Construct = {
  construct: "resource",
  name: "R",
  setup: { kind: "return", value: "handle" },
  tasks: ["a"]
}

const named: ReadonlyArray<readonly [string, Partial<FlowText>]> = [
  ["before and in a block", {
    tasks: [{ name: "a" }, { name: "b" }, { name: "c" }],
    edges: [
      { from: "R.setup", to: "a", key: "handle" },
      { from: "R", to: "a", key: "manager" },
      { from: "R", to: "b", key: "manager" },
      { from: "R.cleanup", to: "c", key: "released" }
    ],
    constructs: [{ ...resource, cleanup: { kind: "return", value: "released" } }]
  }],
  ["before the resource", {
    tasks: [{ name: "a" }, { name: "b" }],
    edges: [{ from: "b", to: "R" }],
    constructs: [resource]
  }],
  ["without a setup", {
    tasks: [{ name: "a" }],
    edges: [{ from: "R", to: "a", key: "manager" }],
    constructs: [{ ...resource, setup: null }],
    referenceTasks: ["R.cleanup", "R"]
  }],
  ["which decide on the flow", {
    tasks: [{ name: "a" }, { name: "b", mappedConstants: { x: [1, 2] } }],
    constructs: [
      { ...resource, tasks: ["a", "b"], cleanup: { kind: "raise", error: "ValueError" } },
      { ...resource, name: "S", tasks: [] }
    ],
    referenceTasks: ["R", "R.cleanup", "S.cleanup"]
  }]
]

it.effect.each(named)(
  "the tasks of a resource can be named: %s",
  ([, flow]) =>
    Effect.gen(function* () {
      const { differences, status } = yield* verdictOf({ flow })
      assert.strictEqual(status, "passed", JSON.stringify(differences, null, 1))
    })
)

/** A task that is left running for ever. */
const stuck: TaskText = { name: "a", handlers: [{ kind: "returnOld", when: "Success" }] }

it.effect("a flow handler may pause a single pass", () =>
  Effect.gen(function* () {
    for (const when of ["Running", "Success"]) {
      yield* departs({
        flow: {
          tasks: [{ name: "a" }],
          handlers: [{ kind: "raiseSignal", when, signal: "PAUSE" }]
        },
        runs: [{ mode: "single" }]
      }, "handlersDecideOnFlow")
    }
  }))

const ends: ReadonlyArray<readonly [string, Handler]> = [
  ["raises", { kind: "raise", when: "Failed", error: "ValueError", message: "x" }],
  ["ends the run", { kind: "raiseEndrun", when: "Failed", with: { state: "Success", result: 1 } }],
  ["pauses", { kind: "raiseSignal", when: "Failed", signal: "PAUSE" }],
  ["retries", { kind: "raiseSignal", when: "Failed", signal: "RETRY" }],
  ["fails", { kind: "raiseSignal", when: "Failed", signal: "FAIL" }],
  ["replaces", { kind: "replace", when: "Failed", with: { state: "Success" } }],
  ["vetoes", { kind: "returnOld", when: "Failed" }],
  ["prints", { kind: "print", template: "{0} {1} -> {2}" }],
  ["calls back", { kind: "callback", check: "is_failed" }]
]

it.effect.each(ends)(
  "a flow that stalls departs where its handler %s",
  ([, handler]) =>
    Effect.gen(function* () {
      yield* departs({ flow: { tasks: [stuck], handlers: [handler] } }, "stallsAreErrors")
      yield* departs(
        { flow: { tasks: [stuck], handlers: [handler] }, runs: [{ mode: "single" }] },
        "stallsAreErrors"
      )
    })
)

it.effect("a flow that stalls with an item of a mapped task departs", () =>
  departs({
    flow: {
      tasks: [{
        ...stuck,
        behaviour: { kind: "echo", key: "x" },
        mappedConstants: { x: [1, 2] },
        handlers: [{ kind: "returnOld", when: { new: "Success", mapIndex: 0 } }]
      }]
    }
  }, "stallsAreErrors"))

const kept = (state: string): Handler => ({
  kind: "replace",
  when: "Finished",
  with: { state, keepResult: true }
})

const lefts: ReadonlyArray<readonly [string, Handler, string | undefined, string]> = [
  ["in a single pass", { kind: "returnOld", when: "Finished" }, "single", "stallsAreErrors"],
  ["with the states of its tasks", kept("Running"), undefined, "stallsAreErrors"],
  ["before its beginning", kept("Pending"), undefined, "handlersDecideOnFlow"]
]

it.effect.each(lefts)(
  "a flow that its handler leaves departs: %s",
  ([, handler, mode, rule]) =>
    departs({
      flow: { tasks: [{ name: "a" }], handlers: [handler] },
      runs: [mode === undefined ? {} : { mode }]
    }, rule)
)
