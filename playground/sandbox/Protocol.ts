/**
 * What the page and a worker of the sandbox say to each other, and what both keep to.
 *
 * A worker does one job and is thrown away, so whatever a program leaves behind in it is gone.
 */
import type { Plan, Problem, ShakeOutcome } from "../Store.ts"

/** What a worker is asked to do. */
export type Job =
  | { readonly kind: "run"; readonly plan: Plan }
  | { readonly kind: "shake"; readonly plan: Plan; readonly seeds: ReadonlyArray<number> }

/** From the page to the worker. */
export type Request =
  | Job
  /** It has read so many lines: as many more may come. */
  | { readonly kind: "read"; readonly lines: number }
  | { readonly kind: "ping" }

/** From the worker to the page, which believes none of it. */
export type Reply =
  /** Everything is loaded. */
  | { readonly kind: "warm" }
  /** It is alive, and has come so far: a number that grows as long as it gets anywhere. */
  | { readonly kind: "pong"; readonly progress: number }
  /** Lines of the trace, each as JSON. */
  | { readonly kind: "lines"; readonly lines: ReadonlyArray<string> }
  | { readonly kind: "outcome"; readonly outcome: ShakeOutcome }
  | { readonly kind: "problem"; readonly problem: Problem }
  /** The job is done, and everything has been said. */
  | { readonly kind: "done" }

// -----------------------------------------------------------------------------
// Limits
// -----------------------------------------------------------------------------

/**
 * How many lines may be on their way to the page. A run in simulated time never waits, so that its
 * worker hears only at its end what the page has read: fewer would keep the page from reading
 * meanwhile.
 */
export const maxLinesUnread = 20_000
/** How many characters all lines of a run may have: those of changes and those printed. */
export const maxCharacters = { changes: 24_000_000, logs: 8_000_000 } as const
/** How many changes a run may have, and how many lines it may print. */
export const maxLines = { changes: 100_000, logs: 20_000 } as const
/** How long a printed line may be. */
export const maxLogLength = 2000
/** How long a line of a change may be before what its states carry is shortened. */
export const maxChangeLength = 16_000
/** How many characters of a message are shown. */
export const maxMessageLength = 4000

/** How often a worker is asked whether it is alive, in milliseconds. */
export const pingEvery = 250
/** After how long without an answer it is ended. */
export const silenceLimit = 1500
/** For how long a simulation may stand still; shorter than the silence, which says less. */
export const standstillLimit = 1200
/** After how long without any progress a worker is ended although it answers. */
export const progressLimit = 2000
