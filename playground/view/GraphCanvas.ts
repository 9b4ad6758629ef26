/**
 * A graph on a canvas, for more tasks than a page can have elements for: one button stands for
 * whichever has the focus, and what one comes to is told.
 */
import * as Card from "../../src/graph/Card.ts"
import * as CellGrid from "../../src/graph/CellGrid.ts"
import * as Curve from "../../src/graph/Curve.ts"
import { families, type Family } from "../run/StateLook.ts"
import { node as html } from "./element.ts"
import type { Camera } from "./GraphCamera.ts"
import type { Painter, View } from "./GraphPainter.ts"
import {
  around,
  type Box,
  boxOf,
  edgesAt,
  type EdgeTile,
  edgeTiles,
  meets,
  type Place,
  type Scene
} from "./GraphScene.ts"
import type { Moved } from "./GraphStates.ts"

/** Edges that are near each other, drawn or left out together. */
interface Tile {
  readonly box: Box
  /** One for each edge: one long path of many edges takes far longer to draw. */
  readonly lines: ReadonlyArray<{ readonly box: Box; readonly path: Path2D }>
  /** All of them without curves, for when nobody could tell. */
  readonly plain: Path2D
  readonly tips: Path2D
}

/** From here on names can be read; from here on cards have edges. */
const [readable, outlined] = [0.5, 0.16]

/** Makes what draws graphs on a canvas. */
export const makeCanvasPainter = (view: View): Painter => new CanvasPainter(view)

