/**
 * One run of one task: a flat list of steps, each from a state to a state.
 *
 * After each step whose state is another object than before, the handlers decide what the state is
 * from then on, and observers are told. A run whose steps all answer at once never suspends.
 *
 * @module
 */
import { Cause, Duration, Effect, Exit, Option, Schedule } from "effect"
import * as CachePolicy from "./CachePolicy.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as FailedState from "./FailedState.ts"
import * as FlowGraph from "./FlowGraph.ts"
import { isSuccess } from "./HandlerRunner.ts"
import * as Mapping from "./Mapping.ts"
import * as PrintedError from "./PrintedError.ts"
import * as Signal from "./Signal.ts"
import * as State from "./State.ts"
import { change } from "./StateChange.ts"
import type * as TaskPolicies from "./TaskPolicies.ts"
import { inputsOf, type TaskRun } from "./TaskRun.ts"
import * as Trigger from "./Trigger.ts"

// -----------------------------------------------------------------------------
// Steps
// -----------------------------------------------------------------------------

// The step that runs the body gives what it gives or fails with, any other the proposed state.
type Step = (run: TaskRun) => State.State | Effect.Effect<unknown, unknown>

/** Ends the run with a state; with the state it is in, that is no change. */
const end = (run: TaskRun, state: State.State): State.State => {
  run.ended = true
  return state
}

const checkReady: Step = (run) => {
  const { state } = run
  return State.isPending(state) || State.isMapped(state) || State.isCached(state)
    ? state
    : end(run, state)
}

const checkStartTime: Step = (run) => {
  const { state } = run
  if (!State.isScheduled(state)) return state
  const due = State.dueTime(state)
  return due === undefined || due > run.now() ? end(run, state) : state
}

const skippedUpstream = "Upstream task was skipped; if this was not the intended behavior, " +
  "consider changing `skip_on_upstream_skip=False` for this task."

const checkUpstreamSkipped: Step = (run) => {
  const { edges, task } = run.node
  if (!task.policies.skipOnUpstreamSkip) return run.state
  for (let i = 0; i < edges.length; i++) {
    if (isSkippedBy(run, edges[i]!, i)) return end(run, State.skipped({ message: skippedUpstream }))
  }
  return run.state
}

const isSkippedBy = (run: TaskRun, edge: FlowGraph.Edge, place: number): boolean => {
  const state = run.upstreamState(place)
  return State.isMapped(state) && !edge.mapped
    ? state.mapStates.some(State.isSkipped)
    : State.isSkipped(state)
}

const checkReadyToMap: Step = (run) => {
  const { node, flow, state } = run
  const plan = Mapping.plan(node, flow.states)
  run.plan = plan
  if (State.isMapped(state)) return end(run, state)
  if (Mapping.canFanOut(node, flow.states)) return end(run, plan.state)
  // The trigger speaks first where a list is missing, as it does for any other task.
  const asked = checkTrigger(run)
  const settle = (answer: unknown) =>
    end(run, answer === state ? plan.state : answer as State.State)
  return Effect.isEffect(asked) ? Effect.map(asked, settle) : settle(asked)
}

const checkTargetOrCache: Step = (run) => {
  const { cacheFor, target } = run.node.task.policies
  if (target !== undefined) return checkTarget(run, target)
  return cacheFor === undefined && !State.isCached(run.state) ? run.state : checkCache(run)
}

const checkTarget = (run: TaskRun, target: TaskPolicies.Location): Effect.Effect<State.State> => {
  const location = Checkpoint.locate(run, target)
  const { state } = run
  return Effect.matchCause(Checkpoint.read(run, location), {
    onFailure: (cause) => end(run, unexpected(run, cause)),
    onSuccess: (found) =>
      Option.match(found, {
        onNone: () => state,
        onSome: (result) =>
          State.cached({
            message: `Result found at task target ${location}`,
            result,
            hashedInputs: CachePolicy.fingerprints(inputsOf(run)),
            parameters: run.parameters
          })
      })
  })
}

const checkCache = (run: TaskRun): State.State | Effect.Effect<State.State> => {
  const { cacheFor, cacheValidator } = run.node.task.policies
  const asked: CachePolicy.Asked = {
    now: run.now(),
    hashedInputs: CachePolicy.fingerprints(inputsOf(run)),
    parameters: run.parameters
  }
  // The items of a mapped task are told apart by their inputs, whatever the validator compares.
  const accepts = (kept: State.Cached) =>
    cacheValidator(kept, asked) &&
    (run.mapIndex === undefined || CachePolicy.allInputs(kept, asked))
  const state = !State.isCached(run.state) || accepts(run.state)
    ? run.state
    : State.pending({ message: "Cache was invalid; ready to run." })
  if (cacheFor === undefined || State.isCached(state)) return state
  const kept = run.flow.cache.kept(cacheKey(run.node, run.flowName))
  return Effect.map(kept, (candidates) => candidates.find(accepts) ?? state)
}

