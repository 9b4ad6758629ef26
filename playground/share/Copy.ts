/**
 * A run as text for elsewhere: a test that replays it, a command that does, a note that shows it.
 */
import { printState, type Run, stateAt } from "../run/Run.ts"
import type { Plan, SourceFile } from "../Store.ts"
import { hashOf } from "./TraceFile.ts"

// -----------------------------------------------------------------------------
// A test
// -----------------------------------------------------------------------------

/**
 * A file for vitest that has the program in it, runs it with the same seed and faults, and checks its
 * end and each of its changes. Files besides `flow.ts` follow it as comments.
 */
export const asTest = (plan: Plan, run: Run): string => {
  const { name, text } = mainFile(plan)
  const program = programIn(text)
  const names = namesFor(text)
  const line = `// ${"-".repeat(77)}`
  return [
    "// A test that replays a run: what ends otherwise, or gets there another way, fails.",
    ...importsFor(plan, names),
    "",
    line,
    `// ${name}`,
    line,
    "",
    program.text.trim(),
    "",
    line,
    "",
    `${names.it}(${stringOf(titleOf(plan, run))}, async () => {`,
    ...simulation(plan, run, program, names),
    ...expectations(run, names, !/\bSimulation\b/.test(program.text)),
    "})",
    ...otherFiles(plan),
    ""
  ].join("\n")
}

const titleOf = ({ faults, seed }: Plan, { header }: Run): string =>
  `${header.flow} goes as recorded, with seed ${seed}` +
  (faults.length === 0 ? "" : ` and ${faults.length === 1 ? "a fault" : `${faults.length} faults`}`)

const usesFetch = ({ files }: Plan): boolean =>
  files.some(({ text }) => text.includes("FetchHttpClient"))

interface ProgramText {
  readonly text: string
  /** What the flow is called in it. */
  readonly flow: string
  readonly hasRun: boolean
}

/** What a file exports, by the same rules as `Program.find`. */
const programIn = (text: string): ProgramText => {
  const hasRun = exportsName(text, "run")
  if (exportsName(text, "flow")) return { text, flow: "flow", hasRun }
  const byDefault = /^export default (?=Flow\.)/m
  if (byDefault.test(text)) {
    return { text: text.replace(byDefault, "export const flow = "), flow: "flow", hasRun }
  }
  const [, named] = /^export default (\w+)/m.exec(text) ??
    /^export const (\w+)[^=]*=\s*Flow\.make\b/m.exec(text) ?? []
  return { text, flow: named ?? "flow", hasRun }
}

const exportsName = (text: string, name: string): boolean =>
  new RegExp(`^export (?:const|let|var) ${name}\\b`, "m").test(text) ||
  [...text.matchAll(/^export \{([^}]*)\}/gm)].some(([, list = ""]) =>
    list.split(",").some((each) => each.trim() === name)
  )

/** What the test needs from where. */
const needs = {
  Effect: "effect",
  FetchHttpClient: "effect/http",
  Simulation: "signalbox/testing",
  Trace: "signalbox/testing",
  expect: "vitest",
  it: "vitest"
} as const

type Names = Readonly<Record<keyof typeof needs | "replayed", string>>

/** The program and the test share a file: what the program calls by a name is called by another. */
const namesFor = (text: string): Names => {
  const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "")
  const free = (name: string): string => {
    let candidate = name
    for (let n = 2; new RegExp(`\\b${candidate}\\b`).test(code); n++) candidate = `${name}${n}`
    return candidate
  }
  const named = Object.entries(needs).map(([name, module]) => [
    name,
    imports(text, name, module) ? name : free(name)
  ])
  return { ...Object.fromEntries(named), replayed: free("replayed") } as Names
}

const imports = (text: string, name: string, module: string): boolean =>
  [...text.matchAll(/^import \{([^}]*)\} from "([^"]*)"/gm)].some(([, list = "", from]) =>
    from === module && list.split(",").some((each) => each.trim() === name)
  )

const importsFor = (plan: Plan, names: Names): ReadonlyArray<string> => {
  const { text } = mainFile(plan)
  const missing = Object.entries(needs).filter(([name, module]) =>
    !imports(text, name, module) && (name !== "FetchHttpClient" || usesFetch(plan))
  )
  return [...new Set(missing.map(([, module]) => module))].map((module) => {
    const list = missing.filter(([, from]) => from === module).map(([name]) => {
      const own = names[name as keyof Names]
      return own === name ? name : `${name} as ${own}`
    })
    return `import { ${list.join(", ")} } from "${module}"`
  })
}

