/**
 * Runs that were made elsewhere: a trace from a file, which stays on this machine, or one that is
 * still going on.
 */
import type { Run } from "../run/Run.ts"
import { TraceError, TraceReader } from "./TraceReader.ts"

export { TraceError }

// -----------------------------------------------------------------------------
// Without stopping the page
// -----------------------------------------------------------------------------

// Half of a frame: the other half is for the page.
const sliceMillis = 8

/** Does something with each item; between slices of time the page can draw and answer. */
const forEachInSlices = async <A>(
  items: Iterable<A>,
  act: (item: A) => void,
  afterSlice: () => void = () => {}
): Promise<void> => {
  let sliceEnd = performance.now() + sliceMillis
  for (const item of items) {
    act(item)
    if (performance.now() < sliceEnd) continue
    afterSlice()
    await nextTurn()
    sliceEnd = performance.now() + sliceMillis
  }
}

/** Timers wait for longer and longer; a message is next after what the page has to do. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener("message", () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(undefined)
  })

// -----------------------------------------------------------------------------
// Files
// -----------------------------------------------------------------------------

/** How a file is opened. */
export interface OpenOptions {
  /** Told from time to time which part of the file has been read, from 0 to 1. */
  readonly onProgress?: (part: number) => void
}

/** How big a trace file can be, in bytes. */
export const maxFileBytes = 512 * 1024 * 1024

/**
 * Opens a trace file: lines of JSON as `signalbox run --trace FILE` and the page write them.
 *
 * Fails with a TraceError that says what is wrong, and on which line.
 */
export const openFile = async (file: File, options: OpenOptions = {}): Promise<Run> => {
  const { onProgress = () => {} } = options
  if (file.size > maxFileBytes) {
    throw new TraceError(
      `Cannot open ${file.name}: it has ${(file.size / 1024 ** 2).toFixed(0)} MB, and ` +
        `${maxFileBytes / 1024 ** 2} MB is the most`
    )
  }
  const reader = new TraceReader(file.name)
  let read = 0
  const afterSlice = () => onProgress(Math.min(1, read / file.size))
  for await (const lines of linesIn(file)) {
    await forEachInSlices(lines, (line) => {
      reader.add(line)
      read += line.length + 1
    }, afterSlice)
  }
  if (reader.soFar === undefined) throw new TraceError(`Cannot open ${file.name}: it is empty`)
  return reader.soFar
}

/** The lines of a file, some at a time. */
async function* linesIn(file: Blob): AsyncGenerator<ReadonlyArray<string>> {
  const decoder = new TextDecoder()
  let begun = ""
  const chunks = file.stream().getReader()
  for (;;) {
    const { done, value } = await chunks.read()
    if (done) break
    const lines = (begun + decoder.decode(value, { stream: true })).split("\n")
    begun = lines.pop() ?? ""
    yield lines
  }
  yield [begun + decoder.decode()]
}

// -----------------------------------------------------------------------------
// Live
// -----------------------------------------------------------------------------

/** What is told while a run is followed. */
export interface LiveListener {
  /** The run has begun, or has grown. It is the same object all the time. */
  readonly onRun: (run: Run) => void
  /** `lost` tries again by itself; after `ended` and `failed` nothing more comes. */
  readonly onStatus?: (status: "connected" | "lost" | "ended" | "failed", why?: string) => void
}

/**
 * Follows a run that is going on, as `signalbox run --ui` tells it, until it ends. Whoever comes late
 * gets all that was before; a lost connection goes on where it was. Gives what ends it.
 */
export const followLive = (address: string, listener: LiveListener): () => void => {
  const { onRun, onStatus = () => {} } = listener
  const source = new EventSource(address)
  const reader = new TraceReader("the live run")
  let isOver = false
  let last = -1
  let reading = Promise.resolve()

  const finish = (status: "ended" | "failed", why?: string): void => {
    if (isOver) return
    isOver = true
    source.close()
    onStatus(status, why)
  }
  const told = (): void => {
    if (reader.soFar !== undefined && !isOver) onRun(reader.soFar)
  }
  const read = async (lines: ReadonlyArray<string>): Promise<void> => {
    await forEachInSlices(lines, (line) => isOver || reader.add(line), told)
    told()
    if (reader.soFar?.end !== undefined) finish("ended")
  }
  source.addEventListener("open", () => onStatus("connected"))
  source.addEventListener("message", ({ data, lastEventId }: MessageEvent<string>) => {
    // The id is the number of the message's last line: what came again after a break is known.
    const lines = data.split("\n")
    const first = Number(lastEventId) - lines.length + 1
    const fresh = lines.slice(Math.max(0, last + 1 - first))
    last = Math.max(last, Number(lastEventId))
    reading = reading.then(() => read(fresh)).catch((error: unknown) =>
      finish("failed", error instanceof Error ? error.message : String(error))
    )
  })
  source.addEventListener("error", () => {
    if (isOver) return
    if (source.readyState === EventSource.CONNECTING) return onStatus("lost")
    finish(
      "failed",
      "Cannot follow the run: the command that shows it has ended, or its address is not complete"
    )
  })
  return () => {
    isOver = true
    source.close()
  }
}

/** Where the page finds the run that it is to follow, if its own address says that it is to. */
export const liveAddress = ({ hash, href, search }: Location): string | undefined => {
  const live = new URLSearchParams(search).get("live")
  if (live === null) return undefined
  const address = new URL(live === "" ? "events" : live, href)
  // Another server might be anyone's; and the policy of the page refuses it anyway.
  if (address.origin !== new URL(href).origin) return undefined
  address.hash = ""
  address.searchParams.set("token", hash.slice(1))
  return address.href
}
