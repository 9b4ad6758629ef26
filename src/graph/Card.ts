/**
 * What a task looks like in a drawing of its flow: how large it is, what it says and in which colour.
 *
 * @module
 */
import * as CellGrid from "./CellGrid.ts"
import type { Size } from "./Layout.ts"
import { families, type Family, glyphOf, lookOf } from "./StateLook.ts"
import { type Element, element, number } from "./Svg.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** One task of a flow, as far as a drawing needs it. */
export interface Task {
  readonly name: string
  readonly kind: "task" | "parameter" | "constant" | "init" | "cleanup"
  /** Whether it runs once for each item of some input. */
  readonly mapped: boolean
  /** The names of its handlers. */
  readonly handlers: ReadonlyArray<string>
}

/** A task with its size. */
export interface Card extends Size {
  readonly task: Task
  /** Its name as far as there is room for it. */
  readonly name: string
  /** Whether it is one line only. */
  readonly isSmall: boolean
  /** The cells of its items, of a mapped task that is opened. */
  readonly grid: CellGrid.CellGrid | undefined
}

/** How many runs of a mapped task are in a state of each family. */
export type Counts = Readonly<Partial<Record<Family, number>>>

/** What a card shows of a moment. */
export interface Look {
  readonly family: Family
  /** Stands for the state where there is no room to say it. */
  readonly glyph: string
  /** What it says below the name, each part in its own colour. */
  readonly status: ReadonlyArray<{ readonly text: string; readonly family: Family }>
  /** The same for whoever cannot see it; made when it is read, for most never are. */
  readonly label: string
}

// -----------------------------------------------------------------------------
// Sizes
// -----------------------------------------------------------------------------

/** Where the cells of an opened task begin. */
export const gridStart = { x: 12, y: 52 } as const

const padding = 12
const nameSize = 13
const smallSize = 11.5
const widestName = 220

/** Makes the card of a task; `items` is how many cells it shows, for one that is opened. */
export const make = (task: Task, items?: number): Card => {
  const isSmall = task.kind === "parameter" || task.kind === "constant"
  const name = cut(task.name, isSmall ? smallSize : nameSize)
  const nameWidth = textWidth(name, isSmall ? smallSize : nameSize)
  if (isSmall) {
    const width = Math.max(56, Math.ceil(nameWidth) + 40)
    return { task, name, isSmall, grid: undefined, width, height: 26 }
  }
  const mark = task.handlers.length === 0 ? 0 : 30
  const opener = task.mapped ? 22 : 0
  const least = task.mapped ? 204 : 128
  const width = Math.max(least, Math.ceil(nameWidth) + 2 * padding + mark + opener)
  if (items === undefined || !task.mapped) {
    return { task, name, isSmall, grid: undefined, width, height: 48 }
  }
  const grid = CellGrid.make(items, width - 2 * padding)
  return {
    task,
    name,
    isSmall,
    grid,
    width: Math.max(width, grid.columns * grid.pitch + 2 * padding - 2),
    height: gridStart.y + grid.rows * grid.pitch + (items === 0 ? 0 : 10)
  }
}

const narrow = new Set("fijlrtI.,:;'\"`|!()[]{}/\\ -")
const wide = new Set("mwMW@%&—")

/** How wide a text is at most in the usual fonts: it has to be known without a page. */
const textWidth = (text: string, size: number): number => {
  let width = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0x2e80) width += 1.1
    else if (narrow.has(character)) width += 0.42
    else if (wide.has(character)) width += 1.04
    else width += character >= "A" && character <= "Z" ? 0.78 : 0.68
  }
  return width * size
}

const cut = (name: string, size: number): string => {
  if (textWidth(name, size) <= widestName) return name
  let short = ""
  for (const character of name) {
    if (textWidth(short + character, size) > widestName - size) break
    short += character
  }
  return short + "…"
}

// -----------------------------------------------------------------------------
// Looks
// -----------------------------------------------------------------------------

/** How a task looks whose state is not known. */
export const plain = (task: Task): Look => ({
  family: "waiting",
  glyph: "",
  status: [{ text: kindOf(task), family: "waiting" }],
  label: describe(task, [])
})

