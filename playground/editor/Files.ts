/**
 * Adding, renaming and deleting files of the program.
 */
import { batch, effect, type ReadonlySignal, signal } from "@preact/signals-core"
import type { SourceFile, Store } from "../Store.ts"
import type { Documents } from "./Documents.ts"
import type { Edit } from "./language/Answers.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

/** The file that is run; it is always there. */
export const entry = "flow.ts"

/** What can be done with files. */
export interface Files {
  /** What was deleted last, as long as it can be had back. */
  readonly deleted: ReadonlySignal<SourceFile | undefined>
  /** Why a name cannot be that of a file; nothing if it can. */
  readonly whyNot: (name: string, besides?: string) => string | undefined
  readonly freeName: () => string
  readonly add: (name: string) => void
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (name: string) => void
  readonly restore: () => void
}

/** Makes what changes the files in the store. */
export const makeFiles = (store: Store, documents: Documents, language: LanguageClient): Files => {
  const deleted = signal<SourceFile | undefined>(undefined)
  effect(() => {
    void store.origin.value
    deleted.value = undefined
  })
  const set = (files: ReadonlyArray<SourceFile>, shown: string): void => {
    batch(() => {
      store.files.value = files
      store.example.value = undefined
    })
    documents.show(shown)
  }
  const current = (): ReadonlyArray<SourceFile> => {
    documents.flush()
    return store.files.peek()
  }
  const has = (name: string): boolean => store.files.peek().some((file) => file.name === name)
  const add = (file: SourceFile): void => set([...current(), file], file.name)

  return {
    deleted,
    whyNot: (name, besides) => {
      if (!/^[A-Za-z0-9_][\w.-]*\.ts$/.test(name)) return `"${name}" is no name such as "tasks.ts"`
      return name !== besides && has(name) ? `There is a file "${name}" already` : undefined
    },
    freeName: () => {
      const names = ["tasks.ts", "handlers.ts", ...numbers.map((number) => `file-${number}.ts`)]
      return names.find((name) => !has(name))!
    },
    add: (name) => add({ name, text: "" }),
    rename: async (from, to) => {
      if (from === to) return
      documents.flush()
      const edits = await language.ask("renameFile", from, to).catch(() => [])
      const files = current().map(({ name, text }) => ({
        name: name === from ? to : name,
        text: edited(text, edits.filter(({ file }) => file === name))
      }))
      set(files, to)
    },
    remove: (name) => {
      const files = current()
      deleted.value = files.find((file) => file.name === name)
      set(files.filter((file) => file.name !== name), entry)
    },
    restore: () => {
      const file = deleted.peek()
      deleted.value = undefined
      if (file !== undefined && !has(file.name)) add(file)
    }
  }
}

const numbers = Array.from({ length: 1000 }, (_, index) => index + 1)

const edited = (text: string, edits: ReadonlyArray<Edit>): string =>
  edits.toSorted((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text)
