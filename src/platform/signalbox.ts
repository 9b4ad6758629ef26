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

const command = Command.run(process.argv.slice(2))

process.exitCode = await Effect.runPromise(Effect.provideService(command, Host, processHost))
