/** Cases made by hand, for what none of the recorded ones shows. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Behaviour, FlowCase, FlowText, RunRecord } from "./corpus.ts"
import { runFlowCase } from "./flowCase.ts"
import { tell } from "./model/model.ts"
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
    assert.deepStrictEqual(shown, rules)
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

const later: ReadonlyArray<readonly [string, Behaviour]> = [
  ["a retry", { kind: "signal", signal: "RETRY", startInSeconds: 20 }],
  ["a pause", { kind: "signal", signal: "PAUSE", startInSeconds: 20 }],
  ["the end of a run", { kind: "endrun", with: { state: "Retrying", startInSeconds: 20 } }],
  ["a question", { kind: "pauseTask", startInSeconds: 20, then: { kind: "collect" } }]
]

it.effect.each(later)(
  "the times of %s count from the moment it is made",
  ([, then]) =>
    Effect.gen(function* () {
      const attempts: ReadonlyArray<Behaviour> = [
        { kind: "sleepSeconds", n: 3, then },
        { kind: "return", value: 1 }
      ]
      const task = { name: "a", behaviour: { kind: "sequence", attempts } } as const
      const test: Made = { flow: { tasks: [task] }, runs: [{ pauseAnswers: ["n", "n"] }] }
      const { tasks } = yield* runOf(test)
      assert.strictEqual(tasks.a?.transitions[1]?.new.startTime, 23)
      assert.strictEqual((yield* verdictOf(test)).status, "passed")
    })
)
