/**
 * The dialog for sharing: the link, the run as text for elsewhere, and files.
 */
import { stateAt } from "../run/Run.ts"
import { isEarlier, planOf, sameFiles } from "../Session.ts"
import * as Copy from "../share/Copy.ts"
import { encode } from "../share/Link.ts"
import { runtime } from "../share/runtime.ts"
import { fileOf } from "../share/TraceFile.ts"
import type { Store } from "../Store.ts"
import { button, node } from "./element.ts"
import "./share.css"

// -----------------------------------------------------------------------------
// What there is to share
// -----------------------------------------------------------------------------

interface Form {
  readonly label: string
  readonly text: string
  /** What one should know of it. */
  readonly note: string
}

const formsOf = (store: Store, link: string | Error): ReadonlyArray<Form> => {
  const { plan, run } = store.shown.peek()
  const address = typeof link === "string" ? link : undefined
  const form = (label: string, text: string, note: string): Form => ({ label, text, note })
  const needsFile =
    `Runs ${plan.files.map(({ name }) => name).join(" with ")}, downloaded below, ` +
    "in a folder with signalbox and effect."
  return [
    form(
      "Link",
      typeof link === "string" ? link : "",
      typeof link === "string"
        ? `${link.length.toLocaleString("en")} characters. ${whatIsIn(store)}`
        : `${link.message}. The files can be downloaded below.`
    ),
    form("Test", Copy.asTest(plan, run), "A file for vitest that replays this run."),
    form("Node", Copy.asNodeCommand(plan), needsFile),
    form("Deno", Copy.asDenoCommand(plan), needsFile),
    form("Markdown", Copy.asMarkdown(plan, run, address), "The program and what became of it."),
    form(
      "Embed",
      address === undefined ? "" : embedding(address, run.header.flow),
      address === undefined && link instanceof Error
        ? link.message
        : "The graph in a page of yours; ?embed=graph,time shows the timeline too."
    )
  ]
}

/** The example that the shown run is of, if it is one as it came. */
const exampleOf = (store: Store): string | undefined => {
  const { example, files, shown } = store
  return sameFiles(shown.peek().plan.files, files.peek()) ? example.peek() : undefined
}

const whatIsIn = (store: Store): string =>
  exampleOf(store) === undefined
    ? "Program, seed, faults and moment are all in it: no server keeps them."
    : "It names the example; seed, faults and moment are in it where they are not the usual ones."

const linkOf = async (store: Store): Promise<string | Error> => {
  const { href } = location
  const cursor = store.cursor.peek()
  const example = exampleOf(store)
  try {
    const fragment = await encode({
      plan: isEarlier(store) ? store.shown.peek().plan : planOf(store),
      cursor: cursor === store.run.peek().changes.length ? Infinity : cursor,
      runtime,
      ...example === undefined ? {} : { example }
    })
    const url = new URL(href)
    url.search = ""
    url.hash = fragment
    return url.href
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const embedding = (link: string, flow: string): string => {
  const url = new URL(link)
  url.search = "?embed=graph"
  const [address, title] = [url.href, `Flow ${flow}`].map((text) =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")
  )
  return `<iframe src="${address}" title="${title}" width="100%" height="400"></iframe>`
}

const svgOf = async (store: Store): Promise<Blob> => {
  const Graph = await import("../../src/graph/Graph.ts")
  const run = store.run.peek()
  const cursor = store.cursor.peek()
  const states = run.subjects.filter(({ index, node }) => node !== -1 && index === undefined)
    .map(({ id, items, node }) => [
      run.header.nodes[node]!.slug,
      {
        tag: stateAt(run, id, cursor).tag,
        ...items.length === 0 ? {} : {
          items: items.map((item) => stateAt(run, item, cursor).tag)
        }
      }
    ])
  const text = Graph.svg(run.header, { states: Object.fromEntries(states) })
  return new Blob([text], { type: "image/svg+xml" })
}

// -----------------------------------------------------------------------------
// The dialog
// -----------------------------------------------------------------------------

/** Opens the dialog; the focus goes back to where it was when it is closed. */
export const openShareDialog = async (store: Store): Promise<void> => {
  const { source } = store.shown.peek()
  const first = source === undefined
    ? copyPart(formsOf(store, await linkOf(store)))
    : [node("p", {}, withoutProgram(source))]
  const dialog = node("dialog", { className: "share-dialog" })
  const title = node("h2", { id: "share-title" }, "Share")
  const close = button("✕", () => dialog.close(), {
    className: "quiet-button",
    ariaLabel: "Close"
  })
  dialog.setAttribute("aria-labelledby", title.id)
  dialog.append(
    node("header", {}, title, close),
    ...first,
    node("h3", {}, "Download"),
    downloads(store)
  )
  dialog.addEventListener("close", () => dialog.remove())
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && isOutside(dialog, event)) dialog.close()
  })
  document.body.append(dialog)
  dialog.showModal()
  dialog.querySelector<HTMLElement>("input:checked")?.focus()
}

