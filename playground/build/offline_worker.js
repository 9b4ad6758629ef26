/**
 * The service worker: keeps all files of a build, so that the page works without a network.
 *
 * A page asks for that when it has loaded what it needs itself. The files come one after the other,
 * the page itself last: only then is the build whole, and what the page begins with the next time.
 * Pages that are open go on with the files of theirs: those in `assets/` have what is in them in
 * their names, and the build before is kept as well. Whatever is no file of a build, such as the
 * stream of a live run, is none of its business.
 *
 * What stands for the build is put in when it is built: its name, and the list of its files.
 */
const build = "BUILD"
const files = new Set(["FILES"])

const prefix = "signalbox-"
const page = "index.html"
const root = new URL("./", location.href)
const addressOf = (path) => new URL(path, root).href
const isNamedByContent = (path) => path.startsWith("assets/")

/** The file that a request is for, if it is one that may be kept. */
const fileOf = ({ method, mode, url }) => {
  const { origin, pathname, search } = new URL(url)
  if (method !== "GET" || origin !== root.origin) return undefined
  if (!pathname.startsWith(root.pathname)) return undefined
  const path = pathname.slice(root.pathname.length) || page
  // A question is for whoever answers questions; that in its own address the page reads itself.
  if (search !== "" && mode !== "navigate") return undefined
  return files.has(path) || isNamedByContent(path) ? path : undefined
}

// Not while the worker is installed: Chromium would compile each script down to its last function.
const keepAll = async () => {
  const cache = await caches.open(prefix + build)
  if (await cache.match(addressOf(page)) !== undefined) return
  for (const path of files) if (path !== page) await keep(cache, path)
  await keep(cache, page)
  await dropOld()
}

/** What another build has as well is taken from there. */
const keep = async (cache, path) => {
  const address = addressOf(path)
  if (await cache.match(address) !== undefined) return
  const named = isNamedByContent(path)
  const known = named ? await caches.match(address) : undefined
  const response = known ?? await fetch(address, { cache: named ? "default" : "no-cache" })
  if (!response.ok) throw new Error(`Cannot keep ${path}: ${response.status}`)
  await cache.put(address, response)
}

/** The names of what is kept of other builds, the latest first. */
const others = async () => {
  const names = await caches.keys()
  return names.filter((name) => name.startsWith(prefix) && name !== prefix + build).toReversed()
}

const dropOld = async () => {
  const [, ...older] = await others()
  await Promise.all(older.map((name) => caches.delete(name)))
}

const answer = async (request, path) => {
  for (const cacheName of [prefix + build, ...await others()]) {
    const kept = await caches.match(addressOf(path), { cacheName })
    if (kept !== undefined) return kept
  }
  return fetch(request)
}

let keeping
self.addEventListener("message", (event) => {
  if (event.data !== "keep") return
  // What could not be fetched now is asked for again by the next page.
  keeping ??= keepAll().catch(() => {}).finally(() => {
    keeping = undefined
  })
  event.waitUntil(keeping)
})
self.addEventListener("install", () => void self.skipWaiting())
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))
self.addEventListener("fetch", (event) => {
  const path = fileOf(event.request)
  if (path !== undefined) event.respondWith(answer(event.request, path))
})
