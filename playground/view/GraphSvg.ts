/**
 * A graph as elements: each task is a button that can have the focus.
 */
import * as Card from "../../src/graph/Card.ts"
import * as CellGrid from "../../src/graph/CellGrid.ts"
import * as Curve from "../../src/graph/Curve.ts"
import type { Element as Shape } from "../../src/graph/Svg.ts"
import { families, type Family } from "../run/StateLook.ts"
import { svg } from "./element.ts"
import type { Camera, Frame } from "./GraphCamera.ts"
import type { Painter, View } from "./GraphPainter.ts"
import {
  type Box,
  boxOf,
  edgesAt,
  edgeTiles,
  holds,
  meets,
  type Place,
  type Scene
} from "./GraphScene.ts"
import type { Moved } from "./GraphStates.ts"

interface Drawn {
  readonly group: SVGGElement
  readonly button: SVGRectElement
  readonly status: Element
  /** What has the colours of the state. */
  readonly coloured: ReadonlyArray<Element>
  /** The path of the cells of each family, of a task that is opened. */
  readonly cells: ReadonlyMap<Family, SVGPathElement>
  label: string
  family: Family
}

/** From here on names can be read. */
const readable = 0.3

/** Makes what draws graphs as elements. */
export const makeSvgPainter = (view: View): Painter => new SvgPainter(view)

class SvgPainter implements Painter {
  readonly element = svg("svg", { class: "graph-svg" })
  private readonly view: View
  private readonly world = svg("g")
  private readonly edges = svg("g")
  private readonly chosenEdges = svg("path", { class: "edges chosen" })
  private readonly chosenTips = svg("path", { class: "tips chosen" })
  private readonly chosenItem = svg("rect", { class: "item chosen" })
  private readonly nodes = svg("g")
  /** Has the focus for whichever item one is at: cells are too many to be elements. */
  private readonly item = svg("rect", { class: "item", role: "button", tabindex: -1, rx: 2 })
  private drawn: ReadonlyArray<Drawn> = []
  private scene: Scene | undefined
  private active = 0
  private isFar = false
  /** The part of the scene that is drawn, more than can be seen. */
  private drawnPart: Box | undefined
  private tiles: ReadonlyArray<{ readonly box: Box; readonly element: SVGGElement }> = []
  private chosen: SVGRectElement | undefined

  constructor(view: View) {
    this.view = view
    this.world.append(this.edges, this.chosenEdges, this.chosenTips, this.nodes)
    this.world.append(this.chosenItem, this.item)
    this.element.append(this.world)
    this.hideItem()
    this.item.addEventListener("blur", () => this.hideItem())
    this.nodes.addEventListener("focusin", ({ target }) => {
      const node = this.drawn.findIndex(({ button }) => button === target)
      if (node === -1) return
      this.activate(node)
      this.view.onFocus(node)
    })
  }

  show(scene: Scene): void {
    const hadFocus = this.nodes.contains(document.activeElement)
    this.scene = scene
    this.drawnPart = undefined
    this.tiles = edgeTiles(scene).map(({ box, edges }) => {
      // One long path of many edges takes far longer to draw than a path for each.
      const lines = edges.map((points) => svg("path", { class: "edges", d: Curve.path(points) }))
      const tips = svg("path", { class: "tips", d: edges.map(Curve.tip).join("") })
      return { box, element: svg("g", {}, ...lines, tips) }
    })
    this.edges.replaceChildren(...this.tiles.map(({ element }) => element))
    this.drawn = scene.cards.map((_, node) => this.make(scene, node))
    this.nodes.replaceChildren(...this.drawn.map(({ group }) => group))
    this.activate(Math.min(this.active, this.drawn.length - 1))
    if (hadFocus) this.drawn[this.active]?.button.focus()
  }

  private make(scene: Scene, node: number): Drawn {
    const card = scene.cards[node]!
    const { x, y } = scene.layout.nodes[node]!
    const look = this.view.lookOf(node)
    const face = svg("g", { "aria-hidden": "true" }, ...Card.draw(card, look).map(toElement))
    // A button of its own, so that its name is the label alone, which says in words what signs show.
    const button = svg("rect", {
      class: "button",
      width: card.width,
      height: card.height,
      rx: card.isSmall ? card.height / 2 : 8,
      role: "button",
      tabindex: -1,
      "aria-label": look.label,
      "aria-pressed": "false"
    })
    if (card.task.mapped) button.setAttribute("aria-expanded", String(card.grid !== undefined))
    const cells = this.makeCells(node, card.grid, face)
    const transform = `translate(${x} ${y})`
    const group = svg("g", { class: Card.classOf(card), transform }, face, button)
    const { family, label } = look
    const status = face.querySelector(".status")!
    const coloured = [...face.querySelectorAll(".box, .stack"), status]
    for (const element of coloured) element.classList.add(`state-${family}`)
    return { group, button, status, coloured, cells, label, family }
  }

  private makeCells(
    node: number,
    grid: CellGrid.CellGrid | undefined,
    face: SVGGElement
  ): ReadonlyMap<Family, SVGPathElement> {
    const cells = new Map<Family, SVGPathElement>()
    if (grid === undefined) return cells
    for (const family of families) cells.set(family, svg("path", { class: `fill-${family}` }))
    const { x, y } = Card.gridStart
    const place = { transform: `translate(${x} ${y})`, "fill-rule": "evenodd", class: "cells" }
    face.append(svg("g", place, ...cells.values()))
    this.drawCells(node, grid, cells)
    return cells
  }

