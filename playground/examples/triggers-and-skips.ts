/**
 * Which tasks run when others fail or skip. A trigger decides from what became of the tasks before;
 * a skip passes on to all that follows, except where a task says `skipOnUpstreamSkip: false`. The
 * flow names the task whose state counts, and so succeeds although others failed.
 */
import { Console, Effect } from "effect"
import { Flow, Signal, Task, Trigger } from "signalbox"

const fetchOrders = Task.make("fetch orders", {
  run: () => Effect.fail(Signal.skip("no orders today"))
})

const shipOrders = Task.make("ship orders", {
  run: () => Console.log("never printed: without orders there is nothing to ship")
})

const chargeCards = Task.make("charge cards", {
  run: () => Effect.fail(Signal.fail("the bank is closed"))
})

const thankCustomers = Task.make("thank customers", {
  run: () => Console.log("never printed: the cards were not charged")
})

const callTheBank = Task.make("call the bank", {
  trigger: Trigger.anyFailed,
  run: () => Console.log("Calling the bank, because a task before this one failed.")
})

const closeTheBooks = Task.make("close the books", {
  trigger: Trigger.allFinished,
  skipOnUpstreamSkip: false,
  run: () => Console.log("Closing the books, whatever became of the rest.")
})

export const flow = Flow.make("end-of-day", function* () {
  const orders = yield* fetchOrders()
  const shipped = yield* shipOrders({}, { after: [orders] })
  const charged = yield* chargeCards()
  const thanked = yield* thankCustomers({}, { after: [charged] })
  const called = yield* callTheBank({}, { after: [charged] })
  const closed = yield* closeTheBooks({}, { after: [shipped, thanked, called] })
  yield* Flow.referenceTasks(closed)
})

export const run = Flow.run(flow)
