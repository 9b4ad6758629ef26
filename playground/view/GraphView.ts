/**
 * The graph of the shown run: its tasks and what depends on what, in their states at the cursor.
 */
import * as Card from "../../src/graph/Card.ts"
import { flowKey, keyOf } from "../run/Run.ts"
import type { Commands, Store } from "../Store.ts"
import { node as html, onFrame } from "./element.ts"
import "./graph.css"
import * as Cameras from "./GraphCamera.ts"
import type { Painter } from "./GraphPainter.ts"
import {
  boxOf,
  cardsOf,
  isOnOpener,
  layOut,
  nextItem,
  nextNode,
  type Place,
  placeAt,
  type Scene,
  shapeOf,
  type Step
} from "./GraphScene.ts"
import { GraphStates, type Moved } from "./GraphStates.ts"
import { makeSvgPainter } from "./GraphSvg.ts"
import { makeTools, type Tools } from "./GraphTools.ts"

/** Graphs of more tasks than this are drawn on a canvas. */
const mostElements = 400

/** Makes the graph, with its buttons. */
export const makeGraphView = (store: Store, commands: Commands): HTMLElement =>
  new GraphView(store, commands).element

class GraphView {
  readonly element: HTMLElement
  private readonly store: Store
  private readonly surface = html("div", { className: "graph-surface" })
  private readonly busy = html("p", { className: "graph-note", role: "status", hidden: true })
  private readonly tools: Tools
  private states: GraphStates
  private scene: Scene | undefined
  private painter: Painter | undefined
  private camera: Cameras.Camera = { x: 0, y: 0, k: 1 }
  private frame: Cameras.Frame = { width: 0, height: 0 }
  /** Whether somebody has chosen what is seen; until then all of it is. */
  private isSteered = false
  /** Whether somebody has asked to see all of it, however small. */
  private wantsAll = false
  /** The layout that is there or on its way. */
  private wanted = ""
  private stopLayout = (): void => {}
  private opened: ReadonlySet<string> | undefined
  private chosen: string | undefined
  /** Where the focus is, or will be when it comes. */
  private at: Place = { node: 0, item: undefined }

  constructor(store: Store, commands: Commands) {
    this.store = store
    this.states = new GraphStates(store.run.peek())
    this.surface.setAttribute("role", "group")
    this.tools = makeTools({
      zoom: (by) => this.zoom(by),
      fit: () => this.fit(),
      shown: () => ({ states: this.states, opened: store.opened.peek() }),
      tell: commands.tell
    })
    this.element = html("div", { className: "graph" }, this.surface, this.busy, this.tools.element)
    Cameras.steer(this.surface, {
      get: () => this.camera,
      set: (camera) => this.steer(camera),
      onPress: (x, y) => this.press(x, y)
    })
    this.surface.addEventListener("dblclick", (event) => this.pressTwice(event))
    this.surface.addEventListener("keydown", (event) => this.key(event))
    this.surface.addEventListener("click", (event) => {
      // What a screen reader presses has no place on the screen.
      if (event.detail === 0 && this.scene !== undefined) this.select(this.at)
    })
    this.surface.addEventListener("pointermove", (event) => this.point(event))
    new ResizeObserver(() => this.resize()).observe(this.surface)
    onFrame(() => this.draw())
  }

  // ---------------------------------------------------------------------------
  // What is shown
  // ---------------------------------------------------------------------------

  private draw(): void {
    const { store } = this
    const run = store.run.value
    const opened = store.opened.value
    const cursor = store.cursor.value
    const selected = store.selected.value
    void store.revision.value
    const isNew = run !== this.states.run
    if (isNew) this.states = new GraphStates(run)
    const grown = this.states.grow()
    const moved = this.states.move(cursor)
    if (isNew || this.scene === undefined || opened !== this.opened || grown.size > 0) {
      this.opened = opened
      this.arrange()
    }
    if (this.scene?.run === run && this.painter !== undefined) {
      this.painter.update(withGrown(moved, grown))
    }
    if (selected !== this.chosen) this.showChosen(selected)
  }

  /** Makes the scene that is wanted now, unless it is there. */
  private arrange(): void {
    const { run } = this.states
    const cards = cardsOf(run, this.states, this.store.opened.peek())
    const links = run.header.nodes.map(({ upstream }) => upstream.join(" ")).join(",")
    const wanted = `${shapeOf(cards)};${links}`
    if (wanted === this.wanted) {
      // The same again, of another run.
      if (this.scene !== undefined && this.scene.run !== run && this.busy.hidden) {
        this.show({ ...this.scene, run, cards })
      }
      return
    }
    this.wanted = wanted
    this.stopLayout()
    this.busy.hidden = false
    this.busy.textContent = `Laying out ${cards.length.toLocaleString("en")} tasks…`
    this.stopLayout = layOut(run, cards, (scene) => {
      this.busy.hidden = true
      this.show(scene)
    })
  }

