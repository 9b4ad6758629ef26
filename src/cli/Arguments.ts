/**
 * What the command was asked for, read from its arguments and checked as far as they go.
 *
 * @module
 */
import { Data, Duration, Effect, Option } from "effect"
import { parseArgs, type ParseArgsOptionsConfig } from "node:util"
import * as FaultPlan from "../testing/FaultPlan.ts"

// -----------------------------------------------------------------------------
// Models
// -----------------------------------------------------------------------------

/** How a run is shown on a page. */
export interface Page {
  /** 0 for any that is free. */
  readonly port: number
}

/** What running and simulating have in common. */
export interface RunArguments {
  readonly file: string
  /** Values for the flow's parameters. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined
  /** Where the trace is written to. */
  readonly trace: string | undefined
  readonly page: Page | undefined
  /** Whether what a program may have written is kept out of the trace and the page. */
  readonly redact: boolean
  /** Whether only what the program prints is printed. */
  readonly quiet: boolean
}

/** What the command was asked for. */
export type Asked =
  | { readonly command: "help"; readonly about: CommandName | undefined }
  | { readonly command: "version" }
  | RunArguments & { readonly command: "run" }
  | RunArguments & {
    readonly command: "simulate"
    readonly seed: number
    readonly faults: FaultPlan.FaultPlan
    readonly until: Duration.Duration | undefined
    /** Whether HTTP requests are really sent. */
    readonly network: boolean
  }
  | { readonly command: "graph"; readonly file: string }

/** The commands that have a file to work on. */
export type CommandName = "run" | "simulate" | "graph"

/** The command was asked for what it does not know, or not rightly. */
export class UsageError extends Data.Error<{ readonly message: string }> {
  readonly _tag = "UsageError"
  override readonly name = "UsageError"
}

// -----------------------------------------------------------------------------
// Reading
// -----------------------------------------------------------------------------

const help = { type: "boolean", short: "h" } as const

const runOptions: ParseArgsOptionsConfig = {
  help,
  parameters: { type: "string" },
  trace: { type: "string" },
  ui: { type: "boolean" },
  port: { type: "string" },
  redact: { type: "boolean" },
  quiet: { type: "boolean", short: "q" }
}

const options: Readonly<Record<CommandName, ParseArgsOptionsConfig>> = {
  run: runOptions,
  simulate: {
    ...runOptions,
    seed: { type: "string" },
    faults: { type: "string" },
    until: { type: "string" },
    network: { type: "boolean" }
  },
  graph: { help }
}

const names = Object.keys(options) as ReadonlyArray<CommandName>

const isCommand = (name: string | undefined): name is CommandName =>
  names.includes(name as CommandName)

/** Reads the arguments that follow the name of the program. */
export const read = (argv: ReadonlyArray<string>): Effect.Effect<Asked, UsageError> => {
  const [name, ...rest] = argv
  if (isCommand(name)) return Effect.flatMap(parse(name, rest), (parsed) => readFor(name, parsed))
  if (name === "help") {
    const about = rest[0]
    return isCommand(about) || about === undefined
      ? Effect.succeed({ command: "help", about })
      : refuse(`Cannot explain "${about}": the commands are ${names.join(", ")}`)
  }
  if (name === undefined) return refuse("Cannot begin: no command is given")
  if (name === "--help" || name === "-h") {
    return Effect.succeed({ command: "help", about: undefined })
  }
  if (name === "--version") return Effect.succeed({ command: "version" })
  return refuse(
    name.startsWith("-")
      ? `Cannot begin: the command comes before its options (${name})`
      : `Cannot ${name}: there is no such command`
  )
}

interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: ReadonlyArray<string>
}

const parse = (
  name: CommandName,
  args: ReadonlyArray<string>
): Effect.Effect<Parsed, UsageError> =>
  Effect.try({
    try: () =>
      parseArgs({
        args: args.flatMap(withEquals(name)),
        options: options[name],
        allowPositionals: true
      }) as Parsed,
    catch: (error) => {
      const [sentence = ""] = String((error as Error).message).split(/[.\n] /)
      return usage(`Cannot ${name}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`)
    }
  })

