/**
 * Services of which a scope may hold many.
 *
 * An Effect `Context` keeps one value per key, so two layers that each append to the same
 * reference lose one of them under `Layer.mergeAll`. Here every layer brings a key of its own and
 * the reader collects all keys of a family, so nothing is lost however layers are combined.
 *
 * Order: outermost scope first; within one `Layer.mergeAll`, in the order of its arguments; within
 * one layer, in the order given. The same layer provided twice counts once.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"

/** A family of values that a scope can hold any number of. */
export interface Ambient<A> {
  /** Adds values to the scope, after those that are already in it. */
  readonly layer: <R = never>(values: Effect.Effect<ReadonlyArray<A>, never, R>) => Layer.Layer<
    never,
    never,
    R
  >
  /** All values in the scope of the given context, in the order told above. */
  readonly all: (context: Context.Context<never>) => ReadonlyArray<A>
}

const prefix = "signalbox/Ambient/"

// One count for all families, so no two layers share a key.
let count = 0

interface Member<A> {
  readonly family: Ambient<A>
  readonly values: ReadonlyArray<A>
}

/** Makes a family; `id` is for people who look at a context. */
export const make = <A>(id: string): Ambient<A> => {
  const family: Ambient<A> = {
    layer: (values) => {
      const key = Context.Service<never, Member<A>>(`${prefix}${id}/${count++}`)
      return Layer.effect(key, Effect.map(values, (values) => ({ family, values })))
    },
    all: (context) => {
      const found: Array<A> = []
      for (const [key, member] of context.mapUnsafe) {
        if (key.startsWith(prefix) && member.family === family) found.push(...member.values)
      }
      return found
    }
  }
  return family
}
