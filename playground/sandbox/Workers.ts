/**
 * Makes the workers that programs run in, inside a frame that has neither an origin nor a network.
 */
import { frameUrl, runtimeUrl } from "virtual:sandbox"
import type { FrameRequest } from "./frame.ts"
import type { Request } from "./Protocol.ts"

/** A worker that does one job. */
export interface SandboxWorker {
  /** Settled when it can begin at once, or cannot be had. */
  readonly warm: Promise<void>
  readonly ask: (request: Request) => void
  /** Who is told of what it says from now on, in whatever shape it says it. */
  readonly onReply: (listen: (reply: unknown) => void) => void
  readonly end: () => void
}

/** How long a worker may take until it is warm; a slow machine takes a second or two. */
const warmUpLimit = 20_000

/** Makes workers. */
export class Workers {
  private frame: HTMLIFrameElement | undefined = undefined
  private door: Promise<MessagePort> | undefined = undefined
  private runtime: Promise<string> | undefined = undefined
  private made = 0

  /** Begins to make one, and the frame if there is none yet. */
  make(): SandboxWorker {
    const number = ++this.made
    const { port1: own, port2: others } = new MessageChannel()
    const tell = (
      door: Promise<MessagePort>,
      request: FrameRequest,
      ...ports: Array<MessagePort>
    ) => door.then((door) => door.postMessage(request, ports))
    const door = this.door ??= this.open()
    let listener: (reply: unknown) => void = () => {}
    own.addEventListener("message", ({ data }: MessageEvent<unknown>) => listener(data))
    own.start()
    const warm = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        // A frame whose process has crashed never says so.
        this.close()
        reject(new Error("Cannot start the sandbox: its worker does not answer"))
      }, warmUpLimit)
      listener = () => {
        clearTimeout(timer)
        listener = () => {}
        resolve()
      }
      tell(door, { worker: number, end: false }, others).catch((error: unknown) => {
        clearTimeout(timer)
        this.close()
        reject(error)
      })
    })
    // Whoever waits for it hears of it; nobody has to.
    warm.catch(() => {})
    return {
      warm,
      ask: (request) => own.postMessage(request, []),
      onReply: (listen) => {
        listener = listen
      },
      end: () => {
        listener = () => {}
        own.close()
        tell(door, { worker: number, end: true }).catch(() => {})
      }
    }
  }

  /** Ends all workers and the frame; the next one gets a new frame. */
  close(): void {
    this.frame?.remove()
    this.frame = undefined
    this.door = undefined
  }

  private async open(): Promise<MessagePort> {
    this.runtime ??= textOf(runtimeUrl)
    this.runtime.catch(() => {
      this.runtime = undefined
    })
    const frame = this.frame = makeFrame()
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }))
    document.body.append(frame)
    const [runtime] = await Promise.all([this.runtime, loaded])
    const { port1, port2 } = new MessageChannel()
    // The frame within has no origin that could be named; what it is told is public.
    frame.contentWindow?.frames[0]?.postMessage(runtime, "*", [port2])
    return port1
  }
}

const makeFrame = (): HTMLIFrameElement => {
  const frame = document.createElement("iframe")
  frame.src = frameUrl
  frame.title = "Sandbox"
  frame.hidden = true
  return frame
}

const textOf = async (url: string): Promise<string> => {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`Cannot load the sandbox: ${url} answers ${response.status}`)
  return response.text()
}
