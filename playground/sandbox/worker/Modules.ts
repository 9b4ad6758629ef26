/**
 * What a program can import besides its own files: all there is without a network.
 */
import * as effect from "effect"
import * as http from "effect/http"
import * as schema from "effect/schema"
import * as effectTesting from "effect/testing"
import * as signalbox from "signalbox"
import * as notify from "signalbox/notify"
import * as schedule from "signalbox/schedule"
import * as testing from "signalbox/testing"

type Exports = Readonly<Record<string, unknown>>

const packages: Readonly<Record<string, Exports>> = {
  effect,
  "effect/http": http,
  "effect/schema": schema,
  "effect/testing": effectTesting,
  signalbox,
  "signalbox/notify": notify,
  "signalbox/schedule": schedule,
  "signalbox/testing": testing
}

/** The specifiers that a message can name. */
export const known: ReadonlyArray<string> = Object.keys(packages)

/**
 * The exports of a package or, as with `effect/Schema`, of one of its modules.
 *
 * As in a real module, what is not exported cannot be read.
 */
export const find = (specifier: string): Exports | undefined => {
  const found = packages[specifier] ?? moduleOf(specifier)
  return found === undefined ? undefined : strict(specifier, found)
}

const moduleOf = (specifier: string): Exports | undefined => {
  const slash = specifier.lastIndexOf("/")
  if (slash === -1) return undefined
  const [inside, name] = [packages[specifier.slice(0, slash)], specifier.slice(slash + 1)]
  const module = inside !== undefined && Object.hasOwn(inside, name) ? inside[name] : undefined
  return typeof module === "object" && /^[A-Z]/.test(name) ? module as Exports : undefined
}

/** What the code around an import asks of any object, and what a promise asks of its result. */
const askedOfAll: ReadonlySet<PropertyKey> = new Set(["then", "default", "toJSON"])

const strict = (specifier: string, exports: Exports): Exports =>
  new Proxy(exports, {
    get: (_, name) => {
      if (name === "__esModule") return true
      if (Object.hasOwn(exports, name) || typeof name === "symbol" || askedOfAll.has(name)) {
        return exports[name as string]
      }
      throw new SyntaxError(`The module "${specifier}" has no export "${name}"`)
    }
  })
