/**
 * The flows of recorded cases, built through the public API.
 *
 * @module
 */
import { ConfigProvider, Effect, Redacted, Schema, SchemaGetter } from "effect"
import { Flow, Parameter, State, StateHandler, Task, type Transition } from "signalbox"
import { type FlowSchedule } from "signalbox/schedule"
import { behave, type Body } from "./behaviours.ts"
import type {
  Behaviour,
  Construct,
  EdgeText,
  FlowText,
  Json,
  JsonObject,
  TaskText
} from "./corpus.ts"
import { makeHandlers, only, silent, tellFailure } from "./handlers.ts"
import type { CaseLog } from "./log.ts"
import { scheduleOf } from "./schedule.ts"
import { makeTask, recorded } from "./tasks.ts"
import { makeTerminalHandler } from "./terminal.ts"
import { Made } from "./values.ts"

/** A flow that was built. */
export interface Built {
  readonly flow: Flow.Flow<any, any, any, never>
  /** The names of its tasks, by slug. */
  readonly names: ReadonlyMap<string, string>
  /** When it runs by itself. */
  readonly schedule: FlowSchedule.FlowSchedule | undefined
  /** Handlers for what the flow made by itself, to which none can be attached. */
  readonly attached: ReadonlyArray<StateHandler.StateHandler<unknown>>
}

type Build<A = void> = Generator<Task.Instruction<any, any, any>, A, any>
type Ref = Task.Ref<any, any>

/** Builds the flow that a description asks for. */
export const buildFlow = (text: FlowText, log: CaseLog, epoch: number): Built => {
  let builder: FlowBuilder | undefined
  const { terminalStateHandler } = text
  const flow = Flow.make(text.name, {
    parameters: parametersOf(text.tasks),
    handlers: [silent(log), ...makeHandlers(text.handlers, log)],
    onFailure: text.onFailure === true ? tellFailure(log) : undefined,
    terminalStateHandler: terminalStateHandler === undefined
      ? undefined
      : makeTerminalHandler(terminalStateHandler, log)
  }, function* (parameters) {
    builder = new FlowBuilder(text, log, parameters)
    yield* builder.build()
  })
  const names = new Map(flow.graph.nodes.map(({ slug, subject }) => [slug, subject.name]))
  for (const [name, ref] of builder!.refs) names.set(ref.slug, name)
  return {
    flow: flow as never,
    names,
    schedule: text.schedule && scheduleOf(text.schedule, new Date(epoch).toISOString()),
    attached: attachedTo(text, log, builder!)
  }
}

const parametersOf = (tasks: ReadonlyArray<TaskText>): Record<string, Parameter.Any> => {
  const parameters: Record<string, Parameter.Any> = {}
  for (const task of tasks) {
    if (task.kind === "parameter") parameters[task.name] = parameterOf(task)
  }
  return parameters
}

/** The parameter that a description asks for. */
export const parameterOf = (
  { default: value, required = value === undefined }: Pick<TaskText, "default" | "required">
): Parameter.Any => {
  if (required) return Parameter.required(Schema.Unknown)
  if (value === undefined) return Parameter.optional(Schema.Unknown)
  return Parameter.withDefault(Schema.Unknown, value)
}

/** Handlers of tasks that take none of their own are put into the scope of the run. */
const attachedTo = (
  text: FlowText,
  log: CaseLog,
  { refs, withHandlers }: FlowBuilder
): ReadonlyArray<StateHandler.StateHandler<unknown>> => {
  const isOther = (subject: Transition.Subject) =>
    subject._tag === "Task" && !withHandlers.has(subject.slug)
  const others = text.tasks.filter(({ name }) => !withHandlers.has(refs.get(name)!.slug))
  return [
    only(isOther, silent(log)),
    ...others.flatMap((task) => {
      const { slug } = refs.get(task.name)!
      const isIt = (subject: Transition.Subject) => subject._tag === "Task" && subject.slug === slug
      const onFailure = StateHandler.callback(tellFailure(log), State.isFailed)
      const handlers = makeHandlers(task.handlers, log)
      const all = task.onFailure === true ? [...handlers, onFailure] : handlers
      return all.map((handler) => only(isIt, handler))
    })
  ]
}

