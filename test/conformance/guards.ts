/**
 * The guards of states by their recorded names.
 *
 * @module
 */
import { State } from "signalbox"

const guards: Readonly<Record<string, (state: State.State) => boolean>> = {
  is_cached: State.isCached,
  is_failed: State.isFailed,
  is_finished: State.isFinished,
  is_looped: State.isLooped,
  is_mapped: State.isMapped,
  is_meta_state: State.isMeta,
  is_pending: State.isPending,
  is_queued: State.isQueued,
  is_retrying: State.isRetrying,
  is_running: State.isRunning,
  is_scheduled: State.isScheduled,
  is_skipped: State.isSkipped,
  is_submitted: State.isSubmitted,
  is_successful: State.isSuccessful
}

/** The names of all guards. */
export const guardNames: ReadonlyArray<string> = Object.keys(guards)

/** The guard of a recorded name. */
export const guardOf = (name: string): (state: State.State) => boolean => {
  const guard = guards[name]
  if (guard === undefined) throw new Error(`Unknown predicate: ${name}`)
  return guard
}
