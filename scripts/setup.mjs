/**
 * Puts in place what the other scripts need, and says nothing when it is there already. It runs
 * before `npm start` and `npm test` with whatever Node the machine has, hence plain JavaScript.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const packagedNode = join(root, "node_modules/.bin/node")

/** The first Node that runs TypeScript files without a flag. */
const oldestNode = [22, 18]

const nodeIsReady = () => {
  if (existsSync(packagedNode)) return true
  const [major, minor] = process.versions.node.split(".").map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

const packagesOf = (file) => {
  const path = join(root, file)
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {}
}

/**
 * Compares what npm noted down when it had finished installing with the lock file. Unlike dates, it
 * survives a copy or a checkout, and does not mind who ran the installation.
 */
const dependenciesAreReady = () => {
  const installed = packagesOf("node_modules/.package-lock.json")
  return Object.entries(packagesOf("package-lock.json")).every(([path, locked]) => {
    if (path === "") return true
    const found = installed[path]
    if (found === undefined) return locked.optional === true
    return found.integrity === locked.integrity && existsSync(join(root, path))
  })
}

const install = () => {
  console.log("Installing dependencies (npm ci) …")
  const { status } = spawnSync(
    "npm",
    ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: root, stdio: "inherit", shell: process.platform === "win32" }
  )
  if (status !== 0) {
    console.error("The dependencies could not be installed: npm ci failed.")
    process.exit(1)
  }
}

if (!dependenciesAreReady() || !nodeIsReady()) install()

if (!nodeIsReady()) {
  console.error(
    `Signalbox is developed with Node ${oldestNode.join(".")} or later; this is Node ` +
      `${process.versions.node}, and npm has no other for this machine. Please install a newer one.`
  )
  process.exit(1)
}
