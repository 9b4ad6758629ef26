/**
 * The simplest fault plan that still does what was found: fewer faults, fewer tasks that they
 * strike, less chance, earlier times.
 *
 * @module
 */
import { Effect } from "effect"
import type { Fault, FaultPlan, Strike } from "./FaultPlan.ts"

/** How many plans are tried at most. */
export const maxAttempts = 500

/** A plan that does what was found, and what its run did. */
export interface Shrunk<B> {
  readonly plan: FaultPlan
  readonly broken: B
}

/** What matters of a run: where faults struck it. */
export interface Struck {
  readonly strikes: ReadonlyArray<Strike>
}

/**
 * Simplifies a plan step by step for as long as it does what was found: `attempt` gives what its run
 * did if so, and nothing if not.
 */
export const shrink = <B extends Struck, E, R>(
  found: Shrunk<B>,
  attempt: (plan: FaultPlan) => Effect.Effect<B | undefined, E, R>
): Effect.Effect<Shrunk<B>, E, R> =>
  Effect.gen(function* () {
    let simplest = found
    let attempts = 0
    for (let isSimpler = true; isSimpler;) {
      isSimpler = false
      for (const plan of simplerThan(simplest)) {
        if (++attempts > maxAttempts) return simplest
        const broken = yield* attempt(plan)
        if (broken === undefined) continue
        simplest = { plan, broken }
        isSimpler = true
        break
      }
    }
    return simplest
  })

/** Plans that are simpler than one, the simplest first. */
const simplerThan = function* ({ broken, plan }: Shrunk<Struck>): Generator<FaultPlan> {
  const strikesOf = (index: number) => broken.strikes.filter(({ fault }) => fault === index)
  yield* withFewerFaults(plan, strikesOf)
  for (const index of plan.keys()) yield* atFewerTasks(plan, index, strikesOf(index))
  for (const index of plan.keys()) yield* atFewerPlaces(plan, index, strikesOf(index))
  for (const [index, fault] of plan.entries()) {
    for (const simpler of simplerFaults(fault)) yield plan.with(index, simpler)
  }
}

// -----------------------------------------------------------------------------
// Fewer faults
// -----------------------------------------------------------------------------

const withFewerFaults = function* (
  plan: FaultPlan,
  strikesOf: (index: number) => ReadonlyArray<Strike>
): Generator<FaultPlan> {
  const struck = plan.filter((_, index) => strikesOf(index).length > 0)
  if (struck.length < plan.length) yield struck
  for (let size = plan.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < plan.length; at += size) yield plan.toSpliced(at, size)
  }
  for (const [index, fault] of plan.entries()) {
    const others = plan.filter((other, at) => at > index && differInAttemptOnly(fault, other))
    if (others.length === 0) continue
    yield plan.with(index, without(fault, "attempt")).filter((each) => !others.includes(each))
  }
}

const differInAttemptOnly = (one: Fault, two: Fault): boolean =>
  "attempt" in one && "attempt" in two &&
  JSON.stringify({ ...one, attempt: 0 }) === JSON.stringify({ ...two, attempt: 0 })

// -----------------------------------------------------------------------------
// Fewer tasks, fewer places
// -----------------------------------------------------------------------------

/** How many narrower faults are tried of one. */
const maxNarrower = 10

/** The same fault, kept from striking in all tasks that it struck, but in one or in all but one. */
const atFewerTasks = function* (
  plan: FaultPlan,
  index: number,
  strikes: ReadonlyArray<Strike>
): Generator<FaultPlan> {
  const fault = plan[index]!
  const tasks = [...new Set(strikes.flatMap(({ task }) => task ?? []))].slice(0, maxNarrower)
  const at = (kept: ReadonlyArray<string>) =>
    plan.toSpliced(index, 1, ...kept.map((task) => ({ ...fault, task }) as Fault))
  const isOpen = !("task" in fault) && strikes.every(({ task }) => task !== undefined)
  if (tasks.length > 1 || isOpen) { for (const task of tasks) yield at([task]) }
  if (tasks.length < 3) return
  for (const task of tasks) yield at(tasks.filter((other) => other !== task))
}

/** The same fault without its chance, or where it struck once and nowhere else. */
const atFewerPlaces = function* (
  plan: FaultPlan,
  index: number,
  strikes: ReadonlyArray<Strike>
): Generator<FaultPlan> {
  const fault = plan[index]!
  const isChance = "probability" in fault
  if (isChance) yield plan.with(index, without(fault, "probability"))
  const places = strikes.slice(0, maxNarrower)
  if (!isChance && places.length < 2) return
  const narrower = places.map((place) => pinned(fault, place))
    .filter((each) => JSON.stringify(each) !== JSON.stringify(fault))
  for (const each of narrower) yield plan.with(index, each)
  if (isChance) yield plan.toSpliced(index, 1, ...narrower)
}

/** The same fault at one place only. A handler is called with every change, so that counts too. */
const pinned = (fault: Fault, { attempt, handler, item, task, transition }: Strike): Fault => {
  const place = {
    ...task === undefined ? {} : { task },
    ...item === undefined ? {} : { item },
    ...attempt === undefined ? {} : { attempt },
    ...handler === undefined ? {} : { handler, transition }
  }
  return { ...without(fault, "probability"), ...place } as Fault
}

const without = (fault: Fault, key: "attempt" | "probability"): Fault => {
  const { [key]: left, ...rest } = fault as Fault & { readonly [K in typeof key]?: number }
  void left
  return rest as Fault
}

// -----------------------------------------------------------------------------
// Smaller numbers
// -----------------------------------------------------------------------------

const simplerFaults = function* (fault: Fault): Generator<Fault> {
  for (const [key, value] of Object.entries(fault)) {
    switch (key) {
      case "attempt":
        if (value > 1) yield { ...fault, attempt: value - 1 } as Fault
        break
      case "item":
      case "transition":
      case "millis":
      case "after":
      case "at":
      case "by":
        yield* smallerNumbers(value).map((smaller) => ({ ...fault, [key]: smaller }) as Fault)
        break
      default:
    }
  }
}

/** Nothing, round hours, minutes and seconds, half, and ever smaller steps down to one less. */
const smallerNumbers = (value: number): ReadonlyArray<number> => {
  const round = [3_600_000, 60_000, 1000].map((unit) => Math.trunc(value / unit) * unit)
  const steps: Array<number> = []
  for (let step = value / 2; Math.abs(step) >= 1; step /= 2) steps.push(value - Math.trunc(step))
  const smaller = [0, ...round, ...steps, value - Math.sign(value)]
  return [...new Set(smaller)].filter((each) => Math.abs(each) < Math.abs(value))
}
