/**
 * What the page knows and shows, as signals: every view reads from here, and nothing else is shared.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core"
import type { FaultPlan } from "signalbox/testing"
import { cursorAt, flowKey, type Run } from "./run/Run.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** One file of the program; `flow.ts` is the one that is run. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** What the program is and how it is to be run: all that a link holds. */
export interface Plan {
  readonly files: ReadonlyArray<SourceFile>
  readonly seed: number
  readonly faults: FaultPlan.FaultPlan
}

/** A run that was made, with the plan that it follows. */
export interface KeptRun {
  /** 1 for the first run of this page; 0 for one that was recorded before. */
  readonly number: number
  readonly plan: Plan
  readonly run: Run
  /** What a run from elsewhere is called; its program is not known. */
  readonly source?: string | undefined
}

/** Something that is wrong with the program, at its place if that is known. */
export interface Problem {
  readonly message: string
  readonly file: string | undefined
  /** 1 for the first line. */
  readonly line: number | undefined
}

/** What the sandbox is doing. */
export type Status =
  | { readonly phase: "loading" | "ready" | "running" }
  | { readonly phase: "failed"; readonly problem: Problem }

/** How time is drawn: as it passed, or with long waits shortened. */
export type Axis = "real" | "compressed"

/** What is shown below the timeline, or on a phone instead of it. */
export type DetailsTab = "handlers" | "events" | "log" | "state" | "faults" | "runs"

/** Everything that views share. Only `Store` itself and the commands change `run` and `revision`. */
export interface Store {
  // What is run
  readonly files: Signal<ReadonlyArray<SourceFile>>
  readonly activeFile: Signal<string>
  readonly seed: Signal<number>
  readonly faults: Signal<FaultPlan.FaultPlan>
  /** The program as it was opened: it is another object when another one is. */
  readonly origin: Signal<ReadonlyArray<SourceFile>>
  /** The name of the example that was opened, until its text is changed. */
  readonly example: Signal<string | undefined>
  /** Whether a change of the program runs it by itself. */
  readonly autoRun: Signal<boolean>
  // What was run
  readonly shown: Signal<KeptRun>
  readonly run: ReadonlySignal<Run>
  /** Counts up whenever the shown run has grown. */
  readonly revision: Signal<number>
  /** The last 20 runs, the newest first. */
  readonly runs: Signal<ReadonlyArray<KeptRun>>
  readonly comparedTo: Signal<KeptRun | undefined>
  readonly status: Signal<Status>
  // When one looks
  /** How many changes of the shown run have happened. */
  readonly cursor: ReadonlySignal<number>
  /** The time that one looks at, in milliseconds since the start of the run. */
  readonly time: ReadonlySignal<number>
  readonly playing: Signal<boolean>
  /** Simulated milliseconds for each real one; `Infinity` goes from change to change. */
  readonly speed: Signal<number>
  /** Whether the cursor stays at the end while the run grows. */
  readonly following: Signal<boolean>
  // Where one looks
  /** The key of the selected subject. */
  readonly selected: Signal<string | undefined>
  /** The keys of mapped tasks that are opened. */
  readonly opened: Signal<ReadonlySet<string>>
  readonly filter: Signal<string>
  readonly axis: Signal<Axis>
  readonly detailsTab: Signal<DetailsTab>
  // Going elsewhere
  /** Goes to the moment after the first `cursor` changes. */
  readonly seek: (cursor: number) => void
  /** Goes to a time, after all changes at that very time. */
  readonly seekTime: (time: number) => void
  /** Selects a subject everywhere, or none. */
  readonly select: (key: string | undefined) => void
  /** Shows another run, at the same time as before as far as it goes. */
  readonly show: (kept: KeptRun) => void
}

/** What can be done besides looking; the views call it, `main` provides it. */
export interface Commands {
  /** Runs the program as the store has it. */
  readonly run: () => void
  readonly stop: () => void
  /** Runs the program of the run that is shown with other faults than it has now. */
  readonly changeFaults: (change: (faults: FaultPlan.FaultPlan) => FaultPlan.FaultPlan) => void
  /** Runs the program with many seeds; each outcome is told as it comes. */
  readonly shake: (seeds: number, onOutcome: (outcome: ShakeOutcome) => void) => Promise<void>
  /** Puts another plan into the store and runs it. */
  readonly open: (plan: Plan, example?: string) => void
  /** Says something to whoever cannot see the page, at a bearable rate. */
  readonly announce: (text: string) => void
  /** Shows a short message to everybody for a while. */
  readonly tell: (text: string) => void
}

/** What became of one of many seeds. */
export interface ShakeOutcome {
  readonly seed: number
  /** The final state of the flow in its printed form, or why it has none. */
  readonly state: string
  readonly tag: string
  readonly changes: number
  /** In milliseconds of simulated time. */
  readonly duration: number
}

// -----------------------------------------------------------------------------
// Constructor
// -----------------------------------------------------------------------------

/** Makes the store of a page that begins with a plan and a recorded run of it. */
export const makeStore = (plan: Plan, run: Run): Store => {
  const shown = signal<KeptRun>({ number: 0, plan, run })
  const revision = signal(0)
  const cursor = signal(0)
  const time = signal(0)
  const selected = signal<string | undefined>(undefined)
  const current = computed(() => shown.value.run)

  const seek = (wanted: number): void => {
    const { duration, times } = current.peek()
    const next = Math.max(0, Math.min(times.length, Math.round(wanted)))
    batch(() => {
      cursor.value = next
      time.value = next === times.length ? duration : times[next - 1] ?? 0
    })
  }
  const seekTime = (wanted: number): void => {
    const run = current.peek()
    const next = Math.max(0, Math.min(run.duration, wanted))
    batch(() => {
      cursor.value = cursorAt(run, next)
      time.value = next
    })
  }
  return {
    files: signal(plan.files),
    activeFile: signal(plan.files[0]?.name ?? "flow.ts"),
    seed: signal(plan.seed),
    faults: signal(plan.faults),
    origin: signal(plan.files),
    example: signal<string | undefined>(undefined),
    autoRun: signal(true),
    shown,
    run: current,
    revision,
    runs: signal<ReadonlyArray<KeptRun>>([]),
    comparedTo: signal<KeptRun | undefined>(undefined),
    status: signal<Status>({ phase: "loading" }),
    cursor,
    time,
    playing: signal(false),
    speed: signal(1000),
    following: signal(false),
    selected,
    opened: signal<ReadonlySet<string>>(new Set()),
    filter: signal(""),
    axis: signal<Axis>("compressed"),
    detailsTab: signal<DetailsTab>("handlers"),
    seek,
    seekTime,
    select: (key) => {
      selected.value = key
    },
    show: (kept) => {
      batch(() => {
        const before = time.peek()
        const wasAtEnd = cursor.peek() === current.peek().changes.length
        shown.value = kept
        revision.value++
        if (selected.peek() !== flowKey && selected.peek() !== undefined) {
          if (kept.run.idOf(selected.peek()!) === undefined) selected.value = undefined
        }
        if (wasAtEnd) seek(kept.run.changes.length)
        else seekTime(before)
      })
    }
  }
}