/** What the results of a task are kept under. */
export const cacheKey = ({ subject, task }: FlowGraph.Node, flow: string): string =>
  task.policies.cacheKey ?? `${flow}/${subject.name}`

const constantInput = State.success({ message: "Auto-generated constant value" })

const checkTrigger: Step = (run) => {
  const { edges, constants, task } = run.node
  const { trigger } = task.policies
  if (trigger === Trigger.allSuccessful && allSuccessful(run)) return run.state
  const upstream = upstreamStates(run)
  for (let i = 0; i < constants; i++) upstream.push(constantInput)
  const answer = ask(trigger, upstream, { edges: edges.length + constants, resume: run.resume })
  if (Exit.isExit(answer)) return triggerAnswer(run, answer as Exit.Exit<boolean, unknown>)
  return Effect.map(Effect.exit(answer), (exit) => triggerAnswer(run, exit))
}

const ask = (
  trigger: Trigger.Trigger<any, any>,
  upstream: ReadonlyArray<State.State>,
  asked: Trigger.Asked
): Effect.Effect<boolean, unknown> => {
  try {
    const answer = trigger(upstream, asked)
    return Effect.isEffect(answer) ? answer as Effect.Effect<boolean> : Exit.succeed(answer)
  } catch (thrown) {
    return Exit.die(thrown)
  }
}

const allSuccessful = (run: TaskRun): boolean => {
  const { edges } = run.node
  for (let i = 0; i < edges.length; i++) {
    const state = run.upstreamState(i)
    const met = State.isMapped(state)
      ? state.mapStates.every(State.isSuccessful)
      : State.isSuccessful(state)
    if (!met) return false
  }
  return true
}

/** The states that a trigger is asked about: each upstream run once, and each item of a list. */
const upstreamStates = (run: TaskRun): Array<State.State> => {
  const { flow, node } = run
  const states: Array<State.State> = []
  const whole = new Set<number>()
  node.edges.forEach(({ upstream }, place) => {
    if (run.itemState(place) !== undefined || whole.has(upstream)) return
    whole.add(upstream)
    for (const state of Mapping.expand(flow.states[upstream]!)) states.push(state)
  })
  const own = new Set<State.State>()
  node.edges.forEach(({ upstream }, place) => {
    const state = run.itemState(place)
    if (state === undefined) return
    if (run.mapped!.plan.shares[place]!._tag === "List") states.push(state)
    else if (!whole.has(upstream)) own.add(state)
  })
  return [...states, ...own]
}

const triggerAnswer = (run: TaskRun, exit: Exit.Exit<boolean, unknown>): State.State => {
  if (Exit.isSuccess(exit)) {
    return exit.value ? run.state : end(run, Signal.toState(Signal.triggerFail("Trigger failed")))
  }
  const raised = Signal.raised(exit.cause)
  if (raised !== undefined) return end(run, Signal.toState(raised, exit.cause))
  const error = Cause.squash(exit.cause)
  const message = `Unexpected error while checking task trigger: ${PrintedError.print(error)}`
  return end(run, State.triggerFailed({ message, result: error, cause: exit.cause }))
}

const pending = State.pending()
const running = State.running({ message: "Starting task run." })

const setRunning: Step = (run) => State.isPending(run.state) ? running : end(run, run.state)

const callBody: Step = (run) => {
  if (!State.isRunning(run.state)) return end(run, run.state)
  const { flow, node } = run
  run.bodyRan = true
  let body: Effect.Effect<unknown, unknown>
  try {
    body = node.task.run(inputsOf(run)) as Effect.Effect<unknown, unknown>
  } catch (thrown) {
    flow.timePassed()
    return failureState(run, Cause.die(thrown))
  }
  flow.timePassed()
  if (!Effect.isEffect(body)) return failureState(run, Cause.die(notAnEffect(run, body)))
  const { runBody } = flow.executor
  if (runBody !== undefined) body = runBody(run, body)
  const isWritten = Checkpoint.isMade(run)
  if (!isWritten) {
    if (isSuccess(body)) return successState(body.value)
    if (isFailure(body)) return failureState(run, body.cause)
  }
  const { timeout } = node.task.policies
  if (timeout !== undefined) body = withTimeout(body, timeout)
  if (isWritten) body = Checkpoint.make(run, body)
  run.awaiting = "body"
  return body
}

const failure: unknown = Object.getPrototypeOf(Exit.fail(""))

const isFailure = (body: Effect.Effect<unknown, unknown>): body is Exit.Failure<unknown, unknown> =>
  Object.getPrototypeOf(body) === failure

