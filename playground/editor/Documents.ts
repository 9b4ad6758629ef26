/**
 * The files of the program as documents of the editor, each with its own history, and those of the
 * declarations that one looks at.
 *
 * The store is the truth: what is typed goes there within a frame or two, and what comes from there
 * takes the place of what is here.
 */
import { history, isolateHistory } from "@codemirror/commands"
import {
  Annotation,
  EditorState,
  type Extension,
  type StateEffect,
  type TransactionSpec
} from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal
} from "@preact/signals-core"
import type { SourceFile, Store } from "../Store.ts"

/** A file of the declarations, to be read. */
export type Foreign = SourceFile

/** How long what is typed may stay out of the store, in milliseconds. */
const delay = 30

/** Marks what comes from the store, so that it does not go back there. */
const fromStore = Annotation.define<boolean>()

/** A place in a file. */
export interface Place {
  readonly file: string
  readonly from: number
  readonly to: number
}

/** All documents, one of which is shown. */
export interface Documents {
  readonly view: EditorView
  /** The file that is shown. */
  readonly shown: ReadonlySignal<string>
  /** The declarations that one looks at; the program's files are in the store. */
  readonly foreign: ReadonlySignal<Foreign | undefined>
  /** Counts what the user has changed. */
  readonly edits: ReadonlySignal<number>
  /** Counts the changes of any text, and of which one is shown. */
  readonly revision: ReadonlySignal<number>
  /** Puts into the store what has been typed. */
  readonly flush: () => void
  readonly show: (file: string) => void
  readonly look: (foreign: Foreign | undefined) => void
  readonly select: (place: Place) => void
  readonly dispose: () => void
}

/** Makes the documents of a program; `extensions` is what each of them can do. */
export const makeDocuments = (
  store: Store,
  extensions: (file: string, isForeign: boolean) => Extension
): Documents => new StoredDocuments(store, extensions)

class StoredDocuments implements Documents {
  readonly view: EditorView
  readonly shown: ReadonlySignal<string>
  readonly foreign: Signal<Foreign | undefined> = signal(undefined)
  readonly edits = signal(0)
  readonly revision = signal(0)
  readonly dispose: () => void
  private readonly store: Store
  private readonly extensions: (file: string, isForeign: boolean) => Extension
  private readonly states = new Map<string, EditorState>()
  private readonly scrolled = new Map<string, StateEffect<unknown>>()
  /** The texts as the store and the documents have both had them. */
  private readonly agreed = new Map<string, string>()
  private readonly unsaved = new Set<string>()
  private inView = ""
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(store: Store, extensions: (file: string, isForeign: boolean) => Extension) {
    this.store = store
    this.extensions = extensions
    this.shown = computed(() => this.foreign.value?.name ?? store.activeFile.value)
    this.view = new EditorView()
    const stopReading = effect(() => {
      const files = store.files.value
      this.receive(files)
      const isThere = this.foreign.value !== undefined ||
        files.some(({ name }) => name === store.activeFile.value)
      if (isThere) this.bringIntoView(this.shown.value)
      else store.activeFile.value = files[0]?.name ?? ""
    })
    this.dispose = () => {
      stopReading()
      this.flush()
      this.view.destroy()
    }
  }

  flush(): void {
    clearTimeout(this.timer)
    if (this.unsaved.size === 0) return
    const files = this.store.files.peek().map((file) => {
      const state = this.stateOf(file.name)
      if (!this.unsaved.has(file.name) || state === undefined) return file
      const text = state.doc.toString()
      this.agreed.set(file.name, text)
      return { name: file.name, text }
    })
    this.unsaved.clear()
    batch(() => {
      this.store.files.value = files
      this.store.example.value = undefined
    })
  }

  show(file: string): void {
    this.flush()
    batch(() => {
      this.foreign.value = undefined
      this.store.activeFile.value = file
    })
  }

  look(foreign: Foreign | undefined): void {
    this.foreign.value = foreign
  }

  select({ file, from, to }: Place): void {
    if (this.foreign.peek()?.name !== file) this.show(file)
    const end = this.view.state.doc.length
    const selection = { anchor: Math.min(from, end), head: Math.min(to, end) }
    this.view.dispatch({
      selection,
      effects: EditorView.scrollIntoView(selection.anchor, { y: "center" })
    })
    this.view.focus()
  }

  private receive(files: ReadonlyArray<SourceFile>): void {
    const names = new Set(files.map(({ name }) => name))
    for (const name of this.agreed.keys()) if (!names.has(name)) this.forget(name)
    for (const { name, text } of files) {
      if (this.agreed.get(name) === text) continue
      this.agreed.set(name, text)
      this.unsaved.delete(name)
      this.replaceText(name, text)
      this.foreign.value = undefined
    }
  }

  private forget(name: string): void {
    this.agreed.delete(name)
    this.unsaved.delete(name)
    this.states.delete(name)
    this.scrolled.delete(name)
  }

  /** What was there before can be had back with "undo". */
  private replaceText(name: string, text: string): void {
    const state = this.stateOf(name)
    if (state === undefined) {
      this.states.set(name, this.newState({ name, text }, false))
      this.revision.value = this.revision.peek() + 1
      return
    }
    const replacement: TransactionSpec = {
      changes: { from: 0, to: state.doc.length, insert: text },
      selection: { anchor: 0 },
      annotations: [fromStore.of(true), isolateHistory.of("full")],
      scrollIntoView: true
    }
    if (name === this.inView) this.view.dispatch(replacement)
    else this.states.set(name, state.update(replacement).state)
  }

  private bringIntoView(name: string): void {
    if (name === this.inView) return
    if (this.inView !== "") {
      this.scrolled.set(this.inView, this.view.scrollSnapshot())
      if (this.agreed.has(this.inView)) this.states.set(this.inView, this.view.state)
    }
    this.inView = name
    const foreign = this.foreign.peek()
    const state = foreign === undefined ? this.states.get(name) : this.newState(foreign, true)
    this.view.setState(state ?? this.newState({ name, text: "" }, true))
    const scrolled = foreign === undefined ? this.scrolled.get(name) : undefined
    if (scrolled !== undefined) this.view.dispatch({ effects: scrolled })
    this.revision.value = this.revision.peek() + 1
  }

  private stateOf(name: string): EditorState | undefined {
    return name === this.inView ? this.view.state : this.states.get(name)
  }

  private newState({ name, text }: SourceFile, isForeign: boolean): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        this.extensions(name, isForeign),
        isForeign ? EditorState.readOnly.of(true) : [history(), this.listener(name)]
      ]
    })
  }

  private listener(name: string): Extension {
    return EditorView.updateListener.of(({ docChanged, transactions }) => {
      if (!docChanged) return
      this.revision.value++
      if (transactions.some((each) => each.docChanged && each.annotation(fromStore) === true)) {
        return
      }
      this.unsaved.add(name)
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.flush(), delay)
      this.edits.value++
    })
  }
}
