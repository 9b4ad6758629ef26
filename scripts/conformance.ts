/**
 * Runs a file of recorded cases and tells where this engine differs from what was recorded.
 *
 * `npm run conformance -- FILE.json` prints what differs, and in the end how many cases passed,
 * failed or departed as `test/conformance/departures.json` promises; it fails when a case failed.
 * `--id ID` runs one case and shows all of its differences; `--json` prints one object a case.
 */
import { readFileSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { departures } from "../test/conformance/departures.ts"
import { printDifference } from "../test/conformance/differences.ts"
import type { Verdict } from "../test/conformance/runCase.ts"
import { readOptions } from "./options.ts"

interface File {
  readonly format?: unknown
  readonly epoch: string
  readonly cases: ReadonlyArray<unknown>
}

const usage = "npm run conformance -- FILE.json [--json] [--id ID]"
const limitSeconds = 30
const limitMegabytes = 2048

const { positionals, values } = readOptions(usage, {
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, id: { type: "string" } }
})

// ---------------------------------------------------------------------------------------------
// The file
// ---------------------------------------------------------------------------------------------

const stop = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const readCases = (path: string): File => {
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as File
    if (file.format !== 1) {
      return stop(`Cannot read ${path}: its format is ${JSON.stringify(file.format)}, not 1`)
    }
    if (Array.isArray(file.cases) && typeof file.epoch === "string") return file
    return stop(`${path} holds no recorded cases: it needs "epoch" and "cases".`)
  } catch (error) {
    return stop(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const textOf = (test: unknown, field: string, otherwise: string): string => {
  const value = (test as Readonly<Record<string, unknown>> | null)?.[field]
  return typeof value === "string" ? value : otherwise
}

// ---------------------------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------------------------

/** Runs cases on a thread of its own, which a case that never ends does not outlive. */
class Runner {
  private readonly epoch: string
  private worker: Worker | undefined
  private answer: ((verdict: Verdict) => void) | undefined
  private id = ""

  constructor(epoch: string) {
    this.epoch = epoch
  }

  run(test: unknown, id: string): Promise<Verdict> {
    this.worker ??= this.start()
    this.id = id
    const limit = setTimeout(
      () => this.fail(`nothing within ${limitSeconds} seconds`),
      limitSeconds * 1000
    )
    const verdict = new Promise<Verdict>((resolve) => {
      this.answer = resolve
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    this.worker.postMessage({ test, epoch: this.epoch })
    return verdict.finally(() => clearTimeout(limit))
  }

  private start(): Worker {
    const worker = new Worker(new URL("conformance_worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: limitMegabytes }
    })
    worker.on("message", (text: string) => {
      this.answer?.({ ...JSON.parse(text) as Verdict, id: this.id })
    })
    worker.on("error", (error) => this.fail(String(error)))
    return worker
  }

  private fail(got: string): void {
    const { id } = this
    this.stop()
    this.answer?.({
      id,
      status: "failed",
      rules: [],
      differences: [{ path: "", expected: "an end", got }]
    })
  }

  stop(): void {
    void this.worker?.terminate()
    this.worker = undefined
  }
}

// ---------------------------------------------------------------------------------------------
// Telling
// ---------------------------------------------------------------------------------------------

const print = (title: string, { differences, id, rules, status }: Verdict): void => {
  if (status === "passed") return
  console.log(`${status === "failed" ? "FAILED   " : "departure"} ${id}: ${title}`)
  for (const departure of departures) {
    if (!rules.includes(departure.rule)) continue
    const point = departure.point === null ? "" : `${departure.point}. `
    console.log(`    ${point}${departure.instead}`)
  }
  if (status === "departure" && values.id === undefined) return
  for (const difference of differences) console.log(`    ${printDifference(difference)}`)
}

const printJson = ({ differences, id, status }: Verdict): void =>
  console.log(JSON.stringify({ id, status, differences }))

const [path] = positionals
const file = path === undefined ? stop(usage) : readCases(path)
const runner = new Runner(file.epoch)
const counts = { passed: 0, failed: 0, departure: 0 }
for (const [index, test] of file.cases.entries()) {
  const id = textOf(test, "id", `case ${index}`)
  if (values.id !== undefined && values.id !== id) continue
  const verdict = await runner.run(test, id)
  counts[verdict.status]++
  if (values.json) printJson(verdict)
  else print(textOf(test, "title", ""), verdict)
}
runner.stop()

const total = counts.passed + counts.failed + counts.departure
if (total === 0) stop(values.id === undefined ? "There are no cases." : `No case "${values.id}".`)
if (!values.json) {
  console.log(
    `${counts.passed} passed, ${counts.failed} failed, ${counts.departure} departures`
  )
}
process.exitCode = counts.failed === 0 ? 0 : 1
