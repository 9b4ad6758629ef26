/**
 * One subject at the moment of the cursor: its state with all that it holds, and what led to it.
 */
import type { TraceLine } from "signalbox/testing"
import { formatElapsed } from "../run/Elapsed.ts"
import { flowKey, lastChange, type Run, stateAt, type Subject } from "../run/Run.ts"
import { families, lookOf } from "../run/StateLook.ts"
import type { Store } from "../Store.ts"
import type { Panel } from "./Panel.ts"
import { button, type Child, node } from "./element.ts"
import { jsonTree, type Value } from "./Json.ts"
import { refill } from "./refill.ts"
import { stateLabel } from "./StateLabel.ts"

/** Makes the panel about the selected subject, or about the flow. */
export const makeStatePanel = (store: Store): Panel => {
  const element = node("div", { className: "state-panel", tabIndex: 0, role: "group" })
  element.ariaLabel = "State"
  let drawn = ""
  let drawnRun: Run | undefined
  return {
    element,
    draw: () => {
      const run = store.run.value
      void store.revision.value
      const id = run.idOf(store.selected.value ?? flowKey) ?? 0
      const subject = run.subjects[id]!
      const cursor = store.cursor.value
      const items = subject.items.map((item) => lastChange(run, item, cursor))
      const last = lastChange(run, id, cursor)
      const now = [id, last, subject.changes.length, ...items].join()
      if (now === drawn && run === drawnRun) return
      ;[drawn, drawnRun] = [now, run]
      refill(element, ...contentsOf(store, run, subject))
    }
  }
}

const contentsOf = (store: Store, run: Run, subject: Subject): ReadonlyArray<Child> => {
  const cursor = store.cursor.peek()
  const last = lastChange(run, subject.id, cursor)
  const state = stateAt(run, subject.id, cursor)
  return [
    node(
      "div",
      { className: "state-head" },
      node("h3", {}, subject.name),
      stateLabel(state.tag),
      state.message === undefined ? "" : node("span", {}, state.message)
    ),
    node(
      "div",
      { className: "state-columns" },
      node("div", {}, facts(store, run, subject, last), ...itemsOf(store, run, subject)),
      node("div", {}, node("h4", {}, "What the state holds"), fieldsOf(state)),
      node("div", {}, node("h4", {}, "Its changes"), historyOf(store, run, subject, last))
    )
  ]
}

const fieldsOf = ({ message: _message, tag: _tag, ...fields }: TraceLine.State): HTMLElement =>
  Object.keys(fields).length === 0
    ? node("p", { className: "quiet" }, "Nothing besides its kind and its message.")
    : jsonTree(fields as Value)

// -----------------------------------------------------------------------------
// Facts
// -----------------------------------------------------------------------------

const facts = (store: Store, run: Run, subject: Subject, last: number): HTMLElement => {
  const list = node("dl", { className: "facts" })
  const add = (term: string, ...values: ReadonlyArray<Child>): void => {
    if (values.length > 0) list.append(node("dt", {}, term), node("dd", {}, ...values))
  }
  if (last !== -1) add("Since", formatElapsed(run.changes[last]!.at))
  const about = run.header.nodes[subject.node]
  if (about === undefined) {
    add("Kind", "flow")
    if (run.header.seed !== undefined) add("Seed", String(run.header.seed))
    const decides = run.header.reference.map((at) => run.header.nodes[at]!.slug)
    add("Decided by", ...linksTo(store, run, decides))
    return list
  }
  add("Kind", about.mapped && subject.index === undefined ? `${about.kind}, mapped` : about.kind)
  const attempt = last === -1 ? 0 : run.changes[last]!.run
  add("Attempt", attempt === 0 ? "none yet" : `${attempt} of ${about.maxRetries + 1}`)
  add("Needs", ...linksTo(store, run, about.upstream.map((at) => run.header.nodes[at]!.slug)))
  add("Needed by", ...linksTo(store, run, downstreamOf(run, subject.node)))
  if (about.handlers.length > 0) add("Handlers", about.handlers.join(", "))
  if (about.tags.length > 0) add("Tags", about.tags.join(", "))
  return list
}

const downstreamOf = ({ header }: Run, node: number): ReadonlyArray<string> =>
  header.nodes.filter(({ upstream }) => upstream.includes(node)).map(({ slug }) => slug)

/** The most links that are listed; the rest can be seen in the graph. */
const shownLinks = 30

const linksTo = (store: Store, run: Run, keys: ReadonlyArray<string>): ReadonlyArray<Child> => {
  const links = keys.slice(0, shownLinks).map((key): Child => {
    const name = run.subjects[run.idOf(key) ?? 0]!.name
    return button(name, () => store.select(key), { className: "link" })
  })
  const more = keys.length - shownLinks
  return more > 0 ? [...links, `and ${more} more`] : links
}

// -----------------------------------------------------------------------------
// Items
// -----------------------------------------------------------------------------

const itemsOf = (store: Store, run: Run, { items }: Subject): ReadonlyArray<Child> => {
  if (items.length === 0) return []
  const cursor = store.cursor.peek()
  const counts = new Map<string, number>()
  for (const item of items) {
    const { tag } = stateAt(run, item, cursor)
    counts.set(tag, (counts.get(tag) ?? 0) + 1)
  }
  const ordered = [...counts].toSorted(([one], [other]) =>
    families.indexOf(lookOf(one).family) - families.indexOf(lookOf(other).family)
  )
  const states = ordered.map(([tag, count]) => node("li", {}, stateLabel(tag), ` ${count}`))
  const links = linksTo(store, run, items.map((item) => run.subjects[item]!.key))
  return [
    node("h4", {}, `${items.length} items`),
    node("ul", { className: "plain" }, ...states),
    node("p", { className: "links" }, ...links)
  ]
}

// -----------------------------------------------------------------------------
// History
// -----------------------------------------------------------------------------

/** How many changes are listed before and after the cursor. */
const [shownBefore, shownAfter] = [40, 10]

const historyOf = (store: Store, run: Run, subject: Subject, last: number): HTMLElement => {
  const { changes } = subject
  if (changes.length === 0) {
    return node("p", { className: "quiet" }, "It never changes in this run.")
  }
  const at = changes.indexOf(last)
  const list = node("ol", { className: "history" })
  for (const change of changes.slice(Math.max(0, at - shownBefore), at + 1 + shownAfter)) {
    const { at, run: attempt, to } = run.changes[change]!
    const entry = button("", () => store.seek(change + 1), { id: `change-${change}` })
    entry.append(
      node("span", { className: "history-time" }, formatElapsed(at)),
      stateLabel(to.tag),
      node("span", { className: "history-message" }, to.message ?? "")
    )
    entry.title = `Go to this change (attempt ${attempt})`
    if (change === last) entry.ariaCurrent = "true"
    list.append(node("li", { className: change > last ? "future" : "" }, entry))
  }
  return list
}
