/**
 * A run as the lines that it was made of: what a trace file holds, and what its hash is of.
 */
import type { TraceLine } from "signalbox/testing"
import { sha256 } from "../../src/testing/Sha256.ts"
import type { Run } from "../run/Run.ts"

/** All lines of a run, each with a line feed at its end. */
export function* linesOf(run: Run): Generator<string> {
  yield lineOf(run.header)
  let printed = 0
  for (let cursor = 0; cursor <= run.changes.length; cursor++) {
    while (run.logCursor[printed] === cursor) yield lineOf(run.logs[printed++]!)
    if (cursor < run.changes.length) yield lineOf(inOrder(run.changes[cursor]!))
  }
  if (run.end !== undefined) yield lineOf(run.end)
}

/** A run as a file, which the viewer opens and `signalbox` writes too. */
export const fileOf = (run: Run): Blob =>
  new Blob([...linesOf(run)], { type: "application/x-ndjson" })

/** The SHA-256 of the changes of the flow itself, as `Trace.hash` gives it for the same changes. */
export const hashOf = ({ changes }: Run): string =>
  sha256(changes.map((change) => lineOf(inOrder(change))).join(""))

const lineOf = (line: TraceLine.TraceLine): string => `${JSON.stringify(line)}\n`

/** A line that was checked on its way may have its fields in another order. */
const inOrder = (change: TraceLine.Change): TraceLine.Change => {
  const { at, flow, from, handlers, index, proposed, run, task, to } = change
  return {
    at,
    flow,
    ...task === undefined ? {} : { task },
    ...index === undefined ? {} : { index },
    run,
    from,
    to,
    ...proposed === undefined ? {} : { proposed },
    ...handlers === undefined ? {} : { handlers }
  }
}
