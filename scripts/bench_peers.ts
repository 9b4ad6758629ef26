/**
 * The same shapes run by other libraries, for the benchmark.
 *
 * @module
 */
import { PGraph } from "p-graph"
import { createActor, setup } from "xstate"

/** For each task, the tasks that it depends on. */
export type Upstream = ReadonlyArray<ReadonlyArray<number>>

type Peer = (upstream: Upstream, concurrency: 1 | "unbounded") => () => Promise<unknown>

const body = async () => 1

/** Runs promises by their dependencies, and keeps no states. */
const graph: Peer = (upstream, concurrency) => {
  const names = upstream.map((_, index) => String(index))
  const nodes = Object.fromEntries(names.map((name) => [name, { run: body }]))
  const edges = upstream.flatMap((before, index) =>
    before.map((from): [string, string] => [String(from), String(index)])
  )
  const limit = concurrency === "unbounded" ? {} : { concurrency }
  return () => new PGraph(nodes, edges).run(limit)
}

const task = setup({ types: { events: {} as { type: "RUN" } | { type: "DONE" } } }).createMachine({
  initial: "pending",
  states: {
    pending: { on: { RUN: "running" } },
    running: { on: { DONE: "success" } },
    success: { type: "final" }
  }
})

/** One actor a task, its states noted; every task waits for those before it. */
const actors: Peer = (upstream) => async () => {
  const kept: Array<unknown> = []
  const done: Array<Promise<unknown>> = []
  for (const before of upstream) {
    for (const index of before) await done[index]
    const actor = createActor(task)
    actor.subscribe((state) => kept.push(state.value))
    actor.start()
    actor.send({ type: "RUN" })
    done.push(body())
    await done.at(-1)
    actor.send({ type: "DONE" })
  }
  return kept
}

/** The peers by name. */
export const peers: Readonly<Record<string, Peer>> = { "p-graph": graph, XState: actors }