  private show(scene: Scene): void {
    if (scene.run !== this.states.run) {
      // Another run of the same flow has come since.
      const cards = cardsOf(this.states.run, this.states, this.store.opened.peek())
      return this.show({ ...scene, run: this.states.run, cards })
    }
    const before = this.scene
    this.scene = scene
    const count = scene.cards.length
    this.surface.ariaLabel = `Graph of ${scene.run.header.flow}: ${count} ` +
      `${count === 1 ? "task" : "tasks"}. Arrow keys go from task to task, Enter opens one.`
    if (count === 0) {
      this.busy.hidden = false
      this.busy.textContent = "This flow has no tasks."
    }
    const isSame = before?.run.header.flow === scene.run.header.flow
    if (!isSame) this.isSteered = false
    if (!this.isSteered) this.camera = this.whole(scene)
    else if (before !== undefined) this.keepPlace(before, scene)
    this.at = { node: Math.min(this.at.node, Math.max(0, count - 1)), item: undefined }
    void this.paint(scene)
  }

  /** What one looks at stays where it is when others make room. */
  private keepPlace(before: Scene, scene: Scene): void {
    const { node } = this.at
    const [from, to] = [before.layout.nodes[node], scene.layout.nodes[node]]
    if (from === undefined || to === undefined) return
    const { k, x, y } = this.camera
    this.camera = { k, x: x + (from.x - to.x) * k, y: y + (from.y - to.y) * k }
  }

  private async paint(scene: Scene): Promise<void> {
    const isCanvas = scene.cards.length > mostElements
    const kind = isCanvas ? "canvas" : "svg"
    if (this.surface.dataset["painter"] !== kind) {
      this.surface.dataset["painter"] = kind
      this.painter?.dispose()
      this.painter = undefined
      const make = isCanvas ? (await import("./GraphCanvas.ts")).makeCanvasPainter : makeSvgPainter
      // While it was loading a smaller flow may have come.
      if (this.surface.dataset["painter"] !== kind || this.painter !== undefined) return
      this.painter = make({
        lookOf: (node) => this.lookOf(node),
        itemCount: (node) => this.states.itemCount(node),
        familyOf: (node, item) => this.states.familyOf(node, item),
        labelOf: (node, item) => this.labelOf(node, item),
        onFocus: (node) => {
          this.at = { node, item: undefined }
        }
      })
      this.surface.append(this.painter.element)
    }
    if (this.painter === undefined || this.scene === undefined) return
    this.painter.show(this.scene)
    this.setCamera(this.camera)
    this.painter.choose(this.placeOf(this.chosen))
  }

  private lookOf(node: number): Card.Look {
    const card = this.scene!.cards[node]!
    if (!this.states.hasStates(node)) return Card.plain(card.task)
    const { attempt, tag } = this.states.stateOf(node)
    const counts = card.task.mapped ? this.states.countsOf(node) : {}
    return Card.look(card, tag, attempt, counts)
  }

  private labelOf(node: number, item: number): string {
    const { attempt, tag } = this.states.stateOf(node, item)
    const tries = attempt > 1 ? `, attempt ${attempt}` : ""
    return `${this.scene!.cards[node]!.task.name}[${item}], ${tag}${tries}`
  }

  // ---------------------------------------------------------------------------
  // What is selected
  // ---------------------------------------------------------------------------

  private keyAt({ item, node }: Place): string {
    return keyOf(this.scene!.run.header.nodes[node]!.slug, item)
  }

  private placeOf(key: string | undefined): Place | undefined {
    if (key === undefined || key === flowKey) return undefined
    const { run } = this.states
    const id = run.idOf(key)
    if (id === undefined) return undefined
    const { index, node } = run.subjects[id]!
    return node === -1 ? undefined : { node, item: index }
  }

  private showChosen(selected: string | undefined): void {
    this.chosen = selected
    const place = this.placeOf(selected)
    if (this.scene?.run !== this.states.run || this.painter === undefined) return
    this.painter.choose(place)
    if (place === undefined) return
    if (!this.surface.contains(document.activeElement)) this.at = place
    this.reveal(place)
  }

  private select(place: Place): void {
    // A cell may stand for an item that has not begun yet in this run.
    const key = this.keyAt(place)
    if (this.states.run.idOf(key) !== undefined) this.store.select(key)
    else this.store.select(this.keyAt({ node: place.node, item: undefined }))
  }

  private toggle(node: number): void {
    const { slug } = this.scene!.run.header.nodes[node]!
    const opened = new Set(this.store.opened.peek())
    if (!opened.delete(slug)) opened.add(slug)
    this.at = { node, item: undefined }
    this.store.opened.value = opened
  }

  // ---------------------------------------------------------------------------
  // Where one looks
  // ---------------------------------------------------------------------------

