/**
 * What has become of the tasks that a text defines, at one moment of a run.
 */
import { flowKey, lastChange, type Run, stateAt } from "../run/Run.ts"
import { families, type Family, lookOf } from "../run/StateLook.ts"

/** A place in a text that defines a task, a flow or a resource. */
export interface Site {
  readonly name: string
  readonly isFlow: boolean
  /** Where the definition begins. */
  readonly at: number
}

/** What is said beside a definition. */
export interface TaskState {
  /** The keys of the subjects that have been made from the definition. */
  readonly keys: ReadonlyArray<string>
  readonly family: Family
  /** Glyph, word and attempts, or counts of several. */
  readonly text: string
}

const definition = /\b(Task\.make|Flow\.make|Resource\.\w+)\(\s*(["'`])((?:\\.|(?!\2)[^\\\n])*)\2/g

/** The definitions in a text, in order. */
export const sitesIn = (text: string): ReadonlyArray<Site> =>
  [...text.matchAll(definition)].map(({ 1: what = "", 3: name = "", index }) => ({
    name,
    isFlow: what === "Flow.make",
    at: index
  }))

/** The ids of the subjects that a definition has made. */
export const subjectsOf = ({ header }: Run, { isFlow, name }: Site): ReadonlyArray<number> => {
  if (isFlow) return header.flow === name ? [0] : []
  return header.nodes.flatMap((node, index) => node.name === name ? [index + 1] : [])
}

/** What is said of the subjects of one definition, when `cursor` changes have happened. */
export const taskStateAt = (
  run: Run,
  ids: ReadonlyArray<number>,
  cursor: number
): TaskState | undefined => {
  const [id] = ids
  if (id === undefined) return undefined
  const keys = ids.map((each) => run.subjects[each]?.key ?? flowKey)
  const items = run.subjects[id]?.items.filter((item) => lastChange(run, item, cursor) !== -1) ?? []
  const { family, text } = ids.length > 1 ? counts(run, ids, cursor) : one(run, id, cursor)
  const ofItems = items.length === 0 ? "" : ` ${counts(run, items, cursor).text}`
  return { keys, family, text: text + ofItems }
}

const one = (run: Run, id: number, cursor: number): Pick<TaskState, "family" | "text"> => {
  const { tag } = stateAt(run, id, cursor)
  const { family, glyph } = lookOf(tag)
  const last = lastChange(run, id, cursor)
  const attempts = last === -1 ? 0 : run.changes[last]!.run
  return { family, text: `${glyph} ${tag}${attempts > 1 ? ` ×${attempts}` : ""}` }
}

const counts = (
  run: Run,
  ids: ReadonlyArray<number>,
  cursor: number
): Pick<TaskState, "family" | "text"> => {
  const found = new Map<Family, { count: number; glyph: string }>()
  for (const id of ids) {
    const { family, glyph } = lookOf(stateAt(run, id, cursor).tag)
    found.set(family, { glyph, count: (found.get(family)?.count ?? 0) + 1 })
  }
  const present = families.filter((family) => found.has(family))
  return {
    family: present[0] ?? "waiting",
    text: present.map((family) => `${found.get(family)!.glyph}${found.get(family)!.count}`).join(
      " "
    )
  }
}
