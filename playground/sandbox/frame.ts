/**
 * The script of the frame: it only makes and ends workers. No program runs here.
 *
 * `build/sandbox.ts` puts it into the frame's document as it is, so that its hash can pin it.
 */

/** What the page asks of the frame: to make a worker of that number, or to end it. */
export interface FrameRequest {
  readonly worker: number
  readonly end: boolean
}

const listen = ({ data, ports, source }: MessageEvent): void => {
  const [page] = ports
  // The page is around the frame that is around this one.
  if (source !== parent.parent || page === undefined) return
  removeEventListener("message", listen)
  const runtime = URL.createObjectURL(new Blob([data], { type: "text/javascript" }))
  const workers = new Map<number, Worker>()
  page.addEventListener("message", ({ data, ports }: MessageEvent<FrameRequest>) => {
    const { end, worker: number } = data
    workers.get(number)?.terminate()
    workers.delete(number)
    if (end) return
    const worker = new Worker(runtime)
    worker.postMessage(undefined, [...ports])
    workers.set(number, worker)
  })
  page.start()
}

addEventListener("message", listen)
