/**
 * What happens in the runs of a case, written down as recorded cases write it.
 *
 * @module
 */
import { Effect } from "effect"
import type { State, Transition } from "signalbox"
import type {
  HandlerCallRecord,
  Json,
  JsonObject,
  RunText,
  StateRecord,
  TransitionRecord
} from "./corpus.ts"
import { writeBrief, writeState, type Written } from "./states.ts"
import { type Offset, offsetFrom, record, recordInputs } from "./values.ts"

/** What one flow, task or item of a mapped task went through in one run. */
export interface SubjectLog {
  readonly transitions: Array<TransitionRecord>
  readonly handlerCalls: Array<HandlerCallRecord>
  readonly runnerHandlerCalls: Array<HandlerCallRecord>
  readonly callbackCalls: Array<{ readonly handler: number; readonly state: StateRecord }>
  readonly onFailureCalls: Array<StateRecord>
  readonly printed: Array<string>
  readonly calls: Array<JsonObject>
  readonly terminalHandlerCalls: Array<{
    readonly state: StateRecord
    readonly referenceStates: ReadonlyArray<StateRecord>
  }>
  /** The state that it was left in by its last change. */
  left: State.State | undefined
}

const subjectLog = (): SubjectLog => ({
  transitions: [],
  handlerCalls: [],
  runnerHandlerCalls: [],
  callbackCalls: [],
  onFailureCalls: [],
  printed: [],
  calls: [],
  terminalHandlerCalls: [],
  left: undefined
})

/** One run of a case. */
export interface RunLog {
  readonly flow: SubjectLog
  /** By slug, and the place of the item if it is one. */
  readonly tasks: Map<string, Map<number | undefined, SubjectLog>>
  readonly prompts: Array<string>
  readonly writes: Array<{ readonly location: string; readonly value: Json }>
  /** What the pauses of this run are answered. */
  readonly answers: Array<string>
}

/** The runs of one case: they share counters, and the clock goes on from one to the next. */
export class CaseLog {
  readonly offset: Offset
  run: RunLog
  /** What the description says that nobody here knows; the case has failed then. */
  readonly unknown: Array<string> = []
  private readonly counts = new Map<object, Map<string, number>>()

  constructor(epoch: number) {
    this.offset = offsetFrom(epoch)
    this.run = runLog({})
  }

  /** From now on everything belongs to a new run. */
  begin(text: RunText): void {
    this.run = runLog(text)
  }

  /** Counts on, and gives how often it was asked before for this thing and key. */
  count(thing: object, key: string | undefined): number {
    const counts = this.counts.get(thing) ?? new Map<string, number>()
    this.counts.set(thing, counts)
    const before = counts.get(key ?? "") ?? 0
    counts.set(key ?? "", before + 1)
    return before
  }

  /** Notes what nobody knows, and ends what asked for it. */
  refuse(what: string, text: unknown): Effect.Effect<never> {
    this.unknown.push(`Unknown ${what}: ${JSON.stringify(text)}`)
    return Effect.die(new Error(this.unknown.at(-1)))
  }

  of(subject: Transition.Subject): SubjectLog {
    return subject._tag === "Flow" ? this.run.flow : this.ofTask(subject.slug, subject.mapIndex)
  }

  ofTask(slug: string, mapIndex: number | undefined): SubjectLog {
    const items = this.run.tasks.get(slug) ?? new Map<number | undefined, SubjectLog>()
    this.run.tasks.set(slug, items)
    const log = items.get(mapIndex) ?? subjectLog()
    items.set(mapIndex, log)
    return log
  }

  write(state: State.State): Written {
    return writeState(state, this.offset)
  }

  transition(from: State.State, to: State.State): TransitionRecord {
    return { old: writeBrief(from), new: this.write(to) }
  }

  value(value: unknown): Json {
    return record(value, this.offset)
  }

  inputs(inputs: Readonly<Record<string, unknown>>): JsonObject {
    return recordInputs(inputs, this.offset)
  }
}

const runLog = ({ pauseAnswers = [] }: RunText): RunLog => ({
  flow: subjectLog(),
  tasks: new Map(),
  prompts: [],
  writes: [],
  answers: [...pauseAnswers]
})
