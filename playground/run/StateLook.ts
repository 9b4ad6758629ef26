/**
 * How a state looks on the page, which is how it looks in any drawing of a flow.
 */
export { families, type Family, lookOf, type StateLook } from "../../src/graph/StateLook.ts"
