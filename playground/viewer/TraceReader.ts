/**
 * Reads the lines of a trace that came from elsewhere: each is checked, and what is wrong is told
 * with the number of its line.
 */
import { Formatter, Schema } from "effect"
import { TraceLine } from "signalbox/testing"
import { type Run, RunBuilder } from "../run/Run.ts"

/** A trace that cannot be read, and why. */
export class TraceError extends Error {
  override readonly name = "TraceError"
}

/** Reads lines one after the other; `name` is what messages call where they come from. */
export class TraceReader {
  private readonly name: string
  private run: RunBuilder | undefined
  private line = 0

  constructor(name: string) {
    this.name = name
  }

  /** The run as far as it has been read: there is none before the first line. */
  get soFar(): Run | undefined {
    return this.run
  }

  /**
   * Reads the next line, without its line feed. An empty one is passed over.
   *
   * @throws TraceError if it is no line of a trace, or not where it belongs.
   */
  readonly add = (text: string): void => {
    this.line++
    if (text.trim() === "") return
    const line = this.checked(this.parsed(text))
    if (this.run === undefined) {
      if (!TraceLine.isHeader(line)) throw this.refusal("it comes before the header of the run")
      this.run = new RunBuilder(line)
      return
    }
    if (TraceLine.isHeader(line)) {
      throw this.refusal(`another run begins, of "${line.flow}"; a file holds one`)
    }
    if (this.run.end !== undefined) throw this.refusal("the run has ended before")
    this.run.add(line)
  }

  private parsed(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      const start = text.length <= shown ? text : `${text.slice(0, shown)}…`
      throw this.refusal(
        this.run === undefined && this.line === 1
          ? `this is no trace but begins with ${JSON.stringify(start)}`
          : `it is no JSON, perhaps because it was cut off: ${start}`
      )
    }
  }

  // What was checked is taken as it came: made again, its fields would be in another order.
  private checked(line: unknown): TraceLine.TraceLine {
    if (typeof line !== "object" || line === null) {
      throw this.refusal(`it is ${Formatter.format(line)}, and no object`)
    }
    const kind = kinds.find(({ key }) => key in line)
    if (kind === undefined) {
      const keys = Object.keys(line).slice(0, 5).join(", ")
      throw this.refusal(`it is neither a header nor a change, print or end (it has ${keys})`)
    }
    if (kind.is(line)) return line
    const { signalbox } = line as { readonly signalbox?: unknown }
    if (kind.key === "signalbox" && typeof signalbox === "number") {
      if (signalbox > TraceLine.version) {
        throw this.refusal(
          `it is of version ${signalbox}, and this page reads ${TraceLine.version}; ` +
            "perhaps a newer page can open it"
        )
      }
    }
    throw this.refusal(`it is no ${kind.word}: ${kind.reason(line)}`)
  }

  private refusal(reason: string): TraceError {
    return new TraceError(`Cannot open ${this.name}: line ${this.line}: ${reason}`)
  }
}

const shown = 60

interface Kind {
  /** The field that no other kind has. */
  readonly key: string
  readonly word: string
  readonly is: (line: unknown) => line is TraceLine.TraceLine
  readonly reason: (line: unknown) => string
}

const kindOf = (
  key: string,
  word: string,
  schema: Schema.Codec<TraceLine.TraceLine>
): Kind => {
  const decode = Schema.decodeUnknownResult(schema)
  return {
    key,
    word,
    is: Schema.is(schema),
    reason: (line) => {
      const result = decode(line)
      return result._tag === "Failure" ? result.failure.message.replaceAll(/\s*\n\s*/g, " ") : ""
    }
  }
}

const kinds: ReadonlyArray<Kind> = [
  kindOf("to", "change", TraceLine.Change as Schema.Codec<TraceLine.TraceLine>),
  kindOf("log", "print", TraceLine.Log as Schema.Codec<TraceLine.TraceLine>),
  kindOf("signalbox", "header", TraceLine.Header as Schema.Codec<TraceLine.TraceLine>),
  kindOf("end", "end", TraceLine.End as Schema.Codec<TraceLine.TraceLine>)
]
