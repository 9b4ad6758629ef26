/**
 * Flows and handlers in simulated time: tests that are fast, and give the same each time.
 *
 * @module
 */
export * as Report from "./Report.ts"
export * as SimulatedClock from "./SimulatedClock.ts"
export * as SimulatedScheduler from "./SimulatedScheduler.ts"
export * as SimulatedWorld from "./SimulatedWorld.ts"
export * as Simulation from "./Simulation.ts"
export * as Trace from "./Trace.ts"
