/**
 * Simulated time as people read it.
 */

const two = (value: number): string => String(Math.floor(value)).padStart(2, "0")

/** A time since the start: `1.500 s` within the first minute, then `0:02:00`, `2:00:00.250`. */
export const formatElapsed = (millis: number): string => {
  const whole = Math.round(millis)
  if (whole < 60_000) return `${(whole / 1000).toFixed(3)} s`
  const seconds = whole / 1000
  const fraction = whole % 1000 === 0 ? "" : `.${String(whole % 1000).padStart(3, "0")}`
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`
}

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const

/** A length of time in its largest unit: `2 h`, `1.5 s`, `250 ms`. */
export const formatDuration = (millis: number): string => {
  const [unit, length] = units.find(([, length]) => Math.abs(millis) >= length) ?? ["ms", 1]
  return `${Number((millis / length).toFixed(2))} ${unit}`
}

/** A length of time in all units that it needs: `1 h 30 min`, `1 min 2.5 s`, `2 d`. */
export const formatSpan = (millis: number): string => {
  if (millis < 1000) return millis === 0 ? "0 s" : `${Number(millis.toFixed(2))} ms`
  let left = Math.round(millis)
  const parts: Array<string> = []
  for (const [unit, length] of units) {
    const count = unit === "s" ? left / length : Math.floor(left / length)
    if (count > 0) parts.push(`${count} ${unit}`)
    left -= count * length
  }
  return parts.join(" ")
}

/** The milliseconds that `2 h`, `1.5 s`, `-250 ms` or a plain number of them stands for, if any. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit = "ms"] = /^\s*(-?\d+(?:\.\d+)?)\s*(ms|s|min|h|d)?\s*$/.exec(text) ?? []
  if (number === undefined) return undefined
  const length = units.find(([name]) => name === unit)?.[1] ?? 1
  return Math.round(Number(number) * length)
}
