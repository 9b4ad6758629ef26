import { assert, it } from "@effect/vitest"
import { DueQueue } from "../src/DueQueue.ts"
import { seeded } from "./fixtures/seeded.ts"

it("15.2 the earliest time goes first", () => {
  const queue = new DueQueue<string>()
  assert.isUndefined(queue.next?.time)
  queue.add(30, "c")
  queue.add(10, "a")
  queue.add(20, "b")
  assert.strictEqual(queue.next?.time, 10)
  assert.deepStrictEqual([queue.take(), queue.take(), queue.take()], ["a", "b", "c"])
  assert.isUndefined(queue.take())
})

it("15.2 equal times go in the order of adding", () => {
  const random = seeded(16)
  const queue = new DueQueue<readonly [time: number, order: number]>()
  for (let order = 0; order < 5000; order++) {
    const time = random.below(50)
    queue.add(time, [time, order])
  }
  let [lastTime, lastOrder] = [-1, -1]
  for (let taken = queue.take(); taken !== undefined; taken = queue.take()) {
    const [time, order] = taken
    const inOrder = time > lastTime || (time === lastTime && order > lastOrder)
    if (!inOrder) assert.fail(`${time}/${order} came after ${lastTime}/${lastOrder}`)
    lastTime = time
    lastOrder = order
  }
  assert.strictEqual(lastTime, 49)
})

it("15.2 what is taken and added in turns is always the earliest", () => {
  const random = seeded(7)
  const queue = new DueQueue<number>()
  const waiting: Array<readonly [time: number, order: number]> = []
  for (let order = 0; order < 3000; order++) {
    const time = random.below(1000)
    queue.add(time, order)
    waiting.push([time, order])
    for (let left = random.below(3); left > 0; left--) {
      waiting.sort(([a, i], [b, j]) => a - b || i - j)
      const [time, first] = waiting.shift() ?? []
      assert.strictEqual(queue.next?.time, time)
      assert.strictEqual(queue.take(), first)
      assert.strictEqual(
        queue.next?.time,
        waiting.toSorted(([a, i], [b, j]) => a - b || i - j)[0]?.[0]
      )
    }
  }
})
