/** Descriptions of flows that a seed makes up. */
import { type Seeded, seeded } from "../fixtures/seeded.ts"
import type {
  Behaviour,
  ErrorName,
  FlowOf,
  Given,
  Handler,
  Input,
  Raised,
  Rule,
  SignalKind,
  TaskOf,
  TriggerName,
  TriggerOf
} from "./ReferenceModel.ts"

const minute = 60_000

const times = <A>(count: number, make: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, i) => make(i))

const error = (random: Seeded): ErrorName => random.pick(["TypeError", "RangeError"] as const)

const message = (random: Seeded): { readonly message?: string } =>
  random.chance(0.7) ? { message: `m${random.below(10)}` } : {}

const list = (random: Seeded): ReadonlyArray<unknown> => times(random.below(4), (i) => i + 1)

/** What ends a body for good, if nothing else goes on. */
const lastCall = (random: Seeded): Behaviour => {
  const kind = random.below(20)
  if (kind < 4) return { do: "Return", value: list(random) }
  if (kind < 6) return { do: "Return", value: random.below(9) }
  if (kind < 8) return { do: "Return", value: kind, sleep: random.below(3) * 30 * minute }
  if (kind < 12) return { do: "Gather" }
  if (kind < 14) return { do: "Add" }
  if (kind === 14) return { do: "Fail", error: error(random), message: "boom" }
  if (kind === 15) return { do: "Die", error: error(random), message: "bug" }
  if (kind === 16) return { do: "EndRun", state: endState(random) }
  return { do: "Raise", signal: lastSignal(random) }
}

const lastSignal = (random: Seeded): Raised => ({
  kind: random.pick<SignalKind>([
    "Fail",
    "TriggerFail",
    "ValidationFail",
    "Success",
    "Skip",
    "Skip"
  ]),
  ...message(random),
  ...random.chance(0.2) ? { result: list(random) } : {}
})

const anySignal = (random: Seeded): Raised => {
  if (random.chance(0.4)) return lastSignal(random)
  const kind = random.pick<SignalKind>(["Retry", "Loop", "Loop", "Pause"])
  if (kind === "Loop") return { kind, ...message(random) }
  const isOpen = kind === "Retry" ? random.chance(0.5) : random.chance(0.05)
  return { kind, ...message(random), ...isOpen ? {} : { after: random.below(4) * minute } }
}

const earlyCall = (random: Seeded): Behaviour => {
  const kind = random.below(8)
  if (kind < 3) return { do: "Fail", error: error(random), message: `try ${kind}` }
  if (kind < 7) return { do: "Raise", signal: anySignal(random) }
  return { do: "Return", value: 1, sleep: 45 * minute }
}

const endTags = ["Success", "Failed", "Skipped", "Cancelled", "TimedOut", "TriggerFailed"]
const waitTags = ["Pending", "Scheduled", "Retrying", "Paused", "Resume"]

const endState = (random: Seeded): Given => ({
  tag: random.pick(endTags),
  ...message(random),
  ...random.chance(0.3) ? { result: list(random) } : {}
})

const waitState = (random: Seeded): Given => {
  const tag = random.pick(waitTags)
  const after = { after: random.below(3) * minute }
  if (tag === "Pending") return { tag, ...message(random) }
  return { tag, ...message(random), ...tag === "Paused" || random.chance(0.6) ? after : {} }
}

const rule = (random: Seeded): Rule => {
  const on = random.pick([
    "Running",
    "Running",
    "Success",
    "Success",
    "Failed",
    "Failed",
    "Retrying",
    "Retrying",
    "Skipped",
    "TriggerFailed",
    "TimedOut",
    "Looped",
    "Mapped",
    "Paused"
  ])
  return { on, times: random.below(3) + 1, answer: answer(random, on) }
}

const answer = (random: Seeded, on: string): Rule["answer"] => {
  const kind = random.below(12)
  if (kind < 4) return { do: "Replace", state: endState(random) }
  if (kind < 6) return { do: "Replace", state: waitState(random) }
  if (kind === 6) {
    return on === "Running" || on === "Skipped" || on === "TriggerFailed" || random.chance(0.1)
      ? { do: "Keep" }
      : { do: "Replace", state: { tag: "Looped", ...message(random) } }
  }
  if (kind < 10) return { do: "Raise", signal: anySignal(random) }
  if (kind === 10) return { do: "EndRun", state: endState(random) }
  return { do: "Break", message: "broken handler" }
}

const handler = (random: Seeded): Handler => ({
  rules: times(random.below(2) + 1, () => rule(random)),
  ignored: random.chance(0.3)
})

