/** The first place where what the engine does differs from what the rules say. */
import type { Change, Fate, Fates, Told } from "./ReferenceModel.ts"

/** A result as text; nothing reads as `null`. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_, each) => each === undefined ? null : each) ?? "null"

const printChange = ({ at, from, proposed, to }: Change, isTimely: boolean): string => {
  const time = isTimely ? `${at / 1000}s ` : ""
  return `${time}${from} → ${proposed}${to === proposed ? "" : `, left ${to}`}`
}

/** A fate as lines: each change, the final state and the result. */
const linesOf = (key: string, fate: Fate | undefined, isTimely: boolean): ReadonlyArray<string> => {
  const name = key === "" ? "flow" : key
  if (fate === undefined) return [`${name}: no run`]
  const result = key === "" ? [] : [`${name}: result ${json(fate.result)}`]
  return [
    ...fate.changes.map((change) => `${name}: ${printChange(change, isTimely)}`),
    `${name}: ends as ${fate.final}`,
    ...result
  ]
}

const differenceOf = (
  rules: ReadonlyArray<string>,
  engine: ReadonlyArray<string>
): string | undefined => {
  const length = Math.max(rules.length, engine.length)
  const at = Array.from({ length }, (_, i) => rules[i] === engine[i]).indexOf(false)
  return at < 0 ? undefined : `rules:  ${rules[at]}\nengine: ${engine[at]}`
}

/** The first difference, if there is one. */
export const firstDifference = ({ fates, isTimely }: Told, engine: Fates): string | undefined => {
  const keys = new Set([...fates.keys(), ...engine.keys()])
  // The flow last: where it differs, a task mostly does too, and says more.
  keys.delete("")
  keys.add("")
  const linesIn = (all: Fates, key: string) => linesOf(key, all.get(key), isTimely)
  return [...keys]
    .map((key) => differenceOf(linesIn(fates, key), linesIn(engine, key)))
    .find((found) => found !== undefined)
}
