/**
 * What is wrong with the program: what the compiler says, and what the last run has stopped at.
 */
import { syntaxTree } from "@codemirror/language"
import { type Diagnostic, setDiagnostics } from "@codemirror/lint"
import type { EditorState, Text } from "@codemirror/state"
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals-core"
import type { Problem, Store } from "../Store.ts"
import { onFrame } from "../view/element.ts"
import type { Documents } from "./Documents.ts"
import type { Finding } from "./language/Answers.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

/** How long to wait for more to be typed before the program is checked, in milliseconds. */
const pause = 120

/** What is known to be wrong. */
export interface Problems {
  /** All that the compiler says, of all files. */
  readonly findings: ReadonlySignal<ReadonlyArray<Finding>>
  /** Those that are errors. */
  readonly errors: ReadonlySignal<ReadonlyArray<Finding>>
  /** What the last run has stopped at. */
  readonly ofRun: ReadonlySignal<Problem | undefined>
  /** Whether the program, as it is now, can be read at all. */
  readonly canBeRead: () => Promise<boolean>
  readonly dispose: () => void
}

/** Checks the program whenever it has changed, and marks what is wrong in the shown document. */
export const makeProblems = (
  store: Store,
  documents: Documents,
  language: LanguageClient
): Problems => {
  const check = makeCheck(store, documents, language)
  const { findings } = check
  const ofRun = computed(() => {
    const status = store.status.value
    return status.phase === "failed" ? status.problem : undefined
  })
  const stopDrawing = onFrame(() => {
    // Marks move with what is typed; they are put in their places anew when they are known anew.
    const file = documents.shown.value
    const { view } = documents
    const marked = [
      ...findings.value.filter((each) => each.file === file)
        .map((finding) => diagnosticOf(view.state.doc, finding)),
      ...ofRun.value?.file === file ? markOfRun(view.state.doc, ofRun.value) : []
    ]
    view.dispatch(setDiagnostics(view.state, marked))
  })
  return {
    findings,
    errors: computed(() => findings.value.filter(({ severity }) => severity === "error")),
    ofRun,
    canBeRead: async () => {
      documents.flush()
      if (language.readiness.peek().phase !== "ready") return isReadable(documents.view.state)
      await check.upToDate()
      return findings.peek().every(({ isSyntax }) => !isSyntax)
    },
    dispose: () => {
      check.dispose()
      stopDrawing()
    }
  }
}

/** Asks the compiler, soon after a change and once at a time. */
const makeCheck = (store: Store, documents: Documents, language: LanguageClient) => {
  const findings = signal<ReadonlyArray<Finding>>([])
  let checked: unknown
  let checking: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const check = async (): Promise<void> => {
    documents.flush()
    const files = store.files.peek()
    const edits = documents.edits.peek()
    const found = await language.ask("problems").catch(() => undefined)
    checking = undefined
    if (found === undefined) return
    if (checked === undefined) performance.mark("signalbox:checked")
    checked = files
    // What has been typed meanwhile is checked soon, and has moved the places of these.
    if (store.files.peek() === files && documents.edits.peek() === edits) findings.value = found
    else schedule()
  }
  const checkNow = (): Promise<void> => {
    clearTimeout(timer)
    return checking ??= check()
  }
  const schedule = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void checkNow(), pause)
  }
  const stopReading = effect(() => {
    void store.files.value
    void documents.edits.value
    if (language.readiness.value.phase === "ready") schedule()
  })
  return {
    findings,
    /** Waits until the program, as it is now, has been checked, if that is possible. */
    upToDate: async (): Promise<void> => {
      while (checked !== store.files.peek()) {
        const before = checked
        await checkNow()
        if (checked === before) return
      }
    },
    dispose: () => {
      clearTimeout(timer)
      stopReading()
    }
  }
}

const diagnosticOf = (doc: Text, finding: Finding): Diagnostic => {
  const { code, isDeprecated, isUnused, message, severity } = finding
  return {
    ...within(doc, finding.from, finding.to),
    severity,
    message,
    source: `ts(${code})`,
    ...isUnused ? { markClass: "cm-unused" } : isDeprecated ? { markClass: "cm-deprecated" } : {}
  }
}

const markOfRun = (doc: Text, { line, message }: Problem): ReadonlyArray<Diagnostic> => {
  if (line === undefined || line < 1 || line > doc.lines) return []
  const { from, text, to } = doc.line(line)
  const indent = text.length - text.trimStart().length
  return [{ ...within(doc, from + indent, to), severity: "error", message, source: "run" }]
}

/** An empty range could not be seen. */
const within = (doc: Text, from: number, to: number): { from: number; to: number } => {
  const start = Math.min(from, doc.length)
  const end = Math.min(Math.max(to, start), doc.length)
  if (end > start || doc.length === 0) return { from: start, to: end }
  return start < doc.length ? { from: start, to: start + 1 } : { from: start - 1, to: start }
}

/** What the editor's own grammar makes of it, as long as the compiler is not there. */
const isReadable = (state: EditorState): boolean => {
  let isReadable = true
  syntaxTree(state).iterate({
    enter: ({ type }) => {
      if (type.isError) isReadable = false
    }
  })
  return isReadable
}
