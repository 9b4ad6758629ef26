/**
 * Makes something go wrong at a bar of the timeline: by a menu, or by dropping a fault on it.
 */
import type { FaultPlan } from "signalbox/testing"
import { describeFault, type FaultKind, faultKinds } from "../run/FaultText.ts"
import type { Run } from "../run/Run.ts"
import type { Commands, Store } from "../Store.ts"
import { button, node } from "./element.ts"

/** Where something can go wrong. */
export interface Place {
  readonly name: string
  readonly task: string
  readonly attempt: number
  readonly item: number | undefined
}

/** Ways to add faults to bars. */
export interface TimelineFaults {
  /** What is dragged onto a bar. */
  readonly chip: HTMLElement
  /** Shows what can go wrong at the change that began a bar. */
  readonly openMenu: (change: number, x: number, y: number) => void
}

const offered: ReadonlyArray<FaultKind> = ["Fail", "Die", "TimeOut", "Interrupt", "NeverAnswer"]
const delays = [["1 minute", 60_000], ["1 hour", 3_600_000], ["1 day", 86_400_000]] as const

/** Where the body runs that a change began, or that the wait after it leads to. */
export const placeOf = (run: Run, change: number): Place | undefined => {
  const { node, index, name } = run.subjects[run.subjectOf[change]!]!
  const at = run.header.nodes[node]
  if (at === undefined || at.kind === "parameter" || at.kind === "constant") return undefined
  const { run: attempt, to } = run.changes[change]!
  const isBefore = to.tag === "Retrying" || to.tag === "Looped"
  return { name, task: at.slug, item: index, attempt: attempt + (isBefore ? 1 : 0) }
}

/** The faults of a plan that strike the body at a place. */
export const faultsAt = (plan: FaultPlan.FaultPlan, place: Place): FaultPlan.FaultPlan =>
  plan.filter((fault) =>
    "task" in fault && !fault.kind.startsWith("Handler") && fault.task === place.task &&
    (fault.item ?? place.item) === place.item &&
    (!("attempt" in fault) || (fault.attempt ?? place.attempt) === place.attempt)
  )

/** Makes the chip and the menu; `changeAt` finds the bar at a place on the screen. */
export const makeTimelineFaults = (
  store: Store,
  commands: Commands,
  changeAt: (x: number, y: number) => number | undefined,
  focused: () => { readonly change: number; readonly element: Element } | undefined
): TimelineFaults => {
  const menu = node("div", { className: "timeline-menu", popover: "auto" })
  menu.setAttribute("role", "menu")
  menu.addEventListener("keydown", moveInMenu)
  document.body.append(menu)

  const add = (fault: FaultPlan.Fault): void => {
    commands.tell(`Added: ${describeFault(fault)}`)
    commands.changeFaults((faults) => [...faults, fault])
  }
  const remove = (fault: FaultPlan.Fault): void => {
    commands.tell(`Removed: ${describeFault(fault)}`)
    commands.changeFaults((faults) => faults.filter((other) => other !== fault))
  }
  const openMenu = (change: number, x: number, y: number): void => {
    const run = store.run.peek()
    const place = placeOf(run, change)
    const choices = place === undefined
      ? flowChoices(run, change)
      : [...removals(store, place, remove), ...bodyChoices(place)]
    const before = document.activeElement
    menu.ariaLabel = `What goes wrong: ${place?.name ?? "the flow"}`
    menu.replaceChildren(
      node("div", { className: "menu-title" }, place === undefined ? "Flow" : titleOf(place)),
      ...choices.map(([label, choose]) => {
        const item = button(label, () => {
          menu.hidePopover()
          if (before instanceof HTMLElement) before.focus()
          if (typeof choose === "function") choose()
          else add(choose)
        })
        item.setAttribute("role", "menuitem")
        return item
      })
    )
    menu.showPopover()
    menu.style.left = `${Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 4))}px`
    menu.style.top = `${Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 4))}px`
    menu.querySelector("button")?.focus()
  }
  const dropOn = (change: number): void => {
    const place = placeOf(store.run.peek(), change)
    if (place !== undefined) add(faultOf("Fail", place))
  }
  return { chip: makeChip(changeAt, focused, dropOn, openMenu), openMenu }
}

// -----------------------------------------------------------------------------
// What can go wrong
// -----------------------------------------------------------------------------