/** A value below zero, as in `--seed -3`, is no option. */
const withEquals =
  (name: CommandName) =>
  (arg: string, index: number, args: ReadonlyArray<string>): ReadonlyArray<string> => {
    const takesText = (option: string | undefined): boolean => {
      const config = options[name][option?.replace(/^--/, "") ?? ""]
      return option?.startsWith("--") === true && config?.type === "string"
    }
    if (/^-\d/.test(arg) && takesText(args[index - 1])) return []
    const next = args[index + 1]
    return takesText(arg) && next !== undefined && /^-\d/.test(next) ? [`${arg}=${next}`] : [arg]
  }

const readFor = (
  command: CommandName,
  { positionals, values }: Parsed
): Effect.Effect<Asked, UsageError> => {
  if (values["help"] === true) return Effect.succeed({ command: "help", about: command })
  const [file, ...more] = positionals
  if (file === undefined) return refuse(`Cannot ${command}: no file is given`)
  if (more.length > 0) {
    return refuse(`Cannot ${command} ${positionals.length} files at once (${more.join(", ")})`)
  }
  if (command === "graph") return Effect.succeed({ command, file })
  return Effect.gen(function* () {
    const common = yield* readCommon(command, file, values)
    if (command === "run") return { command, ...common }
    return {
      command,
      ...common,
      seed: (yield* numberFrom("seed", values["seed"])) ?? 0,
      faults: yield* faultsFrom(values["faults"]),
      until: yield* durationFrom(values["until"]),
      network: values["network"] === true
    }
  })
}

const readCommon = (
  command: CommandName,
  file: string,
  values: Parsed["values"]
): Effect.Effect<RunArguments, UsageError> =>
  Effect.gen(function* () {
    const port = yield* numberFrom("port", values["port"])
    if (port !== undefined && values["ui"] !== true) {
      return yield* refuse(`Cannot ${command}: --port is for --ui, which is not given`)
    }
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      return yield* refuse(`Cannot ${command}: --port must be from 0 to 65535 (${port})`)
    }
    return {
      file,
      parameters: yield* parametersFrom(values["parameters"]),
      trace: textOf(values["trace"]),
      page: values["ui"] === true ? { port: port ?? 0 } : undefined,
      redact: values["redact"] === true,
      quiet: values["quiet"] === true
    }
  })

// -----------------------------------------------------------------------------
// Values
// -----------------------------------------------------------------------------

type Value = string | boolean | undefined

const textOf = (value: Value): string | undefined => typeof value === "string" ? value : undefined

const numberFrom = (name: string, value: Value): Effect.Effect<number | undefined, UsageError> => {
  const text = textOf(value)
  if (text === undefined) return Effect.undefined
  const number = text.trim() === "" ? Number.NaN : Number(text)
  return Number.isFinite(number)
    ? Effect.succeed(number)
    : refuse(`Cannot use --${name}: it must be a number (${JSON.stringify(text)})`)
}

const durationFrom = (
  value: Value
): Effect.Effect<Duration.Duration | undefined, UsageError> => {
  const text = textOf(value)
  if (text === undefined) return Effect.undefined
  const duration = Option.getOrUndefined(Duration.fromInput(text as Duration.Input))
  return duration === undefined
    ? refuse(
      `Cannot use --until: it must be a duration such as "2 hours" (${JSON.stringify(text)})`
    )
    : Effect.succeed(duration)
}

const faultsFrom = (value: Value): Effect.Effect<FaultPlan.FaultPlan, UsageError> =>
  Effect.mapError(
    FaultPlan.parse(textOf(value) ?? "[]"),
    ({ message }) => usage(`Cannot use --faults: ${message}`)
  )

const parametersFrom = (
  value: Value
): Effect.Effect<Readonly<Record<string, unknown>> | undefined, UsageError> => {
  const text = textOf(value)
  if (text === undefined) return Effect.undefined
  return Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => usage(`Cannot use --parameters: it must be JSON (${text})`)
  }).pipe(
    Effect.flatMap((parameters) =>
      typeof parameters === "object" && parameters !== null && !Array.isArray(parameters)
        ? Effect.succeed(parameters as Readonly<Record<string, unknown>>)
        : refuse(`Cannot use --parameters: it must be an object of values by name (${text})`)
    )
  )
}

const usage = (message: string): UsageError => new UsageError({ message })

const refuse = (message: string): Effect.Effect<never, UsageError> => Effect.fail(usage(message))
