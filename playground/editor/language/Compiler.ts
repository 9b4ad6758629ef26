/**
 * TypeScript's language service over files that are nowhere but in memory: the program's and the
 * declarations of a `TypePack`.
 */
import * as ts from "typescript"
import type { SourceFile } from "../../Store.ts"
import type { FirstLayer, Layer } from "./TypePack.ts"

const settings: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.esnext.d.ts"],
  types: [],
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true
}

/** The settings as they stand in a `tsconfig.json`. */
export const settingsAsJson: Readonly<Record<string, unknown>> = {
  ...settings,
  target: "esnext",
  module: "esnext",
  moduleResolution: "bundler",
  moduleDetection: "force",
  lib: ["esnext"]
}

interface VersionedFile {
  readonly version: number
  readonly text: string
  readonly snapshot: ts.IScriptSnapshot
}

/** The files, and the service that answers questions about them. */
export class Compiler {
  readonly service: ts.LanguageService
  readonly modules: FirstLayer["modules"]
  private readonly roots: ReadonlyArray<string>
  private readonly declarations = new Map<string, VersionedFile>()
  private readonly files = new Map<string, VersionedFile>()
  private readonly folders = new Set<string>(["/"])
  private version = 0

  constructor(first: FirstLayer) {
    this.modules = first.modules
    this.roots = first.roots
    this.addLayer(first)
    this.service = ts.createLanguageService(this.host(), ts.createDocumentRegistry(true))
  }

  addLayer({ declarations }: Layer): void {
    for (const [name, text] of Object.entries(declarations)) {
      this.declarations.set(name, this.versioned(indented(text)))
      for (let at = name.lastIndexOf("/"); at > 0; at = name.lastIndexOf("/", at - 1)) {
        this.folders.add(name.slice(0, at))
      }
    }
  }

  /** Replaces the files of the program. */
  setFiles(files: ReadonlyArray<SourceFile>): void {
    const before = new Map(this.files)
    this.files.clear()
    for (const { name, text } of files) {
      const known = before.get(name)
      this.files.set(name, known?.text === text ? known : this.versioned(text))
    }
  }

  /** The number of the last layer that the imports of the program ask for. */
  layerNeeded(): number {
    const imports = [...this.files.values()].flatMap((
      { text }
    ) => [...text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)])
    return Math.max(0, ...imports.map(([, specifier = ""]) => this.modules[specifier] ?? 0))
  }

  names(): ReadonlyArray<string> {
    return [...this.files.keys()]
  }

  /** The path of the file that an import of a module reads. */
  entryOf(specifier: string): string | undefined {
    const { resolvedModule } = ts.resolveModuleName(specifier, "/flow.ts", settings, this.host())
    return resolvedModule?.resolvedFileName
  }

  /** The text of a file that the compiler knows by a path. */
  textAt(path: string): string | undefined {
    return this.at(path)?.text
  }

  private versioned(text: string): VersionedFile {
    return { version: this.version++, text, snapshot: ts.ScriptSnapshot.fromString(text) }
  }

  private at(path: string): VersionedFile | undefined {
    return this.files.get(nameOf(path)) ?? this.declarations.get(path)
  }

  private host(): ts.LanguageServiceHost & ts.ModuleResolutionHost {
    return {
      getCompilationSettings: () => settings,
      getCurrentDirectory: () => "/",
      getDefaultLibFileName: () => "/lib/lib.esnext.d.ts",
      getScriptFileNames: () => [...this.roots, ...this.names().map(pathOf)],
      getScriptVersion: (path) => String(this.at(path)?.version ?? ""),
      getScriptSnapshot: (path) => this.at(path)?.snapshot,
      fileExists: (path) => this.at(path) !== undefined,
      readFile: (path) => this.at(path)?.text,
      directoryExists: (path) => this.folders.has(path),
      getDirectories: () => [],
      useCaseSensitiveFileNames: () => true
    }
  }
}

/** Declarations are fetched without indents, and shown with them. */
const indented = (declarations: string): string => {
  let depth = 0
  return declarations.split("\n").map((line) => {
    const indent = "  ".repeat(Math.max(0, /^[}\])]/.test(line) ? depth - 1 : depth))
    for (const [bracket] of line.matchAll(/[{}]/g)) depth += bracket === "{" ? 1 : -1
    return line === "" ? line : indent + line
  }).join("\n")
}

/** The path by which the compiler knows a file of the program. */
export const pathOf = (name: string): string => `/${name}`

/** The name of the program's file at a path. */
export const nameOf = (path: string): string => path.slice(1)
