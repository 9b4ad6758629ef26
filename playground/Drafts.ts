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
  let last: Pick<Plan, "files"> & { readonly origin: unknown } | undefined
  const write = (): void => {
    const plan = planOf(store)
    const origin = store.origin.peek()
    // Whoever goes on with a draft has no use for what it was; those of other windows stay.
    const before = last?.origin === origin ? last.files : origin
    const others = readDrafts().filter(({ files }) => !sameFiles(files, before))
    last = { origin, files: plan.files }
    try {
      localStorage.setItem(storageKey, JSON.stringify([plan, ...others].slice(0, most)))
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
