/**
 * The list of keys.
 */
import { button, node } from "./element.ts"
import { bindings } from "./Keyboard.ts"

/** Shows the list of keys until it is closed. */
export const showKeyboardHelp = (): void => {
  const dialog = node("dialog", { className: "keyboard-help" })
  dialog.setAttribute("aria-labelledby", "keyboard-help-title")
  const list = node("dl")
  for (const { does, keys } of bindings) {
    list.append(node("dt", {}, ...keysOf(keys)), node("dd", {}, does))
  }
  dialog.append(
    node("h2", { id: "keyboard-help-title" }, "Keyboard"),
    list,
    button("Close", () => dialog.close(), { className: "primary" })
  )
  dialog.addEventListener("close", () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

const keysOf = (keys: string): ReadonlyArray<Node | string> =>
  keys.split(/(, | {2}| … )/).map((part, index) => index % 2 === 1 ? part : node("kbd", {}, part))