const notAnEffect = (run: TaskRun, value: unknown): TypeError =>
  new TypeError(
    `Cannot run task "${run.taskName}": its body must return an Effect, not ${
      PrintedError.print(value)
    }`
  )

const withTimeout = (body: Effect.Effect<unknown, unknown>, duration: Duration.Duration) =>
  Effect.timeoutOrElse(body, {
    duration,
    orElse: () => Effect.fail(new FailedState.TaskTimeout({ message: "Execution timed out." }))
  })

const successState = (result: unknown): State.State =>
  State.success({ message: "Task run succeeded.", result })

/** The one place where what a body failed with becomes a state. */
const failureState = (run: TaskRun, cause: Cause.Cause<unknown>): State.State => {
  const raised = Signal.raised(cause)
  if (Signal.isEndRun(raised)) return end(run, raised.state)
  if (Signal.isSignal(raised)) return signalState(run, raised, cause)
  const error = Cause.squash(cause)
  if (error instanceof FailedState.TaskTimeout) {
    return State.timedOut({ message: "Task timed out during execution.", result: error, cause })
  }
  return FailedState.from("Error during execution of task", cause)
}

const signalState = (
  run: TaskRun,
  signal: Signal.Signal,
  cause: Cause.Cause<unknown>
): State.State => {
  const state = Signal.toState(signal, cause)
  return State.isLooped(state) && state.message === undefined
    ? State.make("Looped", { ...state, message: `Task is looping (${run.loopCount ?? 1})` })
    : state
}

const cacheResult: Step = (run) => {
  const { state } = run
  const { cacheFor } = run.node.task.policies
  if (cacheFor === undefined || !State.isSuccessful(state) || State.isSkipped(state)) return state
  return State.cached({
    message: state.message,
    result: state.result,
    expiration: run.now() + cacheFor,
    hashedInputs: CachePolicy.fingerprints(inputsOf(run)),
    parameters: run.parameters
  })
}

const checkRetry: Step = (run) => {
  const { state } = run
  if (!State.isFailed(state)) return state
  const { maxRetries, retryDelay, retryOn, retrySchedule } = run.node.task.policies
  if (run.runCount > maxRetries) return state
  const isRetried = retryOn === undefined || (state.result ?? null) === null ||
    retryOn(state.result)
  if (!isRetried) return state
  if (retrySchedule === undefined) return writeRound(run, retrying(run, retryDelay))
  return Effect.flatMap(nextDelay(run, retrySchedule, state.result), (delay) => {
    const next = delay === undefined
      ? state
      : writeRound(run, retrying(run, Duration.toMillis(delay)))
    return Effect.isEffect(next) ? next : Effect.succeed(next)
  })
}

/** Writes what a loop goes on from before its round is tried again. */
const writeRound = (run: TaskRun, state: State.State): State.State | Effect.Effect<State.State> => {
  if (run.loopResult === undefined || !Checkpoint.isMade(run)) return state
  return Effect.matchCause(Checkpoint.write(run, run.loopResult), {
    onSuccess: () => state,
    onFailure: (cause) => failureState(run, cause)
  })
}

const retrying = (run: TaskRun, delay: number): State.State => {
  const { maxRetries } = run.node.task.policies
  const of = Number.isFinite(maxRetries) ? ` of ${maxRetries + 1}` : ""
  run.retried = State.retrying({
    message: `Retrying Task (after attempt ${run.runCount}${of})`,
    result: run.loopResult,
    startTime: run.now() + delay,
    runCount: run.runCount
  })
  return run.retried
}

/** Asks the schedule, which remembers the attempts so far, for the next delay, if there is one. */
const nextDelay = (
  run: TaskRun,
  schedule: Schedule.Schedule<unknown, unknown>,
  error: unknown
): Effect.Effect<Duration.Duration | undefined> => {
  const known = run.scheduleStep
  const stepping = known === undefined ? Schedule.toStep(schedule) : Effect.succeed(known)
  return Effect.flatMap(stepping, (step) => {
    run.scheduleStep = step
    return Effect.match(
      step(run.now(), error) as Effect.Effect<[unknown, Duration.Duration], unknown>,
      {
        onSuccess: ([, delay]) => delay,
        onFailure: () => undefined
      }
    )
  })
}

const fanOutSteps: ReadonlyArray<Step> = [
  checkReady,
  checkStartTime,
  checkUpstreamSkipped,
  checkReadyToMap
]

const steps: ReadonlyArray<Step> = [
  checkReady,
  checkStartTime,
  checkUpstreamSkipped,
  checkTargetOrCache,
  checkTrigger,
  setRunning,
  callBody,
  cacheResult,
  checkRetry
]

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/**
 * Takes a run through its steps until it ends or waits.
 *
 * Gives nothing when that was done at once, and else an effect: when it has ended, {@link proceed}
 * goes on with what it gave. The state that the run is left in is its `state`.
 */
