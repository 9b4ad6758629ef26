/**
 * Checks what comes out of a worker. Whoever wrote the program may have taken the worker over, so
 * nothing is taken for granted: not its shape, nor its order, nor its amount.
 */
import { Schema } from "effect"
import { TraceLine } from "signalbox/testing"
import type { Problem, ShakeOutcome } from "../Store.ts"
import { maxCharacters, maxLines, maxMessageLength } from "./Protocol.ts"

/** A worker said what it cannot have said by itself. */
export class ArrivalError extends Error {
  override readonly name = "ArrivalError"
}

const refuse = (reason: string): never => {
  throw new ArrivalError(`Cannot go on with the run: ${reason}`)
}

const isChange = Schema.is(TraceLine.Change)
const isLog = Schema.is(TraceLine.Log)
const isHeader = Schema.is(TraceLine.Header)
const isEnd = Schema.is(TraceLine.End)

const hasShape = (line: object): line is TraceLine.TraceLine =>
  // A look at what tells them apart saves trying one after the other.
  "to" in line
    ? isChange(line)
    : "log" in line
    ? isLog(line)
    : "end" in line
    ? isEnd(line)
    : isHeader(line)

const maxCharactersInAll = maxCharacters.changes + maxCharacters.logs
const maxLinesInAll = maxLines.changes + maxLines.logs + 2

/** The lines of one run. */
export class Arrivals {
  private characters = 0
  private lines = 0
  private last: "header" | "end" | undefined = undefined
  private readonly names = new Map<string, string>()
  private readonly running = new Map<string, string>()

  /** Reads the next line. */
  read(text: string): TraceLine.TraceLine {
    this.characters += text.length
    if (++this.lines > maxLinesInAll) refuse(`it has more than ${maxLinesInAll} lines`)
    // The first and the last line have no share of their own, and need none.
    if (this.characters > 1.1 * maxCharactersInAll) {
      refuse(`it has more than ${maxCharactersInAll} characters`)
    }
    const line: unknown = parse(text)
    if (typeof line !== "object" || line === null || !hasShape(line)) {
      return refuse("one of its lines is none of a trace")
    }
    this.follow(line)
    return line
  }

  private follow(line: TraceLine.TraceLine): void {
    if (TraceLine.isHeader(line) !== (this.last === undefined) || this.last === "end") {
      refuse("its lines do not come in the order of a trace")
    }
    if (TraceLine.isHeader(line)) {
      this.last = "header"
      for (const { name, slug } of line.nodes) this.names.set(slug, name)
    } else if (TraceLine.isEnd(line)) this.last = "end"
    else if (TraceLine.isChange(line) && line.task !== undefined) {
      const key = `${line.task}[${line.index}]`
      if (line.to.tag === "Running") this.running.set(key, line.task)
      else this.running.delete(key)
    }
  }

  /** Whether its flow has begun. */
  get hasBegun(): boolean {
    return this.last !== undefined
  }

  /** Whether its last line has come. */
  get hasEnded(): boolean {
    return this.last === "end"
  }

  /** The name of the task that began last and has not ended. */
  get lastRunning(): string | undefined {
    const slug = [...this.running.values()].at(-1)
    return slug === undefined ? undefined : this.names.get(slug) ?? slug
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const text = Schema.String.check(Schema.isMaxLength(2 * maxMessageLength))
const count = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const Reply = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("lines"), lines: Schema.Array(Schema.String) }),
  Schema.Struct({ kind: Schema.Literal("pong"), progress: count }),
  Schema.Struct({ kind: Schema.Literal("done") }),
  Schema.Struct({
    kind: Schema.Literal("problem"),
    problem: Schema.Struct({
      message: text,
      file: Schema.UndefinedOr(text),
      line: Schema.UndefinedOr(count)
    }) as Schema.Codec<Problem>
  }),
  Schema.Struct({
    kind: Schema.Literal("outcome"),
    outcome: Schema.Struct({
      seed: Schema.Finite,
      state: text,
      tag: text,
      changes: count,
      duration: Schema.Finite
    }) as Schema.Codec<ShakeOutcome>
  })
])

const isReply = Schema.is(Reply)

/** What a worker said, if it has the shape of something that it can say once it is warm. */
export const readReply = (reply: unknown): (typeof Reply)["Type"] =>
  isReply(reply) ? reply : refuse("its worker said what it has no words for")
