/**
 * Beside the line that defines a task: its state at the moment that one looks at. A click selects
 * it, and the line of what is selected is marked.
 */
import { type Extension, Prec, type Range, StateEffect, StateField } from "@codemirror/state"
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from "@codemirror/view"
import type { Store } from "../Store.ts"
import type { Run } from "../run/Run.ts"
import { node, onFrame } from "../view/element.ts"
import type { Documents } from "./Documents.ts"
import { type Site, sitesIn, subjectsOf, type TaskState, taskStateAt } from "./TaskStates.ts"

interface Annotated {
  /** The place of the definition. */
  readonly at: number
  readonly state: TaskState
  readonly isSelected: boolean
}

const setAnnotations = StateEffect.define<DecorationSet>()

const annotations = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (decorations, { changes, effects }) => {
    for (const each of effects) if (each.is(setAnnotations)) return each.value
    return decorations.map(changes)
  },
  provide: (field) => EditorView.decorations.from(field)
})

class StateWidget extends WidgetType {
  readonly state: TaskState
  private readonly select: () => void

  constructor(state: TaskState, select: () => void) {
    super()
    this.state = state
    this.select = select
  }

  override eq(other: StateWidget): boolean {
    return this.state.text === other.state.text && this.state.family === other.state.family &&
      this.state.keys.join() === other.state.keys.join()
  }

  override toDOM(): HTMLElement {
    const element = node("button", {
      type: "button",
      className: `task-state state-${this.state.family}`,
      tabIndex: -1,
      title: "Select (Alt-Enter)"
    }, this.state.text)
    // The cursor of the editor stays where it is.
    element.addEventListener("mousedown", (event) => event.preventDefault())
    element.addEventListener("click", this.select)
    return element
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/** Selects what a definition has made; once more, what else it has made. */
const selectNext = (store: Store, keys: ReadonlyArray<string>): void => {
  const next = keys[(keys.indexOf(store.selected.peek() ?? "") + 1) % keys.length]
  store.select(next)
}

const selectHere = (store: Store) => (view: EditorView): boolean => {
  const line = view.state.doc.lineAt(view.state.selection.main.head)
  const site = sitesIn(view.state.doc.toString()).findLast(({ at }) => at <= line.to)
  const ids = site === undefined ? [] : subjectsOf(store.run.peek(), site)
  const keys = ids.map((id) => store.run.peek().subjects[id]!.key)
  if (keys.length > 0) selectNext(store, keys)
  return keys.length > 0
}

/** What the documents need to show states; `showTaskStates` fills it. */
export const taskAnnotations = (store: Store): Extension => [
  annotations,
  Prec.high(keymap.of([{ key: "Alt-Enter", run: selectHere(store) }]))
]

/** Keeps the states beside the definitions of the shown document; gives what ends that. */
export const showTaskStates = (store: Store, documents: Documents): () => void => {
  const { view } = documents
  let text = { revision: -1, sites: [] as ReadonlyArray<Site> }
  let ofRun: { run: Run; sites: ReadonlyArray<Site>; ids: ReadonlyArray<ReadonlyArray<number>> }
  let drawn = ""
  return onFrame(() => {
    const revision = documents.revision.value
    const isForeign = documents.foreign.value !== undefined
    const run = store.run.value
    const cursor = store.cursor.value
    const selected = taskKeyOf(store.selected.value)
    void store.revision.value
    if (text.revision !== revision) {
      text = { revision, sites: isForeign ? [] : sitesIn(view.state.doc.toString()) }
    }
    const { sites } = text
    if (ofRun?.run !== run || ofRun.sites !== sites) {
      ofRun = { run, sites, ids: sites.map((site) => subjectsOf(run, site)) }
    }
    const annotated = sites.flatMap(({ at }, index): ReadonlyArray<Annotated> => {
      const state = taskStateAt(run, ofRun.ids[index]!, cursor)
      const isSelected = state !== undefined && selected !== undefined &&
        state.keys.includes(selected)
      return state === undefined ? [] : [{ at, state, isSelected }]
    })
    const next = JSON.stringify([revision, annotated])
    if (next === drawn) return
    drawn = next
    view.dispatch({ effects: setAnnotations.of(decorationsOf(store, view, annotated)) })
  })
}

/** An item of a mapped task is defined where the task is. */
const taskKeyOf = (key: string | undefined): string | undefined => key?.replace(/\[\d+\]$/, "")

const selectedLine = Decoration.line({ class: "cm-selected-task" })

const decorationsOf = (
  store: Store,
  { state: { doc } }: EditorView,
  annotated: ReadonlyArray<Annotated>
): DecorationSet => {
  const ranges = annotated.flatMap(({ at, isSelected, state }): Array<Range<Decoration>> => {
    const line = doc.lineAt(Math.min(at, doc.length))
    const widget = new StateWidget(state, () => selectNext(store, state.keys))
    const beside = Decoration.widget({ widget, side: 1 }).range(line.to)
    return isSelected ? [selectedLine.range(line.from), beside] : [beside]
  })
  return Decoration.set(ranges, true)
}
