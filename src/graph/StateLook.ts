/**
 * How a state looks wherever it is drawn: never by its colour alone, but by glyph and word too.
 *
 * @module
 */

/** A family of states that share a colour: the class `state-…` of an element has it. */
export type Family =
  | "waiting"
  | "running"
  | "succeeded"
  | "failed"
  | "retrying"
  | "paused"
  | "skipped"
  | "mapped"
  | "cancelled"

/** What a state is shown as besides its word, which is its kind. */
export interface StateLook {
  readonly glyph: string
  readonly family: Family
}

const looks: Readonly<Record<string, StateLook>> = {
  Pending: { glyph: "○", family: "waiting" },
  Scheduled: { glyph: "◷", family: "waiting" },
  Submitted: { glyph: "◔", family: "waiting" },
  Queued: { glyph: "◔", family: "waiting" },
  Resume: { glyph: "▷", family: "waiting" },
  Running: { glyph: "▶", family: "running" },
  Cancelling: { glyph: "◌", family: "cancelled" },
  Paused: { glyph: "Ⅱ", family: "paused" },
  Retrying: { glyph: "↻", family: "retrying" },
  Looped: { glyph: "⟳", family: "mapped" },
  Mapped: { glyph: "⋮", family: "mapped" },
  Finished: { glyph: "■", family: "succeeded" },
  Success: { glyph: "✓", family: "succeeded" },
  Cached: { glyph: "⊡", family: "succeeded" },
  Skipped: { glyph: "⊘", family: "skipped" },
  Cancelled: { glyph: "⊗", family: "cancelled" },
  Failed: { glyph: "✕", family: "failed" },
  TimedOut: { glyph: "◕", family: "failed" },
  TriggerFailed: { glyph: "✕", family: "failed" },
  ValidationFailed: { glyph: "✕", family: "failed" },
  ClientFailed: { glyph: "✕", family: "failed" }
}

/** How a state of a kind looks. */
export const lookOf = (tag: string): StateLook =>
  Object.hasOwn(looks, tag) ? looks[tag]! : { glyph: "?", family: "waiting" }

/** The families in the order in which counts of them are listed, what needs someone first. */
export const families: ReadonlyArray<Family> = [
  "failed",
  "retrying",
  "paused",
  "running",
  "waiting",
  "succeeded",
  "mapped",
  "skipped",
  "cancelled"
]

/** The glyph that stands for a whole family where states are counted. */
export const glyphOf: Readonly<Record<Family, string>> = {
  failed: "✕",
  retrying: "↻",
  paused: "Ⅱ",
  running: "▶",
  waiting: "○",
  succeeded: "✓",
  mapped: "⟳",
  skipped: "⊘",
  cancelled: "⊗"
}
