/**
 * Runs programs for the page: feeds the sandbox, puts what comes back into the store, and keeps the
 * last runs.
 */
import { batch, effect } from "@preact/signals-core"
import type { TraceLine } from "signalbox/testing"
import { differAt } from "./run/Comparison.ts"
import { flowKey, printState, type Run, RunBuilder, stateAt } from "./run/Run.ts"
import type { Sandbox, SandboxRun } from "./sandbox/Sandbox.ts"
import type { Commands, KeptRun, Plan, ShakeOutcome, SourceFile, Store } from "./Store.ts"

/** How many runs are kept. */
export const keptRuns = 20

/** What a session needs of the page around it. */
export interface Surroundings extends Pick<Commands, "announce" | "tell"> {
  readonly loadSandbox: () => Promise<Sandbox>
}

/** The commands, and what only the start of the page does besides. */
export interface Session {
  readonly commands: Commands
  /** Loads the engine, so that the first run does not wait for it. */
  readonly warm: () => Promise<void>
  /** Opens a plan at the moment after its first `cursor` changes. */
  readonly openAt: (plan: Plan, cursor: number, example?: string) => void
  /** Shows a run that was made elsewhere, by what it is called, and what has been added to it since. */
  readonly showGrowing: (run: Run, source: string) => void
  readonly dispose: () => void
}

/** Where the cursor of a new run is put as soon as the run has come that far. */
type Goal =
  | { readonly cursor: number }
  | { readonly time: number }
  /** At the same change as in the run before, if all up to there is the same; else at its time. */
  | { readonly cursor: number; readonly before: Run }

const end: Goal = { cursor: Infinity }

/** Makes the session of a page. */
export const makeSession = (store: Store, surroundings: Surroundings): Session => {
  let sandbox: Promise<Sandbox> | undefined
  let current: SandboxRun | undefined
  let latest = 0
  let numbers = 0

  const loadSandbox = (): Promise<Sandbox> => sandbox ??= surroundings.loadSandbox()

  const addRun = (plan: Plan, run: Run, source?: string): void => {
    const kept: KeptRun = { number: ++numbers, plan, run, source }
    batch(() => {
      store.runs.value = [kept, ...store.runs.peek()].slice(0, keptRuns)
      store.show(kept)
    })
  }

  /** Starts something in the sandbox that the next start or `stop` ends. */
  const start = async (work: (sandbox: Sandbox, isLatest: () => boolean) => SandboxRun) => {
    const mine = ++latest
    const isLatest = (): boolean => mine === latest
    store.status.value = { phase: "running" }
    try {
      const ready = await loadSandbox()
      if (!isLatest()) return
      current = work(ready, isLatest)
      await current.done
    } catch (error) {
      if (isLatest()) fail(store, error)
    }
    if (!isLatest()) return
    current = undefined
    if (store.status.peek().phase === "running") store.status.value = { phase: "ready" }
  }

  const run = async (goal: Goal = whereOneLooks(store)): Promise<void> => {
    const plan = planOf(store)
    const arrival = new Arrival(store, goal, (run) => addRun(plan, run))
    await start((sandbox, isLatest) =>
      sandbox.run(plan, {
        onLines: (lines) => isLatest() && arrival.add(lines),
        onProblem: (problem) => {
          if (!isLatest()) return
          store.status.value = { phase: "failed", problem }
          // There is what has to be changed.
          if (/^FaultPlanError\b/.test(problem.message)) store.detailsTab.value = "faults"
        }
      })
    )
    if (arrival.run?.end !== undefined) surroundings.announce(outcomeOf(arrival.run))
  }

  const take = (plan: Plan): void => {
    store.origin.value = plan.files
    store.files.value = plan.files
    store.activeFile.value = plan.files[0]?.name ?? "flow.ts"
    store.seed.value = plan.seed
    store.faults.value = plan.faults
  }

  const openAt = (plan: Plan, goal: Goal, example?: string): void => {
    batch(() => {
      take(plan)
      store.example.value = example
      store.playing.value = false
    })
    void run(goal)
  }

  const stopForgetting = effect(() => {
    if (!sameFiles(store.files.value, store.origin.value)) store.example.value = undefined
  })

  return {
    commands: {
      announce: surroundings.announce,
      tell: surroundings.tell,
      run: () => void run(),
      stop: () => {
        latest++
        current?.stop()
        current = undefined
        if (store.status.peek().phase === "running") store.status.value = { phase: "ready" }
      },
      // What is done to an earlier run is done to its program, whatever is in the editor by now.
      changeFaults: (change) => {
        const { plan } = store.shown.peek()
        batch(() => {
          if (isEarlier(store) && !sameFiles(plan.files, store.files.peek())) {
            take(plan)
            surroundings.tell("The program of this run is in the editor again.")
          }
          store.faults.value = change(store.faults.peek())
        })
        void run()
      },
      open: (plan, example) => openAt(plan, end, example),
      shake: (seeds, onOutcome) => {
        const plan = planOf(store)
        const numbers = Array.from({ length: seeds }, (_, index) => index + 1)
        return start((sandbox, isLatest) =>
          sandbox.shake(plan, numbers, (outcome: ShakeOutcome) => isLatest() && onOutcome(outcome))
        )
      }
    },
    warm: async () => {
      const { ready } = await loadSandbox()
      await ready()
      if (store.status.peek().phase === "loading") store.status.value = { phase: "ready" }
    },
    openAt: (plan, cursor, example) => openAt(plan, { cursor }, example),
    showGrowing: (run, source) => {
      if (store.runs.peek().some((kept) => kept.run === run)) {
        store.revision.value++
        return
      }
      const { faults = [], seed = 0 } = run.header
      addRun({ ...planOf(store), seed, faults }, run, source)
      store.seek(run.changes.length)
    },
    dispose: () => {
      stopForgetting()
      void sandbox?.then(({ dispose }) => dispose())
    }
  }
}

