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
    from: "if (error instanceof TaskTimeout) {",
    to: "if (!(error instanceof TaskTimeout)) {"
  },
  {
    file: "TaskRunner.ts",
    from: "exit.value ? run.state : end(run",
    to: "exit.value ? end(run, State.success()) : end(run"
  },
  { file: "TaskRunner.ts", from: "    if (!State.isSuccessful(state)) return false\n", to: "" },
  { file: "TaskRunner.ts", from: "run.loopCount = round + 1", to: "run.loopCount = round" },
  {
    file: "TaskRunner.ts",
    from: "if (run.ended || !State.isLooped(state)) return false",
    to: "if (run.ended || !State.isLooped(state) || state.loopCount === 2) return false"
  },
  // Triggers
  {
    file: "Trigger.ts",
    from: "edges === 0 || some(states, State.isSuccessful) ||",
    to: "some(states, State.isSuccessful) ||"
  },
  {
    file: "Trigger.ts",
    from: "edges === 0 || some(states, State.isFailed) ||",
    to: "edges === 0 || every(states, State.isFailed) ||"
  },
  {
    file: "Trigger.ts",
    from: "if (every(states, State.isSkipped)) {",
    to: "if (some(states, State.isSkipped)) {"
  },
  // Order
  {
    file: "Agenda.ts",
    from: "if (--this.waiting[next]! === 0",
    to: "if (--this.waiting[next]! <= 1"
  },
  { file: "Agenda.ts", from: "due.nextTime <= now", to: "due.nextTime < now + 1000" },
  { file: "Agenda.ts", from: "    this.unfinished--\n", to: "" },
  { file: "DueQueue.ts", from: "a.time < b.time ||", to: "a.time > b.time ||" },
  { file: "DueQueue.ts", from: "const parent = (at - 1) >> 1", to: "const parent = at >> 2" },
  {
    file: "ReadyQueue.ts",
    from: "level[word]! &= ~(1 << (bit & 31))",
    to: "level[word]! &= ~(2 << (bit & 31))"
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
    from: "if (run.handlers.length === 0) return",
    to: 'if (run.handlers.length === 0 || proposed._tag === "Retrying") return'
  },
  { file: "StateChange.ts", from: "run.from = before\n", to: "" },
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
  }
]
