/**
 * One run of a program in simulated time.
 */
import { type Console, Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { FaultPlan, Program, SimulatedClock, type TraceLine } from "signalbox/testing"
import { withoutNetwork } from "../../slack-stand-in.ts"
import type { Plan } from "../../Store.ts"
import { maxLines, progressLimit, standstillLimit } from "../Protocol.ts"
import * as Globals from "./Globals.ts"
import * as Loader from "./Loader.ts"
import { ProgramProblem, type Transpiled } from "./Transpile.ts"

/** Where the lines of a run go. */
export interface Lines {
  readonly add: (line: TraceLine.TraceLine) => void
  readonly print: (line: () => TraceLine.Log) => void
}

/** How far a run may go in simulated time, if nothing else ends it. */
const horizon = "365 days"

/** Loads a program and runs it; what is wrong with it before its flow begins is thrown. */
export const simulate = async (
  files: ReadonlyArray<Transpiled>,
  { faults, seed }: Omit<Plan, "files">,
  { add, print }: Lines
): Promise<TraceLine.End> => {
  const clock = Effect.runSync(SimulatedClock.make())
  const elapsed = () => clock.currentTimeMillisUnsafe() - clock.startTime
  const console = Program.lineConsole(elapsed, print)
  const network = standIn(console)
  const globals = Globals.make({ seed, clock, console, isBusy: network.isBusy })
  const exports = await inTime(Loader.load(files, globals))
  // They may have come with a link, that is from anywhere.
  await Effect.runPromise(FaultPlan.parse(JSON.stringify(faults)))
  const program = await Effect.runPromise(Program.find(Loader.entry, exports))
  return Effect.runPromise(Program.simulate(
    { ...program, run: network.answer(program.run) },
    {
      seed,
      faults,
      clock,
      until: horizon,
      realTimeLimit: standstillLimit,
      maxChanges: maxLines.changes,
      traceBound: 0,
      maxLines: Number.POSITIVE_INFINITY,
      onLine: add
    }
  ))
}

/** Answers the requests of `effect/http`, and knows whether it is about to. */
const standIn = (console: Console.Console) => {
  let underWay = 0
  const counting = (fetch: typeof globalThis.fetch): typeof globalThis.fetch => async (...args) => {
    underWay++
    try {
      return await fetch(...args)
    } finally {
      underWay--
    }
  }
  return {
    isBusy: () => underWay > 0,
    answer: <A, E, R>(run: Effect.Effect<A, E, R>) =>
      Effect.flatMap(
        FetchHttpClient.Fetch,
        (fetch) => Effect.provideService(run, FetchHttpClient.Fetch, counting(fetch))
      ).pipe(Effect.provide(withoutNetwork((line) => console.log(line))))
  }
}

const inTime = <A>(loading: Promise<A>): Promise<A> => {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ProgramProblem(
            `Cannot load ${Loader.entry}: it still awaits something after ` +
              `${progressLimit / 1000} s, before its flow has begun`
          )
        ),
      progressLimit
    )
  })
  return Promise.race([loading, late]).finally(() => clearTimeout(timer))
}
