/**
 * What the command needs of the platform that it runs on.
 *
 * @module
 */
import { Context, Data, type Effect, type Scope } from "effect"
import type { Backlog } from "./Backlog.ts"

/** The platform refused something, such as a file that is not there. */
export class HostError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "HostError"
  override readonly name = "HostError"
}

/** A page that shows a run. */
export interface ServeOptions {
  /** The lines of the run, as they come. */
  readonly backlog: Backlog
  /** 0 for any that is free. */
  readonly port: number
}

/** A process with its files, its terminal and its network. */
export interface Host {
  /** Prints a line. */
  readonly out: (line: string) => void
  /** Prints a line where errors and remarks go. */
  readonly err: (line: string) => void
  /** The version of this package. */
  readonly version: Effect.Effect<string, HostError>
  /** What a file of the user exports. */
  readonly load: (file: string) => Effect.Effect<Readonly<Record<string, unknown>>, HostError>
  /** Begins a file; each line that is then given is added to it. */
  readonly write: (
    file: string
  ) => Effect.Effect<(line: string) => void, HostError, Scope.Scope>
  /** Shows a run on a page of this machine; gives its address. */
  readonly serve: (options: ServeOptions) => Effect.Effect<string, HostError, Scope.Scope>
  /** Ends when the person presses Ctrl-C, or something else asks the process to end. */
  readonly interrupted: Effect.Effect<void>
}

/** The service of the platform that the command runs on. */
export const Host: Context.Service<Host, Host> = Context.Service("signalbox/cli/Host")
