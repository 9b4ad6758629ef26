/**
 * The compiler of the playground's editor, with the declarations that it fetches, here without a
 * browser: what it says of programs, and that the compiler of this project says the same.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, assert, describe, it } from "vitest"
import { makeTypePack } from "../../../playground/build/types_pack.ts"
import type { Finding, Language } from "../../../playground/editor/language/Answers.ts"
import { Compiler, settingsAsJson } from "../../../playground/editor/language/Compiler.ts"
import { makeLanguage } from "../../../playground/editor/language/CompilerLanguage.ts"
import type { SourceFile } from "../../../playground/Store.ts"

const root = resolve(import.meta.dirname, "../../..")
const examples = join(root, "playground/examples")

const pack = makeTypePack()

const compiler = new Compiler(pack[0])
for (const layer of pack.slice(1)) compiler.addLayer(layer)
const language = makeLanguage(compiler)

/** The answers about these files, until others take their place. */
const languageWith = (...files: ReadonlyArray<SourceFile>): Language => {
  compiler.setFiles(files)
  return language
}

/** A program whose `|` is where one is. */
const at = (marked: string): { readonly language: Language; readonly place: number } => {
  const place = marked.indexOf("|")
  const text = marked.slice(0, place) + marked.slice(place + 1)
  return { language: languageWith({ name: "flow.ts", text }), place }
}

const exampleFiles = readdirSync(examples).filter((name) => name.endsWith(".ts")).map((name) => ({
  name,
  text: readFileSync(join(examples, name), "utf8")
}))

const readmeFiles = [
  ...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```ts\n(.*?)^```$/gms)
].map(([, text = ""], index) => ({ name: `readme-${index}.ts`, text }))

const errorsIn = (findings: ReadonlyArray<Finding>, files: ReadonlyArray<SourceFile>) =>
  findings.filter(({ severity }) => severity === "error").map(({ code, file, from }) => {
    const text = files.find(({ name }) => name === file)?.text ?? ""
    return `${file}:${text.slice(0, from).split("\n").length} TS${code}`
  }).toSorted()

// -----------------------------------------------------------------------------
// The other compiler
// -----------------------------------------------------------------------------

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** What `tsc` says of the same files with the same declarations, but its own of the language. */
const errorsOfTsc = (files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-types-"))
  folders.push(folder)
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  for (const { declarations } of pack) {
    for (const [path, text] of Object.entries(declarations)) {
      const isOfLanguage = path.startsWith("/lib/") && !pack[0].roots.includes(path)
      if (!isOfLanguage) write(path.slice(1), text)
    }
  }
  for (const { name, text } of files) write(name, text)
  write("package.json", JSON.stringify({ type: "module" }))
  write("tsconfig.json", JSON.stringify({ compilerOptions: settingsAsJson }))
  const tsc = join(root, "node_modules/.bin/tsc")
  const { stdout } = spawnSync(tsc, ["--project", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8"
  })
  return stdout.split("\n").flatMap((line) => {
    const found = /^([\w.-]+)\((\d+),\d+\): error (TS\d+)/.exec(line)
    return found === null ? [] : [`${found[1]}:${found[2]} ${found[3]}`]
  }).toSorted()
}

const broken: ReadonlyArray<SourceFile> = [
  {
    name: "wrong-input.ts",
    text: `import { Effect } from "effect"
import { Flow, Task } from "signalbox"
const divide = Task.make("divide", {
  run: ({ a, b }: { readonly a: number; readonly b: number }) => Effect.succeed(a / b)
})
export const flow = Flow.make("wrong-input", function* () {
  yield* divide({ a: 1, b: "2" })
})
`
  },
  {
    name: "missing-layer.ts",
    text: `import { Effect } from "effect"
import { Flow, StateHandler, Task } from "signalbox"
class Alert extends StateHandler.Service<Alert>()("app/Alert") {}
const risky = Task.make("risky", { handlers: [Alert], run: () => Effect.void })
export const flow = Flow.make("missing-layer", function* () {
  yield* risky()
})
export const run: Effect.Effect<unknown> = Flow.run(flow)
`
  },
  {
    name: "no-network.ts",
    text: `document.title = "no"
const answer = await fetch("https://example.org")
import { Task } from "signalbox/tasks"
export const task: string = Task
`
  }
]

