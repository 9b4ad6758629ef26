/**
 * A flow as it was built, as recorded cases write it down.
 *
 * @module
 */
import type { EdgeText, GraphRecord } from "./corpus.ts"
import type { Built } from "./flow.ts"

/** The tasks and edges of a flow, in the order of their texts. */
export const recordGraph = ({ flow, names }: Built): GraphRecord => {
  const { nodes, referenceTasks } = flow.graph
  const nameOf = (index: number): string => names.get(nodes[index]!.slug)!
  const edges = nodes.flatMap((node): Array<EdgeText> =>
    node.edges.map(({ flatten, key, mapped, upstream }) => ({
      from: nameOf(upstream),
      to: nameOf(node.index),
      ...(key === undefined ? {} : { key }),
      ...(mapped ? { mapped } : {}),
      ...(flatten ? { flattened: flatten } : {})
    }))
  )
  return {
    tasks: nodes.map(({ index }) => nameOf(index)).toSorted(),
    edges: inOrder(edges),
    referenceTasks: referenceTasks.map(nameOf).toSorted(),
    skipOnUpstreamSkip: Object.fromEntries(
      nodes.map(({ index, task }) => [nameOf(index), task.policies.skipOnUpstreamSkip])
    )
  }
}

/** Edges in the order of their texts: the recorded ones come in an order of their own. */
export const inOrder = (edges: ReadonlyArray<EdgeText>): ReadonlyArray<EdgeText> => {
  const text = ({ from, key = "", to }: EdgeText): string => `${from}\n${to}\n${key}`
  return edges.toSorted((a, b) => text(a) < text(b) ? -1 : 1)
}
