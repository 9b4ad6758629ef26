/**
 * An approval. The task pauses until someone says that it may go on, and what depends on it waits.
 * Who is asked is said where the flow is run: whoever sits in front of the terminal, or else an
 * editor who takes a second.
 */
import { Console, Context, Effect } from "effect"
import { Flow, Task } from "signalbox"

/** Who is asked about a paused task: `resume` lets it go on. */
export const Approver = Context.Reference<(pause: Flow.Pause) => Effect.Effect<unknown>>(
  "app/Approver",
  { defaultValue: () => ({ resume }) => Effect.delay(resume, "1 second") }
)

const write = Task.make("write", { run: () => Effect.succeed("Signals at midnight") })

const approve = Task.make("approve", {
  run: Effect.fn(function* ({ title }: { readonly title: string }) {
    yield* Task.awaitApproval({ message: `${title} waits for an editor` })
    return title
  })
})

const publish = Task.make("publish", {
  run: ({ title }: { readonly title: string }) => Console.log(`Published: ${title}`)
})

export const flow = Flow.make("newsroom", function* () {
  const title = yield* approve({ title: yield* write() })
  yield* publish({ title })
})

export const run = Effect.flatMap(Approver, (onPause) => Flow.run(flow, { onPause }))
