/**
 * The examples, in the order in which they are best read.
 */
import { Effect } from "effect"
import { Simulation } from "signalbox/testing"
import type { Example } from "./example.ts"
import * as approval from "./examples/approval.ts"
import * as borrowedResource from "./examples/borrowed-resource.ts"
import * as branches from "./examples/branches.ts"
import * as cachedResults from "./examples/cached-results.ts"
import * as everySignal from "./examples/every-signal.ts"
import * as flowHandler from "./examples/flow-handler.ts"
import * as handlersForEverything from "./examples/handlers-for-everything.ts"
import * as mapAndReduce from "./examples/map-and-reduce.ts"
import * as pageByPage from "./examples/page-by-page.ts"
import * as postToSlack from "./examples/post-to-slack.ts"
import * as replaceAState from "./examples/replace-a-state.ts"
import * as retriesHoursApart from "./examples/retries-hours-apart.ts"
import * as signalPayload from "./examples/signal-payload.ts"
import * as taskHandler from "./examples/task-handler.ts"
import * as triggersAndSkips from "./examples/triggers-and-skips.ts"

/** The run of an example; where that waits for longer than anyone would, on a simulated clock. */
export const inNoTime = ({ flow, isLong, run }: Example): Example["run"] =>
  isLong !== true ? run : Simulation.runEffect(flow, run, { seed: 7 }).pipe(
    Effect.map((report) => report.run),
    Effect.orDie
  )

/** The first four say what handlers are; the terminal runs them when it is asked for nothing else. */
export const tour: ReadonlyArray<Example> = [
  { name: "flow-handler", ...flowHandler },
  { name: "task-handler", ...taskHandler },
  { name: "post-to-slack", ...postToSlack },
  { name: "signal-payload", ...signalPayload }
]

/** All of them. */
export const examples: ReadonlyArray<Example> = [
  ...tour,
  { name: "retries-hours-apart", ...retriesHoursApart, isLong: true },
  { name: "map-and-reduce", ...mapAndReduce, isLong: true },
  { name: "triggers-and-skips", ...triggersAndSkips },
  { name: "branches", ...branches },
  { name: "page-by-page", ...pageByPage },
  { name: "cached-results", ...cachedResults, isLong: true },
  { name: "every-signal", ...everySignal, isLong: true },
  { name: "replace-a-state", ...replaceAState },
  { name: "handlers-for-everything", ...handlersForEverything },
  { name: "approval", ...approval },
  { name: "borrowed-resource", ...borrowedResource }
]
