/**
 * Moves the time that one looks at: while it plays, and while a run goes on that one follows.
 */
import { effect, untracked } from "@preact/signals-core"
import { speedFor } from "./run/Speed.ts"
import type { Store } from "./Store.ts"

/** What makes frames and says how late it is: the browser, unless a test says otherwise. */
export interface Frames {
  readonly request: (callback: (now: number) => void) => number
  readonly cancel: (frame: number) => void
  /** Whether movement is unwelcome, so that time goes on in jumps. */
  readonly isReduced: () => boolean
}

/** A tab that was in the background does not make up for it. */
const longestFrame = 100

/** Without movement, what is shown changes only so often, in milliseconds. */
const calm = 1000

/** From change to change: at most so many milliseconds for one, and for all of them. */
const longestStep = 400
const allSteps = 20_000

/** Makes what plays the run of a store. */
export const makePlayer = (
  store: Store,
  frames: Frames = browserFrames()
): { readonly dispose: () => void } => {
  let frame = 0
  let before: number | undefined
  /** Real time that has not been played yet. */
  let owed = 0

  const stop = (): void => {
    frames.cancel(frame)
    frame = 0
    before = undefined
    owed = 0
  }
  const onFrame = (now: number): void => {
    owed += Math.min(longestFrame, now - (before ?? now))
    before = now
    if (!frames.isReduced() || owed >= calm) owed = play(store, owed)
    frame = store.playing.peek() ? frames.request(onFrame) : 0
  }
  const disposals = [
    effect(() => {
      if (!store.playing.value) return stop()
      untracked(() => {
        if (isAtEnd(store)) store.seek(0)
        if (frame === 0) frame = frames.request(onFrame)
      })
    }),
    suitSpeed(store),
    follow(store)
  ]
  return {
    dispose: () => {
      stop()
      for (const dispose of disposals) dispose()
    }
  }
}

const browserFrames = (): Frames => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)")
  return {
    request: (callback) => requestAnimationFrame(callback),
    cancel: (frame) => cancelAnimationFrame(frame),
    isReduced: () => reduced.matches
  }
}

/** Plays some real milliseconds; gives those that are left over. */
const play = (store: Store, real: number): number => {
  const { changes, end } = store.run.peek()
  const speed = store.speed.peek()
  const step = Math.min(longestStep, allSteps / Math.max(1, changes.length))
  const count = Math.floor(real / step)
  if (speed !== Infinity) store.seekTime(store.time.peek() + real * speed)
  else if (count > 0) store.seek(store.cursor.peek() + count)
  if (isAtEnd(store) && end !== undefined) store.playing.value = false
  return speed === Infinity ? real - count * step : 0
}

const isAtEnd = ({ cursor, run, time }: Store): boolean => {
  const { changes, duration } = run.peek()
  return cursor.peek() >= changes.length && time.peek() >= duration
}

/** Gives each run the speed that suits its length, until somebody chooses another. */
const suitSpeed = (store: Store): () => void => {
  let suited = store.speed.peek()
  return effect(() => {
    void store.revision.value
    const speed = speedFor(store.run.value.duration)
    untracked(() => {
      if (store.speed.peek() === suited) store.speed.value = speed
      suited = speed
    })
  })
}

/** Stays at the end of a run that grows, until somebody looks back. */
const follow = (store: Store): () => void => {
  let length = -1
  return effect(() => {
    void store.revision.value
    const { changes } = store.run.value
    const cursor = store.cursor.value
    const isNew = changes.length !== length
    length = store.following.value ? changes.length : -1
    if (length === -1) return
    untracked(() => {
      if (isNew || cursor === length) store.seek(length)
      else store.following.value = false
    })
  })
}