export const advance = (run: TaskRun): Effect.Effect<unknown, unknown> | undefined => {
  const list = run.isFanOut ? fanOutSteps : steps
  do {
    if (run.step === 0 && isFreeToRun(run)) {
      run.step = runningStep + 1
      const rest = change(run, run.state, running)
      if (rest !== undefined) return waitForChange(run, rest)
    }
    while (!run.ended && run.step < list.length) {
      run.awaiting = "step"
      let outcome: ReturnType<Step>
      try {
        outcome = list[run.step++]!(run)
      } catch (thrown) {
        // A defect of the engine or of a policy ends as any failure does.
        outcome = unexpected(run, Cause.die(thrown))
      }
      if (outcome === run.state) continue
      // The step that begins the body has said so, which is cheaper to see than what it gave.
      if ((run.awaiting as TaskRun["awaiting"]) === "body" || !State.isState(outcome)) {
        return outcome as Effect.Effect<unknown, unknown>
      }
      const rest = change(run, run.state, outcome)
      if (rest !== undefined) return waitForChange(run, rest)
    }
    if (!beginNextRound(run)) return undefined
    // Rounds that never suspend must not keep timers and interruption from their turn.
  } while (run.loopCount! % roundsPerTurn !== 0)
  return waitForChange(run, Effect.yieldNow)
}

const roundsPerTurn = 1024

const runningStep = steps.indexOf(setRunning)

/** Whether none of the steps before {@link setRunning} would say anything, as for most runs. */
const isFreeToRun = (run: TaskRun): boolean => {
  const { edges, isPlain } = run.node
  if (!isPlain || run.isFanOut || run.state !== pending) return false
  for (let i = 0; i < edges.length; i++) {
    if (run.upstreamState(i)._tag !== "Success") return false
  }
  return true
}

/** Goes on with what the effect gave that {@link advance} or {@link proceed} gave before. */
export const proceed = (
  run: TaskRun,
  value: unknown
): Effect.Effect<unknown, unknown> | undefined => {
  run.flow.timePassed()
  if (run.awaiting === "change") return advance(run)
  const proposed = run.awaiting === "body" ? successState(value) : value as State.State
  const rest = change(run, run.state, proposed)
  if (rest !== undefined) return waitForChange(run, rest)
  // Nothing is left to say of a success that is not kept for other runs.
  return run.state._tag === "Success" && run.node.isPlain ? undefined : advance(run)
}

/** Goes on after the body has failed, or what a policy asked for. */
export const fail = (
  run: TaskRun,
  cause: Cause.Cause<unknown>
): Effect.Effect<unknown, unknown> | undefined => {
  const isBody = run.awaiting === "body"
  run.awaiting = "step"
  return proceed(run, isBody ? failureState(run, cause) : unexpected(run, cause))
}

/** Lets {@link fail} take the failure of a run that was lost elsewhere for that of its body. */
export const expectBody = (run: TaskRun): void => {
  run.step = steps.indexOf(callBody) + 1
  run.awaiting = "body"
}

const waitForChange = (run: TaskRun, rest: Effect.Effect<void>): Effect.Effect<void> => {
  run.awaiting = "change"
  return rest
}

/** Takes a run through all its steps, as one effect. */
export const drive = (run: TaskRun): Effect.Effect<void> => driveFrom(run, 0)

/** Runs the body of a run whatever its upstream runs and its trigger say, as one effect. */
export const runBodyOf = (run: TaskRun): Effect.Effect<void> => driveFrom(run, runningStep)

const driveFrom = (run: TaskRun, step: number): Effect.Effect<void> => {
  const follow = (next: Effect.Effect<unknown, unknown> | undefined): Effect.Effect<void> =>
    next === undefined ? Effect.void : Effect.matchCauseEffect(next, {
      onSuccess: (value) => follow(proceed(run, value)),
      onFailure: (cause) =>
        run.awaiting === "change" ? Effect.failCause(cause as never) : follow(fail(run, cause))
    })
  return Effect.suspend(() => {
    run.step = step
    return follow(advance(run))
  })
}

/**
 * After a round of a loop the run begins again. The hand-over is no change of state: handlers see
 * the next round start as pending.
 */
const beginNextRound = (run: TaskRun): boolean => {
  const { state } = run
  if (run.ended || !State.isLooped(state)) return false
  const round = state.loopCount ?? 1
  // An approval is one of the run, not of a round.
  const { resume } = run
  run.start(State.pending({ message: `Looping task (on loop index ${round})` }))
  run.resume = resume
  run.loopResult = state.result
  run.loopCount = round + 1
  return true
}

const unexpected = (run: TaskRun, cause: Cause.Cause<unknown>): State.State =>
  FailedState.from("Unexpected error", cause, run.state)
