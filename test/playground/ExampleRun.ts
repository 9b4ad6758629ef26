/**
 * One simulated run of an example, as every runtime must make it.
 */
import { Effect } from "effect"
import { Program, TraceLine } from "signalbox/testing"
import { withoutNetwork } from "../../playground/slack-stand-in.ts"
import { sha256 } from "../../src/testing/Sha256.ts"

/** The seed of all of them. */
export const seed = 7

/** The SHA-256 of the changes among the lines of a run. */
export const hashOf = (lines: ReadonlyArray<TraceLine.TraceLine>): string =>
  sha256(lines.filter(TraceLine.isChange).map((line) => `${JSON.stringify(line)}\n`).join(""))

/** The lines of a run of a program, whose requests a stand-in answers. */
export const linesOf = (
  exports: Program.Program
): Effect.Effect<ReadonlyArray<TraceLine.TraceLine>> =>
  Effect.suspend(() => {
    const lines: Array<TraceLine.TraceLine> = []
    const run = Effect.provide(exports.run, withoutNetwork(() => {}))
    const onLine = (line: TraceLine.TraceLine) => void lines.push(line)
    return Effect.as(Program.simulate({ flow: exports.flow, run }, { seed, onLine }), lines)
  })
