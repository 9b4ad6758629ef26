/**
 * Gives away what the page shows. What the dialog needs is loaded when it is opened.
 */
import type { Commands, Store } from "../Store.ts"
import { button } from "./element.ts"

/** Makes the button that opens the dialog. */
export const makeShareButton = (store: Store, commands: Commands): HTMLElement => {
  const open = async (): Promise<void> => {
    try {
      const { openShareDialog } = await import("./ShareContents.ts")
      await openShareDialog(store)
    } catch (error) {
      commands.tell(`Cannot share: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const element = button("Share", () => void open(), { title: "Link, test, commands, files" })
  element.ariaHasPopup = "dialog"
  return element
}
