/**
 * Runs the program by itself when it has been changed and one has paused.
 */
import { effect } from "@preact/signals-core"
import type { Commands, Store } from "../Store.ts"
import type { Documents } from "./Documents.ts"
import type { Problems } from "./Problems.ts"

/** How long one has to pause, in milliseconds. */
const pause = 400

/** Begins to watch; gives what ends it. */
export const startAutoRun = (
  store: Store,
  documents: Documents,
  problems: Problems,
  commands: Commands
): () => void => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const run = async (): Promise<void> => {
    const edits = documents.edits.peek()
    if (!store.autoRun.peek() || !await problems.canBeRead()) return
    if (documents.edits.peek() === edits) commands.run()
  }
  const stop = effect(() => {
    if (documents.edits.value === 0) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), pause)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
