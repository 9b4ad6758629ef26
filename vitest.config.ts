import { playwright } from "@vitest/browser-playwright"
import { defineConfig } from "vitest/config"
import { chromiumFlags, chromiumPath } from "./scripts/chromium.ts"

const everywhere = ["test/**/*.test.ts"]
const onlyOnNode = ["test/platform/**", "test/**/*.node.test.ts"]
const inThePage = ["test/page/**"]

// To load the same modules anew for each file takes as long as many of the tests. None of them keeps
// anything that another file could notice.
const shared = { isolate: false } as const

declare module "vitest" {
  interface ProvidedContext {
    /** The runtime that a project means to test; `test/runtime.test.ts` checks that it does. */
    readonly runtime: "node" | "deno" | "browser"
  }
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    // The same on every machine: a forgotten `.only` must not turn the other tests off.
    allowOnly: false,
    testTimeout: 20_000,
    projects: [
      {
        test: {
          ...shared,
          name: "node",
          pool: "threads",
          include: everywhere,
          exclude: inThePage,
          provide: { runtime: "node" }
        }
      },
      {
        // Run by Deno itself: `npm run test:deno`.
        test: {
          ...shared,
          name: "deno",
          include: everywhere,
          exclude: [...onlyOnNode, ...inThePage],
          provide: { runtime: "deno" }
        }
      },
      {
        // A dependency that Vite meets in the middle of a run makes it reload the page, and the run
        // fails: name here what the tests import.
        optimizeDeps: {
          include: ["@effect/vitest", "effect", "effect/http", "effect/testing"]
        },
        test: {
          ...shared,
          name: "browser",
          include: everywhere,
          exclude: [...onlyOnNode, ...inThePage],
          provide: { runtime: "browser" },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromiumPath, args: [...chromiumFlags] }
            }),
            instances: [{ browser: "chromium" }]
          }
        }
      },
      {
        // The built playground in Chromium, which these tests drive from Node: test/page/page.ts.
        test: {
          name: "page",
          include: ["test/page/**/*.test.ts"],
          globalSetup: "test/page/setup.ts",
          // Each file has a browser of its own; more than two of them only wait for each other.
          maxWorkers: 2,
          // A busy machine may be too slow for a test once; a page that is wrong fails again.
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000
        }
      },
      {
        // What the compiler infers and what it refuses. These files are checked, never run.
        test: {
          name: "types",
          include: [],
          typecheck: { enabled: true, only: true, include: ["test/types/**/*.test-d.ts"] }
        }
      }
    ]
  }
})
