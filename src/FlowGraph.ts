/**
 * The tasks of a flow and what depends on what, as pure data: built once from the flow's body and
 * compiled once into arrays of numbers that a run walks without looking anything up.
 *
 * @module
 */
import { Effect, Formatter, Predicate } from "effect"
import { make as definitionError } from "./DefinitionError.ts"
import type * as Parameter from "./Parameter.ts"
import type * as StateHandler from "./StateHandler.ts"
import * as Task from "./Task.ts"
import { type TaskSubject, taskSubject } from "./Transition.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** Where a value comes from when the flow runs: given, the result of a task, or made of such. */
export type Source =
  | { readonly _tag: "Constant"; readonly value: unknown }
  | { readonly _tag: "Result"; readonly index: number }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<Source> }
  | { readonly _tag: "Record"; readonly fields: ReadonlyArray<readonly [string, Source]> }

/** One input of a task. */
export interface Input {
  readonly key: string
  readonly source: Source
  /** Whether each run of a mapped task gets one item of it. */
  readonly mapped: boolean
  /** Whether the items of the lists in it count instead of the lists. */
  readonly flatten: boolean
  /** The place of its edge among the edges of the task; -1 unless it is one task's result. */
  readonly edge: number
}

/** One dependency of a task on another. */
export interface Edge {
  readonly upstream: number
  readonly key: string | undefined
  readonly mapped: boolean
  readonly flatten: boolean
}

/** One task of a flow. */
export interface Node {
  readonly index: number
  readonly task: Task.Any
  readonly slug: string
  readonly subject: TaskSubject
  /** The parameter that this task gives the value of. */
  readonly parameter: string | undefined
  /** The value of a task that stands for a literal; it has it without running. */
  readonly constant: { readonly value: unknown } | undefined
  readonly inputs: ReadonlyArray<Input>
  readonly edges: ReadonlyArray<Edge>
  /** The tasks that it depends on, each once, in the order they were named. */
  readonly upstream: ReadonlyArray<number>
  /** What it does for a resource, if it is part of one. */
  readonly role: "init" | "cleanup" | undefined
  /** How many of its inputs are constants; triggers count them as successes. */
  readonly constants: number
  /** Whether it runs once per item of some input. */
  readonly isMapped: boolean
}

/** A flow's tasks and their order. */
export interface FlowGraph {
  readonly flow: string
  /** What the references to this graph's tasks name as their graph. */
  readonly builder: object
  readonly nodes: ReadonlyArray<Node>
  /** The tasks whose states decide the flow's. */
  readonly referenceTasks: ReadonlyArray<number>
  /** The tasks that nothing depends on. */
  readonly terminalTasks: ReadonlyArray<number>
  /** What is odd about tasks although they can run. */
  readonly warnings: ReadonlyArray<string>
  /** What the body of the flow returned. */
  readonly result: Source
  /**
   * The tasks that node `i` releases are those from `offsets[i]` to `offsets[i + 1]`: where `early`
   * is 1 as soon as it has fanned out, else when all its runs have ended.
   */
  readonly downstream: Int32Array
  readonly early: Uint8Array
  readonly offsets: Int32Array
  readonly indexBySlug: ReadonlyMap<string, number>
  /** How many releases by upstream tasks each task waits for. */
  readonly waitsFor: Int32Array
  /** The lists of handlers that its tasks have, each once. */
  readonly handlerLists: ReadonlyArray<ReadonlyArray<StateHandler.Any>>
  /** The tasks that stand for literals. */
  readonly constants: ReadonlyArray<number>
  /** The tasks whose results may be used again by later runs. */
  readonly keeping: ReadonlyArray<Node>
}

/** The body of a flow: it only builds, and runs once. */
export type Body = (
  parameters: Readonly<Record<string, Task.Ref<any>>>
) => Iterator<Task.Instruction<any, any, any>, unknown, unknown>

// -----------------------------------------------------------------------------
// Building
// -----------------------------------------------------------------------------

