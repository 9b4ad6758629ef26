/**
 * What the caller of a flow gives it, checked by a Schema before anything runs.
 *
 * @module
 */
import { Predicate, type Schema } from "effect"

const TypeId = "~signalbox/Parameter" as const

/** A value that a flow asks for: `A` inside the flow, given as `I`. */
export interface Parameter<out A, out I = A, out Required extends boolean = boolean> {
  readonly [TypeId]: typeof TypeId
  readonly schema: Schema.Codec<A, I>
  readonly required: Required
  /** What it is when the caller gives nothing. */
  readonly defaultValue: A | undefined
}

/** Any parameter. */
export type Any = Parameter<any, any, boolean>

/** What the caller gives for a record of parameters. */
export type InputOf<P extends Readonly<Record<string, Any>>> = (
  & { readonly [K in keyof P as P[K] extends Parameter<any, any, true> ? K : never]: GivenAs<P[K]> }
  & {
    readonly [K in keyof P as P[K] extends Parameter<any, any, true> ? never : K]?: GivenAs<P[K]>
  }
) extends infer T // One object type, as a person would have written it, is what an editor shows.
  ? { [K in keyof T]: T[K] }
  : never

type GivenAs<P> = P extends Parameter<any, infer I, boolean> ? I : never

/** A parameter that the caller must give. */
export const required = <A, I>(schema: Schema.Codec<A, I>): Parameter<A, I, true> => ({
  [TypeId]: TypeId,
  schema,
  required: true,
  defaultValue: undefined
})

/** A parameter that has a value when the caller gives none. */
export const withDefault = <A, I>(
  schema: Schema.Codec<A, I>,
  defaultValue: NoInfer<A>
): Parameter<A, I, false> => ({
  [TypeId]: TypeId,
  schema,
  required: false,
  defaultValue
})

/** A parameter that may be left out, and is `undefined` then. */
export const optional = <A, I>(
  schema: Schema.Codec<A, I>
): Parameter<A | undefined, I, false> =>
  withDefault(schema as Schema.Codec<A | undefined, I>, undefined)

/** Whether a value is a parameter. */
export const isParameter = (u: unknown): u is Any => Predicate.hasProperty(u, TypeId)
