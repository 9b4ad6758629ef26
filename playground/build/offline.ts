/**
 * Makes the service worker of a build: the one file that knows all the others.
 */
import { createHash } from "node:crypto"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { resolve, sep } from "node:path"
import type { Plugin } from "vite"

/** What the service worker is called: the page registers it by this name. */
export const workerFile = "offline.js"

const template = resolve(import.meta.dirname, "offline_worker.js")

/** The service worker for a folder of built files. */
export const workerFor = (folder: string): string => {
  const paths = globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => resolve(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.split(sep).join("/"))
    .filter((path) => path !== workerFile && !path.endsWith(".map"))
    .toSorted()
  const hash = createHash("sha256")
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(resolve(folder, path)))
  const source = readFileSync(template, "utf8")
  const build = hash.update(source).digest("hex").slice(0, 16)
  const [head, tail] = source.split('["FILES"]')
  return `${head!.replace('"BUILD"', JSON.stringify(build))}${JSON.stringify(paths)}${tail}`
}

/** Writes the service worker beside the files of a build, when all of them are there. */
export const offline = (): Plugin => ({
  name: "signalbox-offline",
  apply: "build",
  enforce: "post",
  writeBundle: {
    order: "post",
    sequential: true,
    handler({ dir }) {
      if (dir === undefined) throw new Error("Cannot write the service worker: there is no folder")
      const folder = resolve(dir)
      writeFileSync(resolve(folder, workerFile), workerFor(folder))
    }
  }
})
