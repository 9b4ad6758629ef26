/** Lays out a graph off the page's thread. */
import { layered } from "../../src/graph/Layout.ts"

addEventListener("message", ({ data }: MessageEvent<Parameters<typeof layered>[0]>) => {
  postMessage(layered(data))
})
