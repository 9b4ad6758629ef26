/**
 * How a person gives the page a file: drops it or picks it. Nothing is read here.
 */
import "./drop.css"

/**
 * Lets files be dropped anywhere on an element, which has the class `dropping` meanwhile. Gives what
 * ends that.
 */
export const acceptFiles = (element: HTMLElement, onFile: (file: File) => void): () => void => {
  const ending = new AbortController()
  let depth = 0
  const show = (change: number): void => {
    depth = Math.max(0, depth + change)
    element.classList.toggle("dropping", depth > 0)
  }
  // Anything else that is dragged about, such as text, is no concern of this.
  const on = (type: "dragenter" | "dragover" | "dragleave" | "drop", act: () => void): void =>
    element.addEventListener(type, (event) => {
      if (event.dataTransfer?.types.includes("Files") !== true) return
      event.preventDefault()
      act()
      const file = event.dataTransfer.files[0]
      if (type === "drop" && file !== undefined) onFile(file)
    }, { signal: ending.signal })
  on("dragenter", () => show(1))
  on("dragover", () => {})
  on("dragleave", () => show(-1))
  on("drop", () => show(-depth))
  return () => ending.abort()
}

/** Asks the person for a file and opens it. */
export const chooseFile = (onFile: (file: File) => void): void => {
  const input = document.createElement("input")
  input.type = "file"
  input.accept = ".jsonl,.ndjson,application/x-ndjson"
  input.addEventListener("change", () => {
    const file = input.files?.[0]
    if (file !== undefined) onFile(file)
  })
  input.click()
}
