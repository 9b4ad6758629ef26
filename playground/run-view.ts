/**
 * What the page shows of one run: what it printed, its changes of state as they happen, and in the
 * end the state of every task.
 */
import { type Flow, State, type Transition } from "signalbox"
import type { Lines } from "./text-console.ts"

/** One run on the page. A run that was replaced by another goes on writing into its own, unseen. */
export interface RunView extends Lines {
  readonly element: HTMLElement
  readonly addTransition: (transition: Transition.Transition) => void
  readonly showResult: (run: Flow.Run<unknown, unknown>) => void
}

/** Makes the view of a run that has not printed or changed anything yet. */
export const makeRunView = (): RunView => {
  const output = node("pre", { id: "output" })
  const transitions = table("transitions", [
    "time",
    "subject",
    "old state",
    "new state",
    "handlers"
  ])
  const states = table("states", ["task", "final state"])
  const print = (className: string) => (text: string) => {
    output.append(node("span", { className }, `${text}\n`))
  }
  let start: number | undefined
  return {
    element: node(
      "div",
      {},
      section("Output", output),
      section("Changes of state", transitions.element),
      section("Final states", states.element)
    ),
    out: print("out"),
    err: print("err"),
    addTransition: (transition) => {
      start ??= transition.at
      transitions.add(
        [formatElapsed(transition.at - start)],
        [String(transition.subject)],
        [stateLabel(transition.from, transition.from._tag)],
        [stateLabel(transition.to)],
        [handlersOf(transition)]
      )
    },
    showResult: (run) => {
      for (const { name, state } of run.tasks) states.add([name], [stateLabel(state)])
      states.add([node("em", {}, "the flow")], [stateLabel(run.state)])
    }
  }
}

/** A state in its printed form, or shorter, with its colour beside it. */
export const stateLabel = (state: State.State, text = String(state)): HTMLElement => {
  const label = node("span", { className: "state", title: String(state) }, text)
  label.style.setProperty("--state", State.color(state))
  return label
}

/** Who was asked, and what each of them made of the new state. */
const handlersOf = ({ handlers }: Transition.Transition): string =>
  handlers
    .map(({ decided, handler, proposed }) =>
      decided === proposed ? handler : `${handler} (${proposed._tag} became ${decided._tag})`
    )
    .join(", ")

/** A time since the start, as `2:00:00.000`. */
const formatElapsed = (millis: number): string => {
  const hours = Math.floor(millis / 3_600_000)
  const rest = new Date(millis).toISOString().slice(13, 23)
  return `${hours}${rest}`
}

// -----------------------------------------------------------------------------
// Elements
// -----------------------------------------------------------------------------

type Child = Node | string

/** Makes an element. Text goes in as text, never as markup. */
export const node = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[K] => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** What is too wide scrolls, for which a keyboard must be able to reach it. */
const section = (title: string, content: HTMLElement): HTMLElement => {
  const scrolled = Object.assign(content, { tabIndex: 0, role: "region", ariaLabel: title })
  return node("section", {}, node("h3", {}, title), scrolled)
}

const table = (id: string, headings: ReadonlyArray<string>) => {
  const row = (cell: "th" | "td", contents: ReadonlyArray<ReadonlyArray<Child>>) =>
    node("tr", {}, ...contents.map((content) => node(cell, {}, ...content)))
  const head = node("thead", {}, row("th", headings.map((heading) => [heading])))
  const body = node("tbody", {})
  return {
    element: node("div", { className: "scroll" }, node("table", { id }, head, body)),
    add: (...contents: ReadonlyArray<ReadonlyArray<Child>>): void =>
      body.append(row("td", contents))
  }
}
