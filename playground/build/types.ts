/**
 * A Vite plugin that gives the editor the addresses of its declarations, as
 * `virtual:type-pack`, and makes the files that are there.
 */
import type { Plugin } from "vite"
import type { TypePack } from "../editor/language/TypePack.ts"
import { smallCompiler } from "./types_compiler.ts"
import { makeTypePack } from "./types_pack.ts"

const specifier = "virtual:type-pack"
const id = `\0${specifier}`
const nameOf = (layer: number): string => `types-${layer}.json`

/** Makes the declarations when they are first asked for. */
export const typePack = (): Plugin => {
  let isServing = false
  let made: TypePack | undefined
  const pack = (): TypePack => made ??= makeTypePack()
  return {
    name: "signalbox:types",
    // The worker of the compiler is built for itself.
    config: () => ({ worker: { format: "es", plugins: () => [smallCompiler()] } }),
    configResolved: ({ command }) => {
      isServing = command === "serve"
    },
    resolveId: (source) => source === specifier ? id : undefined,
    load(source) {
      if (source !== id) return undefined
      const addresses = pack().map((layer, index) => {
        if (isServing) return JSON.stringify(`/@${nameOf(index)}`)
        const text = JSON.stringify(layer)
        const file = this.emitFile({ type: "asset", name: nameOf(index), source: text })
        return `import.meta.ROLLUP_FILE_URL_${file}`
      })
      return `export const layers = [${addresses.join(", ")}]`
    },
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        if (request.url?.startsWith("/@types-") !== true) return next()
        const layer = pack().find((_, index) => request.url === `/@${nameOf(index)}`)
        if (layer === undefined) return next()
        response.setHeader("Content-Type", "application/json")
        response.end(JSON.stringify(layer))
      })
    }
  }
}
