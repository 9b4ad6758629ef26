import { assert, it } from "@effect/vitest"
import { Signal } from "signalbox"
import * as PrintedError from "../src/PrintedError.ts"

it("1.11 an error prints as its name and its quoted message", () => {
  class OutOfPaper extends Error {}
  const named = Object.assign(new Error("m"), { name: "Renamed" })
  const cases: ReadonlyArray<readonly [unknown, string]> = [
    [new Error("boom"), "Error('boom')"],
    [new RangeError(), "RangeError()"],
    [new OutOfPaper("tray 2"), "OutOfPaper('tray 2')"],
    [named, "Renamed('m')"],
    [new Error("it's"), `Error("it's")`],
    [new Error(`it's "so"`), `Error('it\\'s "so"')`],
    [new Error('say "so"'), `Error('say "so"')`],
    [new Error("a\nb\\c"), "Error('a\\nb\\\\c')"],
    [Signal.fail("too much"), "FAIL('too much')"],
    ["text", '"text"'],
    [7, "7"]
  ]
  for (const [error, printed] of cases) assert.strictEqual(PrintedError.print(error), printed)
})
