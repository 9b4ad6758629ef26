/** Runs the cases that it is sent, one at a time, and answers each with its verdict as JSON. */
import { parentPort } from "node:worker_threads"
import { Effect } from "effect"
import type { Case } from "../test/conformance/corpus.ts"
import { runCase } from "../test/conformance/runCase.ts"

interface Message {
  readonly test: Case
  readonly epoch: string
}

parentPort!.on("message", ({ epoch, test }: Message) => {
  void Effect.runPromise(runCase(test, epoch)).then((verdict) =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    parentPort!.postMessage(JSON.stringify(verdict))
  )
})
