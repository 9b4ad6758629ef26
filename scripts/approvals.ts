/**
 * Asks whoever is there, in front of a terminal or at the other end of a pipe, whether paused tasks
 * may go on.
 */
import { Clock, DateTime, Effect, Semaphore } from "effect"
import { createInterface, type Interface } from "node:readline"
import type { Readable } from "node:stream"
import type { Flow } from "signalbox"
import type { Terminal } from "./terminal.ts"

/** Gives one line after the other; nothing at the end. */
export interface Answers {
  readonly next: Effect.Effect<string | undefined>
}

/** Asks about one pause after the other. */
export type Approver = (pause: Flow.Pause) => Effect.Effect<unknown>

/**
 * Asks until the answer is yes. A task whose time comes meanwhile goes on by itself, and one that
 * nobody is left to ask about stays paused.
 */
export const approverAt = (
  terminal: Pick<Terminal, "out" | "question">,
  answers: Answers
): Approver => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  const answer = (text: string) =>
    Effect.acquireUseRelease(
      Effect.sync(() => terminal.question(text)),
      () => answers.next,
      (answered) => Effect.sync(answered)
    )
  return ({ resume, state, subject }) => {
    const { startTime } = state
    const leave = (why: string) =>
      Effect.sync(() => {
        const until = startTime ? `until ${DateTime.formatIso(startTime)}` : "as it is"
        terminal.out(`${subject} stays Paused ${until}: ${why}.`)
      })
    const ask: Effect.Effect<unknown> = Effect.suspend(() =>
      Effect.flatMap(answer(`${subject} is currently Paused; enter 'y' to resume:`), (line) => {
        if (line === undefined) return leave("there is no one to ask")
        if (line.trim().toLowerCase() === "y") return resume
        return startTime ? leave("the answer was not 'y'") : ask
      })
    )
    const asked = oneAtATime.withPermit(ask)
    if (!startTime) return asked
    const itsTime = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => Effect.sleep(Math.max(0, startTime.epochMilliseconds - now))
    )
    return Effect.raceFirst(asked, itsTime)
  }
}

// Where no one sits in front of it, an input may stay open and never say anything.
const patience = "10 seconds"

/** The lines of an input, read only while one is waited for. */
export const answersFrom = (input: Readable & { readonly isTTY?: boolean }): Answers => {
  const reader = new LineReader(input)
  if (input.isTTY === true) return { next: reader.next }
  return {
    next: Effect.timeoutOrElse(reader.next, {
      duration: patience,
      orElse: () => Effect.undefined
    })
  }
}

class LineReader {
  private readonly input: Readable
  private readonly lines: Array<string> = []
  private lineReader: Interface | undefined
  private hasEnded = false
  /** Called when there is a line, or the end. */
  private wake: (() => void) | undefined

  constructor(input: Readable) {
    this.input = input
  }

  readonly next: Effect.Effect<string | undefined> = Effect.callback((resume) => {
    const give = () => {
      const line = this.lines.shift()
      if (line === undefined && !this.hasEnded) return
      this.rest()
      resume(Effect.succeed(line))
    }
    this.wake = give
    this.listen()
    give()
    return Effect.sync(() => this.rest())
  })

  private listen(): void {
    if (this.hasEnded) return
    if (this.lineReader !== undefined) return void this.lineReader.resume()
    // Without `terminal`, the terminal itself shows what is typed, and Ctrl-C is still a signal.
    this.lineReader = createInterface({ input: this.input, terminal: false })
    this.lineReader.on("line", (line) => {
      this.lines.push(line)
      this.wake?.()
    })
    this.lineReader.on("close", () => {
      this.hasEnded = true
      this.wake?.()
    })
  }

  /** An input that nobody waits for must not keep the process from ending. */
  private rest(): void {
    this.wake = undefined
    if (!this.hasEnded) this.lineReader?.pause()
  }
}
