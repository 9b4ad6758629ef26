/**
 * All of the page that is not needed to look at the first run: what makes runs and changes them,
 * tells of them in words, opens and shares them.
 */
import { effect } from "@preact/signals-core"
import { isLive, openAddress } from "./Address.ts"
import { keepDrafts, readDrafts } from "./Drafts.ts"
import { keepForOffline } from "./Offline.ts"
import { makeSession, type Session } from "./Session.ts"
import type { Commands, Store } from "./Store.ts"
import { makeAnnouncer } from "./view/Announcer.ts"
import type { CodeView } from "./view/CodeView.ts"
import { makeDetailsView } from "./view/DetailsView.ts"
import { button } from "./view/element.ts"
import { listenToKeyboard } from "./view/Keyboard.ts"
import { makeNotices, type Notices } from "./view/Notices.ts"
import { makePauseStrip } from "./view/PauseStrip.ts"
import { embed, embeddedParts, makePartButtons, showPart } from "./view/Parts.ts"
import { makeShareButton } from "./view/ShareDialog.ts"
import { makeSplitters } from "./view/Splitter.ts"
import { makeTimelineView } from "./view/TimelineView.ts"
import { makeToolbar } from "./view/Toolbar.ts"
import { acceptFiles, chooseFile } from "./viewer/Choice.ts"
import "./view/workbench.css"

/** Adds the rest to the page; whatever takes longer goes on after that. */
export const openWorkbench = (store: Store, code: CodeView): Commands => {
  const announcer = makeAnnouncer(store)
  const notices = makeNotices()
  const session = makeSession(store, {
    announce: announcer.announce,
    tell: notices.tell,
    loadSandbox: async () => (await import("./sandbox/Sandbox.ts")).makeSandbox()
  })
  const { commands } = session
  const openFile = fileOpener(session, notices)
  const shown = embeddedParts(location.search)
  const panes = byId("panes")

  byId("toolbar").append(...makeToolbar(store, commands, [
    button("Open …", () => chooseFile(openFile), {
      title: "Open a trace file; it can be dropped anywhere on the page, too"
    }),
    makeShareButton(store, commands),
    button("?", () => void showHelp(), { ariaLabel: "Keyboard", title: "Keyboard (?)" })
  ]))
  byId("parts").append(...makePartButtons(shown))
  byId("time").append(makeTimelineView(store, commands))
  byId("details").append(makeDetailsView(store, commands))
  panes.append(...makeSplitters(panes))
  byId("clock").prepend(makePauseStrip(store, commands))
  document.body.append(announcer.element)
  panes.append(notices.element)
  effect(() => {
    panes.ariaBusy = String(store.status.value.phase === "running")
  })
  if (shown !== undefined) embed(shown)
  listenToKeyboard(store, commands, { fitGraph, focusFilter, showHelp: () => void showHelp() })
  if (shown === undefined && location.hash === "" && !isLive()) offerDraft(notices, commands)
  acceptFiles(document.body, openFile)
  void loadRest({ code, notices, session, store })
  return commands
}

const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no element "${id}"`)
  return element
}

// -----------------------------------------------------------------------------
// What takes longer
// -----------------------------------------------------------------------------

interface Rest {
  readonly code: CodeView
  readonly notices: Notices
  readonly session: Session
  readonly store: Store
}

/** One after the other, in the order in which one misses them. */
const loadRest = async ({ code, notices, session, store }: Rest): Promise<void> => {
  await openAddress({ notices, session, store })
  keepDrafts(store)
  await session.warm()
  performance.mark("signalbox:runnable")
  const { makeEditor } = await import("./editor/Editor.ts")
  code.replace(makeEditor(store, session.commands))
  performance.mark("signalbox:editable")
  await keepForOffline()
}

const fileOpener = (session: Session, notices: Notices) => async (file: File): Promise<void> => {
  const { openFile } = await import("./viewer/Viewer.ts")
  try {
    session.showGrowing(await openFile(file), file.name)
    notices.tell(`${file.name} was opened. It stays on this machine.`)
  } catch (error) {
    notices.stay(error instanceof Error ? error.message : String(error))
  }
}

const offerDraft = (notices: Notices, commands: Commands): void => {
  const [draft] = readDrafts()
  if (draft === undefined) return
  notices.stay("You were writing a program here.", ["Go on with it", () => commands.open(draft)])
}

// -----------------------------------------------------------------------------
// What keys do
// -----------------------------------------------------------------------------

const fitGraph = (): void => document.querySelector<HTMLElement>("#graph .graph-fit")?.click()

const focusFilter = (): void => {
  showPart("details")
  document.getElementById("filter")?.focus()
}

const showHelp = async (): Promise<void> =>
  (await import("./view/KeyboardHelp.ts")).showKeyboardHelp()
