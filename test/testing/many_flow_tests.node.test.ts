/**
 * Tests of flows are cheap: a file of a thousand of them is nothing to wait for.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { assert, it } from "vitest"

const root = resolve(import.meta.dirname, "../..")
const count = 1000

/** Each test has a flow of its own, with retries hours apart, and its own seed. */
const file = `
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Flow, RunContext, State, Task } from "signalbox"
import { Simulation } from "signalbox/testing"

for (let seed = 0; seed < ${count}; seed++) {
  it.effect(\`flow \${seed}\`, () =>
    Effect.gen(function* () {
      const failures = seed % 4
      const extract = Task.make("extract", {
        maxRetries: 3,
        retryDelay: "2 hours",
        run: () =>
          Effect.flatMap(
            RunContext.RunContext,
            ({ runCount }) => runCount <= failures ? Effect.fail("down") : Effect.succeed(seed)
          )
      })
      const load = Task.make("load", {
        run: ({ rows }) => Effect.as(Effect.sleep("1 minute"), rows + 1)
      })
      const flow = Flow.make("etl", function* () {
        return yield* load({ rows: yield* extract() })
      })
      const report = yield* Simulation.run(flow, { seed })
      assert.isTrue(State.isSuccessful(report.state))
      assert.strictEqual(report.run.state.result, seed + 1)
      assert.strictEqual(report.transitions("extract").length, 2 + 3 * failures)
    }))
}
`

// Ten seconds is what a person should wait at most; a machine that is busy gets more.
it(`25.27 ${count} tests of flows run in one file`, { timeout: 120_000 }, () => {
  // Inside the repository, so that the tests find the package by its own name.
  const folder = mkdtempSync(join(root, "test", "testing", "run-"))
  try {
    const path = join(folder, "many.test.ts")
    writeFileSync(path, file)
    const report = join(folder, "report.json")
    const { stderr, stdout } = spawnSync(
      process.execPath,
      [
        "node_modules/vitest/vitest.mjs",
        "run",
        "--project=node",
        "--reporter=json",
        `--outputFile.json=${report}`,
        path
      ],
      { cwd: root, encoding: "utf8" }
    )
    assert.isTrue(existsSync(report), `${stdout}\n${stderr}`)
    const { numPassedTests, numTotalTests, testResults: [result] } = JSON.parse(
      readFileSync(report, "utf8")
    )
    assert.deepStrictEqual([numPassedTests, numTotalTests], [count, count])
    assert.isBelow(result.endTime - result.startTime, 30_000)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
