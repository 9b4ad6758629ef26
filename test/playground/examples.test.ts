/**
 * Each example, here on whatever runtime this is: exactly what it prints, exactly what it posts, and
 * exactly what becomes of its tasks and its flow.
 */
import { assert, it } from "@effect/vitest"
import { Console, Effect, Layer } from "effect"
import type { Example } from "../../playground/example.ts"
import { examples, inNoTime, tour } from "../../playground/examples.ts"
import { withoutNetwork } from "../../playground/slack-stand-in.ts"
import { textConsole } from "../../playground/text-console.ts"
import { sleepingTime } from "../fixtures/sleepingTime.ts"

interface Outcome {
  readonly printed: string
  readonly posted: ReadonlyArray<string>
  readonly tasks: ReadonlyArray<readonly [name: string, state: string]>
  readonly flow: string
}

const ran = 'Success("Task run succeeded.")'
const upstreamSkipped =
  'Skipped("Upstream task was skipped; if this was not the intended behavior, consider ' +
  'changing `skip_on_upstream_skip=False` for this task.")'
const succeeded = 'Success("All reference tasks succeeded.")'

const expected: Readonly<Record<string, Outcome>> = {
  "flow-handler": {
    printed: `
Calling my custom state handler on <Flow: name=state-handler-demo>:
Scheduled() to Running("Running flow.")


Calling my custom state handler on <Flow: name=state-handler-demo>:
Running("Running flow.") to Success("All reference tasks succeeded.")

`,
    posted: [],
    tasks: [["Task", ran]],
    flow: succeeded
  },

  "task-handler": {
    printed: `
Calling my custom state handler on <Task: Task>:
Pending() to Running("Starting task run.")


Calling my custom state handler on <Task: Task>:
Running("Starting task run.") to Success("Task run succeeded.")

`,
    posted: [],
    tasks: [["Task", ran]],
    flow: succeeded
  },

  "post-to-slack": {
    printed: "",
    posted: [
      "[Slack stand-in] Task <Task: flaky> failed and is retrying at 2026-01-01T00:00:01.000Z"
    ],
    tasks: [["Task", ran], ["flaky", ran]],
    flow: succeeded
  },

  "signal-payload": {
    printed: "Special failure mode! Send all the alerts!\na == b == 1\n",
    posted: [],
    tasks: [["mission_critical_task", 'Failed("a equaled b!")']],
    flow: 'Failed("Some reference tasks failed.")'
  },

  "retries-hours-apart": {
    printed: `00:00 <Task: extract> Running("Starting task run.")
00:00 <Task: extract> Failed("the warehouse is asleep")
00:00 <Task: extract> Retrying("Retrying Task (after attempt 1 of 4)")
02:00 <Task: extract> Running("Starting task run.")
02:00 <Task: extract> Failed("the warehouse is asleep")
02:00 <Task: extract> Retrying("Retrying Task (after attempt 2 of 4)")
04:00 <Task: extract> Running("Starting task run.")
04:00 <Task: extract> Success("Task run succeeded.")
Loading apples and pears.
`,
    posted: [],
    tasks: [["extract", ran], ["load", ran]],
    flow: succeeded
  },

  "map-and-reduce": {
    printed: `measure[1] is silent: a storm is over it
measure[4] is silent: its battery is flat
measure[1] is silent: a storm is over it
measure[4] is silent: its battery is flat
measure[4] is silent: its battery is flat
Fargo is the warmest of 5, at 19 °C.
`,
    posted: [],
    tasks: [
      ["list stations", ran],
      ["measure", 'Mapped("Ready to proceed with mapping.")'],
      ["FilterTask", ran],
      ["warmest", ran]
    ],
    flow: succeeded
  },

  "triggers-and-skips": {
    printed: `Calling the bank, because a task before this one failed.
Closing the books, whatever became of the rest.
`,
    posted: [],
    tasks: [
      ["fetch orders", 'Skipped("no orders today")'],
      ["ship orders", upstreamSkipped],
      ["charge cards", 'Failed("the bank is closed")'],
      [
        "thank customers",
        'TriggerFailed("Trigger was "all_successful" but some of the upstream tasks failed.")'
      ],
      ["call the bank", ran],
      ["close the books", ran]
    ],
    flow: succeeded
  },

  branches: {
    printed: `<Task: stamp> is not needed.
<Task: courier> it is.
<Task: lorry> is not needed.
Your order comes with a courier.
`,
    posted: [],
    tasks: [
      ["weigh", ran],
      ["stamp", upstreamSkipped],
      ["courier", ran],
      ["lorry", upstreamSkipped],
      ['CompareValue: "letter"', 'Skipped("Provided value "parcel" did not match "letter"")'],
      ['CompareValue: "parcel"', ran],
      ['CompareValue: "pallet"', 'Skipped("Provided value "parcel" did not match "pallet"")'],
      ["Merge", ran],
      ["notify", ran]
    ],
    flow: succeeded
  },

  "page-by-page": {
    printed: `Page 1 is here, and there is another.
Page 2 is here, and there is another.
Page 3 is here, and there is another.
8 orders, from order 1a to order 4b.
`,
    posted: [],
    tasks: [["fetch orders", ran], ["count", ran]],
    flow: succeeded
  },

  "cached-results": {
    printed: `The rate was looked up: 1 cent to pay.
250 dollars
The rate is known: nothing to pay.
250 dollars
The rate was looked up: 1 cent to pay.
250 dollars
`,
    posted: [],
    tasks: [["rate", 'Cached("Task run succeeded.")'], ["invoice", ran]],
    flow: succeeded
  },

  "every-signal": {
    printed: `<Task: download> Retrying("the server is busy for a quarter of an hour")
<Task: download> Success("Task run succeeded.")
<Task: index> Success("prices.csv was indexed before")
<Task: archive> Skipped("prices.csv is archived on Sundays only")
<Task: validate> ValidationFailed("three prices in prices.csv are negative")
<Task: thumbnails> TimedOut("Task timed out during execution.")
4200 rows were indexed.
<Task: report> Success("Task run succeeded.")
`,
    posted: [],
    tasks: [
      ["download", ran],
      ["index", 'Success("prices.csv was indexed before")'],
      ["archive", 'Skipped("prices.csv is archived on Sundays only")'],
      ["validate", 'ValidationFailed("three prices in prices.csv are negative")'],
      ["thumbnails", 'TimedOut("Task timed out during execution.")'],
      ["report", ran]
    ],
    flow: succeeded
  },

  "replace-a-state": {
    printed: "apples and pears at 40\n",
    posted: [],
    tasks: [
      ["extract", ran],
      ["price", 'Success("Using the price of yesterday.")'],
      ["report", ran]
    ],
    flow: succeeded
  },

  "handlers-for-everything": {
    printed: `  announce: <Flow: name=watched> is Running("Running flow.")
  audit:    <Flow: name=watched> from Scheduled to Running
  announce: <Task: draw> is Running("Starting task run.")
  audit:    <Task: draw> from Pending to Running
  announce: <Task: draw> is Success("Task run succeeded.")
  audit:    <Task: draw> from Running to Success
  own:      <Task: print> hears first of Running
  announce: <Task: print> is Running("Starting task run.")
  audit:    <Task: print> from Pending to Running
The number is 7.
  own:      <Task: print> hears first of Success
  announce: <Task: print> is Success("Task run succeeded.")
  audit:    <Task: print> from Running to Success
  announce: <Flow: name=watched> is Success("All reference tasks succeeded.")
  audit:    <Flow: name=watched> from Running to Success
`,
    posted: [],
    tasks: [["draw", ran], ["print", ran]],
    flow: succeeded
  },

  approval: {
    printed: "Published: Signals at midnight\n",
    posted: [],
    tasks: [["write", ran], ["approve", ran], ["publish", ran]],
    flow: succeeded
  },

  "borrowed-resource": {
    printed: `Migrating rehearsal-db.
On call: <Task: load> failed, a row for rehearsal-db has no key.
Dropping rehearsal-db.
`,
    posted: [],
    tasks: [
      ["database", ran],
      ["migrate", ran],
      ["load", 'Failed("a row for rehearsal-db has no key")'],
      ["database.cleanup", ran]
    ],
    flow: 'Failed("Some reference tasks failed.")'
  }
}

const outcomeOf = (example: Example): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    let printed = ""
    const posted: Array<string> = []
    const print = (text: string) => {
      printed += `${text}\n`
    }
    const surroundings = Layer.mergeAll(
      Layer.succeed(Console.Console, textConsole({ out: print, err: print })),
      withoutNetwork((line) => void posted.push(line)),
      sleepingTime("2026-01-01T00:00:00Z")
    )
    return Effect.map(Effect.provide(inNoTime(example), surroundings), ({ state, tasks }) => ({
      printed,
      posted,
      tasks: tasks.map((task) => [task.name, String(task.state)] as const),
      flow: String(state)
    }))
  })

for (const example of examples) {
  it.live(`${example.name} prints, posts and ends as it should`, () =>
    Effect.map(outcomeOf(example), (outcome) => {
      assert.deepStrictEqual(outcome, expected[example.name])
    }))
}

it("every example is expected to do something", () => {
  assert.deepStrictEqual(examples.map(({ name }) => name), Object.keys(expected))
  assert.strictEqual(tour.length, 4)
})
