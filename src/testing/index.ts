/**
 * Flows and handlers in simulated time: tests that are fast, and give the same each time.
 *
 * @module
 */
export * as Arbitraries from "./Arbitraries.ts"
export * as FaultPlan from "./FaultPlan.ts"
export * as Faults from "./Faults.ts"
export * as Program from "./Program.ts"
export * as Report from "./Report.ts"
export * as SeededRandom from "./SeededRandom.ts"
export * as SimulatedClock from "./SimulatedClock.ts"
export * as SimulatedScheduler from "./SimulatedScheduler.ts"
export * as SimulatedWorld from "./SimulatedWorld.ts"
export * as Simulation from "./Simulation.ts"
export * as SimulationSettings from "./SimulationSettings.ts"
export * as Trace from "./Trace.ts"
export * as TraceDiagram from "./TraceDiagram.ts"
export * as TraceLine from "./TraceLine.ts"
