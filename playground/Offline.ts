/**
 * Keeps the page for when there is no network.
 */
/// <reference types="vite/client" />

/**
 * Has the browser keep all files of the page, where it may: not while the page is developed, nor
 * while it follows a live run, which is gone when the network is.
 */
export const keepForOffline = async (): Promise<void> => {
  const isLive = new URLSearchParams(location.search).has("live")
  if (!import.meta.env.PROD || isLive || !isSecureContext) return
  if (!("serviceWorker" in navigator)) return
  const worker = navigator.serviceWorker
  const keep = (): void => worker.controller?.postMessage("keep")
  // A newer worker takes over as soon as it is there, and has files of its own to keep.
  worker.addEventListener("controllerchange", keep)
  try {
    await worker.register("./offline.js", { updateViaCache: "none" })
    keep()
  } catch {
    // A browser that is told to keep nothing shows the page all the same.
  }
}
