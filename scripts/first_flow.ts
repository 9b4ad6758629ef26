/** The first flow of the README, as the README says it. */

export interface FirstFlow {
  readonly code: string
  /** What the README says that it prints. */
  readonly prints: string
}

interface Block {
  readonly language: string
  readonly text: string
}

/** The blocks of a Markdown text that stand between three backticks, with their line breaks. */
const blocksOf = (markdown: string): ReadonlyArray<Block> =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .map(([, language = "", text = ""]) => ({ language, text }))

/** The first block of TypeScript, and the first block after it that is a plain text. */
export const firstFlowOf = (readme: string): FirstFlow => {
  const blocks = blocksOf(readme)
  const start = blocks.findIndex(({ language }) => language === "ts")
  const code = blocks[start]
  const prints = blocks.slice(start).find(({ language }) => language === "" || language === "text")
  if (code === undefined || prints === undefined) {
    throw new Error("The README shows no flow, or not what it prints")
  }
  return { code: code.text, prints: prints.text }
}
