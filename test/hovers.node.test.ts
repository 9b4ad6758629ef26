/** What an editor shows where a user points: short, and in the words of the documentation. */
import { join } from "node:path"
import ts from "typescript"
import { assert, it } from "vitest"

const root = join(import.meta.dirname, "..")
const file = join(root, "test/fixtures/hovers.ts")

const project = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
  ts.sys,
  root
)

const service = ts.createLanguageService({
  getCompilationSettings: () => project.options,
  getScriptFileNames: () => [file],
  getScriptVersion: () => "0",
  getScriptSnapshot: (path) => {
    const text = ts.sys.readFile(path)
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
  readDirectory: ts.sys.readDirectory
})

/** The first line that an editor shows of a constant of the file. */
const hoverOf = (name: string): string => {
  const text = ts.sys.readFile(file) ?? ""
  const position = text.indexOf(`const ${name} `) + "const ".length
  const info = service.getQuickInfoAtPosition(file, position)
  assert.isDefined(info, name)
  return ts.displayPartsToString(info.displayParts)
}

it("11.7 the file of the declarations compiles", () => {
  const problems = service.getSemanticDiagnostics(file)
  assert.deepStrictEqual(
    problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    []
  )
})

it("11.7 what an editor shows of a task, a flow, a handler and their layers", () => {
  assert.strictEqual(
    hoverOf("divide"),
    "const divide: Task.Task<{\n    readonly a: number;\n    readonly b: number;\n}, number, " +
      "EqualInputs, PostToSlack>"
  )
  assert.strictEqual(hoverOf("noop"), "const noop: Task.Task<unknown, void, never, never>")
  assert.strictEqual(hoverOf("quotient"), "const quotient: Task.Ref<number, EqualInputs>")
  assert.strictEqual(
    hoverOf("flow"),
    "const flow: Flow.Flow<{}, number, EqualInputs, PostToSlack>"
  )
  assert.strictEqual(
    hoverOf("handler"),
    "const handler: StateHandler.StateHandler<never, never, never>"
  )
  assert.strictEqual(
    hoverOf("alert"),
    "const alert: StateHandler.StateHandler<never, never, EqualInputs>"
  )
  assert.strictEqual(hoverOf("slackLayer"), "const slackLayer: Layer<PostToSlack, never, never>")
  assert.strictEqual(hoverOf("scopeLayer"), "const scopeLayer: Layer<never, never, PostToSlack>")
})

it("11.7 what an editor shows of a run and its states", () => {
  assert.strictEqual(
    hoverOf("running"),
    "const running: Effect.Effect<Flow.Run<number, EqualInputs>, never, PostToSlack>"
  )
  assert.strictEqual(
    hoverOf("runningEtl"),
    "const runningEtl: Effect.Effect<Flow.Run<string, never>, Flow.ParameterError, never>"
  )
  assert.strictEqual(
    hoverOf("state"),
    "const state: Effect.Effect<State<number, EqualInputs>, never, PostToSlack>"
  )
  assert.strictEqual(
    hoverOf("divided"),
    "const divided: Effect.Effect<State<number, EqualInputs>, never, PostToSlack>"
  )
})

it("11.7 what an editor shows of a flow with parameters names them", () => {
  assert.strictEqual(
    hoverOf("etl"),
    "const etl: Flow.Flow<{\n    readonly day: string;\n    readonly limit?: number;\n}, string, " +
      "never, never>"
  )
})
