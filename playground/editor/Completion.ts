/**
 * Proposals for what is being written, with what each of them is.
 */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionStatus,
  pickedCompletion
} from "@codemirror/autocomplete"
import { syntaxTree } from "@codemirror/language"
import type { EditorState, Extension, Text } from "@codemirror/state"
import { EditorView, type ViewUpdate } from "@codemirror/view"
import { explanationElement } from "./Explain.ts"
import { importEdit } from "./ImportEdit.ts"
import type { Proposal, Proposals } from "./language/Answers.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

/** Proposes what the compiler knows of. */
export const completions = (language: LanguageClient, file: string): Extension => {
  const questions = new Questions(language, file)
  return [
    autocompletion({
      override: [(context) => proposalsFor(questions, context)],
      activateOnTypingDelay: 0,
      maxRenderedOptions: 60
    }),
    EditorView.updateListener.of(questions.foresee)
  ]
}

/** After what something may be proposed without being asked for. */
const mayGoOn = /[\w$."'/@]/

/**
 * Asks the compiler for proposals. After a key the browser draws a frame before it lets the editor
 * come to its question, so that is asked ahead, while the key is handled.
 */
class Questions {
  readonly language: LanguageClient
  readonly file: string
  private ahead: { doc: Text; at: number; found: Promise<Proposals | undefined> } | undefined

  constructor(language: LanguageClient, file: string) {
    this.language = language
    this.file = file
  }

  readonly foresee = ({ docChanged, state, transactions }: ViewUpdate): void => {
    if (docChanged) this.ahead = undefined
    if (!transactions.some((each) => each.isUserEvent("input.type"))) return
    const at = state.selection.main.head
    if (completionStatus(state) === "active" || !mayGoOn.test(state.sliceDoc(at - 1, at))) return
    // What has been typed is on its way to where the question takes the program from.
    queueMicrotask(() => {
      this.ahead = { doc: state.doc, at, found: this.ask(at) }
    })
  }

  proposals({ pos, state }: CompletionContext): Promise<Proposals | undefined> {
    const { ahead } = this
    return ahead?.doc === state.doc && ahead.at === pos ? ahead.found : this.ask(pos)
  }

  private async ask(at: number): Promise<Proposals | undefined> {
    if (this.language.readiness.peek().phase !== "ready") return undefined
    return this.language.ask("proposals", this.file, at).catch(() => undefined)
  }
}

const proposalsFor = async (
  questions: Questions,
  context: CompletionContext
): Promise<CompletionResult | null> => {
  if (!context.explicit && context.matchBefore(mayGoOn) === null) return null
  const found = await questions.proposals(context)
  if (found === undefined || context.aborted) return null
  const { from, proposals } = found
  // Where nothing is written yet there is nothing to choose by, except after a dot or in a text.
  const before = context.state.sliceDoc(from - 1, from)
  const isBare = from === context.pos && !/[."'/]/.test(before)
  if (isBare && !context.explicit) return null
  return {
    from,
    options: proposals.map((proposal) => optionOf(questions, context.pos, proposal)),
    validFor: isInText(context.state, from) ? /^[\w$./-]*$/ : /^[\w$]*$/
  }
}

/** In the name of a module dots and slashes belong to the word; elsewhere another word begins. */
const isInText = (state: EditorState, at: number): boolean =>
  syntaxTree(state).resolveInner(at, 1).name === "String" ||
  syntaxTree(state).resolveInner(at, -1).name === "String"

const optionOf = (
  { file, language }: Questions,
  at: number,
  proposal: Proposal
): Completion => ({
  label: proposal.name,
  type: proposal.isDeprecated === true ? "deprecated" : icons[proposal.kind] ?? "variable",
  boost: boostOf(proposal),
  ...proposal.module === undefined ? {} : { detail: proposal.module },
  info: async () => {
    const found = await language.ask("explainProposal", file, at, proposal).catch(() => undefined)
    return found === undefined ? null : explanationElement(found)
  },
  apply: (view, completion, from, to) => insert(view, completion, proposal, from, to)
})

/** What the compiler puts first comes first among what fits equally well. */
const boostOf = ({ isDeprecated, kind, module, order }: Proposal): number => {
  const place = Math.min(30, Number.parseInt(order, 10) || 20)
  return -place * 2 - (kind === "keyword" ? 2 : 0) - (isDeprecated === true ? 20 : 0) +
    (module === "signalbox" ? 6 : module === "effect" ? 3 : 0)
}

const insert = (
  view: EditorView,
  completion: Completion,
  proposal: Proposal,
  from: number,
  to: number
): void => {
  const text = proposal.insert ?? proposal.name
  const start = proposal.from ?? from
  const imported = proposal.module === undefined
    ? undefined
    : importEdit(view.state.doc.toString(), proposal.name, proposal.module)
  const changes = view.state.changes([
    { from: start, to, insert: text },
    ...imported === undefined ? [] : [imported]
  ])
  view.dispatch({
    changes,
    selection: { anchor: changes.mapPos(start, -1) + text.length },
    userEvent: "input.complete",
    annotations: pickedCompletion.of(completion),
    scrollIntoView: true
  })
}

const icons: Readonly<Record<string, string>> = {
  alias: "namespace",
  class: "class",
  const: "constant",
  enum: "enum",
  function: "function",
  interface: "interface",
  keyword: "keyword",
  let: "variable",
  "local function": "function",
  method: "method",
  module: "namespace",
  parameter: "variable",
  property: "property",
  getter: "property",
  string: "text",
  type: "type",
  "type parameter": "type",
  var: "variable"
}
