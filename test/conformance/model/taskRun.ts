/**
 * One run of one task: the pipeline, step by step.
 *
 * @module
 */
import type { EdgeText, Json, JsonObject, StateRecord } from "../corpus.ts"
import { behave } from "./behaviours.ts"
import { type Candidate, isValid } from "./caching.ts"
import type { ModelTask } from "./graph.ts"
import { step, type Subject } from "./handlers.ts"
import { type Context, type FlowRun, logOf, making, push } from "./run.ts"
import {
  isA,
  isFailed,
  isFinished,
  isMapped,
  isPending,
  isSkipped,
  isSuccessful,
  isTimed,
  make,
  type ModelState,
  unwrap
} from "./states.ts"
import { failed, Raised, RaisedEnd, RaisedSignal, timeout } from "./thrown.ts"
import { ask } from "./triggers.ts"

/** What a run gets from one upstream task, or from a constant. */
export interface Given {
  readonly edge: Partial<EdgeText>
  readonly state: ModelState
}

/** What is run. */
export interface Running {
  readonly task: ModelTask
  readonly state: ModelState | undefined
  readonly upstream: ReadonlyArray<Given>
  readonly mapIndex?: number | undefined
  /** Where in a loop it goes on. */
  readonly round?: Pick<Context, "resume" | "round" | "roundResult"> | undefined
  /** Decides how a mapped task fans out; it then does nothing else. */
  readonly fanOut?: ((state: ModelState, ask: () => void) => ModelState) | undefined
}

const skippedUpstream = "Upstream task was skipped; if this was not the intended behavior, " +
  "consider changing `skip_on_upstream_skip=False` for this task."

/** The state that a task, or an item of a mapped one, is left in. */
export const runTask = (running: Running, run: FlowRun): ModelState => {
  const start = unwrap(running.state) ?? make("Pending", {}, { now: run.world.now })
  const context = contextOf(running, start, run)
  try {
    return new TaskRun(running, context, run).run(start)
  } catch (thrown) {
    if (thrown instanceof RaisedEnd || thrown instanceof RaisedSignal) return thrown.state
    throw thrown
  }
}

const contextOf = (running: Running, start: ModelState, run: FlowRun): Context => {
  const { mapIndex, round, task } = running
  const { text, world } = run
  const { date: _date, ...own } = text.context ?? {}
  const { now } = world
  const isDue = start.type === "Paused" && typeof start.startTime === "number" &&
    start.startTime <= now
  const attempt = start.type === "Retrying" ? start.runCount! + 1 : start.attempt ?? 1
  const again = start.round === undefined ? {} : { round: start.round, roundResult: start.result }
  const resume = start.type === "Resume" || isDue || round?.resume === true
  const context = {
    world,
    key: `${task.name}/${mapIndex}`,
    attempt,
    ...round,
    ...again,
    resume
  }
  return { ...context, values: { ...valuesOf(context, running, run), ...dates(run), ...own } }
}

const valuesOf = (
  { attempt, resume, round, roundResult }: Context,
  { mapIndex, task }: Running,
  { parameters, scheduled, text, world }: FlowRun
): JsonObject => ({
  flow_name: world.test.flow.name,
  flow_id: world.test.flow.name,
  task_name: task.name,
  task_full_name: mapIndex === undefined ? task.name : `${task.name}[${mapIndex}]`,
  task_slug: slugOf(task),
  task_id: slugOf(task),
  task_tags: [],
  task_run_count: attempt ?? null,
  task_loop_count: round ?? null,
  task_loop_result: roundResult ?? null,
  map_index: mapIndex ?? null,
  resume: resume === true ? true : null,
  parameters,
  checkpointing: text.checkpointing === true,
  scheduled_start_time: { $offset: scheduled }
})

const slugOf = ({ kind, name }: ModelTask): string =>
  kind === "parameter" || kind === "secret" ? name : `${name}-1`

/** The dates of a pass, or those of a date that the caller gave. */
const dates = ({ date, text, world }: FlowRun): JsonObject => {
  const { epoch } = world.surroundings
  const given = Date.parse(String(text.context?.date))
  const at = Number.isNaN(given) ? epoch + date * 1000 : given
  const day = (days: number) => new Date(at + days * 86_400_000).toISOString().slice(0, 10)
  const [yesterday, today, tomorrow] = [day(-1), day(0), day(1)]
  const nodash = (text: string) => text.replaceAll("-", "")
  return {
    date: { $offset: Math.floor((at - epoch) / 1000) },
    today,
    yesterday,
    tomorrow,
    today_nodash: nodash(today),
    yesterday_nodash: nodash(yesterday),
    tomorrow_nodash: nodash(tomorrow)
  }
}

class TaskRun {
  private readonly running: Running
  private readonly context: Context
  private readonly flowRun: FlowRun
  private readonly subject: Subject
  private inputs: Record<string, Json> = {}