  update({ cells, nodes }: Moved): void {
    for (const node of nodes) this.updateNode(node)
    for (const node of cells.keys()) {
      const { grid } = this.scene!.cards[node]!
      if (grid !== undefined) this.drawCells(node, grid, this.drawn[node]!.cells)
    }
  }

  private updateNode(node: number): void {
    const [card, drawn] = [this.scene!.cards[node]!, this.drawn[node]!]
    const look = this.view.lookOf(node)
    if (look.label === drawn.label) return
    drawn.label = look.label
    drawn.button.setAttribute("aria-label", look.label)
    if (look.family !== drawn.family) {
      for (const { classList } of drawn.coloured) {
        classList.replace(`state-${drawn.family}`, `state-${look.family}`)
      }
      drawn.family = look.family
    }
    if (card.isSmall) drawn.status.textContent = look.glyph
    else if (look.status.length === 1) drawn.status.textContent = look.status[0]!.text
    else drawn.status.replaceChildren(...Card.statusSpans(look).map(toElement))
  }

  /** Cells of one family are one path, which is cheap to draw however many they are. */
  private drawCells(
    node: number,
    grid: CellGrid.CellGrid,
    paths: ReadonlyMap<Family, SVGPathElement>
  ): void {
    const byFamily = CellGrid.byFamily(
      Math.min(grid.count, this.view.itemCount(node)),
      (cell) => this.view.familyOf(node, cell)
    )
    for (const [family, path] of paths) {
      const d = CellGrid.path(grid, family, byFamily.get(family) ?? [])
      if (path.getAttribute("d") !== d) path.setAttribute("d", d)
    }
  }

  look(camera: Camera, frame: Frame): void {
    const { k, x, y } = camera
    this.world.setAttribute("transform", `translate(${x} ${y}) scale(${k})`)
    if ((k < readable) !== this.isFar) {
      this.isFar = k < readable
      this.element.classList.toggle("far", this.isFar)
    }
    const seen = { x: -x / k, y: -y / k, width: frame.width / k, height: frame.height / k }
    const part = this.drawnPart
    if (part === undefined || part.width > 3 * seen.width || !holds(part, seen)) this.cull(seen)
  }

  /** What cannot be seen is not drawn; there is some room around, so that this is seldom done. */
  private cull(seen: Box): void {
    const part = {
      x: seen.x - seen.width / 2,
      y: seen.y - seen.height / 2,
      width: seen.width * 2,
      height: seen.height * 2
    }
    this.drawnPart = part
    for (const [node, { group }] of this.drawn.entries()) {
      setShown(
        group,
        node === this.active || meets(boxOf(this.scene!, { node, item: undefined }), part)
      )
    }
    for (const { box, element } of this.tiles) setShown(element, meets(box, part))
  }

  choose(place: Place | undefined): void {
    this.chosen?.setAttribute("aria-pressed", "false")
    this.chosen = undefined
    const scene = this.scene!
    const edges = place === undefined ? [] : edgesAt(scene, place.node)
    const points = edges.map((edge) => scene.layout.edges[edge]!.points)
    this.chosenEdges.setAttribute("d", points.map(Curve.path).join(""))
    this.chosenTips.setAttribute("d", points.map(Curve.tip).join(""))
    const hasItem = place?.item !== undefined && scene.cards[place.node]!.grid !== undefined
    this.chosenItem.toggleAttribute("hidden", !hasItem)
    if (place === undefined) return
    this.chosen = this.drawn[place.node]!.button
    this.chosen.setAttribute("aria-pressed", "true")
    if (hasItem) setBox(this.chosenItem, boxOf(scene, place))
  }

  focus({ item, node }: Place): void {
    this.activate(node)
    if (item === undefined) {
      this.drawn[node]!.button.focus({ preventScroll: true })
      return
    }
    setBox(this.item, boxOf(this.scene!, { node, item }))
    this.item.setAttribute("aria-label", this.view.labelOf(node, item))
    this.item.removeAttribute("hidden")
    this.item.focus({ preventScroll: true })
  }

  private hideItem(): void {
    this.item.setAttribute("hidden", "")
  }

  private activate(node: number): void {
    this.drawn[this.active]?.button.setAttribute("tabindex", "-1")
    this.active = node
    const drawn = this.drawn[node]
    if (drawn === undefined) return
    drawn.button.setAttribute("tabindex", "0")
    setShown(drawn.group, true)
  }

  dispose(): void {
    this.element.remove()
  }
}

const toElement = (shape: Shape | string): Node | string =>
  typeof shape === "string"
    ? shape
    : svg(shape.name as "g", shape.attributes, ...shape.children.map(toElement))

const setShown = (group: SVGGElement, isShown: boolean): void => {
  if (group.hasAttribute("hidden") === isShown) group.toggleAttribute("hidden", !isShown)
}

const setBox = (rect: SVGRectElement, { height, width, x, y }: Box): void => {
  for (const [name, value] of Object.entries({ x: x - 1.5, y: y - 1.5 })) {
    rect.setAttribute(name, String(value))
  }
  rect.setAttribute("width", String(width + 3))
  rect.setAttribute("height", String(height + 3))
}
