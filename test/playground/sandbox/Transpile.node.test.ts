/**
 * From TypeScript to what a worker can run.
 */
import { assert, describe, it } from "vitest"
import { placeIn, problemFrom, problemOf } from "../../../playground/sandbox/worker/Place.ts"
import { ProgramProblem, transpile } from "../../../playground/sandbox/worker/Transpile.ts"

const codeOf = (text: string): string => transpile({ name: "flow.ts", text }).code

/** What a file exports, run as the sandbox runs it. */
const exportsOf = async (
  text: string,
  modules: Record<string, unknown> = {}
): Promise<Record<string, unknown>> => {
  const exports = {}
  const make = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor
  await make("require", "exports", codeOf(text))((name: string) => modules[name], exports)
  return exports
}

describe("a file", () => {
  const cases: Readonly<Record<string, readonly [text: string, expected: unknown]>> = {
    types: ["type T<A> = A extends infer B ? B : never\nexport const x: T<number> = 1 as const", 1],
    satisfies: ["export const x = [1, 2] satisfies ReadonlyArray<number>", [1, 2]],
    "type parameters": ["const id = <const A,>(a: A): A => a\nexport const x = id<2>(2)", 2],
    "not null": ["const a: { b?: number } = { b: 3 }\nexport const x = a!.b!", 3],
    enums: ["enum E { A = 4, B }\nexport const x = E.B", 5],
    overloads: [
      "function f(a: string): string\nfunction f(a: number): number\nfunction f(a: any) { return a }\n" +
      "export const x = f(6)",
      6
    ],
    "parameter properties": [
      "class C { constructor(readonly a: number) {} }\nexport const x = new C(7).a",
      7
    ],
    "private fields": [
      "class C { #a = 8; get() { return this.#a } }\nexport const x = new C().get()",
      8
    ],
    "abstract classes and implements": [
      "abstract class A { abstract a(): number }\nclass B extends A implements A { override a() { return 9 } }\n" +
      "export const x = new B().a()",
      9
    ],
    generators: [
      "const g = function* (): Generator<number> { yield 10 }\nexport const x = [...g()][0]",
      10
    ],
    "await at the top": ["export const x = await Promise.resolve(11)", 11],
    "names of classes and functions": [
      "class Kept {}\nconst also = () => {}\nexport const x = Kept.name + also.name",
      "Keptalso"
    ],
    "new syntax": ["const a = { b: { c: 12 } } as any\na.d ??= a.b?.c\nexport const x = a.d", 12],
    "types of this and asserts": [
      "function f(this: { n: number }, a: unknown): asserts a is string { this.n++ }\n" +
      "const o = { n: 12, f }\nconst g: (a: unknown) => void = o.f.bind(o)\ng('')\nexport const x = o.n",
      13
    ]
  }
  it.each(Object.entries(cases))("may have %s", async (_name, [text, expected]) => {
    assert.deepStrictEqual((await exportsOf(text))["x"], expected)
  })

  it("keeps its lines where they are", () => {
    const text = [
      "import {",
      "  a,",
      "  type B",
      '} from "./other.ts"',
      "interface I {",
      "  readonly i: string",
      "}",
      "// here",
      "export const x = a(1)",
      "/* here */ export default x"
    ]
    const lines = codeOf(text.join("\n")).split("\n")
    assert.strictEqual(lines.length, text.length)
    assert.include(lines[7], "// here")
    assert.include(lines[8], "const x =")
    assert.include(lines[9], "/* here */")
  })

  it("asks for what it uses, and for nothing that is only a type", async () => {
    const { imports } = transpile({
      name: "flow.ts",
      text:
        'import { a, type T } from "one"\nimport type { U } from "two"\nimport { V } from "three"\n' +
        'import * as four from "four"\nexport * from "./five.ts"\nconst v: V = a as T & U\n' +
        'const six = () => import("./six.ts")\nfour.b(v, six)'
    })
    assert.deepStrictEqual([...imports], ["one", "four", "./five.ts", "./six.ts"])
  })

  it("sees what it imports as it is at the time", async () => {
    const other = { n: 1 }
    const { get } = await exportsOf('import { n } from "other"\nexport const get = () => n', {
      other
    })
    other.n = 2
    assert.strictEqual((get as () => number)(), 2)
  })

  it("that is no program is refused with its line", () => {
    const problemIn = (text: string) => {
      try {
        codeOf(text)
      } catch (error) {
        return (error as ProgramProblem).problem
      }
      return undefined
    }
    assert.deepInclude(problemIn("const a = 1\nconst = 2"), { file: "flow.ts", line: 2 })
    assert.deepInclude(problemIn("\n\nlet s = 'open"), { file: "flow.ts", line: 3 })
    assert.match(problemIn("f(")!.message, /^Cannot read flow\.ts at line 1: \S/)
  })
})

describe("the place of an error", () => {
  const files = ["flow.ts", "lib/words.ts"].map((name) => ({ name, text: "" }))

  it("is the first of the program's own lines, in the stacks of all browsers", () => {
    const chromium =
      "Error: no\n    at shout (lib/words.ts:7:3)\n    at flow.ts:12:9\n    at blob:null/1:2:3"
    const firefox = "shout@lib/words.ts:7:3\n@flow.ts:12:9\nrun@blob:null/1:2:3"
    const elsewhere = "Error: no\n    at f (blob:null/5f:1:400)\n    at g (other-flow.ts:1:2)"
    assert.deepStrictEqual(placeIn(chromium, files), { file: "lib/words.ts", line: 7 })
    assert.deepStrictEqual(placeIn(firefox, files), { file: "lib/words.ts", line: 7 })
    assert.deepStrictEqual(placeIn(elsewhere, files), { file: undefined, line: undefined })
  })

  it("comes with what was thrown, whatever that is", () => {
    const error = Object.assign(new RangeError("too far"), { stack: "RangeError\n at flow.ts:3:1" })
    assert.deepStrictEqual(problemOf(error, files), {
      message: "RangeError: too far",
      file: "flow.ts",
      line: 3
    })
    assert.strictEqual(problemOf(new Error("plain"), files).message, "plain")
    const loop: Record<string, unknown> = {}
    loop["self"] = loop
    for (const thrown of [undefined, null, 7, "text", { a: 1 }, Symbol("s"), loop]) {
      assert.match(problemOf(thrown, files).message, /^The program threw what is no error: \S/)
    }
    assert.isAtMost(problemOf(new Error("x".repeat(1e6)), files).message.length, 4001)
  })

  it("is found below the reason of a run's end", () => {
    assert.deepStrictEqual(
      problemFrom("Error: no\nluck\n    at f (flow.ts:5:1)\n    at g", files),
      {
        message: "Error: no\nluck",
        file: "flow.ts",
        line: 5
      }
    )
  })
})
