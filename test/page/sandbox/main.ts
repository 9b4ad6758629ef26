/**
 * A page that has a sandbox and nothing else: tests make the programs that run in it.
 */
import type { TraceLine } from "signalbox/testing"
import { makeSandbox, type Sandbox } from "../../../playground/sandbox/Sandbox.ts"
import type { Plan, Problem, ShakeOutcome } from "../../../playground/Store.ts"

/** What became of a run, and how long it took, in milliseconds from its call. */
export interface Outcome {
  /** The last of them, if there are very many. */
  readonly lines: ReadonlyArray<TraceLine.TraceLine>
  readonly changes: number
  readonly batches: ReadonlyArray<number>
  readonly problems: ReadonlyArray<Problem>
  readonly first: number
  readonly took: number
  /** The longest time in which the page could not draw. */
  readonly longestGap: number
}

/** What a test can be given in reasonable time. */
const maxLines = 5000

const sandbox: Sandbox = makeSandbox()

const watchFrames = () => {
  let longest = 0
  let last = performance.now()
  let isOn = true
  const frame = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (isOn) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  return () => {
    isOn = false
    return Math.max(longest, performance.now() - last)
  }
}

const planOf = (
  files: Readonly<Record<string, string>>,
  seed = 7,
  faults: Plan["faults"] = []
) => ({
  files: Object.entries(files).map(([name, text]) => ({ name, text })),
  seed,
  faults
})

type Given = Parameters<typeof planOf>

const run = async (given: Given, stopAfter = Number.POSITIVE_INFINITY): Promise<Outcome> => {
  const lines: Array<TraceLine.TraceLine> = []
  const batches: Array<number> = []
  const problems: Array<Problem> = []
  const stopWatching = watchFrames()
  const start = performance.now()
  let first = Number.NaN
  const { done, stop } = sandbox.run(planOf(...given), {
    onLines: (more) => {
      if (batches.length === 0) first = performance.now() - start
      batches.push(more.length)
      for (const line of more) lines.push(line)
    },
    onProblem: (problem) => void problems.push(problem)
  })
  if (Number.isFinite(stopAfter)) setTimeout(stop, stopAfter)
  await done
  const took = performance.now() - start
  const changes = lines.filter((line) => "to" in line).length
  lines.splice(0, lines.length - maxLines)
  return { lines, changes, batches, problems, first, took, longestGap: stopWatching() }
}

const shake = async (given: Given, seeds: number, stopAt = seeds) => {
  const outcomes: Array<ShakeOutcome> = []
  const { done, stop } = sandbox.shake(planOf(...given), [...Array(seeds).keys()], (outcome) => {
    outcomes.push(outcome)
    if (outcomes.length === stopAt && stopAt < seeds) stop()
  })
  const problem = await done.then(() => undefined, (error: Error) => error.message)
  return { outcomes, problem }
}

/** What tests can do with the page. */
export interface TestPage {
  readonly ready: Sandbox["ready"]
  readonly run: typeof run
  readonly shake: typeof shake
}

Object.assign(globalThis, { testPage: { ready: sandbox.ready, run, shake } satisfies TestPage })
