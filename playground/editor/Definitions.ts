/**
 * Going to where something is defined: within the program, or to the declarations of what it uses.
 */
import type { Extension } from "@codemirror/state"
import { EditorView, keymap } from "@codemirror/view"
import type { Documents, Foreign } from "./Documents.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

interface Visited {
  readonly file: string
  readonly at: number
  readonly foreign: Foreign | undefined
}

/** What goes to the definition of what is at a place; `documents` is asked for when it does. */
export const makeDefinitions = (
  documents: () => Documents,
  language: LanguageClient
): (file: string) => Extension => {
  const visited: Array<Visited> = []

  const goFrom = async (file: string, at: number): Promise<void> => {
    const found = await language.ask("definition", file, at).catch(() => undefined)
    if (found === undefined) return
    visited.push({ file, at, foreign: documents().foreign.peek() })
    if (found.text !== undefined) documents().look({ name: found.file, text: found.text })
    documents().select(found)
  }
  const back = (): boolean => {
    const place = visited.pop()
    if (place === undefined) return false
    documents().look(place.foreign)
    documents().select({ file: place.file, from: place.at, to: place.at })
    return true
  }
  const leave = (): boolean => {
    if (documents().foreign.peek() === undefined) return false
    if (!back()) documents().look(undefined)
    return true
  }
  return (file) => [
    keymap.of([
      {
        key: "F12",
        run: ({ state }) => {
          void goFrom(file, state.selection.main.head)
          return true
        }
      },
      { key: "Alt-ArrowLeft", mac: "Ctrl--", run: back },
      { key: "Escape", run: leave }
    ]),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        if (event.button !== 0 || !(event.ctrlKey || event.metaKey)) return false
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY })
        if (at === null) return false
        void goFrom(file, at)
        return true
      }
    })
  ]
}
