/** The content of one tab. */
export interface Panel {
  readonly element: HTMLElement
  /** Draws it as the store is now; called again after anything that it has read has changed. */
  readonly draw: () => void
}