/** The plan that the store holds. */
export const planOf = ({ faults, files, seed }: Store): Plan => ({
  files: files.peek(),
  seed: seed.peek(),
  faults: faults.peek()
})

/** Whether the run that is shown was made here, and another one after it. */
export const isEarlier = ({ runs, shown }: Store): boolean => {
  const kept = shown.peek()
  return kept.source === undefined && runs.peek().length > 0 && runs.peek()[0] !== kept
}

const whereOneLooks = (store: Store): Goal => {
  const [cursor, run, time] = [store.cursor.peek(), store.run.peek(), store.time.peek()]
  if (cursor === run.changes.length) return end
  const isBetween = time > (run.changes[cursor - 1]?.at ?? 0)
  return isBetween ? { time } : { cursor, before: run }
}

/** Whether two programs are the same. */
export const sameFiles = (
  one: ReadonlyArray<SourceFile>,
  other: ReadonlyArray<SourceFile>
): boolean =>
  one === other ||
  (one.length === other.length &&
    one.every(({ name, text }, at) => name === other[at]!.name && text === other[at]!.text))

const fail = (store: Store, error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error)
  store.status.value = { phase: "failed", problem: { message, file: undefined, line: undefined } }
}

const outcomeOf = (run: Run): string => {
  const state = printState(stateAt(run, run.idOf(flowKey) ?? 0, run.changes.length))
  return `The run ended: ${state}, ${run.changes.length} changes`
}

/** A run that is coming in. */
class Arrival {
  run: RunBuilder | undefined
  private readonly store: Store
  private readonly onBegin: (run: Run) => void
  private goal: Goal | undefined
  /** Where the cursor was put last: whoever has moved it since does not want the goal any more. */
  private placed = -1
  /** How many changes are known to be the same as in the run before. */
  private same = 0

  constructor(store: Store, goal: Goal, onBegin: (run: Run) => void) {
    this.store = store
    this.goal = goal
    this.onBegin = onBegin
  }

  add(lines: ReadonlyArray<TraceLine.TraceLine>): void {
    const isFirst = this.run === undefined
    for (const line of lines) {
      if (this.run !== undefined) this.run.add(line)
      else if ("signalbox" in line) this.run = new RunBuilder(line)
    }
    const { run } = this
    if (run === undefined) return
    batch(() => {
      if (isFirst) this.onBegin(run)
      else this.store.revision.value++
      this.place(run, isFirst)
    })
  }

  private place(run: RunBuilder, isFirst: boolean): void {
    const { store } = this
    if (store.shown.peek().run !== run) return
    if (!isFirst && store.cursor.peek() !== this.placed) this.goal = undefined
    this.goal = this.goal && this.adjusted(this.goal, run)
    if (this.goal === undefined) return
    const hasPassed = "time" in this.goal &&
      (run.duration > this.goal.time || run.end !== undefined)
    if ("cursor" in this.goal) store.seek(this.goal.cursor)
    else if (hasPassed) store.seekTime(this.goal.time)
    else store.seek(run.changes.length)
    if (hasPassed) this.goal = undefined
    this.placed = store.cursor.peek()
  }

  /** A change to which the runs are not the same is not where one was. */
  private adjusted(goal: Goal, run: Run): Goal {
    if (!("before" in goal)) return goal
    const until = Math.min(goal.cursor, run.changes.length)
    while (this.same < until && !differAt(run, goal.before, this.same)) this.same++
    return this.same === until ? goal : { time: goal.before.changes[goal.cursor - 1]!.at }
  }
}
