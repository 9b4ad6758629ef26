/**
 * A trace as a diagram: text that Mermaid draws.
 *
 * @module
 */
import * as State from "../State.ts"
import type { Transition } from "../Transition.ts"
import { formatElapsed, nameOf, type Trace } from "./Trace.ts"

/** How many changes a diagram shows at most; it says how many more there are. */
export const bound = 500

/** The trace as a Mermaid sequence diagram: the flow starts tasks, which end, and call handlers. */
export const sequence = (trace: Trace): string => {
  const shown = trace.changes.slice(0, bound)
  const names = participants(shown)
  const drawn = shown.flatMap((change) => {
    const name = names.get(nameOf(change))!
    const time = formatElapsed(change.at - trace.start)
    return [
      `  ${name}->>${name}: ${time} ${text(String(change.to))}`,
      ...change.handlers.map((call) =>
        `  ${name}-->>${names.get(`handler ${call.handler}`)!}: ${
          text(call.error === undefined ? call.decided._tag : "failed")
        }`
      )
    ]
  })
  const declared = [...names].map(([label, id]) => `  participant ${id} as ${text(label)}`)
  return ["sequenceDiagram", ...declared, ...drawn, ...more(trace)].join("\n")
}

const participants = (changes: ReadonlyArray<Transition>): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const add = (label: string) => {
    if (!names.has(label)) names.set(label, `p${names.size}`)
  }
  for (const change of changes) {
    add(nameOf(change))
    for (const { handler } of change.handlers) add(`handler ${handler}`)
  }
  return names
}

/** The trace as a Mermaid Gantt chart: for each task, its attempts and its waits in virtual time. */
export const gantt = (trace: Trace): string => {
  const sections = new Map<string, Array<string>>()
  const begun = new Map<string, Transition>()
  for (const change of trace.changes.slice(0, bound)) {
    const name = nameOf(change)
    const section = sections.get(name) ?? []
    sections.set(name, section)
    const before = begun.get(name)
    if (before !== undefined && isShown(before.to)) section.push(bar(before, change.at))
    begun.set(name, change)
  }
  const drawn = [...sections].flatMap(([name, bars]) => [`  section ${text(name)}`, ...bars])
  return ["gantt", "  dateFormat x", "  axisFormat %H:%M:%S", ...drawn, ...more(trace)].join("\n")
}

const isShown = (state: State.State): boolean => State.isRunning(state) || State.isScheduled(state)

const bar = ({ at, runCount, to }: Transition, end: number): string => {
  const mark = State.isRunning(to) ? "active" : "done"
  return `    ${to._tag} ${runCount} :${mark}, ${at}, ${Math.max(end, at + 1)}`
}

const more = ({ changes, dropped }: Trace): ReadonlyArray<string> => {
  const left = changes.length + dropped - bound
  return left <= 0 ? [] : [`  %% … and ${left} more changes`]
}

/** Mermaid gives a meaning to these characters. */
const text = (label: string): string => label.replaceAll(/[;:#%\n]/g, " ").replaceAll('"', "'")
