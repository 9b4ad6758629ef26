/**
 * What draws a graph: elements, or one canvas where they would be too many.
 */
import type { Look } from "../../src/graph/Card.ts"
import type { Family } from "../run/StateLook.ts"
import type { Camera, Frame } from "./GraphCamera.ts"
import type { Place, Scene } from "./GraphScene.ts"
import type { Moved } from "./GraphStates.ts"

/** What a painter asks about the moment that it draws. */
export interface View {
  readonly lookOf: (node: number) => Look
  /** How many items a mapped task has so far; an opened one may have room for more. */
  readonly itemCount: (node: number) => number
  readonly familyOf: (node: number, item: number) => Family
  /** What is told of an item. */
  readonly labelOf: (node: number, item: number) => string
  /** Told of the task that the focus has come to. */
  readonly onFocus: (node: number) => void
}

/** Draws scenes. */
export interface Painter {
  readonly element: Element
  /** Draws another scene. */
  readonly show: (scene: Scene) => void
  /** Draws again what a move has changed. */
  readonly update: (moved: Moved) => void
  readonly look: (camera: Camera, frame: Frame) => void
  /** Marks what is selected, and its edges. */
  readonly choose: (place: Place | undefined) => void
  /** Gives the focus to a task or an item. */
  readonly focus: (place: Place) => void
  readonly dispose: () => void
}
