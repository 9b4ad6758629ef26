/**
 * Builds the graph of a flow from its body: gives each call a name, finds where its inputs come from,
 * and refuses what cannot be.
 *
 * @module
 */
import { Effect, Formatter, Predicate } from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import * as FlowGraph from "./FlowGraph.ts"
import type * as Parameter from "./Parameter.ts"
import * as Task from "./Task.ts"

/** The body of a flow: it only builds, and runs once. */
export type Body = (
  parameters: Readonly<Record<string, Task.Ref<any>>>
) => Iterator<Task.Instruction<any, any, any>, unknown, unknown>

/**
 * Builds the graph of a flow from its body.
 *
 * @throws DefinitionError for a slug that is used twice, a cycle, a reference of another flow, an
 * input that is fed twice, and what is no task.
 */
export const build = (
  flow: string,
  parameters: Readonly<Record<string, Parameter.Any>>,
  parameterTask: (name: string) => Task.Any,
  body: Body
): FlowGraph.FlowGraph => {
  const builder = new Builder(flow)
  const refs: Record<string, Task.Ref<any>> = {}
  for (const name of Object.keys(parameters)) {
    refs[name] = builder.add(parameterTask(name), { name, slug: name, parameter: name })
  }
  return builder.finish(builder.interpret(body(refs)))
}

class Builder {
  readonly flow: string
  /** What references to its tasks carry; the builder itself is not kept alive by them. */
  private readonly identity = {}
  private readonly action: string
  private readonly tasks: Array<FlowGraph.TaskDraft> = []
  private readonly indexBySlug = new Map<string, number>()
  private readonly counts = new Map<string, number>()
  private references: ReadonlyArray<number> | undefined
  /** The tasks added so far in each block that is open, the innermost last. */
  private readonly blocks: Array<Array<Task.Ref<any>>> = []
  private hasBackEdge = false

  constructor(flow: string) {
    this.flow = flow
    this.action = `Cannot build flow "${flow}"`
  }

  interpret(body: Iterator<Task.Instruction<any, any, any>, unknown, unknown>): unknown {
    if (!Predicate.hasProperty(body, "next")) {
      throw definitionError(
        `Cannot define flow "${this.flow}"`,
        "its body must be a generator function",
        `it returned ${Formatter.format(body)}`
      )
    }
    let turn = body.next()
    while (turn.done !== true) {
      if (!Task.isInstruction(turn.value)) {
        const received = Effect.isEffect(turn.value) ? "an Effect" : Formatter.format(turn.value)
        throw this.error("its body must yield* calls of tasks", `received ${received}`)
      }
      turn = body.next(this.apply(turn.value.step))
    }
    return turn.value
  }

  private apply(step: Task.Step): unknown {
    switch (step._tag) {
      case "Call":
        return this.call(step)
      case "ReferenceTasks":
        this.references = step.refs.map((ref) => this.referenceOf(ref))
        return undefined
      case "Edge":
        return this.edge(step)
      case "Block":
        return this.block(step)
    }
  }

  private block({ body, close }: Task.Step & { _tag: "Block" }): unknown {
    if (close === undefined) return this.interpret(body())
    const tasks: Array<Task.Ref<any>> = []
    this.blocks.push(tasks)
    const returned = this.interpret(body())
    this.blocks.pop()
    const places = new Set(tasks.map((ref) => ref.index))
    const within = tasks.flatMap(({ index }) =>
      this.tasks[index]!.edges.filter(({ upstream }) => places.has(upstream))
        .map(({ upstream }) => ({ upstream, downstream: index }))
    )
    this.interpret(close({
      tasks,
      first: tasks.filter(({ index }) => !within.some(({ downstream }) => downstream === index)),
      last: tasks.filter(({ index }) => !within.some(({ upstream }) => upstream === index)),
      dependsOn: (task, on) =>
        this.tasks[task.index]!.edges.some(({ upstream }) => upstream === on.index)
    }))
    return returned
  }