type Choice = readonly [label: string, choose: FaultPlan.Fault | (() => void)]

const at = ({ attempt, item, task }: Place) => ({
  task,
  attempt,
  ...item === undefined ? {} : { item }
})

const faultOf = (kind: FaultKind, place: Place): FaultPlan.Fault =>
  ({ kind, ...at(place) }) as FaultPlan.Fault

const bodyChoices = (place: Place): ReadonlyArray<Choice> => [
  ...offered.map((kind): Choice => [`⚡ ${faultKinds[kind]}`, faultOf(kind, place)]),
  ...delays.map(([name, millis]): Choice => [
    `⚡ ${faultKinds.Delay} by ${name}`,
    { kind: "Delay", millis, ...at(place) }
  ])
]

const flowChoices = (run: Run, change: number): ReadonlyArray<Choice> => {
  const time = run.times[change]!
  return [
    ["⚡ Clock jumps ahead by 1 hour here", { kind: "ClockJump", at: time, by: 3_600_000 }],
    ["⚡ Clock jumps back by 1 hour here", { kind: "ClockJump", at: time, by: -3_600_000 }],
    ["⚡ Crash at this change", { kind: "JournalFail", transition: change }]
  ]
}

const removals = (
  { faults }: Store,
  place: Place,
  remove: (fault: FaultPlan.Fault) => void
): ReadonlyArray<Choice> =>
  faultsAt(faults.peek(), place).map((fault): Choice => [
    `Remove “${describeFault(fault)}”`,
    () => remove(fault)
  ])

const titleOf = ({ attempt, name }: Place): string => `${name}, attempt ${attempt}`

const moveInMenu = (event: KeyboardEvent): void => {
  const items = [...(event.currentTarget as Element).querySelectorAll("button")]
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  const to: number | undefined = ({
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1
  } as Readonly<Record<string, number>>)[event.key]
  if (event.key === "Tab") (event.currentTarget as HTMLElement).hidePopover()
  if (to === undefined) return
  event.preventDefault()
  items[to]?.focus()
}

// -----------------------------------------------------------------------------
// Dragging
// -----------------------------------------------------------------------------

/** A pointer that has moved less has only pressed the chip. */
const slack = 5

const makeChip = (
  changeAt: (x: number, y: number) => number | undefined,
  focused: () => { readonly change: number; readonly element: Element } | undefined,
  dropOn: (change: number) => void,
  openMenu: (change: number, x: number, y: number) => void
): HTMLElement => {
  const label = "Make something go wrong: drag this onto a bar, or press it for the chosen one"
  const chip = button("⚡", () => {
    if (wasDragged) return
    const target = focused()
    if (target === undefined) return
    const { bottom, left } = chip.getBoundingClientRect()
    openMenu(target.change, left, bottom + 4)
  }, { className: "fault-chip", title: label, ariaLabel: "⚡ Fault" })
  chip.ariaHasPopup = "menu"
  let wasDragged = false
  chip.addEventListener("pointerdown", (down) => {
    wasDragged = false
    if (down.button !== 0) return
    chip.setPointerCapture(down.pointerId)
    const ghost = node("div", { className: "fault-ghost", ariaHidden: "true" }, "⚡")
    let target: Element | undefined
    const move = ({ clientX, clientY }: PointerEvent): void => {
      wasDragged ||= Math.hypot(clientX - down.clientX, clientY - down.clientY) > slack
      if (!wasDragged) return
      if (!ghost.isConnected) document.body.append(ghost)
      ghost.style.transform = `translate(${clientX}px, ${clientY}px)`
      target?.classList.remove("is-target")
      target = document.elementFromPoint(clientX, clientY)?.closest(".bar") ?? undefined
      target?.classList.add("is-target")
    }
    const finish = (event: PointerEvent): void => {
      for (const [type, listener] of listeners) chip.removeEventListener(type, listener)
      ghost.remove()
      target?.classList.remove("is-target")
      const change = changeAt(event.clientX, event.clientY)
      if (wasDragged && event.type === "pointerup" && change !== undefined) dropOn(change)
    }
    const listeners = [
      ["pointermove", move],
      ["pointerup", finish],
      ["pointercancel", finish]
    ] as const
    for (const [type, listener] of listeners) chip.addEventListener(type, listener)
  })
  return chip
}
