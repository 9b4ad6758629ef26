/**
 * The compiler as the page knows it: it is asked, and answers later.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core"
import type { SourceFile } from "../../Store.ts"
import type { Language, Request, Response } from "./Answers.ts"

/** How far the compiler is. */
export type Readiness =
  | { readonly phase: "loading" | "ready" }
  | { readonly phase: "failed"; readonly reason: string }

/** The compiler in its worker. */
export interface LanguageClient {
  readonly readiness: ReadonlySignal<Readiness>
  /** Asks about the program as it is now. */
  readonly ask: <Q extends keyof Language>(
    question: Q,
    ...about: Parameters<Language[Q]>
  ) => Promise<ReturnType<Language[Q]>>
  readonly dispose: () => void
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** Starts the compiler; `files` gives the program whenever a question is asked. */
export const makeLanguageClient = (
  layers: ReadonlyArray<string>,
  files: () => ReadonlyArray<SourceFile>
): LanguageClient => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
  const readiness = signal<Readiness>({ phase: "loading" })
  const waiting = new Map<number, Waiting>()
  let sent: ReadonlyArray<SourceFile> | undefined
  let count = 0
  const tell = (request: Request): void => worker.postMessage(request, [])

  const fail = (reason: string): void => {
    readiness.value = { phase: "failed", reason }
    for (const { reject } of waiting.values()) reject(new Error(reason))
    waiting.clear()
  }
  const receive = (response: Response): void => {
    if ("isReady" in response) {
      readiness.value = { phase: "ready" }
    } else if ("answer" in response) {
      waiting.get(response.id)?.resolve(response.answer as never)
      waiting.delete(response.id)
    } else if (response.id === undefined) {
      fail(response.error)
    } else {
      waiting.get(response.id)?.reject(new Error(response.error))
      waiting.delete(response.id)
    }
  }
  worker.addEventListener("message", ({ data }: MessageEvent<Response>) => receive(data))
  worker.addEventListener("error", ({ message }) => fail(message || "its worker cannot be loaded"))
  tell({ layers })

  return {
    readiness,
    ask: (question, ...about) =>
      new Promise((resolve, reject) => {
        const { value } = readiness
        if (value.phase === "failed") return reject(new Error(value.reason))
        const current = files()
        const id = ++count
        waiting.set(id, { resolve, reject })
        tell({ id, files: current === sent ? undefined : current, question, about })
        sent = current
      }),
    dispose: () => worker.terminate()
  }
}
