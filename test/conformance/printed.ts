/**
 * Printed forms: `Running("Running flow.")` and `<Flow: name=etl>` for the recorded
 * `<Running: "Running flow.">` and `<Flow: name="etl">`, and `true` for Python's `True`.
 *
 * @module
 */
import { State } from "signalbox"

// A message stands in quotes as it is, with its own among them.
const printedState = new RegExp(`<(${State.tags.join("|")})(?:: (".*?"))?>`, "gs")

/** A recorded text with the forms that this engine prints. */
export const translatePrinted = (text: string): string =>
  text
    .replaceAll(printedState, (_text, name: string, message = "") => `${name}(${message})`)
    .replaceAll(/<Flow: name="([^"]*)">/g, "<Flow: name=$1>")

const literals: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" }

/** A recorded name or message in which a compared value is printed. */
export const translateLiterals = (text: string): string =>
  /^(CompareValue: |case\(|Provided value )/.test(text)
    ? text.replaceAll(
      /(["(])(True|False|None)(?=[")])/g,
      (_text, before: string, word: string) => before + literals[word]
    )
    : text
