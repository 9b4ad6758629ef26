/**
 * All of a plan in the fragment of the address: a link that needs no server, for browsers do not
 * send fragments.
 *
 * An example as it came is its name, and what differs from a plain run of it: `#nightly`,
 * `#nightly?seed=7&at=12`. Anything else is `#1.` and JSON, deflated, in base64url; 1 is the version
 * of that form, and whatever comes after it has to go on reading it.
 */
import type { FaultPlan } from "signalbox/testing"
import type { Plan, SourceFile } from "../Store.ts"
import { runtime as ownRuntime } from "./runtime.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** What a link holds. */
export interface Shared {
  /** Without files where the link names an example and nothing else of the program. */
  readonly plan: Plan
  /** How many changes had happened when one looked; infinite for all of them. */
  readonly cursor: number
  /** The version of Signalbox that it was made with. */
  readonly runtime: string
  readonly example?: string
}

/** A link that cannot be made or opened, and why. */
export class LinkError extends Error {
  override readonly name = "LinkError"
}

/** How long a link can be, in characters. */
export const maxLength = 200_000

/** How much a link can unfold to, in bytes. */
export const maxBytes = 2_000_000

const version = 1
const maxFiles = 50
const maxFaults = 1000

// -----------------------------------------------------------------------------
// Making
// -----------------------------------------------------------------------------

/** The fragment of a link, without its `#`. An `example` says that its text is unchanged. */
export const encode = async (shared: Shared): Promise<string> => {
  if (shared.example !== undefined) return encodeExample(shared.example, shared)
  const { cursor, plan: { faults, files, seed } } = shared
  const packed = await pack({
    files: files.map(({ name, text }) => [name, text]),
    ...seed === 0 ? {} : { seed },
    ...faults.length === 0 ? {} : { faults },
    ...cursor === Infinity ? {} : { cursor },
    runtime: shared.runtime
  })
  const fragment = `${version}.${packed}`
  if (fragment.length <= maxLength) return fragment
  throw new LinkError(
    `Cannot make a link: it would have ${count(fragment.length)} characters, and browsers and ` +
      `messengers take ${count(maxLength)} at most`
  )
}

const encodeExample = (
  name: string,
  { cursor, plan: { faults, seed }, runtime }: Shared
): string => {
  const query = new URLSearchParams()
  if (seed !== 0) query.set("seed", String(seed))
  if (faults.length > 0) query.set("faults", JSON.stringify(faults))
  if (cursor !== Infinity) query.set("at", String(cursor))
  // What happens at a place may be another thing in another version.
  if (query.size > 0) query.set("runtime", runtime)
  return query.size === 0 ? encodeURIComponent(name) : `${encodeURIComponent(name)}?${query}`
}

// -----------------------------------------------------------------------------
// Opening
// -----------------------------------------------------------------------------

/**
 * What a fragment, without its `#`, holds; nothing if it is empty.
 *
 * @throws LinkError for one that is broken, too big or of a later version.
 */
export const decode = async (fragment: string): Promise<Shared | undefined> => {
  if (fragment === "") return undefined
  if (fragment.length > maxLength) {
    throw refusal(
      `it has ${count(fragment.length)} characters, and ${count(maxLength)} is the most`
    )
  }
  const [, asked, packed] = /^(\d+)\.(.*)$/s.exec(fragment) ?? []
  if (asked === undefined || packed === undefined) return decodeExample(fragment)
  if (Number(asked) > version || Number(asked) === 0) {
    throw refusal(
      `it is of version ${asked}, and this page knows ${version}; perhaps a newer page can open it`
    )
  }
  const shared = sharedFrom(await unpack(packed))
  if (shared.plan.files.length === 0) throw damaged("it holds no file")
  return shared
}

const decodeExample = (fragment: string): Shared => {
  const at = fragment.indexOf("?")
  const name = at === -1 ? fragment : fragment.slice(0, at)
  const query = new URLSearchParams(at === -1 ? "" : fragment.slice(at + 1))
  const numberOf = (key: string): number | undefined => {
    const text = query.get(key)
    return text === null ? undefined : text.trim() === "" ? Number.NaN : Number(text)
  }
  const faults = query.get("faults")
  return {
    ...sharedFrom({
      files: [],
      seed: numberOf("seed"),
      cursor: numberOf("at"),
      faults: faults === null ? undefined : parse(faults),
      runtime: query.get("runtime") ?? ownRuntime
    }),
    example: decodeName(name)
  }
}

