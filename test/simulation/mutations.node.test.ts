/** The bugs that `npm run simulate` plants: that they can be, now that the engine has changed. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { mutations } from "./mutations.ts"

const source = (file: string) => readFileSync(join(import.meta.dirname, "../../src", file), "utf8")

it("each bug to plant changes a text that occurs once", () => {
  const times = mutations.map(({ file, from }) => source(file).split(from).length - 1)
  const odd = mutations.filter(({ from, to }, index) => times[index] !== 1 || from === to)
  assert.deepStrictEqual(odd, [])
  assert.isAtLeast(mutations.length, 20)
})
