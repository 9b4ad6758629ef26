/**
 * The page: pick an example, run it on the real engine, watch what its handlers see.
 */
/// <reference types="vite/client" />
import { Cause, Console, Effect, Exit, type Fiber, Layer } from "effect"
import { Transition } from "signalbox"
import { aboutIn, type Example, fileOf } from "./example.ts"
import { examples } from "./examples.ts"
import { makeRunView, node, type RunView, stateLabel } from "./run-view.ts"
import { withoutNetwork } from "./slack-stand-in.ts"
import { textConsole } from "./text-console.ts"

const sources = import.meta.glob<string>("./examples/*.ts", {
  query: "?raw",
  import: "default",
  eager: true
})

const sourceOf = (example: Example): string => sources[fileOf(example)] ?? ""

const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no element "${id}"`)
  return element
}

const button = byId("run")
const status = byId("status")

// -----------------------------------------------------------------------------
// Choosing
// -----------------------------------------------------------------------------

const addLinks = (): void => {
  byId("examples").append(
    ...examples.map(({ name }) => node("li", {}, node("a", { href: `#${name}` }, name)))
  )
}

/** The example that the address names: it can be bookmarked, and one can go back to it. */
const chosen = (): Example =>
  examples.find(({ name }) => `#${name}` === location.hash) ?? examples[0]!

const showChosen = (): void => {
  const example = chosen()
  running?.interruptUnsafe()
  running = undefined
  showRunning(false)
  for (const link of document.querySelectorAll("nav a")) {
    if (link.textContent === example.name) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
  }
  byId("name").textContent = example.name
  byId("about").replaceChildren(...withCode(aboutIn(sourceOf(example))))
  byId("source").textContent = sourceOf(example)
  byId("results").replaceChildren(makeRunView().element)
  status.textContent = ""
}

/** A text in which what stands in backticks is code. */
const withCode = (text: string): ReadonlyArray<Node | string> =>
  text.split("`").map((part, index) => index % 2 === 1 ? node("code", {}, part) : part)

// -----------------------------------------------------------------------------
// Running
// -----------------------------------------------------------------------------

/** The run that the page shows, as long as it has not ended. */
let running: Fiber.Fiber<unknown> | undefined

const runIn = (example: Example, view: RunView) =>
  example.run.pipe(
    Effect.provide(Layer.mergeAll(
      Transition.layer((transition) => Effect.sync(() => view.addTransition(transition))),
      Layer.succeed(Console.Console, textConsole(view)),
      withoutNetwork(view.err)
    ))
  )

const runChosen = (): void => {
  const view = makeRunView()
  byId("results").replaceChildren(view.element)
  const fiber = Effect.runFork(runIn(chosen(), view))
  running = fiber
  showRunning(true)
  status.textContent = "Running …"
  fiber.addObserver((exit) => {
    if (Exit.isSuccess(exit)) view.showResult(exit.value)
    if (running !== fiber) return
    running = undefined
    showRunning(false)
    status.replaceChildren(
      Exit.isSuccess(exit) ? stateLabel(exit.value.state) : whyItEnded(exit.cause)
    )
  })
}

const whyItEnded = (cause: Cause.Cause<never>): string =>
  Cause.hasInterruptsOnly(cause) ? "Stopped." : `Broke: ${Cause.pretty(cause)}`

const showRunning = (isRunning: boolean): void => {
  button.textContent = isRunning ? "Stop" : "Run"
}

button.addEventListener("click", () => {
  if (running === undefined) runChosen()
  else running.interruptUnsafe()
})
addEventListener("hashchange", showChosen)
addLinks()
showChosen()