class CanvasPainter implements Painter {
  readonly element: HTMLElement
  private readonly view: View
  private readonly canvas = html("canvas", { ariaHidden: "true" })
  private readonly context = this.canvas.getContext("2d")!
  private readonly proxy = html("button", { type: "button", className: "graph-proxy" })
  private readonly live = html("p", { className: "unseen", ariaLive: "polite" })
  private readonly resized = new ResizeObserver(() => this.resize())
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)")
  private scene: Scene | undefined
  private looks: Array<Card.Look> = []
  private tiles: ReadonlyArray<Tile> = []
  /** The paths of the cells of each opened task. */
  private readonly cells = new Map<number, Map<Family, Path2D>>()
  private camera: Camera = { x: 0, y: 0, k: 1 }
  private chosen: Place | undefined
  private chosenPaths: { readonly lines: Path2D; readonly tips: Path2D } | undefined
  private active: Place = { node: 0, item: undefined }
  private colours = new Map<string, string>()
  private frame = 0

  constructor(view: View) {
    this.view = view
    this.element = html("div", { className: "graph-canvas" }, this.canvas, this.proxy, this.live)
    this.resized.observe(this.element)
    this.scheme.addEventListener("change", this.onScheme)
  }

  private readonly onScheme = (): void => {
    this.colours = new Map()
    this.draw()
  }

  // ---------------------------------------------------------------------------
  // What is drawn
  // ---------------------------------------------------------------------------

  show(scene: Scene): void {
    this.scene = scene
    this.looks = scene.cards.map((_, node) => this.view.lookOf(node))
    this.tiles = edgeTiles(scene).map(tileOf)
    this.cells.clear()
    this.active = { node: Math.min(this.active.node, scene.cards.length - 1), item: undefined }
    this.choose(this.chosen)
  }

  update({ cells, nodes }: Moved): void {
    for (const node of nodes) this.looks[node] = this.view.lookOf(node)
    // Which families the items have left is not known, so all of their paths are made again.
    for (const node of cells.keys()) this.cells.delete(node)
    if (nodes.has(this.active.node)) this.tell()
    this.draw()
  }

  look(camera: Camera): void {
    this.camera = camera
    this.draw()
  }

  choose(place: Place | undefined): void {
    this.chosen = place
    this.chosenPaths = undefined
    const { scene } = this
    if (place !== undefined && scene !== undefined) {
      const [lines, tips] = [new Path2D(), new Path2D()]
      for (const edge of edgesAt(scene, place.node)) {
        lines.addPath(new Path2D(Curve.path(scene.layout.edges[edge]!.points)))
        tips.addPath(new Path2D(Curve.tip(scene.layout.edges[edge]!.points)))
      }
      this.chosenPaths = { lines, tips }
    }
    this.tell()
    this.draw()
  }

  focus(place: Place): void {
    this.active = place
    this.tell()
    this.placeProxy()
    this.proxy.focus({ preventScroll: true })
    this.live.textContent = this.proxy.ariaLabel
  }

  /** The proxy says what one is at. */
  private tell(): void {
    const { item, node } = this.active
    const { proxy, scene } = this
    if (scene === undefined || this.looks[node] === undefined) return
    proxy.ariaLabel = item === undefined ? this.looks[node].label : this.view.labelOf(node, item)
    proxy.ariaExpanded = scene.cards[node]!.task.mapped && item === undefined
      ? String(scene.cards[node]!.grid !== undefined)
      : null
    const isChosen = this.chosen?.node === node && this.chosen.item === item
    proxy.ariaPressed = String(isChosen)
  }

  private placeProxy(): void {
    const { camera: { k, x, y }, proxy, scene } = this
    if (scene === undefined || scene.cards.length === 0) return
    const box = boxOf(scene, this.active)
    proxy.style.transform = `translate(${x + box.x * k - 2}px, ${y + box.y * k - 2}px)`
    proxy.style.width = `${Math.max(8, box.width * k + 4)}px`
    proxy.style.height = `${Math.max(8, box.height * k + 4)}px`
  }

  dispose(): void {
    cancelAnimationFrame(this.frame)
    this.resized.disconnect()
    this.scheme.removeEventListener("change", this.onScheme)
    this.element.remove()
  }

  // ---------------------------------------------------------------------------
  // Drawing
  // ---------------------------------------------------------------------------

  private resize(): void {
    const { clientHeight, clientWidth } = this.element
    const ratio = devicePixelRatio
    this.canvas.width = Math.round(clientWidth * ratio)
    this.canvas.height = Math.round(clientHeight * ratio)
    this.paint()
  }

  /** Draws with the next frame. */
  private draw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint())
  }

  private paint(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const { camera: { k, x, y }, canvas, context, scene } = this
    if (scene === undefined || canvas.width === 0) return
    const ratio = devicePixelRatio
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, canvas.width, canvas.height)
    context.setTransform(k * ratio, 0, 0, k * ratio, x * ratio, y * ratio)
    const width = canvas.width / ratio / k
    const height = canvas.height / ratio / k
    const seen = { x: -x / k, y: -y / k, width, height }
    this.paintEdges(seen)
    const nodes = this.seenNodes(scene, seen)
    this.paintBoxes(scene, nodes)
    if (k >= readable) { for (const node of nodes) this.paintText(scene, node) }
    for (const node of nodes) this.paintCells(scene, node)
    this.paintChosen(scene)
    this.placeProxy()
  }

  private paintEdges(seen: Box): void {
    const { camera: { k }, context } = this
    context.strokeStyle = this.colour("--strong-line")
    context.fillStyle = context.strokeStyle
    // Thinner than a pixel it is drawn paler, so that a dense graph stays light.
    context.lineWidth = Math.max(1.4, 0.7 / k)
    context.globalAlpha = k < outlined ? 0.5 : 1
    for (const tile of this.tiles) {
      if (!meets(tile.box, seen)) continue
      if (k < readable) {
        context.stroke(tile.plain)
        continue
      }
      for (const { box, path } of tile.lines) if (meets(box, seen)) context.stroke(path)
      context.fill(tile.tips)
    }
    context.globalAlpha = 1
    if (this.chosenPaths === undefined) return
    context.strokeStyle = context.fillStyle = this.colour("--accent")
    context.lineWidth = Math.max(2, 1.5 / k)
    context.stroke(this.chosenPaths.lines)
    context.fill(this.chosenPaths.tips)
  }

  private seenNodes({ cards, layout }: Scene, seen: Box): ReadonlyArray<number> {
    const nodes: Array<number> = []
    for (let node = 0; node < cards.length; node++) {
      const [{ x, y }, { height, width }] = [layout.nodes[node]!, cards[node]!]
      if (x + width + 5 < seen.x || x > seen.x + seen.width) continue
      if (y + height + 5 < seen.y || y > seen.y + seen.height) continue
      nodes.push(node)
    }
    return nodes
  }

  /** Boxes of one family at a time: changing the colour costs more than a box. */
  private paintBoxes({ cards, layout }: Scene, nodes: ReadonlyArray<number>): void {
    const { camera: { k }, context } = this
    const byFamily = new Map<Family, Array<number>>()
    for (const node of nodes) {
      const { family } = this.looks[node]!
      const known = byFamily.get(family)
      if (known === undefined) byFamily.set(family, [node])
      else known.push(node)
    }
    for (const [family, members] of byFamily) {
      const ink = this.colour(`--state-${family}`)
      context.fillStyle = k < outlined ? ink : this.colour(`--state-${family}-soft`)
      context.strokeStyle = ink
      context.lineWidth = Math.max(1, 0.8 / k)
      for (const node of members) {
        const [{ x, y }, card] = [layout.nodes[node]!, cards[node]!]
        if (k < readable) {
          context.fillRect(x, y, card.width, card.height)
          if (k >= outlined) context.strokeRect(x, y, card.width, card.height)
          continue
        }
        context.beginPath()
        context.roundRect(x, y, card.width, card.height, card.isSmall ? card.height / 2 : 8)
        context.fill()
        context.stroke()
        if (card.task.mapped) this.strokeAt(x, y, Card.stackPath(card))
      }
    }
  }

  private strokeAt(x: number, y: number, path: string): void {
    const { context } = this
    context.translate(x, y)
    context.stroke(new Path2D(path))
    context.translate(-x, -y)
  }

  private paintText({ cards, layout }: Scene, node: number): void {
    const { context } = this
    const [{ x, y }, card, look] = [layout.nodes[node]!, cards[node]!, this.looks[node]!]
    const quiet = this.colour("--quiet")
    context.font = card.isSmall ? this.font(11.5) : this.font(13, 600)
    context.fillStyle = this.colour("--text")
    context.fillText(card.name, x + (card.isSmall ? 27 : 12), y + (card.isSmall ? 17 : 20))
    context.font = this.font(card.isSmall ? 11.5 : 12)
    if (card.isSmall) {
      context.fillStyle = this.colour(`--state-${look.family}`)
      context.fillText(look.glyph, x + 11, y + 17)
      return
    }
    let left = x + 12
    for (const { family, text } of look.status) {
      context.fillStyle = this.colour(`--state-${family}`)
      context.fillText(text, left, y + 37)
      if (look.status.length > 1) left += context.measureText(text).width + Card.spanGap
    }
    if (card.task.handlers.length > 0) {
      context.fillStyle = quiet
      context.textAlign = "end"
      context.fillText(Card.markOf(card.task), x + card.width - 10, y + 19)
      context.textAlign = "start"
    }
    if (card.task.mapped) {
      context.strokeStyle = quiet
      context.lineWidth = 1.6
      this.strokeAt(x, y, Card.openerPath(card))
    }
  }

  private paintCells({ cards, layout }: Scene, node: number): void {
    const { grid } = cards[node]!
    if (grid === undefined) return
    const { context } = this
    const { x, y } = layout.nodes[node]!
    const known = this.cells.get(node) ?? this.cellPaths(node, grid)
    this.cells.set(node, known)
    context.translate(x + Card.gridStart.x, y + Card.gridStart.y)
    for (const [family, path] of known) {
      context.fillStyle = this.colour(`--state-${family}`)
      context.fill(path, "evenodd")
    }
    context.translate(-x - Card.gridStart.x, -y - Card.gridStart.y)
  }

  private cellPaths(node: number, grid: CellGrid.CellGrid): Map<Family, Path2D> {
    const byFamily = CellGrid.byFamily(
      Math.min(grid.count, this.view.itemCount(node)),
      (cell) => this.view.familyOf(node, cell)
    )
    return new Map(families.flatMap((family) => {
      const cells = byFamily.get(family)
      return cells === undefined ? [] : [[family, new Path2D(CellGrid.path(grid, family, cells))]]
    }))
  }

  private paintChosen(scene: Scene): void {
    const { camera: { k }, chosen, context } = this
    if (chosen === undefined) return
    context.strokeStyle = this.colour("--accent")
    context.lineWidth = Math.max(2.5, 2 / k)
    const frame = (box: Box, by: number): void => {
      context.beginPath()
      context.roundRect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by, 4 + by)
      context.stroke()
    }
    frame(boxOf(scene, { node: chosen.node, item: undefined }), 2)
    if (chosen.item !== undefined && scene.cards[chosen.node]!.grid !== undefined) {
      frame(boxOf(scene, chosen), 1)
    }
  }

  // ---------------------------------------------------------------------------
  // What the page looks like
  // ---------------------------------------------------------------------------

  /** The value of a colour of the page, which a canvas cannot look up for itself. */
  private colour(name: string): string {
    const known = this.colours.get(name)
    if (known !== undefined) return known
    this.live.style.color = `var(${name})`
    const found = getComputedStyle(this.live).color
    this.live.style.color = ""
    this.colours.set(name, found)
    return found
  }

  private font(size: number, weight = 400): string {
    return `${weight} ${size}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`
  }
}

const tileOf = ({ box, edges }: EdgeTile): Tile => {
  const plain = new Path2D()
  for (const points of edges) {
    for (const [i, { x, y }] of points.entries()) {
      if (i === 0) plain.moveTo(x, y)
      else plain.lineTo(x, y)
    }
  }
  return {
    box,
    plain,
    lines: edges.map((points) => ({
      box: around(points),
      path: new Path2D(Curve.path(points))
    })),
    tips: new Path2D(edges.map(Curve.tip).join(""))
  }
}