const simulation = (
  plan: Plan,
  { end }: Run,
  { flow, hasRun }: ProgramText,
  { Effect, FetchHttpClient, Simulation, replayed }: Names
): ReadonlyArray<string> => {
  const faults = plan.faults.map((fault) => `\n        ${literal(fault)}`).join(",")
  const options = [
    `seed: ${plan.seed}`,
    ...plan.faults.length === 0 ? [] : [`faults: [${faults}\n      ]`],
    ...end?.end === "until" ? [`until: ${end.at}`] : []
  ].map((option) => `      ${option}`)
  // In place of the network, as where it was recorded.
  const answer =
    `${Effect}.provideService(${FetchHttpClient}.Fetch, async () => new Response("ok"))`
  const steps = [
    ...usesFetch(plan) ? [answer] : [],
    ...end?.end === "failed" ? [`${Effect}.flip`] : []
  ]
  return [
    `  const ${replayed} = await ${Effect}.runPromise(`,
    `    ${Simulation}.${hasRun ? `runEffect(${flow}, run, ` : `run(${flow}, `}{`,
    options.join(",\n"),
    steps.length === 0 ? "    })" : `    }).pipe(\n      ${steps.join(",\n      ")}\n    )`,
    "  )"
  ]
}

/** A value as one would write it: `{ kind: "Fail", attempt: 1 }`. */
const literal = (value: object): string =>
  `{ ${Object.entries(value).map(([key, each]) => `${key}: ${JSON.stringify(each)}`).join(", ")} }`

const stringOf = (text: string): string =>
  /^[^'\\\n]*"[^'\\\n]*$/.test(text) ? `'${text}'` : JSON.stringify(text)

/** A simulation within a simulation keeps its changes for itself. */
const expectations = (
  run: Run,
  { Trace, expect, replayed }: Names,
  hasTrace: boolean
): ReadonlyArray<string> => {
  const { changes, end, header } = run
  if (end?.end === "failed") {
    const message = (end.error ?? "").split("\n", 1)[0]!.replace(/^\w*Error: /, "")
    return [`  ${expect}(${replayed}.message).toContain(${stringOf(message)})`]
  }
  const state = printState(stateAt(run, 0, changes.length))
  const final = `  ${expect}(String(${replayed}.state)).toBe(${stringOf(state)})`
  if (end?.dropped !== undefined || !hasTrace) return [final]
  const isOwn = `({ flow }) => flow === ${JSON.stringify(header.flow)}`
  return [
    final,
    `  const changes = ${replayed}.trace.changes.filter(${isOwn})`,
    `  ${expect}(${Trace}.hash({ ...${replayed}.trace, changes })).toBe(`,
    `    "${hashOf(run)}"`,
    "  )"
  ]
}

const otherFiles = ({ files }: Plan): ReadonlyArray<string> =>
  files.slice(1).flatMap(({ name, text }) => [
    "",
    `// ${name}, to be put beside this file:`,
    "//",
    ...text.trimEnd().split("\n").map((line) => `// ${line}`.trimEnd())
  ])

const mainFile = ({ files }: Plan): SourceFile =>
  files.find(({ name }) => name === "flow.ts") ?? files[0] ?? { name: "flow.ts", text: "" }

// -----------------------------------------------------------------------------
// Commands
// -----------------------------------------------------------------------------

/** The command that simulates the program with Node, for a shell. */
export const asNodeCommand = (plan: Plan): string => `npx signalbox simulate ${argumentsOf(plan)}`

/** The command that simulates the program with Deno, for a shell. */
export const asDenoCommand = (plan: Plan): string =>
  `deno run --allow-all npm:signalbox simulate ${argumentsOf(plan)}`

const argumentsOf = (plan: Plan): string =>
  [
    quoted(mainFile(plan).name),
    `--seed ${quoted(String(plan.seed))}`,
    ...plan.faults.length === 0 ? [] : [`--faults ${quoted(JSON.stringify(plan.faults))}`]
  ].join(" ")

const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

// -----------------------------------------------------------------------------
// A note
// -----------------------------------------------------------------------------

/** The program and what became of its tasks, as Markdown; with a link to it, if there is one. */
export const asMarkdown = (plan: Plan, run: Run, link?: string): string => {
  const { faults, files, seed } = plan
  const parts = [
    `## ${run.header.flow}`,
    ...files.map((file) =>
      (files.length === 1 ? "" : `\`${file.name}\`\n\n`) + fenced("ts", file.text)
    ),
    `Simulated with seed ${seed}${faults.length === 0 ? "" : ` and these faults`}:`,
    ...faults.length === 0 ? [] : [fenced("json", JSON.stringify(faults, undefined, 2))],
    outcomes(run),
    ...endOf(run),
    ...link === undefined ? [] : [`[Open it in the playground](${link})`]
  ]
  return `${parts.join("\n\n")}\n`
}

const fenced = (language: string, text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`
}

const outcomes = (run: Run): string => {
  const tasks = run.subjects.filter(({ index, node }) =>
    index === undefined && !["parameter", "constant"].includes(run.header.nodes[node]?.kind ?? "")
  )
  const rows = [...tasks.filter(({ node }) => node !== -1), ...tasks.slice(0, 1)].map(
    ({ id, name, node }) => {
      const last = run.changes[run.subjects[id]!.changes.at(-1) ?? -1]
      const attempts = node === -1 ? "" : String(last?.run ?? 0)
      return [node === -1 ? "(the flow)" : name, printState(stateAt(run, id, Infinity)), attempts]
    }
  )
  return [["task", "state", "attempts"], ["---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const endOf = ({ duration, end }: Run): ReadonlyArray<string> => {
  if (end?.end === "failed") return [`It could not go on:\n\n${fenced("", end.error ?? "")}`]
  if (end?.end === "until") return [`It had not ended after ${duration} ms.`]
  return []
}