// -----------------------------------------------------------------------------
// The body of the flow
// -----------------------------------------------------------------------------

class FlowBuilder {
  /** The tasks so far, by their recorded names. */
  readonly refs = new Map<string, Ref>()
  /** The slugs of the tasks that have handlers of their own. */
  readonly withHandlers = new Set<string>()
  private readonly text: FlowText
  private readonly log: CaseLog
  private readonly edges: Set<EdgeText>

  constructor(text: FlowText, log: CaseLog, parameters: Readonly<Record<string, Ref>>) {
    this.text = text
    this.log = log
    this.edges = new Set(text.edges)
    for (const [name, ref] of Object.entries(parameters)) this.refs.set(name, ref)
  }

  /** Blocks first, then tasks and edges, then the other constructs. */
  *build(): Build {
    const constructs = this.text.constructs ?? []
    for (const construct of constructs) if (isBlock(construct)) yield* this.block(construct)
    for (const { name } of this.text.tasks) yield* this.task(name)
    yield* this.connect(({ from, to }) => this.refs.has(from) && this.refs.has(to))
    for (const construct of constructs) if (!isBlock(construct)) yield* this.construct(construct)
    yield* this.connect(() => true)
    const { referenceTasks } = this.text
    if (referenceTasks !== undefined) {
      yield* Flow.referenceTasks(...referenceTasks.map((name) => this.ref(name)))
    }
  }

  private ref(name: string): Ref {
    const ref = this.refs.get(name)
    if (ref === undefined) throw new Error(`Unknown task: ${name}`)
    return ref
  }

  /** The task of a name, added unless it was added before. */
  private *task(name: string): Build<Ref> {
    const known = this.refs.get(name)
    if (known !== undefined) return known
    const text = this.text.tasks.find((task) => task.name === name)
    if (text === undefined) throw new Error(`Unknown task: ${name}`)
    const ref: Ref = yield* text.kind === "secret" ? secret(name) : this.call(text)
    this.refs.set(name, ref)
    if (text.kind === undefined || text.kind === "function") this.withHandlers.add(ref.slug)
    return ref
  }

  private call(text: TaskText): Task.Call<unknown, any, any> {
    if (text.kind !== undefined && text.kind !== "function") {
      throw new Error(`Unknown kind of task: ${text.kind}`)
    }
    const task = makeTask(text, this.log)
    const { constants = {}, mappedConstants } = text
    if (mappedConstants === undefined) return task(constants)
    const unmapped = Object.entries(constants).map(([key, value]) => [key, Task.unmapped(value)])
    return Task.map(task, { ...Object.fromEntries(unmapped), ...mappedConstants })
  }

  /** Adds the edges that are meant and not added yet. */
  private *connect(isMeant: (edge: EdgeText) => boolean): Build {
    for (const edge of this.edges) {
      if (!isMeant(edge)) continue
      this.edges.delete(edge)
      const { flattened, from, key, mapped, to } = edge
      yield* Flow.edge(this.ref(from), this.ref(to), { key, mapped, flatten: flattened })
    }
  }

  // ---------------------------------------------------------------------------
  // Blocks
  // ---------------------------------------------------------------------------

  /** What a block depends on is added before it, so that it does not become a part of it. */
  private *block(construct: Block): Build {
    const inside = new Set(construct.tasks)
    if (construct.construct === "case") {
      const condition = yield* this.task(construct.condition)
      const value = construct.value as never
      return yield* Flow.case(condition, value, this.bodyOf(inside, ({ from }) => inside.has(from)))
    }
    for (const { from, to } of this.text.edges) {
      const isOutside = inside.has(to) && !inside.has(from)
      if (isOutside && this.text.tasks.some(({ name }) => name === from)) yield* this.task(from)
    }
    return yield* this.resource(construct)
  }

