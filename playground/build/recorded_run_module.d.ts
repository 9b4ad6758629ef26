// What `recorded_run.ts` provides.

declare module "virtual:recorded-run" {
  import type { TraceLine } from "signalbox/testing"

  /** The name of the example that the page opens with. */
  export const opening: string
  /** Its text. */
  export const text: string
  export const seed: number
  /** A run of it with that seed. */
  export const lines: ReadonlyArray<TraceLine.TraceLine>
}

declare module "virtual:examples" {
  /** The names of all examples, each with its first sentence. */
  export const examples: ReadonlyArray<{ readonly name: string; readonly about: string }>
}