const unreadable: SourceFile = { name: "unreadable.ts", text: "const a = (1 +\nconst b = 2\n" }

// -----------------------------------------------------------------------------
// Rules
// -----------------------------------------------------------------------------

describe("programs", () => {
  it("no example has an error, nor has the code of the README", { timeout: 60_000 }, () => {
    const files = [...exampleFiles, ...readmeFiles]
    assert.isAtLeast(exampleFiles.length, 8)
    assert.isAtLeast(readmeFiles.length, 2)
    assert.deepStrictEqual(errorsIn(languageWith(...files).problems(), files), [])
  })

  it(
    "the compiler of this project finds the same errors, and only those",
    { timeout: 60_000 },
    () => {
      for (const files of [[...exampleFiles, ...readmeFiles, ...broken], [unreadable]]) {
        assert.deepStrictEqual(
          errorsOfTsc(files),
          errorsIn(languageWith(...files).problems(), files)
        )
      }
      const found = errorsIn(languageWith(...broken).problems(), broken)
      assert.deepStrictEqual(found, [
        "missing-layer.ts:8 TS2375",
        "no-network.ts:1 TS2584",
        "no-network.ts:2 TS2304",
        "no-network.ts:3 TS2307",
        "wrong-input.ts:7 TS2322"
      ])
    }
  )

  it("only the errors of a text that cannot be read keep it from being run by itself", () => {
    const found = languageWith(...broken, unreadable).problems().filter(({ isSyntax }) => isSyntax)
    assert.deepStrictEqual([...new Set(found.map(({ file }) => file))], ["unreadable.ts"])
  })

  it("files import each other", () => {
    const language = languageWith(
      {
        name: "flow.ts",
        text: 'import { two } from "./numbers.ts"\nexport const x: string = two\n'
      },
      { name: "numbers.ts", text: "export const two = 2\n" }
    )
    const [problem, ...others] = language.problems()
    assert.deepStrictEqual(others, [])
    assert.strictEqual(problem?.message, "Type 'number' is not assignable to type 'string'.")
    assert.deepStrictEqual(language.renameFile("numbers.ts", "counts.ts"), [
      { file: "flow.ts", from: 21, to: 33, text: "./counts.ts" }
    ])
  })
})

describe("declarations", () => {
  it("the first layer is not larger than 330 kB, as it is sent", () => {
    assert.isAtMost(gzipSync(JSON.stringify(pack[0]), { level: 9 }).length, 330_000)
  })

  it("every module that can be imported has types", () => {
    const specifiers = Object.keys(pack[0].modules)
    for (
      const each of ["effect", "effect/http", "effect/cluster", "signalbox", "signalbox/notify"]
    ) {
      assert.include(specifiers, each)
    }
    const text = specifiers.map((specifier, index) =>
      `export * as m${index} from ${JSON.stringify(specifier)}\n`
    ).join("")
    assert.deepStrictEqual(languageWith({ name: "flow.ts", text }).problems(), [])
  })

  it("a layer is needed by those who import what it completes, and by no others", () => {
    const compiler = new Compiler(pack[0])
    const needed = (text: string): number => {
      compiler.setFiles([{ name: "flow.ts", text }])
      return compiler.layerNeeded()
    }
    assert.strictEqual(
      needed('import { Effect } from "effect"\nimport { Task } from "signalbox"'),
      0
    )
    assert.strictEqual(needed('import { Simulation } from "signalbox/testing"'), 0)
    assert.strictEqual(needed('import * as Effect from "effect/Effect"'), 0)
    assert.strictEqual(needed('import { Slack } from "signalbox/notify"'), 1)
    assert.strictEqual(needed('import { HttpClient } from "effect/http"'), 1)
    assert.strictEqual(needed('import {\n  Entity\n} from "effect/cluster"'), 2)
  })
})

