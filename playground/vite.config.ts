import { defineConfig } from "vite"
import { offline } from "./build/offline.ts"
import { recordedRun } from "./build/recorded_run.ts"
import { sandbox } from "./build/sandbox.ts"
import { typePack } from "./build/types.ts"

export default defineConfig({
  // The built page works wherever it is put.
  base: "./",
  plugins: [recordedRun(), sandbox(), typePack(), offline()],
  build: {
    outDir: "../dist/playground",
    emptyOutDir: true,
    // Every browser that has what the page needs has this, too.
    modulePreload: { polyfill: false }
  }
})
