/**
 * The tasks of a flow and what depends on what, as pure data: built once from the flow's body and
 * compiled once into arrays of numbers that a run walks without looking anything up.
 *
 * @module
 */
import * as ReadyQueue from "./ReadyQueue.ts"
import type * as StateHandler from "./StateHandler.ts"
import type * as Task from "./Task.ts"
import type * as TaskPolicies from "./TaskPolicies.ts"
import { type TaskSubject, taskSubject } from "./Transition.ts"
import * as Trigger from "./Trigger.ts"

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
  /** Whether nothing but upstream tasks can keep it from running: most tasks are of that kind. */
  readonly isPlain: boolean
  /** The place of its list of handlers among those of the flow. */
  readonly handlerList: number
}

/** A flow's tasks and their order. */
export interface FlowGraph {
  readonly flow: string
  /** What the references to this graph's tasks name as their graph. */
  readonly builder: object
  readonly nodes: ReadonlyArray<Node>
  /** The tasks whose states decide the flow's. */
  readonly referenceTasks: ReadonlyArray<number>
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
  /** The tasks that wait for nothing; each run begins with a copy. */
  readonly roots: ReadyQueue.ReadyQueue
  /** The lists of handlers that its tasks have, each once. */
  readonly handlerLists: ReadonlyArray<ReadonlyArray<StateHandler.Any>>
  /** The tasks that stand for literals. */
  readonly constants: ReadonlyArray<number>
  /** The tasks whose results may be used again by later runs. */
  readonly keeping: ReadonlyArray<Node>
}

// -----------------------------------------------------------------------------
// Compiling
// -----------------------------------------------------------------------------

/** One task of a flow that is being built. */
export interface TaskDraft {
  readonly index: number
  readonly task: Task.Any
  readonly name: string
  readonly slug: string
  readonly parameter: string | undefined
  readonly constant: { readonly value: unknown } | undefined
  readonly role: "init" | "cleanup" | undefined
  readonly inputs: Array<Input>
  readonly edges: Array<Edge>
  /** The dependency of others on this task where nothing is passed: they share one. */
  plainEdge: Edge | undefined
}

/** A flow that has been built, before it is compiled. */
export interface Draft extends Pick<FlowGraph, "flow" | "builder" | "result" | "indexBySlug"> {
  readonly tasks: ReadonlyArray<TaskDraft>
  /** The tasks that decide the flow's state, where the flow names them. */
  readonly referenceTasks: ReadonlyArray<number> | undefined
  /** Whether a dependency was added by hand that points back: only then there can be a cycle. */
  readonly hasBackEdge: boolean
}

/** A compiled graph, and the path of a cycle if it has one. */
export interface Compiled {
  readonly graph: FlowGraph
  readonly cycle: string | undefined
}

/** Compiles a flow into what a run walks. */
export const compile = (draft: Draft): Compiled => {
  const handlerLists = [...new Set(draft.tasks.map(({ task }) => task.policies.handlers))]
  const lists = new Map(handlerLists.map((list, place) => [list, place]))
  const nodes = draft.tasks.map((task) =>
    new NodeImpl(task, lists.get(task.task.policies.handlers)!)
  )
  const { downstream, early, offsets, waitsFor } = adjacency(nodes)
  const graph: FlowGraph = {
    flow: draft.flow,
    builder: draft.builder,
    nodes,
    referenceTasks: draft.referenceTasks ?? defaultReferences(nodes, downstream, offsets),
    warnings: [...new Set(nodes.flatMap((node) => node.task.policies.warnings))],
    result: draft.result,
    downstream,
    early,
    offsets,
    indexBySlug: draft.indexBySlug,
    waitsFor,
    roots: rootsOf(waitsFor),
    handlerLists,
    constants: nodes.filter((node) => node.constant !== undefined).map((node) => node.index),
    keeping: nodes.filter((node) => node.task.policies.cacheFor !== undefined)
  }
  return { graph, cycle: draft.hasBackEdge ? findCycle(graph) : undefined }
}

class NodeImpl implements Node {
  // There is one for each task: what the constructor sets is not set to nothing before.
  declare readonly index: number
  declare readonly task: Task.Any
  declare readonly slug: string
  declare readonly subject: TaskSubject
  declare readonly parameter: string | undefined
  declare readonly constant: Node["constant"]
  declare readonly inputs: ReadonlyArray<Input>
  declare readonly edges: ReadonlyArray<Edge>
  declare readonly role: Node["role"]
  declare readonly constants: number
  declare readonly isMapped: boolean
  declare readonly isPlain: boolean
  declare readonly handlerList: number

  constructor(draft: TaskDraft, handlerList: number) {
    const { edges, inputs, name, slug, task } = draft
    this.index = draft.index
    this.task = task
    this.slug = slug
    this.subject = taskSubject({ name, slug, tags: task.policies.tags })
    this.parameter = draft.parameter
    this.constant = draft.constant
    this.inputs = inputs.length === 0 ? noInputs : inputs
    this.edges = edges.length === 0 ? noEdges : edges
    this.role = draft.role
    this.constants = inputs.filter(({ source }) => source._tag === "Constant").length
    this.isMapped = edges.some((edge) => edge.mapped)
    this.isPlain = isPlain(task.policies)
    this.handlerList = handlerList
  }

  get upstream(): ReadonlyArray<number> {
    return [...new Set(this.edges.map((edge) => edge.upstream))]
  }
}

const rootsOf = (waitsFor: Int32Array): ReadyQueue.ReadyQueue => {
  const roots = ReadyQueue.make(waitsFor.length)
  waitsFor.forEach((count, index) => count === 0 && roots.add(index))
  return roots
}

const isPlain = ({ cacheFor, target, trigger }: TaskPolicies.TaskPolicies): boolean =>
  cacheFor === undefined && target === undefined && trigger === Trigger.allSuccessful

// Flows are large and many of their tasks have none, so these share one list.
const noInputs: ReadonlyArray<Input> = []
const noEdges: ReadonlyArray<Edge> = []

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

/** Lets the tasks go that wait for none, until none is left but those in a cycle or behind one. */
const findCycle = (graph: FlowGraph): string | undefined => {
  const { downstream, nodes, offsets } = graph
  const waiting = graph.waitsFor.slice()
  const free = nodes.flatMap(({ index }) => waiting[index] === 0 ? index : [])
  for (let index = free.pop(); index !== undefined; index = free.pop()) {
    for (const next of downstream.subarray(offsets[index], offsets[index + 1])) {
      if (--waiting[next]! === 0) free.push(next)
    }
  }
  const first = waiting.findIndex((count) => count > 0)
  return first === -1 ? undefined : cyclePath(nodes, waiting, first)
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

/** Whether the items of a value can be mapped over. */
export const isList = (value: unknown): value is Iterable<unknown> =>
  Array.isArray(value) || typeof value === "string" ||
  (ArrayBuffer.isView(value) && Symbol.iterator in value)

/** Whether a value is an object of no class, as one that is written as a literal is. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The places of the tasks that a value comes from. */
export const upstreamOf = (source: Source): ReadonlyArray<number> => {
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
