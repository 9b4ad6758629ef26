/**
 * Flows of tasks whose every change of state passes through typed handlers.
 *
 * @module
 */
export * as CachePolicy from "./CachePolicy.ts"
export { DefinitionError } from "./DefinitionError.ts"
export * as Executor from "./Executor.ts"
export * as Flow from "./Flow.ts"
export type * as FlowGraph from "./FlowGraph.ts"
export * as Parameter from "./Parameter.ts"
export * as ResultStore from "./ResultStore.ts"
export * as RunContext from "./RunContext.ts"
export * as Signal from "./Signal.ts"
export * as State from "./State.ts"
export * as StateCodec from "./StateCodec.ts"
export * as StateHandler from "./StateHandler.ts"
export * as Task from "./Task.ts"
export * as Transition from "./Transition.ts"
export * as Trigger from "./Trigger.ts"
