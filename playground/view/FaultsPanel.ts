/**
 * What goes wrong on purpose: each fault can be left out for a while, removed, and added.
 */
import { effect, signal } from "@preact/signals-core"
import type { FaultPlan } from "signalbox/testing"
import { formatElapsed } from "../run/Elapsed.ts"
import { describeFault } from "../run/FaultText.ts"
import { pausesIn } from "../run/Pauses.ts"
import type { Commands, Store } from "../Store.ts"
import type { Panel } from "./Panel.ts"
import { button, node } from "./element.ts"
import { makeFaultForm } from "./FaultForm.ts"
import { pauseAnswers } from "./PauseAnswers.ts"
import { refill } from "./refill.ts"
import { stateLabel } from "./StateLabel.ts"

type Fault = FaultPlan.Fault

/** Makes the panel of the faults. */
export const makeFaultsPanel = (store: Store, commands: Commands): Panel => {
  const list = node("ul", { className: "chips", ariaLabel: "Faults" })
  const empty = node("p", { className: "quiet" }, "Nothing goes wrong on purpose yet.")
  /** Faults that are left out of the plan for now. */
  const parked = signal<ReadonlyArray<Fault>>([])
  effect(() => {
    void store.origin.value
    parked.value = []
  })
  const add = (fault: Fault): void => commands.changeFaults((faults) => [...faults, fault])
  const remove = (fault: Fault): void => commands.changeFaults((faults) => without(faults, fault))
  const form = makeFaultForm(store, add)
  const without = (faults: ReadonlyArray<Fault>, fault: Fault): ReadonlyArray<Fault> =>
    faults.filter((each) => each !== fault)

  const chip = (fault: Fault, index: number, isOn: boolean): HTMLElement => {
    const label = describeFault(fault)
    const id = `fault-${isOn ? "on" : "off"}-${index}`
    const box = node("input", { type: "checkbox", checked: isOn, id })
    box.addEventListener("change", () => {
      parked.value = isOn ? [...parked.peek(), fault] : without(parked.peek(), fault)
      if (isOn) remove(fault)
      else add(fault)
    })
    const away = button("✕", () => {
      if (isOn) remove(fault)
      else parked.value = without(parked.peek(), fault)
    }, { ariaLabel: `Remove: ${label}`, className: "quiet-button", id: `${id}-remove` })
    return node(
      "li",
      { className: `chip${isOn ? "" : " is-off"}${fault.kind === "Resume" ? " is-answer" : ""}` },
      node("label", {}, box, label, isLost(store, fault) ? " – there is no such task" : ""),
      away
    )
  }
  const pauses = node("ul", { className: "plain pauses" })
  return {
    element: node(
      "div",
      { className: "faults-panel" },
      node("div", {}, node("h3", {}, "What goes wrong, and answers"), list, empty, pauses),
      form.element
    ),
    draw: () => {
      const on = store.faults.value
      const off = parked.value
      refill(
        list,
        ...on.map((fault, index) => chip(fault, index, true)),
        ...off.map((fault, index) => chip(fault, index, false))
      )
      empty.hidden = on.length + off.length > 0
      refill(pauses, ...pauseList(store, commands))
      form.draw()
    }
  }
}

/** Whether a fault names a task that the flow does not have. */
const isLost = ({ run }: Store, fault: Fault): boolean =>
  "task" in fault && fault.task !== undefined &&
  run.value.header.nodes.every(({ name, slug }) => name !== fault.task && slug !== fault.task)

/** The most pauses that are listed; the others can be answered where they are looked at. */
const shownPauses = 50

const pauseList = (store: Store, commands: Commands): ReadonlyArray<HTMLElement> => {
  void store.revision.value
  const run = store.run.value
  const pauses = pausesIn(run)
  // How late an answer would be depends on the time.
  if (pauses.length > 0) void store.time.value
  return pauses.slice(0, shownPauses).map((pause) =>
    node(
      "li",
      {},
      button(run.subjects[pause.subject]!.name, () => {
        store.seek(pause.change + 1)
        store.select(run.subjects[pause.subject]!.key)
      }, { className: "link", id: `pause-${pause.change}` }),
      stateLabel("Paused"),
      ` at ${formatElapsed(pause.at)} `,
      pauseAnswers(store, commands, pause, "listed")
    )
  )
}
