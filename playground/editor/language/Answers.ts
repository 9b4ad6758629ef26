/**
 * What the compiler is asked and what it answers, as data that crosses to a worker and back. Places
 * are offsets in UTF-16 units, from 0.
 */
import type { SourceFile } from "../../Store.ts"

/** A part of a file. */
export interface Span {
  readonly file: string
  readonly from: number
  readonly to: number
}

/** Something that the compiler has to say about a file of the program. */
export interface Finding extends Span {
  readonly severity: "error" | "warning" | "hint"
  /** Whether the text can not even be read; such a program is not run by itself. */
  readonly isSyntax: boolean
  readonly isUnused: boolean
  readonly isDeprecated: boolean
  readonly code: number
  readonly message: string
}

/** One way to go on. */
export interface Proposal {
  readonly name: string
  /** What it is, in the compiler's words: `function`, `const`, `property` and so on. */
  readonly kind: string
  /** Proposals with a smaller text come first. */
  readonly order: string
  /** What is inserted, where that is not the name. */
  readonly insert?: string
  /** Where the text begins that is replaced, where that is not the same for all. */
  readonly from?: number
  readonly isDeprecated?: boolean
  /** The module that it has to be imported from first. */
  readonly module?: string
}

/** All ways to go on from a place. */
export interface Proposals {
  /** Where the text begins that is replaced. */
  readonly from: number
  readonly proposals: ReadonlyArray<Proposal>
}

/** What something is and what it is good for. */
export interface Explanation {
  readonly from: number
  readonly to: number
  /** Its type, as TypeScript. */
  readonly signature: string
  readonly documentation: string
}

/** The signature of a call, while its arguments are written. */
export interface CallSignature {
  /** Where its arguments begin. */
  readonly from: number
  readonly signature: string
  /** The part of the signature that is the argument being written. */
  readonly argument: readonly [from: number, to: number] | undefined
  readonly documentation: string
}

/** Where something is defined. */
export interface Definition extends Span {
  readonly name: string
  /** The text of the file, if it is none of the program's. */
  readonly text: string | undefined
}

/** A text to be put in place of a part of a file. */
export interface Edit extends Span {
  readonly text: string
}

/** What can be asked. */
export interface Language {
  readonly problems: () => ReadonlyArray<Finding>
  readonly proposals: (file: string, at: number) => Proposals | undefined
  readonly explainProposal: (
    file: string,
    at: number,
    proposal: Proposal
  ) => Explanation | undefined
  readonly explain: (file: string, at: number) => Explanation | undefined
  readonly callSignature: (file: string, at: number) => CallSignature | undefined
  readonly definition: (file: string, at: number) => Definition | undefined
  /** How the files that import a file have to change when it is called differently. */
  readonly renameFile: (file: string, name: string) => ReadonlyArray<Edit>
}

/** What the page tells the worker. */
export type Request =
  | { readonly layers: ReadonlyArray<string> }
  | {
    readonly id: number
    /** All files of the program, if they have changed since the last request. */
    readonly files: ReadonlyArray<SourceFile> | undefined
    readonly question: keyof Language
    readonly about: ReadonlyArray<unknown>
  }

/** What the worker tells the page. */
export type Response =
  | { readonly isReady: true }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number | undefined; readonly error: string }
