/**
 * Each example gives the same changes, byte for byte, wherever it runs: `hashes.json` says which.
 * Where an example was changed on purpose, `vitest -u` writes the file anew.
 */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { examples } from "../../playground/examples.ts"
import { hashOf, linesOf } from "./ExampleRun.ts"

it("every example gives the same trace on every runtime", async () => {
  const hashes: Record<string, string> = {}
  for (const example of examples) {
    hashes[example.name] = hashOf(await Effect.runPromise(linesOf(example)))
  }
  await expect(`${JSON.stringify(hashes, undefined, 2)}\n`).toMatchFileSnapshot("./hashes.json")
})