  private call({ inputs = {}, mapped, options, role, task }: Task.Step & { _tag: "Call" }) {
    const name = options.name ?? task.name
    const slug = options.slug ?? task.policies.slug ?? this.nextSlug(name, task.policies.tags)
    const edges: Array<FlowGraph.Edge> = []
    const placed = Object.keys(inputs).map((key) => {
      const input = this.input(key, inputs[key], mapped)
      const isResult = input.source._tag === "Result"
      const edge = isResult ? edges.length : -1
      for (const upstream of FlowGraph.upstreamOf(input.source)) {
        const { flatten, mapped } = input
        edges.push({ upstream, key: isResult ? key : undefined, mapped, flatten })
      }
      return { ...input, edge }
    })
    for (const after of options.after ?? []) {
      edges.push(this.after(Task.isTask(after) ? this.indexOfTask(after) : this.indexOf(after)))
    }
    // A list that has grown keeps room for a dozen more.
    const ref = this.add(task, { name, slug, role, inputs: placed, edges: edges.slice() })
    this.blocks.at(-1)?.push(ref)
    return ref
  }

  /** A dependency on which nothing is passed. */
  private after(upstream: number): FlowGraph.Edge {
    const edge = { upstream, key: undefined, mapped: false, flatten: false }
    return this.tasks[upstream]!.plainEdge ??= edge
  }

  /** A literal that is mapped over or flattened becomes a task of its own. */
  private input(key: string, given: unknown, mappedCall: boolean): Omit<FlowGraph.Input, "edge"> {
    const { flatten, value, ...annotation } = Task.annotationOf(given)
    const mapped = annotation.mapped ?? mappedCall
    const source = this.sourceOf(value)
    if (source._tag === "Result" || !(mapped || flatten)) return { key, source, mapped, flatten }
    if (mapped && source._tag === "Constant" && !FlowGraph.isList(value)) {
      const shown = Formatter.format(value).slice(0, 10)
      throw this.error(
        `Cannot map over unsubscriptable object of type ${typeof value}: ${shown}...`,
        `input "${key}"`
      )
    }
    const ref = source._tag === "Constant" ? this.constant(value) : this.collect(value, source)
    return { key, source: { _tag: "Result", index: ref.index }, mapped, flatten }
  }

  private constant(value: unknown): Task.Ref<any> {
    const printed = Array.isArray(value)
      ? `[${value.map((item) => Formatter.format(item)).join(", ")}]`
      : Formatter.format(value)
    const kind = Array.isArray(value) ? "list" : typeof value
    const name = printed.length > 8 ? `Constant[${kind}]` : printed
    return this.add(constantTask, { name, slug: this.nextSlug(name, []), constant: { value } })
  }

  private collect(value: unknown, source: FlowGraph.Source): Task.Ref<any> {
    const name = source._tag === "List" ? "List" : "Dict"
    return this.add(collectTask, {
      name,
      slug: this.nextSlug(name, []),
      inputs: [{ key: "items", source, mapped: false, flatten: false, edge: -1 }],
      edges: FlowGraph.upstreamOf(source).map((upstream) => this.after(upstream))
    })
  }

  add(
    task: Task.Any,
    fields:
      & Pick<FlowGraph.TaskDraft, "name" | "slug">
      & Partial<Pick<FlowGraph.TaskDraft, "parameter" | "constant" | "role" | "inputs" | "edges">>
  ): Task.Ref<any> {
    const { slug } = fields
    if (this.indexBySlug.has(slug)) {
      throw this.error(`A task with the slug "${slug}" already exists in this flow.`)
    }
    const index = this.tasks.length
    this.indexBySlug.set(slug, index)
    this.tasks.push({
      index,
      task,
      name: fields.name,
      slug,
      parameter: fields.parameter,
      constant: fields.constant,
      role: fields.role,
      inputs: fields.inputs ?? [],
      edges: fields.edges ?? [],
      plainEdge: undefined
    })
    return Task.ref({ slug, index, graph: this.identity })
  }

