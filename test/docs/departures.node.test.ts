/** The page of departures and their data say the same, entry by entry. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { departures } from "../conformance/departures.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/departures.md"), "utf8")

/** The cells of each row: `Name (`rule`)`, what happens instead, why. */
const rows = page.split("\n").filter((line) => /^\| .*\(`\w+`\)/.test(line)).map((line) =>
  line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
)

const ruleIn = (cell: string): string => /\(`(\w+)`\)$/.exec(cell)?.[1] ?? cell

it("the page has one row for each departure, and no other", () => {
  assert.isNotEmpty(departures)
  assert.sameMembers(rows.map(([name]) => ruleIn(name!)), departures.map(({ rule }) => rule))
})

it("each row says what happens instead and why, as the data does", () => {
  const said = Object.fromEntries(
    rows.map(([name, instead, why]) => [ruleIn(name!), { instead, why }])
  )
  const known = Object.fromEntries(
    departures.map(({ instead, rule, why }) => [rule, { instead, why }])
  )
  assert.deepStrictEqual(said, known)
})
