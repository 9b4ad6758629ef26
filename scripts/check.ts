/**
 * Everything that has to hold, step by step. Each step is an npm script that anyone can run alone.
 * Goes on after a step that failed, and ends with the line `N passed, N failed`.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

interface Step {
  /** The npm script to run. */
  readonly script: string
  /** It is a vitest run: count its tests and always show what it prints. */
  readonly vitest?: boolean
  /** It keeps more than one core busy: let nothing else run beside it. */
  readonly alone?: boolean
}

/**
 * A step counts as one check, unless it is a vitest run or its last line reads
 * `N passed, N failed`. One that has counted nothing fails.
 */
const steps: ReadonlyArray<Step> = [
  { script: "format:check" },
  { script: "lint:code" },
  { script: "lint:effect" },
  { script: "types" },
  { script: "types:deno" },
  { script: "publish:check" },
  { script: "test:types", vitest: true },
  { script: "test:deno", vitest: true },
  { script: "test:browser", vitest: true },
  { script: "test:node", vitest: true, alone: true },
  { script: "test:page", vitest: true, alone: true },
  { script: "pack", alone: true },
  { script: "size", alone: true }
]

const together = 2
const limitMinutes = 10

interface Counts {
  readonly passed: number
  readonly failed: number
}

interface Outcome {
  readonly exitCode: number
  readonly output: string
  /** The last line that the script itself has printed: npm's own remarks go to the error output. */
  readonly lastLine: string
}

const running = new Set<() => void>()

/** Runs an npm script in a process group of its own, so that nothing it started can outlive it. */
const runScript = (script: string, args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn("npm", ["run", script, "--", ...args], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" }
    })
    let output = ""
    let printed = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
      printed += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })

    const stop = () => endGroup(child.pid)
    const limit = setTimeout(() => {
      output += `\nStopped: it took longer than ${limitMinutes} minutes.\n`
      stop()
    }, limitMinutes * 60_000)

    running.add(stop)
    child.on("error", (error) => {
      output += String(error)
    })
    child.on("exit", stop)
    child.on("close", (code) => {
      clearTimeout(limit)
      running.delete(stop)
      const lastLine = printed.trimEnd().split("\n").at(-1) ?? ""
      resolve({ exitCode: code ?? 1, output, lastLine })
    })
  })

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // All of the group have ended already.
  }
}

const countVitest = (file: string): Counts => {
  if (!existsSync(file)) return { passed: 0, failed: 0 }
  const report = JSON.parse(readFileSync(file, "utf8")) as {
    readonly numPassedTests: number
    readonly numFailedTests: number
    readonly testResults: ReadonlyArray<{
      readonly status: string
      readonly assertionResults: ReadonlyArray<{ readonly status: string }>
    }>
  }
  // A file that could not be loaded has no test that failed, and is a failure all the same.
  const broken = report.testResults.filter(({ assertionResults, status }) =>
    status === "failed" && assertionResults.every((test) => test.status !== "failed")
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

const countLastLine = ({ exitCode, lastLine }: Outcome): Counts => {
  const found = /^(\d+) passed, (\d+) failed$/.exec(lastLine)
  if (found !== null) return { passed: Number(found[1]), failed: Number(found[2]) }
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** What a step says of itself holds only if its exit code agrees and it has looked at something. */
const objection = ({ failed, passed }: Counts, exitCode: number): string | undefined => {
  if (failed > 0) return undefined
  if (passed === 0) return "it has checked nothing"
  return exitCode === 0 ? undefined : `it ended with exit code ${exitCode}`
}

const runStep = async (step: Step): Promise<Counts> => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-check-"))
  const report = join(folder, "vitest.json")
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const start = performance.now()
  const outcome = await runScript(step.script, step.vitest ? reporters : [])
  const seconds = (performance.now() - start) / 1000
  const told = step.vitest ? countVitest(report) : countLastLine(outcome)
  rmSync(folder, { recursive: true })

  const problem = objection(told, outcome.exitCode)
  const counts = problem === undefined ? told : { passed: told.passed, failed: 1 }
  if (counts.failed > 0 || step.vitest) console.log(outcome.output.trimEnd())
  if (problem !== undefined) console.log(`${step.script} fails: ${problem}`)
  const { failed, passed } = counts
  const verdict = failed === 0 ? "ok    " : "FAILED"
  console.log(
    `${verdict} ${step.script}: ${passed} passed, ${failed} failed (${seconds.toFixed(1)} s)`
  )
  return counts
}

/** Runs the steps in their order, as many at a time as asked. */
const runSteps = async (list: ReadonlyArray<Step>, atATime: number): Promise<Array<Counts>> => {
  const waiting = [...list]
  const counts: Array<Counts> = []
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      counts.push(await runStep(step))
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return counts
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const stop of running) stop()
    process.exit(130)
  })
}

const counts = [
  ...await runSteps(steps.filter((step) => !step.alone), together),
  ...await runSteps(steps.filter((step) => step.alone), 1)
]
const total = (key: keyof Counts): number => counts.reduce((sum, count) => sum + count[key], 0)

process.exitCode = total("failed") === 0 ? 0 : 1
console.log(`\n${total("passed")} passed, ${total("failed")} failed`)
