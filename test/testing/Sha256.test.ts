import { assert, it } from "vitest"
import { sha256 } from "../../src/testing/Sha256.ts"

it("25.23 gives what every other SHA-256 gives", async () => {
  const texts = ["", "abc", "→ é 🚦", "x".repeat(55), "x".repeat(56), "line\n".repeat(1000)]
  for (const text of texts) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
    const expected = Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0"))
    assert.strictEqual(sha256(text), expected.join(""))
  }
})
