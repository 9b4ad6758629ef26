/**
 * The tasks and edges of a flow, with those that constructs add.
 *
 * @module
 */
import type {
  Construct,
  EdgeText,
  FlowText,
  Json,
  JsonObject,
  TaskText,
  Trigger
} from "../corpus.ts"
import { behave, raise } from "./behaviours.ts"
import type { Context, FlowRun, Switch } from "./run.ts"
import { Raised } from "./thrown.ts"
import { isError, isSame, isThrown, isTruthy } from "./values.ts"

type Body = (inputs: JsonObject, context: Context, run: FlowRun) => Json

/** A task, described or made by the flow. */
export interface ModelTask extends Omit<TaskText, "trigger"> {
  readonly trigger?: Trigger
  /** What its body does, where that is not described; its calls are not written down. */
  readonly body?: Body
  /** The value of a task that has it without running. */
  readonly constant?: Json
  /** What it does for a resource. */
  readonly role?: "init" | "setup" | "cleanup"
  /** Whether every pass runs it again. */
  readonly isRunAgain?: boolean
}

/** Whether a departure is made. */
type Has = (departure: Switch) => boolean

/** A flow that was built. */
export interface ModelGraph {
  /** Each after those that it depends on. */
  readonly tasks: ReadonlyArray<ModelTask>
  readonly edgesTo: (task: string) => ReadonlyArray<EdgeText>
  readonly terminalTasks: ReadonlyArray<string>
  readonly referenceTasks: ReadonlyArray<string>
}

/** Builds a flow. */
export const build = (text: FlowText, has: Has): ModelGraph => {
  const tasks: Array<ModelTask> = []
  const edges = [...text.edges]
  for (const task of text.tasks) {
    tasks.push(taskOf(task))
    for (const [key, list] of Object.entries(task.mappedConstants ?? {})) {
      const name = nameOf(list)
      tasks.push({ name, constant: list })
      edges.push({ from: name, to: task.name, key, mapped: true })
    }
  }
  for (const construct of text.constructs ?? []) {
    const added = add(construct, text.edges, has)
    tasks.push(...added.tasks)
    edges.push(...added.edges)
  }
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const downstream = (name: string) => edges.filter(({ from }) => from === name).map(({ to }) => to)
  const isLast = ({ name, role }: ModelTask) =>
    role !== "init" && role !== "cleanup" &&
    downstream(name).every((to) => byName.get(to)!.role === "cleanup")
  return {
    tasks: inOrder(tasks, edges),
    edgesTo: (name) => edges.filter(({ to }) => to === name),
    terminalTasks: names(tasks.filter(({ name }) => downstream(name).length === 0)),
    referenceTasks: text.referenceTasks ?? names(tasks.filter(isLast))
  }
}

const names = (tasks: ReadonlyArray<ModelTask>) => tasks.map(({ name }) => name)

const inOrder = (
  tasks: ReadonlyArray<ModelTask>,
  edges: ReadonlyArray<EdgeText>
): ReadonlyArray<ModelTask> => {
  const ordered: Array<ModelTask> = []
  const done = new Set<string>()
  const isFree = ({ name }: ModelTask) =>
    !done.has(name) && edges.every(({ from, to }) => to !== name || done.has(from))
  for (let next = tasks.find(isFree); next !== undefined; next = tasks.find(isFree)) {
    ordered.push(next)
    done.add(next.name)
  }
  return ordered
}

const nameOf = (list: ReadonlyArray<Json>): string => {
  const printed = JSON.stringify(list).replaceAll(",", ", ")
  return printed.length > 8 ? "Constant[list]" : printed
}

// -----------------------------------------------------------------------------
// Parameters and secrets
// -----------------------------------------------------------------------------

/** Whether a parameter needs a value. */
export const isRequired = ({ default: value, required }: TaskText): boolean =>
  required ?? value === undefined

const taskOf = (text: TaskText): ModelTask => {
  if (text.kind === "parameter") return { ...text, body: parameterBody(text) }
  if (text.kind === "secret") {
    return { ...text, body: secretBody(text.name), isRunAgain: true, checkpoint: false }
  }
  return text
}

const parameterBody = (text: TaskText): Body => (_inputs, context, { parameters }) => {
  const value = parameters[text.name]
  if (value !== undefined || !isRequired(text)) return value ?? null
  const message = `Parameter "${text.name}" was required but not provided.`
  throw raise({ signal: "FAIL", message }, context)
}

const secretBody = (name: string): Body => (_inputs, _context, { text }) => {
  const secret = text.secrets?.[name]
  if (secret === undefined) {
    const message = `Local Secret "${name}" was not found.`
    throw new Raised({ error: "ValueError", message })
  }
  if (typeof secret !== "string") return secret
  try {
    return JSON.parse(secret) as Json
  } catch {
    return secret
  }
}

// -----------------------------------------------------------------------------
// Constructs
// -----------------------------------------------------------------------------

interface Added {
  readonly tasks: ReadonlyArray<ModelTask>
  readonly edges: ReadonlyArray<EdgeText>
}

