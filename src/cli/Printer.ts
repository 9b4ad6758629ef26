/**
 * A run as a terminal shows it: each change in a line of its own, between what the program prints,
 * and in the end what became of the tasks.
 *
 * @module
 */
import * as Trace from "../testing/Trace.ts"
import * as TraceLine from "../testing/TraceLine.ts"
import type { Host } from "./Host.ts"

/** Prints the lines of a run, and knows how it stands. */
export class Printer {
  private readonly host: Pick<Host, "out" | "err">
  private readonly quiet: boolean
  private header: TraceLine.Header | undefined
  /** What each task is called: by its name where no other has it. */
  private readonly names = new Map<string, string>()
  /** The last change of each task by its slug, and of the flow. */
  private readonly latest = new Map<string, TraceLine.Change>()

  constructor(host: Pick<Host, "out" | "err">, quiet: boolean) {
    this.host = host
    this.quiet = quiet
  }

  /** Prints a line of the run. */
  readonly add = (line: TraceLine.TraceLine): void => {
    if (TraceLine.isHeader(line)) this.begin(line)
    else if (TraceLine.isLog(line)) (line.level === "out" ? this.host.out : this.host.err)(line.log)
    else if (TraceLine.isChange(line)) this.addChange(line)
  }

  private begin(header: TraceLine.Header): void {
    this.header = header
    for (const { name, slug } of header.nodes) {
      const isOnly = header.nodes.every((other) => other.slug === slug || other.name !== name)
      this.names.set(slug, isOnly ? name : slug)
    }
  }

  private addChange(change: TraceLine.Change): void {
    const isOwn = change.flow === this.header?.flow
    if (isOwn && change.index === undefined) this.latest.set(change.task ?? "", change)
    if (this.quiet) return
    const { at, flow, from, index, task, to } = change
    const own = task === undefined ? flow : (isOwn ? this.names.get(task) : undefined) ?? task
    const name = index === undefined ? own : `${own}[${index}]`
    this.host.out(`${Trace.formatElapsed(at)} ${name}: ${from.tag} → ${print(to)}`)
  }

  /** The last change of the flow itself, if it has begun. */
  get flowChange(): TraceLine.Change | undefined {
    return this.latest.get("")
  }

  /** Prints what became of each task and of the flow. */
  readonly finish = (end: TraceLine.End): void => {
    if (this.header === undefined || this.quiet) return
    const tasks = this.header.nodes.filter(({ kind }) =>
      kind !== "parameter" && kind !== "constant"
    )
    const rows = tasks.map(({ slug }) => this.rowOf(this.names.get(slug) ?? slug, slug))
    this.host.out("")
    this.host.out(tableOf([
      ["task", "state", "attempts"],
      ...rows,
      this.rowOf("(the flow)", "").slice(0, 2)
    ]))
    if (end.dropped !== undefined) {
      this.host.err(`Of ${end.dropped} changes and printed lines nothing was told: too many.`)
    }
  }

  private rowOf(name: string, key: string): ReadonlyArray<string> {
    const last = this.latest.get(key)
    return last === undefined ? [name, "Pending()", "0"] : [name, print(last.to), String(last.run)]
  }
}

const print = ({ message, tag }: TraceLine.State): string =>
  `${tag}(${message === undefined ? "" : JSON.stringify(message)})`

const tableOf = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  )
  const lineOf = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  const [head, ...rest] = rows
  return [head!, widths.map((width) => "-".repeat(width)), ...rest].map(lineOf).join("\n")
}
