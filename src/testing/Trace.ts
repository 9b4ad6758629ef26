/**
 * A run as a list of its changes.
 *
 * @module
 */
import type { Transition } from "../Transition.ts"

/** The changes of a run, in the order in which they happened. */
export interface Trace {
  /** When the run started, on its clock, in milliseconds since 1970. */
  readonly start: number
  readonly changes: ReadonlyArray<Transition>
  /** How many later changes were not kept. */
  readonly dropped: number
}

/** How many changes a trace keeps unless told otherwise; it counts those that come later. */
export const defaultBound = 100_000

/**
 * A time since the start: `HH:MM:SS`, with more hours where a day is not enough and with `.mmm`
 * where it is no whole second.
 */
export const formatElapsed = (millis: number): string => {
  const sign = millis < 0 ? "-" : ""
  const whole = Math.abs(Math.round(millis))
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  const fraction = whole % 1000 === 0 ? "" : `.${String(whole % 1000).padStart(3, "0")}`
  const seconds = whole / 1000
  return `${sign}${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`
}

/** A change in one line: `00:00:00 Pending() → Running("Starting task run.")`. */
export const formatChange = (start: number, { at, from, to }: Transition): string =>
  `${formatElapsed(at - start)} ${from} → ${to}`
