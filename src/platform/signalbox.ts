#!/usr/bin/env node
/**
 * The `signalbox` command, on Node and on Deno.
 *
 * @module
 */
import { Effect } from "effect"
import process from "node:process"
import * as Command from "../cli/Command.ts"
import { Host } from "../cli/Host.ts"
import { processHost } from "./ProcessHost.ts"

// Whoever reads may leave before the end, as `head` does. The run is not to die of it half done.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
  })
}

const command = Command.run(process.argv.slice(2))

process.exitCode = await Effect.runPromise(Effect.provideService(command, Host, processHost))