describe("answers", () => {
  const imports = 'import { Effect } from "effect"\nimport { Task } from "signalbox"\n'

  it("proposes the members of a module, with what each of them is", () => {
    const { language, place } = at(`${imports}Effect.ret|`)
    const { from, proposals } = language.proposals("flow.ts", place)!
    const retry = proposals.find(({ name }) => name === "retry")
    assert.isDefined(retry)
    assert.strictEqual(from, place - 3)
    const { documentation, signature } = language.explainProposal("flow.ts", place, retry)!
    assert.match(documentation, /^Retries typed failures/)
    assert.include(signature, "Schedule")
  })

  it("proposes the options of a task", () => {
    const { language, place } = at(`${imports}Task.make("a", { max| })`)
    const names = language.proposals("flow.ts", place)!.proposals.map(({ name }) => name)
    assert.includeMembers(names, ["maxRetries", "retryDelay", "handlers", "run"])
  })

  it("proposes names that have not been imported, with the module that has them", () => {
    const { language, place } = at(`${imports}Sche|`)
    const { proposals } = language.proposals("flow.ts", place)!
    const modules = (wanted: string) =>
      proposals.filter(({ name }) => name === wanted).map(({ module }) => module)
    assert.deepStrictEqual(modules("Schema"), ["effect"])
    assert.deepStrictEqual(modules("State"), ["signalbox"])
    assert.deepStrictEqual(modules("Simulation"), ["signalbox/testing"])
    assert.deepStrictEqual(modules("Effect"), [undefined], "is imported already")
    assert.deepStrictEqual(modules("Array"), [undefined, "effect"], "the language has one too")
  })

  it("proposes the modules that can be imported, and the other files", () => {
    const text = 'import { Task } from "signalbox/'
    const language = languageWith({ name: "flow.ts", text }, { name: "tasks.ts", text: "" })
    const { from, proposals } = language.proposals("flow.ts", text.length)!
    const names = proposals.map(({ name }) => name)
    assert.strictEqual(from, text.indexOf("signalbox"))
    assert.includeMembers(names, ["./tasks.ts", "effect", "effect/http", "signalbox/testing"])
    assert.notInclude(names, "./flow.ts")
    assert.notInclude(names, "effect/cluster", "it cannot be run in the sandbox")
  })

  it("says what things are", () => {
    const { language, place } = at(`${imports}const answer = Effect.suc|ceed(42)`)
    const { documentation, from, signature, to } = language.explain("flow.ts", place)!
    assert.deepStrictEqual([from, to], [place - 3, place + 4])
    assert.include(signature, "Effect.Effect<number, never, never>")
    assert.match(documentation, /\w+ .+\./)
  })

  it("says it of one of several signatures too, and of a whole module", () => {
    const mapped = at(`${imports}Effect.ma|p(Effect.void, () => 1)`)
    assert.match(mapped.language.explain("flow.ts", mapped.place)!.documentation, /\w+ .+\./)
    const whole = at(`${imports}export const x = Tas|k`)
    assert.match(whole.language.explain("flow.ts", whole.place)!.documentation, /\w+ .+\./)
  })

  it("says which argument of a call is being written", () => {
    const { language, place } = at(`${imports}Task.make("a", |)`)
    const { argument, signature } = language.callSignature("flow.ts", place)!
    assert.match(signature, /^make\(name: string, options: /)
    assert.match(signature.slice(...argument!), /^options: /)
  })

  it("finds definitions in the program and in the declarations", () => {
    const own = at(`${imports}const ok = Task.make("ok", { run: () => Effect.void })\no|k()`)
    const here = own.language.definition("flow.ts", own.place)!
    assert.deepStrictEqual([here.file, here.text, here.to - here.from], ["flow.ts", undefined, 2])
    const { language, place } = at(`${imports}Task.ma|ke`)
    const { file, from, text, to } = language.definition("flow.ts", place)!
    assert.strictEqual(file, "/node_modules/signalbox/Task.d.ts")
    assert.strictEqual(text?.slice(from, to), "make")
  })

  it("marks what is not used and what is deprecated", () => {
    const text =
      "const unused = 1\n/** @deprecated */\nexport const old = 1\nexport const x = old\n"
    const findings = languageWith({ name: "flow.ts", text }).problems()
    const marked = findings.map((
      { from, isDeprecated, isUnused, severity, to }
    ) => [text.slice(from, to), severity, isUnused ? "unused" : isDeprecated ? "deprecated" : ""])
    assert.deepStrictEqual(marked, [
      ["unused", "hint", "unused"],
      ["old", "hint", "deprecated"]
    ])
  })
})
