/**
 * A task that waits for an answer is not overlooked, whatever part of the page one looks at.
 */
import { assert, it } from "vitest"
import { phone } from "./page.ts"
import { openProgram } from "./Screen.ts"

const program = `
import { Effect } from "effect"
import { Flow, Task } from "signalbox"
const approve = Task.make("approve", {
  run: () => Task.awaitApproval({ message: "Is it good?" })
})
export const flow = Flow.make("asks", function* () { yield* approve() })
`

it.each([["a computer", {}], ["a phone", { viewport: phone }]] as const)(
  "on %s it is asked for where the clock is, and an answer ends that",
  async (_name, options) => {
    const page = await openProgram(program, options)
    const strip = page.getByRole("region", { name: "Waiting for an answer" })
    await strip.getByText("Is it good?").waitFor()
    await strip.getByRole("button", { name: "Approve approve" }).click()
    await strip.waitFor({ state: "hidden" })
    await page.getByRole("button", { name: "approve, Success" }).waitFor()
    await page.locator("#graph").focus()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await strip.waitFor()
    const given = strip.getByRole("button", { name: "Approve approve" })
    assert.strictEqual(await given.getAttribute("aria-pressed"), "true")
  }
)