const add = (
  construct: Construct,
  edges: ReadonlyArray<EdgeText>,
  has: Has
): Added => {
  switch (construct.construct) {
    case "case": {
      const { condition, tasks, value } = construct
      const isFirst = (name: string) =>
        !edges.some(({ from, to }) => to === name && tasks.includes(from))
      return compare(`case(${print(value)})`, condition, value, tasks.filter(isFirst))
    }
    case "switch":
      return all(
        construct.cases.map(([value, task]) =>
          compare(`CompareValue: "${print(value)}"`, construct.condition, value, [task])
        )
      )
    case "ifelse": {
      const { condition, ifFalse, ifTrue } = construct
      const branch = (value: boolean, task: string | null | undefined) =>
        task ? [compare(`CompareValue: "${print(value)}"`, "as_bool", value, [task])] : []
      const decides = { name: "as_bool", body: ({ x }: JsonObject) => isTruthy(x) }
      return all([
        { tasks: [decides], edges: [{ from: condition, to: "as_bool", key: "x" }] },
        ...branch(true, ifTrue),
        ...branch(false, ifFalse)
      ])
    }
    case "merge":
      return merge(construct.name, construct.tasks, has("mergesGoInOrder"))
    case "filter":
      return filter(construct.name, construct.from, has("filtersDropSignals"))
    case "resource":
      return resource(construct, edges)
  }
}

const all = (parts: ReadonlyArray<Added>): Added => ({
  tasks: parts.flatMap(({ tasks }) => tasks),
  edges: parts.flatMap(({ edges }) => edges)
})

const print = (value: Json | undefined): string => {
  if (value === true) return "True"
  if (value === false) return "False"
  return value === null || value === undefined ? "None" : String(value)
}

const compare = (
  name: string,
  condition: string,
  expected: Json,
  first: ReadonlyArray<string>
): Added => ({
  tasks: [{
    name,
    body: ({ value }, context) => {
      if (isSame(value, expected)) return null
      const message = `Provided value "${print(value)}" did not match "${print(expected)}"`
      throw raise({ signal: "SKIP", message }, context)
    }
  }],
  edges: [
    { from: condition, to: name, key: "value" },
    ...first.map((to) => ({ from: name, to }))
  ]
})

const merge = (name: string, branches: ReadonlyArray<string>, isInOrder: boolean): Added => ({
  tasks: [{
    name,
    trigger: "not_all_skipped",
    skipOnUpstreamSkip: false,
    body: (inputs) => {
      const keys = Object.keys(inputs)
      const found = (isInOrder ? keys : keys.toSorted()).find((key) => inputs[key] !== null)
      return found === undefined ? null : inputs[found]!
    }
  }],
  edges: branches.map((from, i) => ({ from, to: name, key: `task_${i + 1}` }))
})

const filter = (name: string, from: string, dropsSignals: boolean): Added => ({
  tasks: [{
    name,
    trigger: "all_finished",
    skipOnUpstreamSkip: false,
    body: ({ task_results: results }) => {
      if (!Array.isArray(results)) throw new Raised({ error: "TypeError", message: "no list" })
      const isKept = (item: Json) =>
        item !== null && !isError(item) && !(dropsSignals && isThrown(item))
      return results.filter(isKept)
    }
  }],
  edges: [{ from, to: name, key: "task_results" }]
})

const resource = (
  { cleanup, init, name, setup, tasks }: Extract<Construct, { readonly construct: "resource" }>,
  edges: ReadonlyArray<EdgeText>
): Added => {
  const [setupName, cleanupName] = [`${name}.setup`, `${name}.cleanup`]
  const hasSetup = setup !== null
  const isFirst = (task: string) =>
    !edges.some(({ from, to }) => to === task && (tasks.includes(from) || from === setupName))
  const isLast = (task: string) =>
    !edges.some(({ from, to }) => from === task && tasks.includes(to))
  const made = init === undefined ? { $repr: name } : undefined
  const initBody = { body: (_: JsonObject, context: Context) => made ?? behave(init, {}, context) }
  const setupBody = {
    body: (_: JsonObject, context: Context) => behave(setup ?? undefined, {}, context)
  }
  const again = { isRunAgain: true, checkpoint: false } as const
  const setupTask = { name: setupName, role: "setup", ...setupBody, ...again } as const
  return {
    tasks: [
      { name, role: "init", ...initBody },
      ...(hasSetup ? [setupTask] : []),
      {
        name: cleanupName,
        role: "cleanup",
        trigger: "resource_cleanup",
        skipOnUpstreamSkip: false,
        ...(cleanup === undefined ? {} : { behaviour: cleanup }),
        ...again
      }
    ],
    edges: [
      ...(hasSetup ? [{ from: name, to: setupName, key: "mgr" }] : []),
      { from: name, to: cleanupName, key: "mgr" },
      ...(hasSetup ? [{ from: setupName, to: cleanupName, key: "resource" }] : []),
      ...(hasSetup ? tasks.filter(isFirst).map((to) => ({ from: setupName, to })) : []),
      ...tasks.filter(isLast).map((from) => ({ from, to: cleanupName }))
    ]
  }
}
