/**
 * A resource that is given back whatever happens. It is opened before the tasks that use it and
 * released after them: here one of them fails, the database is dropped nevertheless, and the
 * handler says so to whoever is on call.
 */
import { Console, Effect } from "effect"
import { Flow, Signal, State, StateHandler, Task } from "signalbox"

const page = StateHandler.make(
  (subject, _oldState, newState) =>
    State.isFailed(newState)
      ? Console.log(`On call: ${subject} failed, ${newState.message}.`)
      : Effect.void,
  { name: "page" }
)

const migrate = Task.make("migrate", {
  run: ({ db }: { readonly db: string }) =>
    Effect.delay(Console.log(`Migrating ${db}.`), "200 millis")
})

const load = Task.make("load", {
  handlers: [page],
  run: Effect.fn(function* ({ db }: { readonly db: string }) {
    yield* Effect.sleep("300 millis")
    return yield* Signal.fail(`a row for ${db} has no key`)
  })
})

export const flow = Flow.make("rehearsal", function* () {
  yield* Flow.resource("database", {
    init: Effect.delay(Effect.succeed("rehearsal-db"), "500 millis"),
    cleanup: (db) => Console.log(`Dropping ${db}.`)
  }, function* (db) {
    const migrated = yield* migrate({ db })
    const loaded = yield* load({ db }, { after: [migrated] })
    yield* Flow.referenceTasks(loaded)
  })
})

export const run = Flow.run(flow)
