/**
 * What the address of the page asks for: an example, a program of someone else's, or a run that is
 * going on.
 */
import { effect } from "@preact/signals-core"
import { planOf } from "./ExampleList.ts"
import { sameFiles, type Session } from "./Session.ts"
import type { Store } from "./Store.ts"
import type { Notices } from "./view/Notices.ts"

/** What the address is opened with. */
export interface Surroundings {
  readonly store: Store
  readonly session: Session
  readonly notices: Notices
}

/** Whether the page has been opened to follow a run. */
export const isLive = (): boolean => new URLSearchParams(location.search).has("live")

/** Opens what the address asks for, now and whenever it changes, and keeps it true. */
export const openAddress = async (surroundings: Surroundings): Promise<void> => {
  const { notices, store } = surroundings
  const open = (): Promise<void> =>
    openLink(surroundings).catch((error: unknown) =>
      notices.stay(error instanceof Error ? error.message : String(error))
    )
  if (isLive()) return followRun(surroundings)
  if (location.hash !== "") await open()
  addEventListener("hashchange", () => void open())
  keepTrue(store)
}

const openLink = async ({ notices, session }: Surroundings): Promise<void> => {
  const [{ decode }, { runtime }] = await Promise.all([
    import("./share/Link.ts"),
    import("./share/runtime.ts")
  ])
  const shared = await decode(location.hash.slice(1))
  if (shared === undefined) return
  const { cursor, example, plan } = shared
  if (example === undefined) {
    session.openAt(plan, cursor)
    notices.tell("This is shared code. It runs in a sandbox, without any network.")
  } else {
    const known = await planOf(example)
    if (known === undefined) {
      throw new Error(`Cannot open the link: there is no example "${example}"`)
    }
    session.openAt({ ...plan, files: known.files }, cursor, example)
  }
  if (shared.runtime !== runtime) {
    notices.tell(`The link was made with Signalbox ${shared.runtime}; this is ${runtime}.`)
  }
}

/** The address names an example, or holds a program, only as long as it is what the page shows. */
const keepTrue = (store: Store): void => {
  let isFirst = true
  effect(() => {
    const name = store.example.value
    const named = decodeURIComponent(location.hash.slice(1).split("?")[0]!)
    if (!isFirst && named !== (name ?? "")) {
      if (name === undefined) leave()
      else history.pushState(null, "", `#${encodeURIComponent(name)}`)
    }
    isFirst = false
  })
  effect(() => {
    const isChanged = !sameFiles(store.files.value, store.origin.value)
    if (isChanged && location.hash !== "") leave()
  })
}

const leave = (): void => history.replaceState(null, "", location.pathname + location.search)

const followRun = async ({ notices, session, store }: Surroundings): Promise<void> => {
  const { followLive, liveAddress } = await import("./viewer/Viewer.ts")
  const address = liveAddress(location)
  if (address === undefined) {
    return notices.stay(
      "Cannot follow a run of another server: only the one that this page is from."
    )
  }
  store.following.value = true
  const says = {
    connected: "Following the run.",
    lost: "The connection was lost; trying again …",
    ended: "The run has ended.",
    failed: "The run cannot be followed."
  } as const
  followLive(address, {
    onRun: (run) => session.showGrowing(run, "Live run"),
    onStatus: (status, why) => {
      if (status === "failed") notices.stay(why ?? says.failed)
      else notices.tell(says[status])
      if (status === "ended") store.following.value = false
    }
  })
}
