/**
 * A program that someone writes, kept in this browser so that a closed page does not lose it.
 */
import { effect } from "@preact/signals-core"
import type { Plan, Store } from "./Store.ts"
import { planOf } from "./Session.ts"

const storageKey = "signalbox.draft"
const pause = 500

/** Keeps what is written from now on; an example as it came is not written by anyone. */
export const keepDraft = (store: Store): void => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const first = store.files.peek()
  effect(() => {
    const files = store.files.value
    const isOwn = store.example.value === undefined && files !== first
    void store.seed.value
    void store.faults.value
    clearTimeout(timer)
    if (isOwn) timer = setTimeout(() => write(planOf(store)), pause)
  })
}

const write = (plan: Plan): void => {
  try {
    localStorage.setItem(storageKey, JSON.stringify(plan))
  } catch {
    // Where nothing can be kept, the page is as good as any other.
  }
}

/** What was kept the last time, if it is a program. */
export const readDraft = (): Plan | undefined => {
  try {
    const plan = JSON.parse(localStorage.getItem(storageKey) ?? "null") as Plan | null
    const isPlan = plan !== null && Array.isArray(plan.files) && plan.files.length > 0 &&
      plan.files.every(({ name, text }) => typeof name === "string" && typeof text === "string") &&
      Array.isArray(plan.faults) && Number.isFinite(plan.seed)
    return isPlan ? plan : undefined
  } catch {
    return undefined
  }
}