const decodeName = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    throw refusal("it is damaged: it holds no name of an example")
  }
}

const refusal = (reason: string): LinkError => new LinkError(`Cannot open the link: ${reason}`)

const damaged = (what: string): LinkError =>
  refusal(`it is damaged, perhaps cut off (${what}); please copy all of it again`)

const count = (value: number): string => value.toLocaleString("en")

// -----------------------------------------------------------------------------
// What it holds
// -----------------------------------------------------------------------------

type Fields = Readonly<Record<string, unknown>>

/** Whoever made the link, nothing of it is trusted to be what it should. */
const sharedFrom = (value: unknown): Shared => {
  if (!isFields(value)) throw damaged("it holds no plan")
  const { cursor = Infinity, faults = [], runtime, seed = 0 } = value
  if (typeof seed !== "number" || !isSeed(seed)) throw damaged("its seed is no whole number")
  const isCount = cursor === Infinity || (Number.isSafeInteger(cursor) && Number(cursor) >= 0)
  if (typeof cursor !== "number" || !isCount) {
    throw damaged("its place in time is no count")
  }
  if (typeof runtime !== "string" || runtime.length > 100) throw damaged("it names no version")
  return {
    plan: { files: filesFrom(value["files"]), seed, faults: faultsFrom(faults) },
    cursor,
    runtime
  }
}

/** What the field for seeds takes. */
const isSeed = (seed: number): boolean => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32

const filesFrom = (value: unknown): ReadonlyArray<SourceFile> => {
  if (!Array.isArray(value) || value.length > maxFiles) throw damaged("its files are no list")
  const files = value.map((file: unknown): SourceFile => {
    const [name, text] = Array.isArray(file) ? file as ReadonlyArray<unknown> : []
    if (typeof name !== "string" || typeof text !== "string") throw damaged("a file is none")
    if (!/^[\w-][\w.-]{0,99}$/.test(name)) throw damaged("a file has no proper name")
    return { name, text }
  })
  if (new Set(files.map(({ name }) => name)).size < files.length) {
    throw damaged("two files have the same name")
  }
  return files
}

// That each is a fault, and of this flow, is checked by the engine, which can say what is wrong.
const faultsFrom = (value: unknown): FaultPlan.FaultPlan => {
  if (!Array.isArray(value) || value.length > maxFaults) throw damaged("its faults are no list")
  for (const fault of value) {
    if (!isFields(fault) || typeof fault["kind"] !== "string") throw damaged("a fault is none")
  }
  return value as FaultPlan.FaultPlan
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged("it holds no JSON")
  }
}

// -----------------------------------------------------------------------------
// Bytes
// -----------------------------------------------------------------------------

const pack = async (value: unknown): Promise<string> => {
  const text = new Blob([JSON.stringify(value)]).stream()
  const deflated = text.pipeThrough(new CompressionStream("deflate-raw"))
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer())
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

const unpack = async (packed: string): Promise<unknown> =>
  parse(new TextDecoder().decode(await inflate(bytesFrom(packed))))

const bytesFrom = (packed: string): Uint8Array<ArrayBuffer> => {
  if (!/^[\w-]+$/.test(packed)) throw damaged("it has characters that no link has")
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    throw damaged("its length fits no link")
  }
}

/** A few bytes can stand for gigabytes: what comes out is counted while it comes. */
const inflate = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))
  const reader = inflated.getReader()
  const whole = new Uint8Array(maxBytes)
  let length = 0
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw damaged("it cannot be unfolded")
    })
    if (done) return whole.subarray(0, length)
    if (length + value.length > maxBytes) {
      void reader.cancel()
      throw refusal(`it unfolds to more than ${count(maxBytes)} bytes`)
    }
    whole.set(value, length)
    length += value.length
  }
}
