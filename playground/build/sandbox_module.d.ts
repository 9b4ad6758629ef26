/** What `sandbox.ts` provides. */
declare module "virtual:sandbox" {
  /** The address of the frame's document. */
  export const frameUrl: string
  /** The address of the text that workers run. */
  export const runtimeUrl: string
}