/** How a card looks in a state, at an attempt, with so many items in which states. */
export const look = (
  { task, width }: Card,
  tag: string,
  attempt = 1,
  counts: Counts = {}
): Look => {
  const { family, glyph } = lookOf(tag)
  const counted = families.filter((each) => (counts[each] ?? 0) > 0)
  if (counted.length > 0) {
    const spans = counted.map((each) => ({ text: glyphOf[each] + counts[each], family: each }))
    return {
      family: counted[0]!,
      glyph,
      status: fitting(spans, width - 2 * padding - 20),
      get label() {
        return describe(task, [tag, ...counted.map((each) => `${counts[each]} ${each}`)])
      }
    }
  }
  const tries = attempt > 1 ? ` ×${attempt}` : ""
  return {
    family,
    glyph,
    status: [{ text: `${glyph} ${tag}${tries}`, family }],
    get label() {
      return describe(task, [tag, ...attempt > 1 ? [`attempt ${attempt}`] : []])
    }
  }
}

/** As many counts as there is room for. */
const fitting = (spans: Look["status"], room: number): Look["status"] => {
  let left = room
  const end = spans.findIndex(({ text }) => (left -= textWidth(text, 13) + spanGap) < 0)
  return end === -1 ? spans : [...spans.slice(0, end), { text: "…", family: "waiting" }]
}

/** Between two parts of a status. */
export const spanGap = 7

const kinds = { task: "task", parameter: "parameter", constant: "constant" } as const

const kindOf = ({ kind, mapped }: Task): string =>
  kind === "init"
    ? "opens a resource"
    : kind === "cleanup"
    ? "closes a resource"
    : mapped
    ? "once for each item"
    : kinds[kind]

const describe = (task: Task, state: ReadonlyArray<string>): string => {
  const { handlers } = task
  const handled = handlers.length === 0
    ? []
    : [`${handlers.length} ${handlers.length === 1 ? "handler" : "handlers"}`]
  const kind = task.kind === "task" && !task.mapped ? [] : [kindOf(task)]
  return [task.name, ...state, ...kind, ...handled].join(", ")
}

// -----------------------------------------------------------------------------
// Elements
// -----------------------------------------------------------------------------

/** The class of a card, beside that of the family of its state. */
export const classOf = ({ isSmall, task }: Card): string =>
  `node${isSmall ? " small" : ""}` +
  (task.kind === "init" || task.kind === "cleanup" ? " resource" : "")

/** What a card is made of, in the coordinates of its left upper corner. */
export const draw = (card: Card, look: Look): ReadonlyArray<Element> => {
  const { height, name, task, width } = card
  if (card.isSmall) {
    return [
      element("rect", { class: "box", width, height, rx: height / 2 }),
      element("text", { class: "status", x: 11, y: 17 }, look.glyph),
      element("text", { class: "name", x: 27, y: 17 }, name)
    ]
  }
  const stack = task.mapped ? [element("path", { class: "stack", d: stackPath(card) })] : []
  const marks = [
    ...task.handlers.length === 0 ? [] : [
      element("text", { class: "mark", x: width - 10, y: 19, "text-anchor": "end" }, markOf(task))
    ],
    ...task.mapped ? [element("path", { class: "opener", d: openerPath(card) })] : []
  ]
  return [
    ...stack,
    element("rect", { class: "box", width, height, rx: 8 }),
    element("text", { class: "name", x: padding, y: 20 }, name),
    element("text", { class: "status", x: padding, y: 37 }, ...statusSpans(look)),
    ...marks
  ]
}

/** The parts of a status; they are of the colour of the card where there is but one. */
export const statusSpans = ({ status }: Look): ReadonlyArray<Element | string> =>
  status.length === 1
    ? [status[0]!.text]
    : status.map(({ family, text }, i) =>
      element("tspan", { class: `ink-${family}`, ...i === 0 ? {} : { dx: spanGap } }, text)
    )

/** What is told of a card that one points at. */
export const titleOf = ({ task }: Card, { label }: Look): string =>
  task.handlers.length === 0 ? label : `${label}: ${task.handlers.join(", ")}`

/** How many handlers a task has. */
export const markOf = ({ handlers }: Task): string => `ƒ${handlers.length}`

/** The edges of what is behind the card of a mapped task. */
export const stackPath = ({ height, width }: Size): string =>
  `M${number(width + 0.5)} 7a7 7 0 0 1 4 6V${number(height - 4)}a8 8 0 0 1 -8 8H13a7 7 0 0 1 -6 -4`

/** A mark that points to the right while the card is folded, and down when it is opened. */
export const openerPath = ({ grid, width }: Card): string =>
  grid === undefined
    ? `M${number(width - 16)} 29l4.5 4.5l-4.5 4.5`
    : `M${number(width - 19)} 31l4.5 4.5l4.5 -4.5`
