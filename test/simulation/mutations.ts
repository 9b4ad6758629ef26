/**
 * Small bugs to plant into a copy of the engine, each of which the simulation has to find.
 */

/** One bug: in a file of `src`, a text that occurs once becomes another. */
export interface Mutation {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The bugs that are planted. */
export const mutations: ReadonlyArray<Mutation> = [
  // Retries
  { file: "TaskRunner.ts", from: "run.runCount > maxRetries", to: "run.runCount >= maxRetries" },
  { file: "TaskRunner.ts", from: "run.runCount > maxRetries", to: "run.runCount > maxRetries + 1" },
  { file: "TaskRunner.ts", from: "startTime: run.now() + delay", to: "startTime: run.now()" },
  {
    file: "TaskRunner.ts",
    from: "if (!State.isFailed(state)) return state\n  const { maxRetries",
    to: 'if (state._tag !== "Failed") return state\n  const { maxRetries'
  },
  { file: "TaskRun.ts", from: "(state.runCount ?? 1) + 1", to: "(state.runCount ?? 1)" },
  {
    file: "TaskRun.ts",
    from: "if (from !== this.retried) {",
    to: "if (from === this.retried) {"
  },
  // Steps
  { file: "TaskRunner.ts", from: "  checkTrigger,\n  setRunning,", to: "  setRunning," },
  {
    file: "TaskRunner.ts",
    from: "  checkUpstreamSkipped,\n  checkTargetOrCache,",
    to: "  checkTargetOrCache,"
  },
  {
    file: "TaskRunner.ts",
    from: "if (!task.policies.skipOnUpstreamSkip) return run.state",
    to: "if (task.policies.skipOnUpstreamSkip) return run.state"
  },
  {
    file: "TaskRunner.ts",
    from: "if (timeout !== undefined) body = withTimeout(body, timeout)",
    to: ""
  },
  {
    file: "TaskRunner.ts",
    from: "if (error instanceof FailedState.TaskTimeout) {",
    to: "if (!(error instanceof FailedState.TaskTimeout)) {"
  },
  {
    file: "TaskRunner.ts",
    from: "exit.value ? run.state : end(run",
    to: "exit.value ? end(run, State.success()) : end(run"
  },
  { file: "TaskRunner.ts", from: ": State.isSuccessful(state)\n    if", to: ": true\n    if" },
  { file: "TaskRunner.ts", from: "run.loopCount = round + 1", to: "run.loopCount = round" },
  {
    file: "TaskRunner.ts",
    from: "if (run.ended || !State.isLooped(state)) return false",
    to: "if (run.ended || !State.isLooped(state) || state.loopCount === 2) return false"
  },
  // Triggers
  {
    file: "Trigger.ts",
    from: "edges === 0 || states.some(State.isSuccessful) ||",
    to: "states.some(State.isSuccessful) ||"
  },
  {
    file: "Trigger.ts",
    from: "edges === 0 || states.some(State.isFailed) ||",
    to: "edges === 0 || states.every(State.isFailed) ||"
  },
  {
    file: "Trigger.ts",
    from: "if (states.every(State.isSkipped)) {",
    to: "if (states.some(State.isSkipped)) {"
  },
  // Order
  {
    file: "Agenda.ts",
    from: "if (--this.waiting[next]! === 0",
    to: "if (--this.waiting[next]! <= 1"
  },
  {
    file: "Agenda.ts",
    from: "due.next.time <= this.flow.now()",
    to: "due.next.time < this.flow.now() + 1000"
  },
  { file: "Agenda.ts", from: "    this.unfinished--\n", to: "" },
  {
    file: "Agenda.ts",
    from: 'if (this.states[index]!._tag !== "Success") this.hasOnlySuccess = false',
    to: ""
  },
  { file: "DueQueue.ts", from: "one.time < other.time ||", to: "one.time > other.time ||" },
  { file: "DueQueue.ts", from: "const parent = (at - 1) >> 1", to: "const parent = at >> 2" },
  {
    file: "DueQueue.ts",
    from: "isBefore(heap[child + 1]!, heap[child]!)) child++",
    to: "false) child++"
  },
  {
    file: "ReadyQueue.ts",
    from: "&= ~(1 << (bit & 31))",
    to: "&= ~(2 << (bit & 31))"
  },
  {
    file: "FlowRunner.ts",
    from: "this.workers.size < this.limit",
    to: "this.workers.size <= this.limit"
  },
  { file: "FlowRunner.ts", from: "if (this.moved) return resume(Effect.void)", to: "" },
  { file: "FlowRunner.ts", from: "    if (this.hasWork) this.scheduleWake()\n", to: "" },
  // Handlers
  { file: "TaskRun.ts", from: "  this.runCount = runCountOf(from)\n", to: "" },
  {
    file: "StateChange.ts",
    from: "if (run.handlers.length === 0) {",
    to: 'if (run.handlers.length === 0 || proposed._tag === "Retrying") {'
  },
  { file: "StateChange.ts", from: "run.from = before\n", to: "" },
  { file: "StateChange.ts", from: "run.flow.timePassed()\n", to: "" },
  {
    file: "HandlerRunner.ts",
    from: "settle(handlers, change, verdict, index + 1)",
    to: "settle(handlers, change, verdict, index)"
  },
  // The end of the flow
  {
    file: "FlowOutcome.ts",
    from: "if (failed.length > 0) return",
    to: "if (failed.length > 1) return"
  },
  {
    file: "FlowGraph.ts",
    from: "if (isLast) references.push(index)",
    to: "if (isLast && references.length === 0) references.push(index)"
  },
  {
    file: "State.ts",
    from: 'TriggerFailed: { parent: "Failed", color: "#ff5131", bits: FINISHED | FAILED }',
    to: 'TriggerFailed: { parent: "Failed", color: "#ff5131", bits: FINISHED }'
  },
  // Mapping
  { file: "Mapping.ts", from: "Math.min(least, countOf(share))", to: "countOf(share)" },
  {
    file: "Mapping.ts",
    from: "if (!State.isSuccessful(state)) return { _tag",
    to: "if (State.isSkipped(state)) return { _tag"
  },
  {
    file: "Mapping.ts",
    from: "edge.mapped ? shareOf(edge, states[edge.upstream]!) : undefined",
    to: "shareOf(edge, states[edge.upstream]!)"
  },
  {
    file: "MappedRun.ts",
    from: "if (!State.isFinished(upstream.states[i]!)) this.waiting[i]!++",
    to: "this.waiting[i]!++"
  },
  {
    file: "MappedRun.ts",
    from: "this.sources.length === 0 && this.unfinished === this.waiting.length",
    to: "this.unfinished === this.waiting.length"
  },
  { file: "MappedRun.ts", from: "--this.waiting[place]! > 0", to: "--this.waiting[place]! > 1" },
  { file: "MappedRun.ts", from: "upstream.dependents.push(this)\n", to: "" },
  {
    file: "MappedRun.ts",
    from: "const result = this.isFinished",
    to: "const result = !this.isFinished"
  },
  { file: "Agenda.ts", from: "    this.release(index, 1)\n", to: "" },
  {
    file: "Agenda.ts",
    from: "if (mapped?.hasReady !== true) this.ready.remove(index)",
    to: "this.ready.remove(index)"
  },
  {
    file: "Agenda.ts",
    from: "else this.mapped.get(node.index)!.states[mapIndex] = state",
    to: ""
  },
  {
    file: "TaskRunner.ts",
    from: "? state.mapStates.some(State.isSkipped)",
    to: "? state.mapStates.every(State.isSkipped)"
  },
  {
    file: "TaskRun.ts",
    from:
      "if (edge >= 0 && mapped?.hasOwn(edge) === true) return mapped.valueFor(edge, run.mapIndex!)\n",
    to: ""
  },
  {
    file: "TaskRunner.ts",
    from: "? state.mapStates.every(State.isSuccessful)",
    to: "? state.mapStates.some(State.isSuccessful)"
  },
  // Pauses
  { file: "TaskRun.ts", from: "State.isResume(from) ||", to: "" },
  {
    file: "TaskRun.ts",
    from: "(State.dueTime(from) ?? Number.POSITIVE_INFINITY) <= this.now()",
    to: "State.dueTime(from) === undefined"
  },
  {
    file: "FlowRunner.ts",
    from: "if (run.waits !== true || run.state !== state || this.over)",
    to: "if (run.waits !== true || this.over)"
  },
  { file: "FlowRunner.ts", from: "      this.agenda.resume(run)\n", to: "" },
  {
    file: "FlowRunner.ts",
    from: "(this.pauses.size === 0 || isFinished)",
    to: "(this.pauses.size <= 1 || isFinished)"
  },
  {
    file: "FlowRunner.ts",
    from: "fiber.addObserver(() => this.pauses.delete(fiber))",
    to: ""
  },
  {
    file: "Agenda.ts",
    from: "    this.keep(run)\n    this.addReady(run)\n",
    to: "    this.keep(run)\n"
  },
  {
    file: "Agenda.ts",
    from: "=> run.state === state",
    to: "=> run.state !== state"
  },
  // Caches
  {
    file: "CachePolicy.ts",
    from: "expiration === undefined || expiration.epochMilliseconds > now\n\n",
    to: "expiration === undefined || expiration.epochMilliseconds >= now\n\n"
  },
  {
    file: "CachePolicy.ts",
    from: "sameTexts(kept.hashedInputs ?? {}, asked.hashedInputs)",
    to: "sameTexts(asked.hashedInputs, asked.hashedInputs)"
  },
  {
    file: "CachePolicy.ts",
    from: "sameTexts(fingerprints(kept.parameters ?? {}), fingerprints(asked.parameters))",
    to: "kept.parameters !== undefined"
  },
  {
    file: "CachePolicy.ts",
    from: "names.every((name) => kept.hashed",
    to: "names.some((name) => kept.hashed"
  },
  { file: "CachePolicy.ts", from: "[...valid, result].slice(-maxKept)", to: "[result, ...valid]" },
  { file: "TaskRunner.ts", from: "expiration: run.now() + cacheFor", to: "expiration: run.now()" },
  {
    file: "TaskRunner.ts",
    from: "run.mapIndex === undefined || CachePolicy.allInputs(kept, asked)",
    to: "run.mapIndex !== undefined || CachePolicy.allInputs(kept, asked)"
  },
  {
    file: "TaskRunner.ts",
    from: "task.policies.cacheKey ?? `${flow}/${subject.name}`",
    to: "`${flow}/${subject.name}`"
  },
  {
    file: "TaskRunner.ts",
    from: "!State.isSuccessful(state) || State.isSkipped(state)) return state",
    to: "!State.isSuccessful(state)) return state"
  },
  // Loops
  {
    file: "TaskRunner.ts",
    from: "const round = state.loopCount ?? 1\n",
    to: "const round = 1\n"
  },
  {
    file: "TaskRunner.ts",
    from: "run.ended || !State.isLooped(state)",
    to: "!State.isLooped(state)"
  },
  {
    file: "TaskRun.ts",
    from: "      this.loopCount = undefined\n",
    to: ""
  },
  // States in place of others
  {
    file: "HandlerRunner.ts",
    from: "? proposed : change.adopt(answer)",
    to: "? proposed : answer"
  },
  {
    file: "HandlerRunner.ts",
    from: "      current = accept(handler, change, current, given.value)",
    to: "      current = accept(handler, change, proposed, given.value)"
  },
  {
    file: "HandlerRunner.ts",
    from: "if (Signal.isEndRun(raised) || State.isPaused(state)) change.ended = true",
    to: ""
  },
  {
    file: "StateChange.ts",
    from: "run.state = settled",
    to: "run.state = proposed"
  },
  {
    file: "TaskRunner.ts",
    from: "if (!State.isRunning(run.state)) return end(run, run.state)\n",
    to: ""
  },
  {
    file: "Agenda.ts",
    from: "(time !== undefined && time <= this.flow.now() && !run.bodyRan)",
    to: "(time !== undefined && time <= this.flow.now())"
  }
]