  constructor(running: Running, context: Context, flowRun: FlowRun) {
    const { mapIndex, task } = running
    this.running = running
    this.context = context
    this.flowRun = flowRun
    this.subject = {
      context,
      log: logOf(flowRun, task.name, mapIndex),
      printed: `<Task: ${task.name}>`,
      mapIndex,
      handlers: task.handlers ?? [],
      tellsFailure: task.onFailure === true,
      runnerHandlers: flowRun.text.taskRunnerHandlers ?? []
    }
  }

  private make(type: string, fields: Parameters<typeof make>[1]): ModelState {
    return make(type, fields, making(this.context))
  }

  run(start: ModelState): ModelState {
    let state = start
    const take = (method: (state: ModelState) => ModelState): void => {
      state = step(this.subject, state, method)
    }
    take(this.checkReady)
    take(this.checkStartTime)
    take(this.checkUpstreamFinished)
    take(this.checkUpstreamSkipped)
    const { fanOut, task, upstream } = this.running
    if (fanOut !== undefined) {
      take((state) => {
        throw new RaisedEnd(fanOut(state, () => void this.checkTrigger(state)))
      })
    }
    for (const { edge, state } of upstream) {
      if (edge.key !== undefined) this.inputs[edge.key] = state.result
    }
    take(task.target === undefined ? this.checkCache : this.checkTarget)
    take(this.checkTrigger)
    take(this.setRunning)
    take(this.runBody)
    take(this.cacheResult)
    take(this.checkRetry)
    return state.type === "Looped" ? this.beginRound(state) : state
  }

  // ---------------------------------------------------------------------------
  // Before the body
  // ---------------------------------------------------------------------------

  private readonly checkReady = (state: ModelState): ModelState => {
    if (isPending(state) || isMapped(state) || state.type === "Cached") return state
    throw new RaisedEnd(state)
  }

  private readonly checkStartTime = (state: ModelState): ModelState => {
    if (!isTimed(state)) return state
    const { startTime } = state
    if (typeof startTime === "number" && startTime <= this.context.world.now) return state
    throw new RaisedEnd(state)
  }

  /** The states of what is upstream, with those of its items where a mapped task is taken whole. */
  private readonly expanded = (): ReadonlyArray<ModelState> =>
    this.running.upstream.flatMap(({ edge, state }) =>
      isMapped(state) && edge.mapped !== true ? itemsOf(state) : [state]
    )

  private readonly checkUpstreamFinished = (state: ModelState): ModelState => {
    if (this.expanded().every(isFinished)) return state
    throw new RaisedEnd(state)
  }

  private readonly checkUpstreamSkipped = (state: ModelState): ModelState => {
    const { skipOnUpstreamSkip = true } = this.running.task
    if (!skipOnUpstreamSkip || !this.expanded().some(isSkipped)) return state
    throw new RaisedEnd(this.make("Skipped", { message: skippedUpstream }))
  }

  private readonly checkTarget = (state: ModelState): ModelState => {
    const location = this.locate(this.running.task.target!)
    const { parameters, world } = this.flowRun
    if (!world.store.has(location)) return state
    const message = `Result found at task target ${location}`
    const result = world.store.get(location)!
    return this.make("Cached", { message, result, inputs: this.inputs, parameters })
  }

  private readonly checkCache = (given: ModelState): ModelState => {
    const { cacheForSeconds, cacheKey, name } = this.running.task
    const { caches } = this.context.world
    let state = given
    if (state.type === "Cached") {
      if (this.isValid(state)) return state
      state = this.make("Pending", { message: "Cache was invalid; ready to run." })
    }
    if (cacheForSeconds === undefined) return state
    return caches.get(cacheKey ?? name)?.find((kept) => this.isValid(kept)) ?? state
  }

  private isValid(kept: ModelState): boolean {
    const { mapIndex, task } = this.running
    const candidate: Candidate = { kept, inputs: this.inputs, ...this.flowRun }
    if (!isValid(task, candidate)) return false
    return mapIndex === undefined || !this.context.world.has("itemsHaveCachesOfTheirOwn") ||
      isValid({ ...task, cacheValidator: "all_inputs" }, candidate)
  }

  private readonly checkTrigger = (state: ModelState): ModelState => {
    const { task, upstream } = this.running
    const byKey = upstream.map(({ edge, state }) => [edge.key ?? "", state])
    try {
      ask(task.trigger ?? "all_successful", {
        states: upstream.flatMap(({ state }) => isMapped(state) ? itemsOf(state) : [state]),
        edges: upstream.length,
        byKey: Object.fromEntries(byKey)
      }, this.context)
    } catch (thrown) {
      if (thrown instanceof RaisedSignal) throw new RaisedEnd(thrown.state)
      if (!(thrown instanceof Raised)) throw thrown
      const words = "Unexpected error while checking task trigger"
      throw new RaisedEnd(failed(words, thrown, "TriggerFailed"))
    }
    return state
  }

