declare module "virtual:type-pack" {
  /** The addresses of the layers of the declarations, the first one first. */
  export const layers: ReadonlyArray<string>
}
