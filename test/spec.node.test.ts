/** Every rule of SPEC.md is shown by a test, and every test quotes rules that are there. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"

const folder = import.meta.dirname
const spec = readFileSync(join(folder, "SPEC.md"), "utf8")

const rules: ReadonlyArray<string> = [...spec.matchAll(/^- (\d+\.\d+) /gm)].map(([, rule]) => rule!)

interface Quotation {
  readonly rule: string
  readonly file: string
}

/** The numbers that the names of the tests in a file begin with: `"3.3, 3.4 each sees …"`. */
const quotationsIn = (file: string): ReadonlyArray<Quotation> => {
  const text = readFileSync(join(folder, file), "utf8")
  const names = text.matchAll(/\(\s*["'`]((?:\d+\.\d+(?:, )?)+) /g)
  return [...names].flatMap(([, numbers]) => numbers!.split(", ").map((rule) => ({ rule, file })))
}

const quotations = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .flatMap(quotationsIn)

it("every rule is quoted by a test", () => {
  const quoted = new Set(quotations.map(({ rule }) => rule))
  assert.isNotEmpty(rules)
  assert.deepStrictEqual(rules.filter((rule) => !quoted.has(rule)), [])
})

it("every number that a test quotes is a rule", () => {
  const unknown = quotations.filter(({ rule }) => !rules.includes(rule))
  assert.isNotEmpty(quotations)
  assert.deepStrictEqual(unknown, [])
})

it("rules are numbered in order, each once, within numbered groups", () => {
  const groups = [...spec.matchAll(/^## (\d+)\. /gm)].map(([, group]) => Number(group))
  const numbers = rules.map((rule) => rule.split(".").map(Number))
  const inOrder = numbers.toSorted(([g1, r1], [g2, r2]) => g1! - g2! || r1! - r2!)
  assert.deepStrictEqual(groups, groups.map((_, i) => i + 1))
  assert.deepStrictEqual(numbers, inOrder)
  assert.strictEqual(new Set(rules).size, rules.length)
})
