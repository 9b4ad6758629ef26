/**
 * Builds the two files of the sandbox: the document of its frame, with a policy and one script that a
 * hash pins, and the text of its workers, with the whole engine in it.
 */
import { createHash } from "node:crypto"
import { resolve } from "node:path"
import { build, type Plugin, type Rolldown } from "vite"

const moduleId = "virtual:sandbox"
const folder = resolve(import.meta.dirname, "../sandbox")

/** One file of plain JavaScript, with all that it imports. */
const bundle = async (entry: string): Promise<string> => {
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: resolve(folder, entry), formats: ["iife"], name: "sandbox" },
      rolldownOptions: {
        output: {
          codeSplitting: false,
          // Errors are known by the names of their classes.
          minify: {
            compress: { keepNames: { class: true, function: false } },
            mangle: { keepNames: { class: true, function: false } },
            codegen: { removeWhitespace: true }
          }
        }
      }
    }
  })
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput
  const [chunk] = output
  if (output.length !== 1) throw new Error(`Cannot build ${entry}: it is more than one file`)
  return chunk.code
}

/**
 * The document of the frame, and within it that of a frame without an origin, in which the script runs.
 *
 * Neither has a network or storage: the policy leaves workers, made of a text that the page hands
 * over, and programs that they evaluate. The outer document has no script at all; it is there because
 * a service worker serves it, which never serves a frame without an origin.
 */
const documentOf = (script: string): string => {
  const hash = createHash("sha256").update(script).digest("base64")
  const policy =
    `default-src 'none'; script-src 'sha256-${hash}' blob: 'unsafe-eval'; worker-src blob:`
  const head = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>Sandbox</title>
`
  const inner = `${head}<script>${script}</script>`
  const quoted = inner.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
  return `${head}<iframe sandbox="allow-scripts" title="Sandbox" srcdoc="${quoted}"></iframe>\n`
}

const buildFrame = async (): Promise<string> => documentOf((await bundle("frame.ts")).trim())
const buildRuntime = (): Promise<string> => bundle("worker/runtime.ts")

/** Provides `virtual:sandbox`: where the two files are. */
export const sandbox = (): Plugin => {
  let isServer = false
  return {
    name: "signalbox-sandbox",
    configResolved({ command }) {
      isServer = command === "serve"
    },
    resolveId: (id) => id === moduleId ? `\0${id}` : undefined,
    async load(id) {
      if (id !== `\0${moduleId}`) return undefined
      if (isServer) {
        return 'export const frameUrl = "/sandbox.html"\nexport const runtimeUrl = "/sandbox.js"'
      }
      const [frame, runtime] = await Promise.all([buildFrame(), buildRuntime()])
      const emit = (name: string, source: string): string =>
        `import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: "asset", name, source })}`
      return `export const frameUrl = ${emit("sandbox.html", frame)}
export const runtimeUrl = ${emit("sandbox.js", runtime)}`
    },
    configureServer({ middlewares }) {
      const serve = (path: string, type: string, make: () => Promise<string>) =>
        middlewares.use(path, (_, response, next) => {
          make().then((text) => response.setHeader("Content-Type", type).end(text), next)
        })
      serve("/sandbox.html", "text/html", buildFrame)
      serve("/sandbox.js", "text/javascript", buildRuntime)
    }
  }
}
