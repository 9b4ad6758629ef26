/**
 * The declarations that the compiler in the browser works with, as they are fetched.
 */

/** The name of a file among those that the compiler sees, and its text. */
export type Declarations = Readonly<Record<string, string>>

/** What is fetched at once: a layer is of use only with those before it. */
export interface Layer {
  readonly declarations: Declarations
}

/** The first layer, which says what the others are for. */
export interface FirstLayer extends Layer {
  /** Every module that can be imported, with the number of the layer that completes it. */
  readonly modules: Readonly<Record<string, number>>
  /** The files besides the program that it always consists of. */
  readonly roots: ReadonlyArray<string>
}

/** All layers, the first one first. */
export type TypePack = readonly [FirstLayer, ...ReadonlyArray<Layer>]
