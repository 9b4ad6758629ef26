/**
 * The lines of a run on their way to the page: within the limits, and no faster than it reads them.
 */
import { TraceLine } from "signalbox/testing"
import {
  maxChangeLength,
  maxCharacters,
  maxLines,
  maxLinesUnread,
  maxLogLength,
  type Reply
} from "../Protocol.ts"

/** After how many lines the page is told of them whatever they say. */
const batch = 500
/** For how many bodies, the first ones, the page is told at once that they begin. */
const maxBegun = 20
/** Of later ones it is told at once when it was told nothing for so many milliseconds. */
const quiet = 4

type Kind = keyof typeof maxLines

/** Takes lines, and posts them in batches. */
export class Outbox {
  private readonly post: (reply: Reply) => void
  private readonly now: () => number
  private readonly waiting: Array<string> = []
  private unread = 0
  private readonly lines = { changes: 0, logs: 0 }
  private readonly characters = { changes: 0, logs: 0 }
  private dropped = 0
  private begun = 0
  private posted = 0
  /** What was printed before the first line, as long as that has not come. */
  private early: Array<TraceLine.Log> | undefined = []
  private hasEnded = false
  private whenRead: (() => void) | undefined = undefined

  /** Takes a clock in milliseconds, which a program cannot move. */
  constructor(post: (reply: Reply) => void, now: () => number) {
    this.post = post
    this.now = now
  }

  /** How many changes there were: what counts as getting anywhere. */
  get progress(): number {
    return this.lines.changes
  }

  /** Adds what was printed, if there is room for more. */
  print(line: () => TraceLine.Log): void {
    if (!this.isFull("logs")) this.add(line())
    else if (!this.hasEnded) this.dropped++
  }

  private isFull(kind: Kind): boolean {
    return this.lines[kind] > maxLines[kind] || this.characters[kind] > maxCharacters[kind]
  }

  /** Adds a line. */
  add(line: TraceLine.TraceLine): void {
    if (this.hasEnded) return
    if (TraceLine.isLog(line)) this.addLog(line)
    else if (TraceLine.isChange(line)) {
      this.put("changes", this.textOf(line))
      // Its body begins now, and may never give way again.
      if (line.to.tag === "Running" && this.isToBeTold()) this.flush()
    } else if (TraceLine.isEnd(line)) {
      this.hasEnded = true
      const dropped = (line.dropped ?? 0) + this.dropped
      this.waiting.push(JSON.stringify(dropped === 0 ? line : { ...line, dropped }))
    } else {
      this.waiting.push(JSON.stringify(line))
      const { early = [] } = this
      this.early = undefined
      for (const log of early) this.addLog(log)
    }
    if (this.waiting.length >= batch) this.flush()
  }

  private isToBeTold(): boolean {
    return this.begun++ < maxBegun || this.now() - this.posted >= quiet
  }

  private addLog(line: TraceLine.Log): void {
    const cut = cutLog(line)
    if (this.early === undefined) this.put("logs", JSON.stringify(cut))
    else if (this.early.length < maxLines.logs / 10) this.early.push(cut)
    else this.dropped++
  }

  private put(kind: Kind, text: string): void {
    this.lines[kind]++
    this.characters[kind] += text.length
    if (this.isFull(kind)) this.dropped++
    else this.waiting.push(text)
  }

  /** A line that is long, or one of very many, has its payloads shortened. */
  private textOf(change: TraceLine.Change): string {
    const text = JSON.stringify(change)
    const room = this.characters.changes < maxCharacters.changes / 2 ? maxChangeLength : shortLength
    return text.length <= room ? text : JSON.stringify(withPreviews(change))
  }

  /** Posts what waits, as far as the page has read what was posted before. */
  flush(): void {
    const count = Math.min(this.waiting.length, maxLinesUnread - this.unread)
    if (count > 0) {
      this.unread += count
      this.posted = this.now()
      this.post({ kind: "lines", lines: this.waiting.splice(0, count) })
    }
    if (this.waiting.length === 0 && this.unread === 0) this.whenRead?.()
  }

  /** The page has read so many more lines. */
  read(lines: number): void {
    this.unread -= lines
    this.flush()
  }

  /** Waits until the page has read everything. */
  async finish(): Promise<void> {
    this.flush()
    if (this.waiting.length === 0 && this.unread === 0) return
    await new Promise<void>((resolve) => {
      this.whenRead = resolve
    })
  }
}

// -----------------------------------------------------------------------------
// Shortening
// -----------------------------------------------------------------------------

const shortLength = 600
const previewText = 500
const previewItems = 20
const previewDepth = 3

const cutLog = (line: TraceLine.Log): TraceLine.Log =>
  line.log.length <= maxLogLength
    ? line
    : { ...line, log: `${line.log.slice(0, maxLogLength)}… (${line.log.length} characters)` }

/** The change, whose states say in short what they carry. */
const withPreviews = ({ from, handlers, proposed, to, ...change }: TraceLine.Change) => ({
  ...change,
  from: previewState(from),
  to: previewState(to),
  ...proposed === undefined ? {} : { proposed: previewState(proposed) },
  ...handlers === undefined ? {} : { handlers: handlers.map(previewCall) }
})

const previewState = (state: TraceLine.State): TraceLine.State =>
  preview(state, 0) as TraceLine.State

const previewCall = ({ decided, error, handler }: TraceLine.HandlerCall) => ({
  handler,
  ...decided === undefined ? {} : { decided: previewState(decided) },
  ...error === undefined ? {} : { error: preview(error, 1) }
})

type Json = TraceLine.State[string]

const preview = (value: unknown, depth: number): Json => {
  if (typeof value === "string") {
    return value.length <= previewText ? value : `${value.slice(0, previewText)}…`
  }
  if (typeof value !== "object" || value === null) return value as Json
  if (depth >= previewDepth) return "…"
  if (Array.isArray(value)) {
    const items = value.slice(0, previewItems).map((item) => preview(item, depth + 1)!)
    return value.length <= previewItems ? items : [...items, "…"]
  }
  const entries = Object.entries(value)
  const shown: Array<[string, Json]> = entries.slice(0, previewItems)
    .map(([key, field]) => [key.slice(0, previewText), preview(field, depth + 1)])
  if (entries.length > previewItems) shown.push(["…", entries.length])
  return Object.fromEntries(shown) as Json
}
