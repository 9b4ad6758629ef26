/**
 * Recorded lines in a few words: each change is a time, a subject and the state it comes to.
 */
import type { TraceLine } from "signalbox/testing"

/** `[at, "clean[2]", "Running"]`: the flow itself is `flow`. */
export type Step = readonly [at: number, subject: string, tag: string]

/** The first line of a run of tasks; a name that ends in `[]` is a mapped task. */
export const header = (...tasks: ReadonlyArray<string>): TraceLine.Header => ({
  signalbox: 1,
  flow: "nightly",
  start: 0,
  nodes: tasks.map((task) => ({
    slug: task.replace("[]", ""),
    name: task.replace("[]", ""),
    kind: "task",
    upstream: [],
    mapped: task.endsWith("[]"),
    handlers: [],
    maxRetries: 0,
    tags: []
  })),
  reference: []
})

/** The lines of changes, each from the state before it. */
export const changes = (...steps: ReadonlyArray<Step>): ReadonlyArray<TraceLine.Change> => {
  const before = new Map<string, string>()
  const attempts = new Map<string, number>()
  return steps.map(([at, subject, tag]) => {
    const [, task = "", index] = /^([^[]+)(?:\[(\d+)\])?$/.exec(subject) ?? []
    const from = before.get(subject) ?? "Pending"
    before.set(subject, tag)
    if (tag === "Running") attempts.set(subject, (attempts.get(subject) ?? 0) + 1)
    return {
      at,
      flow: "nightly",
      ...task === "flow" ? {} : { task },
      ...index === undefined ? {} : { index: Number(index) },
      run: attempts.get(subject) ?? 1,
      from: { tag: from },
      to: { tag }
    }
  })
}
