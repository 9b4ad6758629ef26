/**
 * The worker in which the compiler lives, so that the page never waits for it.
 */
import type { Language, Request, Response } from "./Answers.ts"
import { Compiler } from "./Compiler.ts"
import { makeLanguage } from "./CompilerLanguage.ts"
import type { FirstLayer, Layer } from "./TypePack.ts"

interface Started {
  readonly compiler: Compiler
  readonly language: Language
}

let layers: ReadonlyArray<string> = []
let loaded = 0
let started: Promise<Started> | undefined

const load = async <L extends Layer>(index: number): Promise<L> => {
  const response = await fetch(layers[index]!)
  if (!response.ok) throw new Error(`Cannot load the types: ${response.status}`)
  return await response.json() as L
}

const start = async (): Promise<Started> => {
  const compiler = new Compiler(await load<FirstLayer>(0))
  return { compiler, language: makeLanguage(compiler) }
}

const loadWhatIsNeeded = async (compiler: Compiler): Promise<void> => {
  for (const needed = compiler.layerNeeded(); loaded < needed;) {
    compiler.addLayer(await load(loaded + 1))
    loaded++
  }
}

const answer = async ({ about, files, question }: Extract<Request, { id: number }>) => {
  if (started === undefined) throw new Error("The compiler was asked before it was told its types")
  const { compiler, language } = await started
  if (files !== undefined) {
    compiler.setFiles(files)
    await loadWhatIsNeeded(compiler)
  }
  return (language[question] as (...about: ReadonlyArray<unknown>) => unknown)(...about)
}

const tell = (response: Response): void => postMessage(response)
const tellError = (id: number | undefined) => (error: unknown): void =>
  tell({ id, error: error instanceof Error ? error.message : String(error) })

/** One after another: a question is about the files that came with it or before it. */
let last: Promise<void> = Promise.resolve()

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if ("layers" in data) {
    layers = data.layers
    started = start()
    started.then(() => tell({ isReady: true }), tellError(undefined))
  } else {
    const { id } = data
    last = last.then(() => answer(data)).then((answer) => tell({ id, answer }), tellError(id))
  }
})
