import { defineConfig } from "vite"

export default defineConfig({
  // The built page works wherever it is put.
  base: "./",
  build: { outDir: "../dist/playground", emptyOutDir: true }
})