  private setCamera(camera: Cameras.Camera): void {
    this.camera = camera
    this.painter?.look(camera, this.frame)
    this.tools.showZoom(camera.k)
  }

  private steer(camera: Cameras.Camera): void {
    this.isSteered = true
    this.setCamera(camera)
  }

  private zoom(by: number): void {
    const { height, width } = this.frame
    this.steer(Cameras.zoom(this.camera, by, width / 2, height / 2))
  }

  private fit(): void {
    this.isSteered = false
    this.wantsAll = true
    if (this.scene !== undefined) this.setCamera(this.whole(this.scene))
  }

  private whole({ layout }: Scene): Cameras.Camera {
    if (this.wantsAll) return Cameras.fit(layout, this.frame)
    const first = layout.nodes.find(({ layer }) => layer === 0)
    return Cameras.begin(layout, this.frame, first?.y ?? 0)
  }

  private reveal(place: Place): void {
    const camera = Cameras.reveal(this.camera, boxOf(this.scene!, place), this.frame)
    if (camera !== this.camera) this.steer(camera)
  }

  private resize(): void {
    const { clientHeight, clientWidth } = this.surface
    if (clientWidth === 0) return
    this.frame = { width: clientWidth, height: clientHeight }
    if (!this.isSteered && this.scene !== undefined) this.camera = this.whole(this.scene)
    this.setCamera(this.camera)
  }

  // ---------------------------------------------------------------------------
  // Pointer and keys
  // ---------------------------------------------------------------------------

  private toScene(x: number, y: number): readonly [number, number] {
    return [(x - this.camera.x) / this.camera.k, (y - this.camera.y) / this.camera.k]
  }

  private press(x: number, y: number): void {
    if (this.scene === undefined) return
    const [sceneX, sceneY] = this.toScene(x, y)
    const place = placeAt(this.scene, sceneX, sceneY)
    if (place === undefined) return this.store.select(undefined)
    if (isOnOpener(this.scene, place.node, sceneX, sceneY)) return this.toggle(place.node)
    this.select(place)
    this.focus(place)
  }

  private pressTwice(event: MouseEvent): void {
    const place = this.placeUnder(event)
    if (place === undefined || place.item !== undefined) return
    const { x, y } = this.placeInScene(event)
    if (isOnOpener(this.scene!, place.node, x, y)) return
    if (this.scene!.cards[place.node]!.task.mapped) this.toggle(place.node)
  }

  private placeInScene(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.surface.getBoundingClientRect()
    const [x, y] = this.toScene(event.clientX - left, event.clientY - top)
    return { x, y }
  }

  private placeUnder(event: MouseEvent): Place | undefined {
    const { x, y } = this.placeInScene(event)
    return this.scene && placeAt(this.scene, x, y)
  }

  /** Tells what is below the mouse, where names are too small to read or there are none. */
  private point(event: PointerEvent): void {
    if (event.buttons !== 0 || event.pointerType === "touch") return
    const place = this.placeUnder(event)
    const title = place === undefined
      ? ""
      : place.item === undefined
      ? Card.titleOf(this.scene!.cards[place.node]!, this.lookOf(place.node))
      : this.labelOf(place.node, place.item)
    if (this.surface.title !== title) this.surface.title = title
  }

  private focus(place: Place): void {
    this.at = place
    this.painter?.focus(place)
    this.at = place
    this.reveal(place)
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || this.scene === undefined) return
    if (this.scene.cards.length === 0 || !this.act(event.key, event.shiftKey)) return
    event.preventDefault()
    event.stopPropagation()
  }

  private act(key: string, hasShift: boolean): boolean {
    const step = steps[key]
    const { item, node } = this.at
    const { grid, task } = this.scene!.cards[node]!
    if (step !== undefined && !hasShift) {
      if (item === undefined || grid === undefined) {
        this.focus({ node: nextNode(this.scene!, node, step), item: undefined })
      } else this.focus({ node, item: nextItem(grid, item, step) })
    } else if (key === "Enter" && task.mapped && item === undefined) {
      if (grid === undefined) this.toggle(node)
      else if (grid.count > 0) this.focus({ node, item: 0 })
    } else if (key === "Enter" || key === " ") this.select(this.at)
    else if (key === "Escape" && item !== undefined) this.focus({ node, item: undefined })
    else if (key === "Escape" && grid !== undefined) this.toggle(node)
    else if (key === "+" || key === "=") this.zoom(1.25)
    else if (key === "-" || key === "_") this.zoom(1 / 1.25)
    else if (key === "f") this.fit()
    else return false
    return true
  }
}

/** More items of a task change its counts and its cells, even if none of them has begun. */
const withGrown = ({ cells, nodes }: Moved, grown: ReadonlySet<number>): Moved => ({
  nodes: new Set([...nodes, ...grown]),
  cells: new Map([...[...grown].map((node) => [node, []] as const), ...cells])
})

const steps: Readonly<Record<string, Step>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1]
}