  private edge({ downstream, flatten, key, mapped, upstream: from }: Task.Step & { _tag: "Edge" }) {
    const upstream = this.indexOf(from)
    const node = this.tasks[this.indexOf(downstream)]!
    if (upstream === node.index) {
      throw this.error("Edges can not connect a task to itself.", node.slug)
    }
    if (node.parameter !== undefined) {
      throw this.error(
        "Parameters must be root tasks and can not have upstream dependencies.",
        node.slug
      )
    }
    if (key !== undefined) {
      if (node.inputs.some((input) => input.key === key)) {
        throw this.error(
          `Argument "${key}" for task <Task: ${node.name}> has already been assigned in this flow.`
        )
      }
      const source = { _tag: "Result", index: upstream } as const
      node.inputs.push({ key, source, mapped, flatten, edge: node.edges.length })
    }
    node.edges.push({ upstream, key, mapped, flatten })
    this.hasBackEdge ||= upstream > node.index
    return undefined
  }

  /** Where a value comes from: references may stand anywhere in lists and plain objects. */
  private sourceOf(value: unknown): FlowGraph.Source {
    if (Task.isRef(value)) return { _tag: "Result", index: this.indexOf(value) }
    if (!holdsRef(value, new Set())) return { _tag: "Constant", value }
    if (Array.isArray(value)) {
      return { _tag: "List", items: value.map((item) => this.sourceOf(item)) }
    }
    return {
      _tag: "Record",
      fields: Object.entries(value as object).map(([key, item]) => [key, this.sourceOf(item)])
    }
  }

  private indexOfTask(task: Task.Any): number {
    const found = this.tasks.filter((node) => node.task === task)
    if (found.length === 1) return found[0]!.index
    throw this.error(
      found.length === 0
        ? `Task ${task} was not found in Flow <Flow: name=${this.flow}>: yield* it first`
        : `it has ${found.length} tasks ${task}; name one by its reference`
    )
  }

  private referenceOf(ref: Task.Ref<any>): number {
    if (Task.isRef(ref) && ref.graph === this.identity) return ref.index
    throw this.error("reference tasks must be part of the flow.", String(ref))
  }

  private indexOf(ref: unknown): number {
    if (!Task.isRef(ref)) {
      throw this.error("Tasks must be Task instances", `received ${Formatter.format(ref)}`)
    }
    if (ref.graph !== this.identity) {
      throw this.error(`Task "${ref.slug}" was not found in this flow: it belongs to another one`)
    }
    return ref.index
  }

  private nextSlug(name: string, tags: ReadonlyArray<string>): string {
    const prefix = tags.length === 0 ? name : [name, ...tags.toSorted()].join("-")
    let count = this.counts.get(prefix) ?? 0
    do count++
    while (this.indexBySlug.has(`${prefix}-${count}`))
    this.counts.set(prefix, count)
    return `${prefix}-${count}`
  }

  private error(reason: string, detail?: string) {
    return definitionError(this.action, reason, detail)
  }

  finish(result: unknown): FlowGraph.FlowGraph {
    const { cycle, graph } = FlowGraph.compile({
      flow: this.flow,
      builder: this.identity,
      tasks: this.tasks,
      referenceTasks: this.references,
      result: this.sourceOf(result),
      indexBySlug: this.indexBySlug,
      hasBackEdge: this.hasBackEdge
    })
    if (cycle !== undefined) throw this.error("Cycle found; flows must be acyclic!", cycle)
    return graph
  }
}

// Their bodies only pass on what they are given.
const constantTask = Task.make("Constant", { run: () => Effect.void })
const collectTask = Task.make("List", {
  run: ({ items }: { readonly items: unknown }) => Effect.succeed(items)
})

const holdsRef = (value: unknown, seen: Set<unknown>): boolean => {
  if (Task.isRef(value)) return true
  if (!Array.isArray(value) && !FlowGraph.isRecord(value)) return false
  if (seen.has(value)) return false
  seen.add(value)
  return Object.values(value).some((item) => holdsRef(item, seen))
}
