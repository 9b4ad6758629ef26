/**
 * The start of the page: a recorded run that can be looked at and scrubbed. Everything else comes
 * after it has been drawn.
 */
import { lines, opening, seed, text } from "virtual:recorded-run"
import { makePlayer } from "./Player.ts"
import { fromLines } from "./run/Run.ts"
import { type Commands, makeStore } from "./Store.ts"
import { makeClockBar } from "./view/ClockBar.ts"
import { makeCodeView } from "./view/CodeView.ts"
import { makeGraphView } from "./view/GraphView.ts"

const store = makeStore({ files: [{ name: "flow.ts", text }], seed, faults: [] }, fromLines(lines))
store.example.value = opening
store.seek(Infinity)

/** The commands for views that are there before what carries them out. */
const commands: Commands = {
  run: () => void workbench.then(({ run }) => run()),
  stop: () => void workbench.then(({ stop }) => stop()),
  changeFaults: (change) => void workbench.then(({ changeFaults }) => changeFaults(change)),
  shake: async (seeds, onOutcome) => (await workbench).shake(seeds, onOutcome),
  open: (plan, example) => void workbench.then(({ open }) => open(plan, example)),
  announce: (text) => void workbench.then(({ announce }) => announce(text)),
  tell: (text) => void workbench.then(({ tell }) => tell(text))
}

const code = makeCodeView(store, commands)
document.getElementById("code")!.append(code.element)
document.getElementById("graph")!.append(makeGraphView(store, commands))
document.getElementById("clock")!.append(makeClockBar(store, commands))
makePlayer(store)
performance.mark("signalbox:scrubbable")

const workbench = import("./Workbench.ts").then(({ openWorkbench }) => openWorkbench(store, code))