const withoutProgram = (source: string): string =>
  `"${source}" came without its program, so no link or test can hold it: its trace can be opened ` +
  "wherever there is this page. To share what is in the editor, run it first."

const isOutside = (dialog: HTMLElement, { clientX, clientY }: MouseEvent): boolean => {
  const { bottom, left, right, top } = dialog.getBoundingClientRect()
  return clientX < left || clientX > right || clientY < top || clientY > bottom
}

const copyPart = (forms: ReadonlyArray<Form>): ReadonlyArray<HTMLElement> => {
  const text = node("textarea", { readOnly: true, spellcheck: false, id: "share-text" })
  const note = node("p", { className: "quiet", id: "share-note" })
  const told = node("span", { className: "quiet", role: "status" })
  text.setAttribute("aria-describedby", note.id)
  const copy = button("Copy", () => void copyText(), { className: "primary" })
  const show = (form: Form): void => {
    text.value = form.text
    text.ariaLabel = form.label
    text.wrap = form.text.includes("\n") ? "off" : "soft"
    text.rows = Math.min(12, Math.max(3, form.text.split("\n").length))
    note.textContent = form.note
    copy.disabled = form.text === ""
    told.textContent = ""
  }
  const copyText = async (): Promise<void> => {
    const done = await putIntoClipboard(text)
    told.textContent = done ? "Copied." : "It is selected: copy it with Ctrl+C or ⌘C."
  }
  const choice = node("fieldset", {}, node("legend", { className: "unseen" }, "What to copy"))
  for (const [at, form] of forms.entries()) {
    const radio = node("input", { type: "radio", name: "share-form", checked: at === 0 })
    radio.addEventListener("change", () => show(form))
    choice.append(node("label", {}, radio, node("span", {}, form.label)))
  }
  show(forms[0]!)
  return [choice, text, note, node("p", { className: "share-actions" }, copy, told)]
}

/** Only a page that came safely may write to the clipboard; elsewhere the old way may do. */
const putIntoClipboard = async (text: HTMLTextAreaElement): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text.value)
    return true
  } catch {
    text.select()
    return document.execCommand("copy")
  }
}

const downloads = (store: Store): HTMLElement => {
  const { plan, run, source } = store.shown.peek()
  const name = run.header.flow.replaceAll(/[^\w.-]+/g, "-")
  const programs = source === undefined ? plan.files : []
  const files = programs.map((file) =>
    button(
      file.name,
      () => download(file.name, new Blob([file.text], { type: "text/plain" })),
      { title: "The program" }
    )
  )
  return node(
    "p",
    { className: "share-actions" },
    button("Trace (.jsonl)", () => download(`${name}.jsonl`, fileOf(run)), {
      title: "All lines of this run: drop the file on this page to see it again"
    }),
    button("Graph (.svg)", async () => download(`${name}.svg`, await svgOf(store)), {
      title: "The graph at this moment"
    }),
    ...files
  )
}

const download = (name: string, blob: Blob): void => {
  const link = node("a", { href: URL.createObjectURL(blob), download: name })
  link.click()
  // The download has begun by then, however long it takes.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
