/**
 * Proposals for what is being written, with what each of them is.
 */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion
} from "@codemirror/autocomplete"
import { syntaxTree } from "@codemirror/language"
import type { EditorState, Extension } from "@codemirror/state"
import type { EditorView } from "@codemirror/view"
import { explanationElement } from "./Explain.ts"
import { importEdit } from "./ImportEdit.ts"
import type { Proposal } from "./language/Answers.ts"
import type { LanguageClient } from "./language/LanguageClient.ts"

/** Proposes what the compiler knows of. */
export const completions = (language: LanguageClient, file: string): Extension =>
  autocompletion({
    override: [(context) => proposalsFor(language, file, context)],
    activateOnTypingDelay: 10,
    maxRenderedOptions: 60
  })

const proposalsFor = async (
  language: LanguageClient,
  file: string,
  context: CompletionContext
): Promise<CompletionResult | null> => {
  const isWanted = context.explicit || context.matchBefore(/[\w$]|\.|["'/@]/) !== null
  if (!isWanted || language.readiness.peek().phase !== "ready") return null
  const found = await language.ask("proposals", file, context.pos).catch(() => undefined)
  if (found === undefined || context.aborted) return null
  const { from, proposals } = found
  // Where nothing is written yet there is nothing to choose by, except after a dot or in a text.
  const before = context.state.sliceDoc(from - 1, from)
  const isBare = from === context.pos && !/[."'/]/.test(before)
  if (isBare && !context.explicit) return null
  return {
    from,
    options: proposals.map((proposal) => optionOf(language, file, context.pos, proposal)),
    validFor: isInText(context.state, from) ? /^[\w$./-]*$/ : /^[\w$]*$/
  }
}

/** In the name of a module dots and slashes belong to the word; elsewhere another word begins. */
const isInText = (state: EditorState, at: number): boolean =>
  syntaxTree(state).resolveInner(at, 1).name === "String" ||
  syntaxTree(state).resolveInner(at, -1).name === "String"

const optionOf = (
  language: LanguageClient,
  file: string,
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
