/**
 * Searches the engine for bugs: random flows with random faults in simulated time, against what
 * must hold for every run.
 *
 * `npm run simulate` runs 2,000 seeds and then plants bugs into copies of the engine, to see that
 * the search would have found them. `npm run simulate -- --seeds 100000 --from 5000` searches on.
 */
import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Effect } from "effect"
import { FaultPlan } from "signalbox/testing"
import { type Mutation, mutations } from "../test/simulation/mutations.ts"
import { kinds, simulate } from "../test/simulation/run.ts"
import { readOptions } from "./options.ts"

const usage = "npm run simulate -- [--seeds COUNT] [--from SEED] [--first]"

const { values } = readOptions(usage, {
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "0" },
    /** Ends at the first finding, and plants no bugs. */
    first: { type: "boolean", default: false }
  }
})

const root = resolve(import.meta.dirname, "..")
const seedsPerMutation = 2000
/** With how many the copy is tried before any bug is planted. */
const seedsWithout = 20
/** A planted bug may make the engine run for ever, and remember all of it. */
const patience = 300_000
const maxMegabytes = 1024
const shown = 10
const shownEvery = 2000

// ---------------------------------------------------------------------------------------------
// The search
// ---------------------------------------------------------------------------------------------

/** Runs the seeds; gives how many broke a rule. */
const search = async (from: number, count: number): Promise<number> => {
  const start = performance.now()
  let shownAt = start
  let findings = 0
  for (let seed = from; seed < from + count; seed++) {
    for (const { broken, faults, kind } of await Effect.runPromise(simulate(seed))) {
      if (broken.length === 0 || findings++ >= shown) continue
      console.log(`${kind}: seed=${seed}, plan=${FaultPlan.format(faults)}`)
      for (const rule of broken.slice(0, 3)) console.log(`  ${rule}`)
      if (values.first) return findings
    }
    if (performance.now() - shownAt < shownEvery) continue
    shownAt = performance.now()
    console.log(`${seed - from + 1} of ${count} seeds, ${findings} findings`)
  }
  const seconds = (performance.now() - start) / 1000
  const rate = Math.round((count / seconds) * 60)
  console.log(
    `${count} seeds of ${kinds.length} kinds of flows in ${seconds.toFixed(1)} s, ` +
      `${rate} a minute: ${findings} findings`
  )
  return findings
}

// ---------------------------------------------------------------------------------------------
// Planted bugs
// ---------------------------------------------------------------------------------------------

const describe = ({ file, from, to }: Mutation): string => {
  const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim()
  return `${file}: "${oneLine(from)}" → "${oneLine(to)}"`
}

/** Gives whether the bug could be planted: the engine may have changed since it was thought of. */
const plant = (copy: string, { file, from, to }: Mutation): boolean => {
  const source = readFileSync(join(copy, "engine", file), "utf8")
  if (source.split(from).length !== 2) return false
  writeFileSync(join(copy, "src", file), source.replace(from, () => to))
  return true
}

const restore = (copy: string, { file }: Mutation): void =>
  cpSync(join(copy, "engine", file), join(copy, "src", file))

/** What became of a search; one that was broken says nothing of the bug. */
type Verdict = "found" | "hung" | "MISSED" | "BROKEN"

interface Searched {
  readonly verdict: Verdict
  readonly finding: ReadonlyArray<string>
}

/** Searches the copy in a process of its own, where the planted bug is all it knows. */
const searchCopy = (copy: string, seeds: number): Promise<Searched> =>
  new Promise((done) => {
    const search = ["scripts/simulate.ts", "--first", "--seeds", String(seeds)]
    const args = [`--max-old-space-size=${maxMegabytes}`, ...search]
    const child = spawn(process.execPath, args, { cwd: copy, timeout: patience })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => output += chunk)
    }
    child.on("close", (code) => {
      const lines = output.split("\n")
      const first = lines.findIndex((line) => /^\w+: seed=\d+, plan=/.test(line))
      const finding = first === -1 ? [] : lines.slice(first, first + 2)
      const isOver = code === 0 || code === 1
      const verdict = !isOver
        ? "hung"
        : code === 0
        ? "MISSED"
        : finding.length > 0
        ? "found"
        : "BROKEN"
      done({ verdict, finding: verdict === "BROKEN" ? lines.slice(0, 8) : finding })
    })
  })

/** What a copy of the engine needs to be searched. */
const copied = [
  "src",
  "test/simulation",
  "test/model",
  "test/fixtures/seeded.ts",
  "scripts/simulate.ts",
  "scripts/options.ts",
  "package.json"
]

/** Plants one bug after the other; gives how many were not found. */
const searchForPlanted = async (): Promise<number> => {
  const copy = mkdtempSync(join(tmpdir(), "signalbox-simulate-"))
  let missed = 0
  try {
    for (const path of copied) cpSync(join(root, path), join(copy, path), { recursive: true })
    cpSync(join(copy, "src"), join(copy, "engine"), { recursive: true })
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir")
    const { finding, verdict } = await searchCopy(copy, seedsWithout)
    if (verdict !== "MISSED") {
      throw new Error(
        `Cannot plant bugs: without any the copy is ${verdict}: ${finding.join("\n")}`
      )
    }
    for (const mutation of mutations) {
      const start = performance.now()
      if (!plant(copy, mutation)) {
        console.log(`NOT PLANTED, its text does not occur once: ${describe(mutation)}`)
        missed++
        continue
      }
      const { finding, verdict } = await searchCopy(copy, seedsPerMutation)
      restore(copy, mutation)
      const seconds = ((performance.now() - start) / 1000).toFixed(1)
      console.log(`${verdict} in ${seconds} s: ${describe(mutation)}`)
      for (const line of finding) console.log(`  ${line.trim().slice(0, 150)}`)
      if (verdict === "MISSED" || verdict === "BROKEN") missed++
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  console.log(`${mutations.length - missed} of ${mutations.length} planted bugs were found`)
  return missed
}

const wholeNumber = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  console.error(`Cannot search: --${name} must be a whole number from ${least} on, not ${text}`)
  process.exit(2)
}

const findings = await search(
  wholeNumber("from", values.from, 0),
  wholeNumber("seeds", values.seeds, 1)
)
if (values.first) {
  process.exitCode = findings === 0 ? 0 : 1
} else {
  const missed = await searchForPlanted()
  const failed = (findings === 0 ? 0 : 1) + missed
  console.log(`${1 + mutations.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
