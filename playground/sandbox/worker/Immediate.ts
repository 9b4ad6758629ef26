/**
 * Turns of the event loop without the four milliseconds that nested timers wait: for Effect's own
 * scheduler, which looks for `setImmediate` when it is loaded, and for simulated timers.
 */
const { port1, port2 } = new MessageChannel()
const waiting: Array<() => void> = []

port2.addEventListener("message", () => waiting.shift()?.())
port2.start()

/** Calls a function in the next turn of the event loop. */
export const setImmediate = (call: () => void): () => void => {
  waiting.push(call)
  port1.postMessage(undefined, [])
  return call
}

/** Makes a turn do nothing. */
export const clearImmediate = (call: () => void): void => {
  const place = waiting.indexOf(call)
  if (place !== -1) waiting[place] = () => {}
}

Object.assign(globalThis, { setImmediate, clearImmediate })
