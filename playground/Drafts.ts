/**
 * The programs that someone writes, kept in this browser so that a closed page does not lose them.
 */
import { effect } from "@preact/signals-core"
import type { Plan, Store } from "./Store.ts"
import { planOf, sameFiles } from "./Session.ts"

const storageKey = "signalbox.drafts"
const pause = 500
/** How many programs are kept. */
const most = 5

/** Keeps what is written from now on; an example as it came is not written by anyone. */
export const keepDrafts = (store: Store): void => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const first = store.files.peek()
  /** The program whose draft is the first one of those that are kept. */
  let kept: unknown
  const write = (): void => {
    const origin = store.origin.peek()
    // Whoever goes on with a draft has no use for what it was.
    const others = kept === origin
      ? readDrafts().slice(1)
      : readDrafts().filter(({ files }) => !sameFiles(files, origin))
    kept = origin
    try {
      const drafts = [planOf(store), ...others].slice(0, most)
      localStorage.setItem(storageKey, JSON.stringify(drafts))
    } catch {
      // Where nothing can be kept, the page is as good as any other.
    }
  }
  effect(() => {
    const files = store.files.value
    const isOwn = store.example.value === undefined && files !== first
    void store.seed.value
    void store.faults.value
    clearTimeout(timer)
    if (isOwn) timer = setTimeout(write, pause)
  })
}

/** What was kept, as far as it is programs: the last one first. */
export const readDrafts = (): ReadonlyArray<Plan> => {
  try {
    const drafts: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]")
    return Array.isArray(drafts) ? drafts.filter(isPlan) : []
  } catch {
    return []
  }
}

const isPlan = (value: unknown): value is Plan => {
  const plan = value as Plan | null
  return plan !== null && Array.isArray(plan.files) && plan.files.length > 0 &&
    plan.files.every(({ name, text }) => typeof name === "string" && typeof text === "string") &&
    Array.isArray(plan.faults) && Number.isFinite(plan.seed)
}