interface Building {
  readonly index: number
  readonly task: Task.Any
  readonly name: string
  readonly slug: string
  readonly parameter: string | undefined
  readonly constant: { readonly value: unknown } | undefined
  readonly role: "init" | "cleanup" | undefined
  readonly inputs: Array<Input>
  readonly edges: Array<Edge>
}

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
): FlowGraph => {
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
  private readonly nodes: Array<Building> = []
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
        throw this.error(
          "its body must yield* calls of tasks",
          `received ${Formatter.format(turn.value)}`
        )
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
      this.nodes[index]!.edges.filter(({ upstream }) => places.has(upstream))
        .map(({ upstream }) => ({ upstream, downstream: index }))
    )
    this.interpret(close({
      tasks,
      first: tasks.filter(({ index }) => !within.some(({ downstream }) => downstream === index)),
      last: tasks.filter(({ index }) => !within.some(({ upstream }) => upstream === index)),
      dependsOn: (task, on) =>
        this.nodes[task.index]!.edges.some(({ upstream }) => upstream === on.index)
    }))
    return returned
  }

  private call({ inputs = {}, mapped, options, role, task }: Task.Step & { _tag: "Call" }) {
    const name = options.name ?? task.name
    const slug = options.slug ?? task.policies.slug ?? this.nextSlug(name, task.policies.tags)
    const prepared = Object.keys(inputs).map((key) => this.input(key, inputs[key], mapped))
    const ref = this.add(task, { name, slug, role })
    this.blocks.at(-1)?.push(ref)
    const node = this.nodes[ref.index]!
    for (const input of prepared) {
      const edge = input.source._tag === "Result" ? node.edges.length : -1
      node.inputs.push({ ...input, edge })
      for (const upstream of upstreamOf(input.source)) {
        const key = input.source._tag === "Result" ? input.key : undefined
        node.edges.push({ upstream, key, mapped: input.mapped, flatten: input.flatten })
      }
    }
    for (const after of options.after ?? []) {
      const upstream = Task.isTask(after) ? this.indexOfTask(after) : this.indexOf(after)
      node.edges.push({ upstream, key: undefined, mapped: false, flatten: false })
    }
    return ref
  }

  /** A literal that is mapped over or flattened becomes a task of its own. */
  private input(key: string, given: unknown, mappedCall: boolean): Omit<Input, "edge"> {
    const { flatten, value, ...annotation } = Task.annotationOf(given)
    const mapped = annotation.mapped ?? mappedCall
    const source = this.sourceOf(value)
    if (source._tag === "Result" || !(mapped || flatten)) return { key, source, mapped, flatten }
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

  private collect(value: unknown, source: Source): Task.Ref<any> {
    const name = source._tag === "List" ? "List" : "Dict"
    const ref = this.add(collectTask, { name, slug: this.nextSlug(name, []) })
    const node = this.nodes[ref.index]!
    node.inputs.push({ key: "items", source, mapped: false, flatten: false, edge: -1 })
    for (const upstream of upstreamOf(source)) {
      node.edges.push({ upstream, key: undefined, mapped: false, flatten: false })
    }
    return ref
  }

  add(
    task: Task.Any,
    fields:
      & Pick<Building, "name" | "slug">
      & Partial<Pick<Building, "parameter" | "constant" | "role">>
  ): Task.Ref<any> {
    const { slug } = fields
    if (this.indexBySlug.has(slug)) {
      throw this.error(`A task with the slug "${slug}" already exists in this flow.`)
    }
    const index = this.nodes.length
    this.indexBySlug.set(slug, index)
    this.nodes.push({
      index,
      task,
      name: fields.name,
      slug,
      parameter: fields.parameter,
      constant: fields.constant,
      role: fields.role,
      inputs: [],
      edges: []
    })
    return Task.ref({ slug, index, graph: this.identity })
  }

  private edge({ downstream, flatten, key, mapped, upstream: from }: Task.Step & { _tag: "Edge" }) {
    const upstream = this.indexOf(from)
    const node = this.nodes[this.indexOf(downstream)]!
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
  private sourceOf(value: unknown): Source {
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
    const found = this.nodes.filter((node) => node.task === task)
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

  finish(result: unknown): FlowGraph {
    const source = this.sourceOf(result)
    const nodes = this.nodes.map(freeze)
    const { downstream, early, offsets, waitsFor } = adjacency(nodes)
    if (this.hasBackEdge) this.refuseCycles(nodes)
    const terminalTasks = nodes.filter((node) => offsets[node.index] === offsets[node.index + 1])
      .map((node) => node.index)
    return {
      flow: this.flow,
      builder: this.identity,
      nodes,
      referenceTasks: this.references ?? defaultReferences(nodes, downstream, offsets),
      warnings: [...new Set(nodes.flatMap((node) => node.task.policies.warnings))],
      terminalTasks,
      result: source,
      downstream,
      early,
      offsets,
      indexBySlug: this.indexBySlug,
      waitsFor,
      handlerLists: [...new Set(nodes.map((node) => node.task.policies.handlers))],
      constants: nodes.filter((node) => node.constant !== undefined).map((node) => node.index),
      keeping: nodes.filter((node) => node.task.policies.cacheFor !== undefined)
    }
  }

  /** Only a dependency that was added by hand can point back, so only then a cycle can be. */
  private refuseCycles(nodes: ReadonlyArray<Node>): void {
    const downstream = nodes.map((): Array<number> => [])
    for (const node of nodes) for (const up of node.upstream) downstream[up]!.push(node.index)
    const waiting = Int32Array.from(nodes, (node) => node.upstream.length)
    const free = nodes.filter((node) => node.upstream.length === 0).map((node) => node.index)
    for (let index = free.pop(); index !== undefined; index = free.pop()) {
      for (const next of downstream[index]!) if (--waiting[next]! === 0) free.push(next)
    }
    const first = waiting.findIndex((count) => count > 0)
    if (first === -1) return
    throw this.error("Cycle found; flows must be acyclic!", cyclePath(nodes, waiting, first))
  }
}

// Their bodies only pass on what they are given.
const constantTask = Task.make("Constant", { run: () => Effect.void })
const collectTask = Task.make("List", {
  run: ({ items }: { readonly items: unknown }) => Effect.succeed(items)
})

const upstreamOf = (source: Source): ReadonlyArray<number> => {
  switch (source._tag) {
    case "Constant":
      return []
    case "Result":
      return [source.index]
    case "List":
      return source.items.flatMap(upstreamOf)
    case "Record":
      return source.fields.flatMap(([, field]) => upstreamOf(field))
  }
}

const holdsRef = (value: unknown, seen: Set<unknown>): boolean => {
  if (Task.isRef(value)) return true
  if (!Array.isArray(value) && !isPlainObject(value)) return false
  if (seen.has(value)) return false
  seen.add(value)
  return Object.values(value).some((item) => holdsRef(item, seen))
}

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const freeze = (node: Building): Node => ({
  index: node.index,
  task: node.task,
  slug: node.slug,
  subject: taskSubject({ name: node.name, slug: node.slug, tags: node.task.policies.tags }),
  parameter: node.parameter,
  constant: node.constant,
  role: node.role,
  inputs: node.inputs.length === 0 ? noInputs : node.inputs,
  edges: node.edges.length === 0 ? noEdges : node.edges,
  upstream: distinct(node.edges),
  constants: node.inputs.filter(({ source }) => source._tag === "Constant").length,
  isMapped: node.edges.some((edge) => edge.mapped)
})

// Flows are large and many of their tasks have none, so these share one list.
const noInputs: ReadonlyArray<Input> = []
const noEdges: ReadonlyArray<Edge> = []
const noUpstream: ReadonlyArray<number> = []

const distinct = (edges: ReadonlyArray<Edge>): ReadonlyArray<number> => {
  if (edges.length === 0) return noUpstream
  if (edges.length === 1) return [edges[0]!.upstream]
  return [...new Set(edges.map((edge) => edge.upstream))]
}

/** Whether a dependency is met as soon as the upstream task has fanned out. */
const isEarly = (edge: Edge): boolean => edge.mapped && !edge.flatten

/** The distinct releases that a task waits for. */
const releases = ({ edges }: Pick<Node, "edges">): ReadonlyArray<Edge> => {
  if (edges.length < 2) return edges
  const seen = new Set<number>()
  return edges.filter((edge) => {
    const release = edge.upstream * 2 + (isEarly(edge) ? 1 : 0)
    return !seen.has(release) && seen.add(release)
  })
}

/** Turns the lists of upstream tasks around, into one array with a range for each task. */
const adjacency = (nodes: ReadonlyArray<Node>) => {
  const offsets = new Int32Array(nodes.length + 1)
  const waitsFor = new Int32Array(nodes.length)
  const incoming = nodes.map(releases)
  incoming.forEach((edges, index) => {
    waitsFor[index] = edges.length
    for (const { upstream } of edges) offsets[upstream + 1]!++
  })
  for (let i = 0; i < nodes.length; i++) offsets[i + 1]! += offsets[i]!
  const next = offsets.slice()
  const downstream = new Int32Array(offsets[nodes.length]!)
  const early = new Uint8Array(downstream.length)
  incoming.forEach((edges, index) => {
    for (const edge of edges) {
      const at = next[edge.upstream]!++
      downstream[at] = index
      early[at] = isEarly(edge) ? 1 : 0
    }
  })
  return { downstream, early, offsets, waitsFor }
}

/** The last tasks, where the cleanup of a resource does not count as one. */
const defaultReferences = (
  nodes: ReadonlyArray<Node>,
  downstream: Int32Array,
  offsets: Int32Array
): ReadonlyArray<number> => {
  const references: Array<number> = []
  for (const { index, role } of nodes) {
    let isLast = role === undefined
    for (let i = offsets[index]!; isLast && i < offsets[index + 1]!; i++) {
      isLast = nodes[downstream[i]!]!.role === "cleanup"
    }
    if (isLast) references.push(index)
  }
  return references
}

/** Walks upstream among the tasks that never become free until one comes up again. */
const cyclePath = (nodes: ReadonlyArray<Node>, waiting: Int32Array, first: number): string => {
  const path: Array<number> = []
  let index = first
  while (!path.includes(index)) {
    path.push(index)
    index = nodes[index]!.upstream.find((up) => waiting[up]! > 0)!
  }
  const cycle = [index, ...path.slice(path.indexOf(index) + 1).toReversed(), index]
  return cycle.map((i) => nodes[i]!.slug).join(" → ")
}

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

/** The value of a source, given the results of the tasks by their place. */
export const read = (source: Source, resultOf: (index: number) => unknown): unknown => {
  switch (source._tag) {
    case "Constant":
      return source.value
    case "Result":
      return resultOf(source.index)
    case "List":
      return source.items.map((item) => read(item, resultOf))
    case "Record":
      return Object.fromEntries(
        source.fields.map(([key, field]) => [key, read(field, resultOf)])
      )
  }
}
