/** Graphs to lay out, the same ones for the same seed. */
import type { Layout } from "signalbox/graph"

export interface RandomGraph {
  readonly nodes: ReadonlyArray<Layout.Size>
  readonly edges: ReadonlyArray<readonly [number, number]>
}

/** Numbers from 0 to 1. */
export const random = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** A graph without cycles, with nodes of all sizes: some alone, some in parts of their own. */
export const randomGraph = (seed: number, count: number): RandomGraph => {
  const next = random(seed)
  const edges: Array<readonly [number, number]> = []
  for (let to = 1; to < count; to++) {
    const fanIn = Math.floor(next() * 3)
    for (let i = 0; i < fanIn; i++) {
      const reach = next() < 0.2 ? to : Math.min(to, 8)
      edges.push([to - 1 - Math.floor(next() * reach), to])
    }
  }
  const nodes = Array.from({ length: count }, () => ({
    width: 40 + Math.floor(next() * 200),
    height: 26 + Math.floor(next() ** 4 * 400)
  }))
  return { nodes, edges }
}

/** A chain in which the last one needs all. */
export const reportGraph = (count: number): RandomGraph => {
  const edges: Array<readonly [number, number]> = []
  for (let to = 1; to < count; to++) edges.push([to - 1, to])
  for (let from = 0; from < count - 2; from++) edges.push([from, count - 1])
  return { nodes: Array.from({ length: count }, () => ({ width: 100, height: 40 })), edges }
}
