import { assert, inject, it } from "vitest"

const runtimeHere = (): string => {
  if ("Deno" in globalThis) return "deno"
  return "document" in globalThis ? "browser" : "node"
}

it("runs on the runtime that its project is named after", () => {
  assert.strictEqual(runtimeHere(), inject("runtime"))
})
