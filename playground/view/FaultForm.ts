/**
 * The form that adds a fault: only what its kind needs is asked for.
 */
import type { FaultPlan } from "signalbox/testing"
import { type Field, fieldsOf, readFault, textFields } from "../run/FaultDraft.ts"
import { answers, type FaultKind, faultKinds } from "../run/FaultText.ts"
import { lastChange, type Run } from "../run/Run.ts"
import type { Store } from "../Store.ts"
import { node } from "./element.ts"

/** The form, which follows what is selected. */
export interface FaultForm {
  readonly element: HTMLElement
  readonly draw: () => void
}

type Choices = ReadonlyArray<readonly [value: string, label: string]>
type Control = HTMLInputElement | HTMLSelectElement
type Controls = Readonly<Record<Field, Control>>

/** Makes the form. */
export const makeFaultForm = (store: Store, add: (fault: FaultPlan.Fault) => void): FaultForm => {
  const kind = choice("kind", Object.entries(faultKinds))
  const controls = makeControls()
  const labels = Object.entries(controls).map(([field, control]) =>
    [field as Field, node("label", {}, labelOf(field as Field), control)] as const
  )
  const problem = node("p", { role: "alert", className: "form-problem" })
  const kindOf = (): FaultKind => kind.value as FaultKind
  const showFields = (): void => {
    const { nodes } = store.run.peek().header
    const about = nodes.find(({ slug }) => slug === controls.task.value)
    for (const [field, label] of labels) {
      const isNoItem = field === "item" && about?.mapped === false
      label.hidden = !fieldsOf(kindOf()).includes(field) || isNoItem
    }
    const handlers = new Set(about?.handlers ?? nodes.flatMap(({ handlers }) => handlers))
    fill(controls.handler, [["", "any handler"], ...[...handlers].map(twice)])
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    const entered = labels.map(([field, label]) =>
      [field, label.hidden ? "" : controls[field].value] as const
    )
    const found = readFault(kindOf(), Object.fromEntries(entered))
    problem.textContent = "message" in found ? found.message : ""
    if ("message" in found) controls[found.field].focus()
    else add(found)
  }
  const element = node(
    "form",
    { className: "fault-form", noValidate: true },
    node("h3", {}, "Add"),
    node(
      "div",
      { className: "fields" },
      node("label", {}, "What", kind),
      ...labels.map(([, label]) => label)
    ),
    problem,
    node("button", { type: "submit", className: "primary" }, "Add and run")
  )
  kind.addEventListener("change", showFields)
  controls.task.addEventListener("change", showFields)
  element.addEventListener("submit", submit)
  return { element, draw: following(store, controls, showFields) }
}

/** The tasks are those of the run that is shown, and what is selected is aimed at. */
const following = (store: Store, controls: Controls, showFields: () => void): () => void => {
  let run: Run | undefined
  let selected: string | undefined
  return () => {
    if (store.run.value === run && store.selected.value === selected) return
    if (store.run.value !== run) {
      run = store.run.value
      fill(controls.task, [["", "any task"], ...tasksOf(run)])
    }
    if (store.selected.value !== selected) {
      selected = store.selected.value
      aim(store, controls)
    }
    showFields()
  }
}

const makeControls = (): Controls => {
  const texts = Object.entries(textFields).map(([name, { hint }]) =>
    [name, node("input", { name, placeholder: hint, autocomplete: "off", size: 8 })] as const
  )
  return {
    task: choice("task", []),
    handler: choice("handler", []),
    as: choice("as", Object.entries(answers)),
    ...Object.fromEntries(texts)
  } as Controls
}

const labelOf = (field: Field): string => {
  if (field === "task") return "Task"
  if (field === "handler") return "Handler"
  return field === "as" ? "Answer" : textFields[field].label
}

const choice = (name: string, choices: Choices): HTMLSelectElement => {
  const element = node("select", { name })
  fill(element, choices)
  return element
}

/** Offers other choices; what was chosen stays so if it is among them. */
const fill = (control: Control, choices: Choices): void => {
  const before = control.value
  control.replaceChildren(...choices.map(([value, label]) => new Option(label, value)))
  const isThere = choices.some(([value]) => value === before)
  control.value = isThere ? before : choices[0]?.[0] ?? ""
}

const twice = (text: string): readonly [string, string] => [text, text]

const tasksOf = (run: Run): Choices =>
  run.header.nodes
    .filter(({ kind }) => kind !== "parameter" && kind !== "constant")
    .map(({ slug }) => [slug, run.subjects[run.idOf(slug) ?? 0]!.name])

/** Aims at what is selected, in the attempt that it is in. */
const aim = (store: Store, { attempt, item, task }: Controls): void => {
  const run = store.run.peek()
  const id = run.idOf(store.selected.peek() ?? "") ?? 0
  const { index, node } = run.subjects[id]!
  const last = lastChange(run, id, store.cursor.peek())
  task.value = run.header.nodes[node]?.slug ?? ""
  item.value = index === undefined ? "" : String(index)
  attempt.value = node === -1 || last === -1 ? "" : String(run.changes[last]!.run)
}
