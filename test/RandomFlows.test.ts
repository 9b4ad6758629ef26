import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Flow, State, StateHandler, type Transition } from "signalbox"
import { type RandomFlow, randomFlow } from "./fixtures/randomFlow.ts"
import { watch, type Watched } from "./fixtures/watch.ts"

type Changes = ReadonlyArray<Transition.Transition>

/** The changes of each task, by slug, in the order they happened. */
const bySlug = (transitions: Changes): ReadonlyMap<string, Changes> =>
  Map.groupBy(
    transitions.filter(({ subject }) => subject._tag === "Task"),
    ({ subject }) => subject._tag === "Task" ? subject.slug : ""
  )

/** A run that has ended changes no more, except for a failure that is tried again. */
const isAfterTheEnd = ({ from, proposed }: Transition.Transition): boolean =>
  State.isFinished(from) && !(State.isFailed(from) && State.isRetrying(proposed))

const assertInvariants = (
  made: RandomFlow,
  { run, transitions }: Watched<Flow.Run<unknown, unknown>>
) => {
  const changes = bySlug(transitions)
  assert.isTrue(State.isFinished(run.state), `the flow ended as ${run.state}`)
  assert.deepStrictEqual(transitions.map(({ sequence }) => sequence), [...transitions.keys()])

  for (const { slug, state } of run.tasks) {
    const own = changes.get(slug) ?? []
    assert.isTrue(State.isFinished(state), `${slug} ended as ${state}`)
    assert.isNotEmpty(own, `${slug} never changed`)
    assert.strictEqual(own.at(-1)?.to, state, `${slug} is not what its last change says`)

    own.forEach((change, i) => {
      const { from, to } = change
      assert.isFalse(isAfterTheEnd(change), `${slug} changed after it had ended as ${from}`)
      const next = own[i + 1]
      if (next === undefined) return
      const isNewRound = State.isLooped(to) && next.from._tag === "Pending"
      assert.isTrue(next.from === to || isNewRound, `${slug}: ${to} and then from ${next.from}`)
    })

    const ends = new Map(
      (made.upstream.get(slug) ?? []).map((up) => [up, changes.get(up)!.at(-1)!.sequence])
    )
    for (const [up, end] of ends) {
      assert.isTrue(own[0]!.sequence > end, `${slug} began before ${up} had ended`)
    }
  }
}

const assertHandlersAsked = (made: RandomFlow, transitions: Changes) => {
  const ofTasks = transitions.filter(({ subject }) => subject._tag === "Task")
  const told = Map.groupBy(made.told, ({ task }) => task)
  for (const [slug, changes] of bySlug(transitions)) {
    const heard = told.get(slug) ?? []
    assert.strictEqual(heard.length, changes.length, `${slug}: one call for each change`)
    changes.forEach(({ from, proposed }, i) => {
      assert.strictEqual(heard[i]?.from, from)
      assert.strictEqual(heard[i]?.to, proposed)
    })
  }
  for (const { handlers, proposed, to } of ofTasks) {
    let shown = proposed
    for (const call of handlers) {
      assert.strictEqual(call.proposed, shown)
      shown = call.decided
    }
    assert.strictEqual(shown, to)
  }
  const reachedScope = ofTasks.filter(({ handlers }) =>
    handlers.every(({ error }) => error === undefined)
  )
  assert.strictEqual(made.toldInScope.length, reachedScope.length)
}

const assertReferencesDecide = (made: RandomFlow, run: Flow.Run<unknown, unknown>) => {
  const states = made.references.map((slug) => run.stateOf(slug))
  const expected = states.some(State.isFailed)
    ? 'Failed("Some reference tasks failed.")'
    : states.every(State.isSuccessful)
    ? 'Success("All reference tasks succeeded.")'
    : 'Success("No reference tasks failed.")'
  assert.strictEqual(String(run.state), expected)
}

const checkSeed = (seed: number) =>
  Effect.gen(function* () {
    const made = randomFlow(seed)
    const watched = yield* watch(
      Effect.provide(
        Flow.run(made.flow, { concurrency: made.concurrency }),
        StateHandler.layer(made.inScope)
      )
    )
    try {
      assertInvariants(made, watched)
      assertHandlersAsked(made, watched.transitions)
      assertReferencesDecide(made, watched.run)
    } catch (error) {
      const lines = watched.transitions.map(({ from, subject, to }) =>
        `${subject._tag === "Task" ? subject.slug : subject} ${from} → ${to}`
      )
      throw new Error(`seed ${seed}: ${(error as Error).message}\n${lines.join("\n")}`, {
        cause: error
      })
    }
    return watched
  })

it.effect(
  "10.14 random flows end as they must, and are of every kind",
  () =>
    Effect.gen(function* () {
      const ends = new Set<State.Tag>()
      const between = new Set<State.Tag>()
      for (let seed = 0; seed < 400; seed++) {
        const { run, transitions } = yield* checkSeed(seed)
        for (const { state } of run.tasks) ends.add(state._tag)
        for (const { to } of transitions) between.add(to._tag)
      }
      assert.sameMembers([...ends], [
        "Success",
        "Failed",
        "Skipped",
        "Cancelled",
        "TimedOut",
        "TriggerFailed"
      ])
      for (const tag of ["Retrying", "Looped", "Pending", "Scheduled", "Running"] as const) {
        assert.isTrue(between.has(tag), tag)
      }
    }),
  60_000
)

it.effect("10.14 a random flow does the same again", () =>
  Effect.gen(function* () {
    for (let seed = 0; seed < 20; seed++) {
      const print = ({ transitions }: Watched<unknown>) =>
        transitions.map(({ at, from, subject, to }) => `${at} ${subject} ${from} → ${to}`)
      assert.deepStrictEqual(print(yield* checkSeed(seed)), print(yield* checkSeed(seed)))
    }
  }), 60_000)
