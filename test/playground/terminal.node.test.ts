/** The line of progress on a terminal, as someone in front of it sees it. */
import { assert, it } from "vitest"
import { eraseLine, liveTerminal } from "../../scripts/terminal.ts"

/** A screen that knows new lines and erased ones, and never scrolls. */
const makeScreen = (columns: number) => {
  let lines = [""]
  const append = (text: string): void => {
    const [first, ...rest] = text.split("\n")
    lines = [...lines.slice(0, -1), `${lines.at(-1)}${first}`, ...rest]
  }
  const write = (text: string): void => {
    for (const [index, part] of text.split(eraseLine).entries()) {
      if (index > 0) lines = [...lines.slice(0, -1), ""]
      append(part)
    }
  }
  return { columns, write, lines: () => lines }
}

it("one line of progress is rewritten, and goes away in the end", () => {
  const screen = makeScreen(80)
  const terminal = liveTerminal(screen, screen)
  terminal.progress("[0/2] one")
  terminal.progress("[1/2] two")
  assert.deepStrictEqual(screen.lines(), ["[1/2] two"])
  terminal.clear()
  assert.deepStrictEqual(screen.lines(), [""])
})

it("what is printed stands above the progress, whole", () => {
  const screen = makeScreen(80)
  const terminal = liveTerminal(screen, screen)
  terminal.out("before")
  terminal.progress("[0/2] one")
  terminal.out("a handler\nof two lines")
  terminal.err("another program")
  terminal.progress("[1/2] two")
  assert.deepStrictEqual(screen.lines(), [
    "before",
    "a handler",
    "of two lines",
    "another program",
    "[1/2] two"
  ])
})

it("progress never wraps, whether or not the terminal tells its width", () => {
  for (const [columns, shown] of [[10, 9], [0, 79]] as const) {
    const screen = makeScreen(columns)
    liveTerminal(screen, screen).progress("x".repeat(200))
    assert.deepStrictEqual(screen.lines(), ["x".repeat(shown)])
  }
})

it("nothing is written below a question until it is answered", () => {
  const screen = makeScreen(80)
  const terminal = liveTerminal(screen, screen)
  terminal.progress("[0/2] one")
  const answered = terminal.question("really?")
  screen.write("ye")
  terminal.progress("[1/2] two")
  assert.deepStrictEqual(screen.lines(), ["really?", "ye"])
  screen.write("s\n")
  answered()
  assert.deepStrictEqual(screen.lines(), ["really?", "yes", "[1/2] two"])
  terminal.out("after")
  assert.deepStrictEqual(screen.lines(), ["really?", "yes", "after", "[1/2] two"])
})