const flowHandler = (random: Seeded): Handler => ({
  rules: [{
    on: random.pick(["Success", "Failed"]),
    times: 1,
    answer: random.pick<Rule["answer"]>([
      { do: "Replace", state: { tag: "Failed", message: "replaced" } },
      { do: "Replace", state: { tag: "Success", message: "replaced" } },
      { do: "Raise", signal: { kind: "Fail", message: "by handler" } },
      { do: "EndRun", state: { tag: "Skipped", message: "ended" } },
      { do: "Break", message: "broken handler" }
    ])
  }],
  ignored: random.chance(0.3)
})

const triggerNames: ReadonlyArray<TriggerName> = [
  "allFailed",
  "anySuccessful",
  "anyFailed",
  "allFinished",
  "allFinished",
  "allFinished",
  "notAllSkipped",
  "someFailed",
  "someSuccessful",
  "no",
  "broken"
]

const trigger = (random: Seeded): TriggerOf => {
  if (random.chance(0.5)) return { name: "allSuccessful" }
  if (random.chance(0.02)) return { name: "manualOnly" }
  const name = random.pick(triggerNames)
  if (name !== "someFailed" && name !== "someSuccessful") return { name }
  return {
    name,
    ...random.chance(0.7) ? { atLeast: random.pick([0.3, 0.5, 1, 2]) } : {},
    ...random.chance(0.4) ? { atMost: random.pick([0.5, 1, 2, 3]) } : {}
  }
}

/** The inputs of a task; those that are mapped come from tasks that may well give lists. */
const inputs = (
  random: Seeded,
  upstream: ReadonlyArray<number>,
  isMapped: boolean,
  lists: ReadonlySet<number>
): ReadonlyArray<Input> => {
  const made = upstream.map((from, i): Input => ({
    key: `i${i}`,
    from,
    mapped: isMapped && (lists.has(from) ? random.chance(0.8) : random.chance(0.1))
  }))
  const needsList = isMapped && !made.some(({ mapped }) => mapped)
  if (needsList || random.chance(0.2)) {
    const isList = needsList || (isMapped && random.chance(0.5))
    made.push({ key: "c", value: isList ? list(random) : random.below(9), mapped: isList })
  }
  return made
}

const task = (random: Seeded, place: number, lists: Set<number>): TaskOf => {
  const isMapped = random.chance(0.35)
  const before = [...Array(place).keys()].filter(() => random.chance(1.8 / (place + 1)))
  const after = before.filter(() => random.chance(0.2))
  const upstream = before.filter((up) => !after.includes(up))
  const early = random.chance(0.4) ? random.below(3) + 1 : 0
  const calls = [...times(early, () => earlyCall(random)), lastCall(random)]
  const retries = random.chance(0.4) ? random.below(3) + 1 : 0
  const last = calls.at(-1)!
  const made = inputs(random, upstream, isMapped, lists)
  if (isMapped || (last.do === "Return" && Array.isArray(last.value))) lists.add(place)
  // One that is depended on twice; mapped tasks count those twice that give both an item and all.
  const again = !isMapped && random.chance(0.15) ? upstream.slice(0, 1) : []
  return {
    inputs: made,
    after: [...after, ...again],
    calls,
    trigger: trigger(random),
    skipOnUpstreamSkip: random.chance(0.6),
    maxRetries: retries,
    retryDelay: retries === 0 ? 0 : random.below(3) * minute,
    ...retries > 0 && random.chance(0.3) ? { retryOn: error(random) } : {},
    ...random.chance(0.2) ? { timeout: 40 * minute } : {},
    handlers: times(random.chance(0.3) ? random.below(2) + 1 : 0, () => handler(random))
  }
}

const sleeps = ({ calls }: TaskOf): boolean =>
  calls.some((call) => call.do === "Return" && (call.sleep ?? 0) > 0)

/** Makes up a description. */
export const randomDescription = (seed: number): FlowOf => {
  const random = seeded(seed)
  const lists = new Set<number>()
  const tasks = times(random.below(6) + 1, (place) => task(random, place, lists))
  const references = [...tasks.keys()].filter(() => random.chance(0.4))
  return {
    tasks,
    ...random.chance(0.3) ? { references } : {},
    handlers: random.chance(0.15) ? [flowHandler(random)] : [],
    // Bodies that wait for a turn begin later than the rules say; those that take no time do not.
    concurrency: tasks.some(sleeps) ? "unbounded" : random.pick([1, 2, "unbounded"] as const)
  }
}