  private readonly setRunning = (state: ModelState): ModelState => {
    if (isPending(state)) return this.make("Running", { message: "Starting task run." })
    throw new RaisedEnd(state)
  }

  // ---------------------------------------------------------------------------
  // The body and after
  // ---------------------------------------------------------------------------

  private readonly runBody = (state: ModelState): ModelState => {
    if (!isA(state, "Running")) throw new RaisedEnd(state)
    const { subject } = this
    const { body, role } = this.running.task
    if (body === undefined) {
      const calls = role === "cleanup" ? { resource: this.inputs.resource ?? null } : this.inputs
      push(subject.log, "calls", { ...calls })
    }
    try {
      const result = this.callBody()
      this.write(result)
      return this.make("Success", { message: "Task run succeeded.", result })
    } catch (thrown) {
      if (thrown === timeout) return this.timedOut()
      if (thrown instanceof Raised) return failed("Error during execution of task", thrown)
      if (!(thrown instanceof RaisedSignal)) throw thrown
      if (thrown.name === "LOOP") {
        thrown.state.message ??= `Task is looping (${thrown.state.loopCount})`
      }
      if (thrown.name === "LOOP" || thrown.name === "SUCCESS") {
        this.write(thrown.state.result)
        return thrown.state
      }
      throw thrown
    }
  }

  private callBody(): Json {
    const { behaviour, body, timeoutSeconds } = this.running.task
    const allowed = timeoutSeconds === undefined ? undefined : { left: timeoutSeconds }
    const context = { ...this.context, allowed }
    if (body !== undefined) return body(this.inputs, context, this.flowRun)
    return behave(behaviour, this.inputs, context)
  }

  private timedOut(): ModelState {
    const signal = { name: "TaskTimeoutSignal", message: "Execution timed out." }
    const message = "Task timed out during execution."
    return this.make("TimedOut", { message, result: { $signal: signal } })
  }

  private write(result: Json): void {
    const { checkpoint = true, resultLocation, target } = this.running.task
    const { text, world, writes } = this.flowRun
    const template = target ?? resultLocation
    if (text.checkpointing !== true || !checkpoint || result === null || template === undefined) {
      return
    }
    const location = this.locate(template)
    world.store.set(location, result)
    writes.push({ location, value: result })
  }

  private locate(template: string): string {
    const values = { ...this.flowRun.parameters, ...this.context.values, ...this.inputs }
    return template.replaceAll(
      /\{(\w+)\}/g,
      (text, name: string) => name in values ? String(values[name]) : text
    )
  }

  private readonly cacheResult = (state: ModelState): ModelState => {
    const { cacheForSeconds } = this.running.task
    if (cacheForSeconds === undefined || !isSuccessful(state) || isSkipped(state)) return state
    return this.make("Cached", {
      message: state.message,
      result: state.result,
      cachedUntil: this.context.world.now + cacheForSeconds,
      inputs: this.inputs,
      parameters: this.flowRun.parameters
    })
  }

  private readonly checkRetry = (state: ModelState): ModelState => {
    const { maxRetries = 0, retryDelaySeconds = 0 } = this.running.task
    const { attempt = 1, round, roundResult, world } = this.context
    if (!isFailed(state) || !this.isRetriedOn(state.result) || attempt > maxRetries) return state
    if (round !== undefined) this.write(roundResult ?? null)
    return this.make("Retrying", {
      message: `Retrying Task (after attempt ${attempt} of ${maxRetries + 1})`,
      startTime: world.now + retryDelaySeconds,
      runCount: attempt,
      ...(round === undefined ? {} : { result: roundResult ?? null, round })
    })
  }

  private isRetriedOn(result: Json): boolean {
    const { retryOn = [] } = this.running.task
    if (retryOn.length === 0 || result === null) return true
    const name = (result as StateRecord["result"] & { $error?: { name: string } }).$error?.name
    return name !== undefined &&
      [name, ...errorParents[name] ?? []].some((it) => retryOn.includes(it))
  }

  private beginRound({ loopCount, result }: ModelState): ModelState {
    const message = `Looping task (on loop index ${loopCount})`
    const state = make("Pending", { message }, { now: this.context.world.now })
    const { resume = false } = this.context
    const round = { round: loopCount! + 1, roundResult: result, resume }
    return runTask({ ...this.running, state, round }, this.flowRun)
  }
}

const errorParents: Readonly<Record<string, ReadonlyArray<string>>> = {
  ValueError: ["Exception"],
  TypeError: ["Exception"],
  RuntimeError: ["Exception"],
  ArithmeticError: ["Exception"],
  LookupError: ["Exception"],
  ZeroDivisionError: ["ArithmeticError", "Exception"],
  KeyError: ["LookupError", "Exception"],
  IndexError: ["LookupError", "Exception"]
}

/** The states of the items of a mapped task, as far as there are any. */
export const itemsOf = ({ mapStates = [] }: ModelState): ReadonlyArray<ModelState> =>
  mapStates.flatMap((state) => state ?? [])
