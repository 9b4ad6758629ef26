/**
 * Declarations without what only their authors read: each comment is cut to its beginning, and one
 * that repeats what was said before is left out.
 */
import ts from "typescript"

/** How much of a comment is kept, in characters. */
export interface Room {
  /** For a paragraph of several sentences; the first one is kept anyway. */
  readonly paragraph: number
  /** For a sentence. */
  readonly sentence: number
}

const little: Room = { paragraph: 60, sentence: 120 }

/** The text of a declaration file with short comments, without indents and blank lines. */
export const withShortComments = (declarations: string, room: Room = little): string => {
  const said = new Set<string>()
  const pieces: Array<string> = []
  for (const { kind, text } of tokensOf(declarations)) {
    if (!isComment(kind)) pieces.push(text)
    else if (text.startsWith("/// <reference")) pieces.push(text)
    else {
      const short = text.startsWith("/**") ? shortened(text, room) : ""
      if (!said.has(short)) pieces.push(short)
      said.add(short)
    }
  }
  return pieces.join("").replace(/\s*\n\s*/g, "\n").trim()
}

/** The text of a declaration file without any comment that is not a reference. */
export const withoutComments = (declarations: string): string =>
  withShortComments(declarations).replace(/\/\*\*.*?\*\/\n?/g, "")

const isComment = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia

interface Token {
  readonly kind: ts.SyntaxKind
  readonly text: string
}

/** The scanner alone does not know that a brace can go on with a template type. */
function* tokensOf(text: string): Generator<Token> {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  const inTemplate: Array<boolean> = []
  let kind = scanner.scan()
  while (kind !== ts.SyntaxKind.EndOfFileToken) {
    if (kind === ts.SyntaxKind.TemplateHead) inTemplate.push(true)
    else if (kind === ts.SyntaxKind.OpenBraceToken) inTemplate.push(false)
    else if (kind === ts.SyntaxKind.CloseBraceToken && inTemplate.at(-1) === true) {
      kind = scanner.reScanTemplateToken(false)
      if (kind === ts.SyntaxKind.TemplateTail) inTemplate.pop()
    } else if (kind === ts.SyntaxKind.CloseBraceToken) inTemplate.pop()
    yield { kind, text: scanner.getTokenText() }
    kind = scanner.scan()
  }
}

const shortened = (comment: string, room: Room): string => {
  const lines = comment.slice(3, -2).split("\n").map((line) => line.replace(/^\s*\*/, "").trim())
  const start = lines.findIndex((line) => line !== "")
  const end = lines.findIndex((line, at) => at > start && (line === "" || line.startsWith("@")))
  const paragraph = lines.slice(start, end === -1 ? undefined : end).join(" ").trim()
  const deprecation = lines.find((line) => line.startsWith("@deprecated"))
  const text = [/^(@|\*\*)/.test(paragraph) ? "" : firstSentences(paragraph, room), deprecation]
    .filter((part) => part !== undefined && part !== "")
    .join(" ")
  return text === "" ? "" : `/** ${text} */`
}

/** As many sentences as there is room for; of a long one, what fits. */
const firstSentences = (paragraph: string, room: Room): string => {
  const ends = [...paragraph.matchAll(/[.!?](?=\s|$)/g)].map(({ index }) => index + 1)
  const text = paragraph.slice(0, ends.findLast((end) => end <= room.paragraph) ?? ends[0])
  if (text.length <= room.sentence) return text
  return `${text.slice(0, room.sentence).replace(/\s\S*$/, "")} …`
}
