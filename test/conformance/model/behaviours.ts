/**
 * What bodies do with their inputs.
 *
 * @module
 */
import type { Behaviour, Json, JsonObject, SignalText } from "../corpus.ts"
import { type Context, making } from "./run.ts"
import { given } from "./states.ts"
import { Raised, RaisedEnd, signal, timeout } from "./thrown.ts"
import { isSame } from "./values.ts"

/** Makes a signal where it is raised. */
export const raise = (text: SignalText, context: Context) =>
  signal(text, making(context), context.world.has("signalsAreNoData"))

/** What a body gives; throws what it raises. */
export const behave = (
  behaviour: Behaviour | undefined,
  inputs: JsonObject,
  context: Context
): Json => {
  const goOn = (next: Behaviour | undefined) => behave(next, inputs, context)
  if (behaviour === undefined) return null
  switch (behaviour.kind) {
    case "return":
      return behaviour.value
    case "echo":
      return inputs[behaviour.key] ?? null
    case "add":
      return add(inputs, behaviour.plus)
    case "sumList":
      return sumList(inputs[behaviour.key] ?? null)
    case "collect":
      return Object.keys(inputs).toSorted().map((key) => inputs[key]!)
    case "raise":
      throw new Raised(behaviour)
    case "signal":
      throw raise(behaviour, context)
    case "endrun":
      throw new RaisedEnd(given(behaviour.with, making(context)))
    case "sequence": {
      const { attempts } = behaviour
      const before = context.world.count(behaviour, context.key)
      return goOn(attempts[Math.min(before, attempts.length - 1)])
    }
    case "sleepSeconds":
      sleep(behaviour.n, context)
      return goOn(behaviour.then)
    case "context":
      return Object.fromEntries(
        behaviour.keys.map((key) => [key, context.values?.[key] ?? null])
      )
    case "if":
      return goOn(holds(behaviour, inputs) ? behaviour.then : behaviour.else)
    case "loopUntil":
      return loopUntil(behaviour, context)
    case "pauseTask":
      return context.resume === true ? goOn(behaviour.then) : pause(behaviour, context)
  }
}

const valueError = (message: string) => new Raised({ error: "ValueError", message })

const add = (inputs: JsonObject, plus = 0): number => {
  let sum = plus
  for (const key of Object.keys(inputs).toSorted()) {
    const value = inputs[key]
    if (typeof value !== "number") throw valueError(`add: non-numeric input ${key}`)
    sum += value
  }
  return sum
}

const sumList = (list: Json): number => {
  if (!Array.isArray(list)) throw valueError("sumList: not a list")
  return list.reduce((sum: number, item: Json) => {
    if (typeof item !== "number") throw valueError("sumList: non-numeric item")
    return sum + item
  }, 0)
}

const sleep = (seconds: number, { allowed, world }: Context): void => {
  const left = allowed?.left ?? Number.POSITIVE_INFINITY
  world.now += Math.min(seconds, left)
  if (allowed !== undefined) allowed.left -= seconds
  if (seconds > left) throw timeout
}

const holds = (
  { arg, key, op, value }: Extract<Behaviour, { readonly kind: "if" }>,
  inputs: JsonObject
): boolean => {
  const input = inputs[key]
  if (op === "eq") return isSame(input, arg)
  if (op === "eqKey") return isSame(input, inputs[String(arg)])
  if (typeof input !== "number") return false
  const number = Number(arg)
  return op === "gt" ? input > number : ((input % number) + number) % number === value
}

const loopUntil = (
  { limit, message, start, step }: Extract<Behaviour, { readonly kind: "loopUntil" }>,
  context: Context
): Json => {
  const current = context.roundResult ?? start
  if (typeof current !== "number" || current >= limit) return current
  const again = message === undefined ? {} : { message }
  throw raise({ signal: "LOOP", result: current + step, ...again }, context)
}

const pause = (
  { message, startInSeconds }: Extract<Behaviour, { readonly kind: "pauseTask" }>,
  context: Context
): never => {
  const words = message ?? "Pause signal raised during task execution."
  throw raise({ signal: "PAUSE", message: words, startInSeconds: startInSeconds ?? null }, context)
}
