import { assert, it } from "vitest"
import { Backlog } from "../../src/cli/Backlog.ts"

const filled = (backlog: Backlog, ...lines: ReadonlyArray<string>): Backlog => {
  for (const line of lines) backlog.add(line)
  return backlog
}

it("gives the lines from a number on, some at a time, until there are none", () => {
  const backlog = filled(new Backlog(), "a", "b", "c", "d", "e")
  assert.deepStrictEqual(backlog.from(0, 2), { lines: ["a", "b"], last: 1 })
  assert.deepStrictEqual(backlog.from(2, 2), { lines: ["c", "d"], last: 3 })
  assert.deepStrictEqual(backlog.from(4, 2), { lines: ["e"], last: 4 })
  assert.isUndefined(backlog.from(5, 2))
})

it("tells whoever listens that there is more, until they stop", () => {
  const backlog = new Backlog()
  let told = 0
  const stop = backlog.onMore(() => told++)
  filled(backlog, "a", "b")
  stop()
  filled(backlog, "c")
  assert.strictEqual(told, 2)
})

it("lets the oldest lines go when there is too much text, but neither the first nor the last", () => {
  const backlog = filled(new Backlog(10), "aaaa", "bbbb", "cccc", "dddd")
  assert.deepStrictEqual(backlog.from(0, 9), { lines: ["aaaa"], last: 0 })
  assert.deepStrictEqual(backlog.from(1, 9), { lines: ["dddd"], last: 3 })
  filled(backlog, "e".repeat(100))
  assert.deepStrictEqual(backlog.from(2, 9), { lines: ["e".repeat(100)], last: 4 })
  assert.strictEqual(backlog.length, 5)
})
