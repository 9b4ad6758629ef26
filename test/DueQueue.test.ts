import { assert, it } from "@effect/vitest"
import { type Due, DueQueue } from "../src/DueQueue.ts"
import { seeded } from "./fixtures/seeded.ts"

interface Named extends Due {
  readonly name: string | number
}

const due = (time: number, name: string | number): Named => ({ time, name, order: 0 })

it("15.2 the earliest time goes first", () => {
  const queue = new DueQueue<Named>()
  assert.strictEqual(queue.size, 0)
  for (const entry of [due(30, "c"), due(10, "a"), due(20, "b")]) queue.add(entry)
  assert.strictEqual(queue.next?.time, 10)
  assert.deepStrictEqual([1, 2, 3].map(() => queue.take()?.name), ["a", "b", "c"])
  assert.isUndefined(queue.take())
  assert.strictEqual(queue.size, 0)
})

it("15.2 equal times go in the order of adding", () => {
  const random = seeded(16)
  const queue = new DueQueue<Named>()
  for (let order = 0; order < 5000; order++) queue.add(due(random.below(50), order))
  let [lastTime, lastOrder] = [-1, -1]
  for (let taken = queue.take(); taken !== undefined; taken = queue.take()) {
    const { name, time } = taken
    const order = Number(name)
    const inOrder = time > lastTime || (time === lastTime && order > lastOrder)
    if (!inOrder) assert.fail(`${time}/${order} came after ${lastTime}/${lastOrder}`)
    lastTime = time
    lastOrder = order
  }
  assert.strictEqual(lastTime, 49)
})

it("15.2 what is taken and added in turns is always the earliest", () => {
  const random = seeded(7)
  const queue = new DueQueue<Named>()
  const waiting: Array<readonly [time: number, order: number]> = []
  for (let order = 0; order < 3000; order++) {
    const time = random.below(1000)
    queue.add(due(time, order))
    waiting.push([time, order])
    for (let left = random.below(3); left > 0; left--) {
      waiting.sort(([a, i], [b, j]) => a - b || i - j)
      const [time, first] = waiting.shift() ?? []
      assert.strictEqual(queue.next?.time, time)
      assert.strictEqual(queue.take()?.name, first)
      assert.strictEqual(queue.size, waiting.length)
    }
  }
})
