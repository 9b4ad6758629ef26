/**
 * Every example, opened by the menu and run on the real engine in the sandbox: its changes of state,
 * what its handlers made of them, what it printed, and the final states, as they are on the screen.
 */
import { Effect } from "effect"
import type { Page } from "playwright-core"
import type { TraceLine } from "signalbox/testing"
import { assert, beforeAll, describe, it } from "vitest"
import { examples } from "../../playground/examples.ts"
import { linesOf } from "../playground/ExampleRun.ts"
import { assertRun, goToTab, nodesOf, openExample, openRunnable, rowsOf, tall } from "./Screen.ts"

interface Seen {
  /** `subject | from→to | message` */
  readonly events: ReadonlyArray<string>
  /** `subject | handler | from→proposed⇒decided | message` */
  readonly calls: ReadonlyArray<string>
  readonly printed: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<string>
}

let page: Page
let runs = 0

beforeAll(async () => {
  page = await openRunnable({ viewport: tall, stays: true })
})

const see = async (name: string): Promise<Seen> => {
  await openExample(page, name)
  await assertRun(page, ++runs)
  await goToTab(page, "Events")
  const events = await rowsOf(page, "Events")
  await goToTab(page, "Handlers")
  const calls = await rowsOf(page, "Handler calls")
  await goToTab(page, "Log")
  const printed = await rowsOf(page, "Log")
  return {
    events: events.map(([, subject, , change, message]) => `${subject} | ${change} | ${message}`),
    calls: calls.map(([, ...cells]) => cells.join(" | ")),
    printed: printed.map(([, , line]) => line!),
    nodes: await nodesOf(page)
  }
}

const starting = "Pending→Running | Starting task run."
const ran = "Running→Success | Task run succeeded."
const flowStarts = "Scheduled→Running | Running flow."
const flowSucceeds = "Running→Success | All reference tasks succeeded."

describe("the four programs that say what handlers are", () => {
  it("flow-handler: the handler hears of the flow alone", async () => {
    const { calls, events, nodes, printed } = await see("flow-handler")
    assert.deepStrictEqual(events, [
      `state-handler-demo | ${flowStarts}`,
      `Task | ${starting}`,
      `Task | ${ran}`,
      `state-handler-demo | ${flowSucceeds}`
    ])
    assert.deepStrictEqual(calls, [
      "state-handler-demo | handler | Scheduled→Running | Running flow.",
      "state-handler-demo | handler | Running→Success | All reference tasks succeeded."
    ])
    assert.deepStrictEqual(printed, [
      "",
      "Calling my custom state handler on <Flow: name=state-handler-demo>:",
      'Scheduled() to Running("Running flow.")',
      "",
      "",
      "Calling my custom state handler on <Flow: name=state-handler-demo>:",
      'Running("Running flow.") to Success("All reference tasks succeeded.")',
      ""
    ])
    assert.deepStrictEqual(nodes, ["Task, Success"])
  })

  it("task-handler: the handler hears of the task alone", async () => {
    const { calls, events, nodes, printed } = await see("task-handler")
    assert.deepStrictEqual(events, [
      `state-handler-demo | ${flowStarts}`,
      `Task | ${starting}`,
      `Task | ${ran}`,
      `state-handler-demo | ${flowSucceeds}`
    ])
    assert.deepStrictEqual(calls, [
      "Task | handler | Pending→Running | Starting task run.",
      "Task | handler | Running→Success | Task run succeeded."
    ])
    assert.deepStrictEqual(printed, [
      "",
      "Calling my custom state handler on <Task: Task>:",
      'Pending() to Running("Starting task run.")',
      "",
      "",
      "Calling my custom state handler on <Task: Task>:",
      'Running("Starting task run.") to Success("Task run succeeded.")',
      ""
    ])
    assert.deepStrictEqual(nodes, ["Task, Success, 1 handler"])
  })

  it("post-to-slack: one message is posted, for the task that is retried", async () => {
    const { calls, events, nodes, printed } = await see("post-to-slack")
    assert.deepStrictEqual(events, [
      `state-handler-demo | ${flowStarts}`,
      `Task | ${starting}`,
      `Task | ${ran}`,
      `flaky | ${starting}`,
      "flaky | Running→Failed | the first attempt never works",
      "flaky | Failed→Retrying | Retrying Task (after attempt 1 of 2)",
      "flaky | Retrying→Running | Starting task run.",
      `flaky | ${ran}`,
      `state-handler-demo | ${flowSucceeds}`
    ])
    assert.lengthOf(calls, 7)
    assert.deepStrictEqual(printed, [
      "[Slack stand-in] Task <Task: flaky> failed and is retrying at 2026-01-01T00:00:01.000Z"
    ])
    assert.deepStrictEqual(nodes, [
      "Task, Success, 1 handler",
      "flaky, Success, attempt 2, 1 handler"
    ])
  })

  it("signal-payload: the special failure sends all the alerts", async () => {
    const { events, nodes, printed } = await see("signal-payload")
    assert.deepStrictEqual(events, [
      `state-inspection-handler | ${flowStarts}`,
      `mission_critical_task | ${starting}`,
      "mission_critical_task | Running→Failed | a equaled b!",
      "state-inspection-handler | Running→Failed | Some reference tasks failed."
    ])
    assert.deepStrictEqual(printed, ["Special failure mode! Send all the alerts!", "a == b == 1"])
    assert.deepStrictEqual(nodes, ["mission_critical_task, Failed, 1 handler"])
  })
})

// What each example prints and becomes is told by test/playground/examples.test.ts for the engine;
// here the screen has to say the same, word for word.
const isChange = (line: TraceLine.TraceLine): line is TraceLine.Change => "to" in line
const isHeader = (line: TraceLine.TraceLine): line is TraceLine.Header => "signalbox" in line

const nameIn = ({ flow, nodes }: TraceLine.Header, change: TraceLine.Change): string => {
  const found = nodes.find(({ slug }) => slug === change.task)
  if (found === undefined) return flow
  const isOnly = nodes.filter(({ name }) => name === found.name).length === 1
  const name = isOnly ? found.name : found.slug
  return change.index === undefined ? name : `${name}[${change.index}]`
}

const decisions = ({ from, handlers = [], proposed, to }: TraceLine.Change) => {
  let shown = proposed ?? to
  return handlers.map(({ decided, handler }) => {
    const change = `${from.tag}→${shown.tag}${decided === undefined ? "" : `⇒${decided.tag}`}`
    shown = decided ?? shown
    return `${handler} | ${change} | ${shown.message ?? ""}`
  })
}

it.each(examples)("$name shows all that the engine tells in Node", async (example) => {
  const lines = await Effect.runPromise(linesOf(example))
  const header = lines.find(isHeader)!
  const own = lines.filter(isChange).filter(({ flow }) => flow === header.flow)
  const { calls, events, printed } = await see(example.name)
  assert.deepStrictEqual(
    events,
    own.map((change) => {
      const { from, proposed, to } = change
      const way = proposed === undefined ? to.tag : `${proposed.tag}⇒${to.tag}`
      return `${nameIn(header, change)} | ${from.tag}→${way} | ${to.message ?? ""}`
    })
  )
  assert.deepStrictEqual(
    calls,
    own.flatMap((change) => decisions(change).map((call) => `${nameIn(header, change)} | ${call}`))
  )
  const posted = printed.filter((line) => !line.startsWith("[Slack stand-in]"))
  assert.deepStrictEqual(
    posted,
    lines.flatMap((line) => "log" in line ? line.log.split("\n") : [])
  )
})
