/**
 * Flows as pictures, drawn by the same code everywhere.
 *
 * @module
 */
export * as Graph from "./Graph.ts"
export * as Layout from "./Layout.ts"
