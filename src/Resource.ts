/**
 * Something that is set up before a block of tasks and released after it, whatever they did.
 *
 * Users find this as `Flow.resource`.
 *
 * @module
 */
import { Effect } from "effect"
import { type BlockBody, edge } from "./ControlFlow.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"
import * as Task from "./Task.ts"
import type * as Trigger from "./Trigger.ts"

/** How a resource is made, set up and released. */
export interface Options<Manager, Handle, E, R> {
  /** Makes what manages the resource; an interruption waits for it, as it does for the setup. */
  readonly init: Effect.Effect<Manager, E, R>
  /** Gives the handle that the tasks of the block take; without, they take what `init` gave. */
  readonly setup?: ((manager: Manager) => Effect.Effect<Handle, E, R>) | undefined
  /** Releases the handle; runs also when the flow is interrupted. */
  readonly cleanup: (handle: Handle, manager: Manager) => Effect.Effect<unknown, E, R>
}

/** Skips the cleanup where there is nothing to release, and else runs it. */
const skipUnlessReady = (hasSetup: boolean): Trigger.BuiltIn => (states) => {
  const steps: ReadonlyArray<readonly [string, State.State | undefined]> = [
    ["init", states[0]],
    ["setup", hasSetup ? states[1] : undefined]
  ]
  for (const [step, state] of steps) {
    if (state === undefined) continue
    if (State.isSkipped(state)) return Effect.fail(Signal.skip(`Resource manager ${step} skipped`))
    if (State.isFailed(state)) return Effect.fail(Signal.skip(`Resource manager ${step} failed`))
  }
  if (states.every(State.isFinished)) return true
  const reason = "Trigger was 'resource_cleanup_trigger' but some of the upstream tasks were " +
    "not finished."
  return Effect.fail(Signal.triggerFail(reason))
}

const call = (
  task: Task.Any,
  inputs: Readonly<Record<string, unknown>>,
  role?: "init" | "cleanup",
  after: ReadonlyArray<Task.Ref<any, any>> = []
): Task.Instruction<Task.Ref<any, any>, any, any> =>
  Task.instruction({ _tag: "Call", task, inputs, options: { after }, mapped: false, role })

/**
 * Sets up a resource, adds the tasks of a block that use it, and releases it after them: also when
 * they fail, and when the flow is interrupted.
 */
export const resource = <
  Manager,
  Handle = Manager,
  E = never,
  R = never,
  I extends Task.Instruction<any, any, any> = never,
  Returned = void
>(
  name: string,
  options: Options<Manager, Handle, E, R>,
  body: (handle: Task.Ref<Handle, E>) => ReturnType<BlockBody<I, Returned>>
): Task.Instruction<
  Returned,
  Signal.FailureOf<E> | (I extends Task.Instruction<any, infer E2, any> ? E2 : never),
  Task.ServicesOf<R, []> | (I extends Task.Instruction<any, any, infer R2> ? R2 : never)
> => {
  const { cleanup, init, setup } = options
  const setUp = setup && Task.make(`${name}.setup`, {
    checkpoint: false,
    run: ({ mgr }: { readonly mgr: Manager }) => setup(mgr)
  })
  const cleanUp = Task.make(`${name}.cleanup`, {
    checkpoint: false,
    skipOnUpstreamSkip: false,
    trigger: skipUnlessReady(setUp !== undefined),
    run: ({ mgr, resource: handle }: { readonly mgr: Manager; readonly resource: Handle | null }) =>
      cleanup(setUp === undefined ? mgr as unknown as Handle : handle as Handle, mgr)
  })
  return sequence(function* () {
    const mgr = yield* call(Task.make(name, { run: () => init }), {}, "init")
    const handle = setUp === undefined ? mgr : yield* call(setUp, { mgr })
    return yield* Task.instruction<unknown, never, never>({
      _tag: "Block",
      body: () => body(handle),
      close: function* ({ dependsOn, first, last }): Generator<Step, void, any> {
        if (setUp !== undefined) {
          for (const task of first) if (!dependsOn(task, handle)) yield* edge(handle, task)
        }
        const released = { mgr, resource: setUp === undefined ? null : handle }
        yield* call(cleanUp, released, "cleanup", last)
      }
    })
  })
}

type Step = Task.Instruction<any, any, any>

const sequence = (body: () => Generator<Step, unknown, any>): Task.Instruction<any, any, any> =>
  Task.instruction({ _tag: "Block", body, close: undefined })