  private bodyOf(inside: ReadonlySet<string>, isMeant: (edge: EdgeText) => boolean) {
    const add = () => this.inBlock(inside, isMeant)
    return function* (): Build {
      yield* add()
    }
  }

  private *inBlock(inside: ReadonlySet<string>, isMeant: (edge: EdgeText) => boolean): Build {
    for (const name of inside) yield* this.task(name)
    yield* this.connect((edge) => inside.has(edge.to) && isMeant(edge))
  }

  private *resource({ cleanup, init, name, setup, tasks }: Resource): Build {
    const { log, refs } = this
    const inside = new Set(tasks)
    const add = () => this.inBlock(inside, ({ from }) => refs.has(from))
    const find = (name: string, { graph }: Ref, index: number) =>
      refs.set(name, Task.ref({ slug: `${name}-1`, index, graph }))
    // The handle alone is given: the other two tasks are known by their places.
    yield* Flow.resource(name, {
      init: act(init, log, new Made(name)),
      setup: setup === null ? undefined : () => act(setup, log),
      // Without a setup the manager itself is the handle, and the recorded cleanup gets none.
      cleanup: (handle) => recorded(cleanup, { resource: setup === null ? null : handle }, log)
    }, function* (handle): Build {
      if (setup !== null) find(name, handle, handle.index - 1)
      refs.set(setup === null ? name : `${name}.setup`, handle)
      yield* add()
      const last = Math.max(...[...refs.values()].map(({ index }) => index))
      find(`${name}.cleanup`, handle, last + 1)
    })
  }

  // ---------------------------------------------------------------------------
  // Other constructs
  // ---------------------------------------------------------------------------

  private *construct(construct: Exclude<Construct, Block>): Build {
    switch (construct.construct) {
      case "switch": {
        const cases = construct.cases.map(([value, task]) => [value, this.ref(task)] as const)
        return yield* Flow.switch(this.ref(construct.condition), cases as never)
      }
      case "ifelse": {
        const { condition, ifFalse, ifTrue } = construct
        return yield* Flow.ifElse(this.ref(condition), {
          ifTrue: ifTrue ? this.ref(ifTrue) : undefined,
          ifFalse: ifFalse ? this.ref(ifFalse) : undefined
        })
      }
      case "merge": {
        const branches = construct.tasks.map((name) => this.ref(name))
        this.refs.set(construct.name, yield* Flow.merge(...branches))
        return
      }
      case "filter": {
        this.refs.set(construct.name, yield* Flow.filter(this.ref(construct.from)))
        return
      }
      default:
        throw new Error(`Unknown construct: ${JSON.stringify(construct)}`)
    }
  }
}

type Resource = Extract<Construct, { readonly construct: "resource" }>
type Block = Resource | Extract<Construct, { readonly construct: "case" }>

const isBlock = (construct: Construct): construct is Block =>
  construct.construct === "case" || construct.construct === "resource"

/** Does what a description says, or gives what there is without one. */
const act = (behaviour: Behaviour | undefined, log: CaseLog, otherwise?: unknown): Body =>
  behaviour === undefined ? Effect.succeed(otherwise) : behave(behaviour, {}, log)

// -----------------------------------------------------------------------------
// Secrets
// -----------------------------------------------------------------------------

/** A secret as the recorded engine reads it: JSON where it is JSON, and else the text. */
export const readSecret = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const SecretText: Schema.Codec<Json, string> = Schema.String.pipe(Schema.decodeTo(
  Schema.Unknown as unknown as Schema.Codec<Json>,
  {
    decode: SchemaGetter.transform(readSecret),
    encode: SchemaGetter.transform((value) => JSON.stringify(value))
  }
))

/** Secrets as a scope holds them: texts, of which one that is none or empty is written as JSON. */
export const provideSecrets = (secrets: JsonObject = {}): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromUnknown(
    Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => {
        const isText = typeof value === "string" && value !== ""
        return [name, isText ? value : JSON.stringify(value)]
      })
    )
  )

/** A secret as a task. */
export const secret = (name: string): Task.Call<Redacted.Redacted<Json>, Flow.SecretError> =>
  Flow.secret(name, SecretText)
