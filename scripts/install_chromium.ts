/** Unpacks the Chromium of the browser tests, if that has not been done yet. */
import { installChromium } from "./chromium.ts"

await installChromium()
