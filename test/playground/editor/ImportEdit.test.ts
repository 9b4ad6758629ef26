/**
 * How the editor of the playground adds a name to the imports of a program.
 */
import { assert, it } from "@effect/vitest"
import { importEdit } from "../../../playground/editor/ImportEdit.ts"

const imported = (text: string, name: string, module: string): string => {
  const edit = importEdit(text, name, module)
  return edit === undefined ? text : text.slice(0, edit.from) + edit.insert + text.slice(edit.to)
}

it("a name joins the others of its module, in order", () => {
  assert.strictEqual(
    imported('import { Console, Schema } from "effect"\n', "Effect", "effect"),
    'import { Console, Effect, Schema } from "effect"\n'
  )
  assert.strictEqual(
    imported('import { type Flow, Task } from "signalbox"\n', "State", "signalbox"),
    'import { type Flow, State, Task } from "signalbox"\n'
  )
})

it("a name comes last where the others are in no order", () => {
  assert.strictEqual(
    imported('import { Schema, Console } from "effect"\n', "Effect", "effect"),
    'import { Schema, Console, Effect } from "effect"\n'
  )
})

it("a list on several lines stays one", () => {
  assert.strictEqual(
    imported('import {\n  Effect,\n  Schema\n} from "effect"\n', "Layer", "effect"),
    'import {\n  Effect,\n  Layer,\n  Schema\n} from "effect"\n'
  )
})

it("a name that is imported stays as it is", () => {
  assert.isUndefined(importEdit('import { Effect } from "effect"\n', "Effect", "effect"))
})

it("a module that is not imported gets a line in its place", () => {
  const program = 'import { Flow } from "signalbox"\n\nexport const flow = 1\n'
  assert.strictEqual(
    imported(program, "Effect", "effect"),
    `import { Effect } from "effect"\n${program}`
  )
  assert.strictEqual(
    imported(program, "Simulation", "signalbox/testing"),
    'import { Flow } from "signalbox"\nimport { Simulation } from "signalbox/testing"\n' +
      "\nexport const flow = 1\n"
  )
})

it("the first import comes after the comment at the head", () => {
  assert.strictEqual(
    imported("/**\n * A flow.\n */\nconst x = 1\n", "Effect", "effect"),
    '/**\n * A flow.\n */\nimport { Effect } from "effect"\nconst x = 1\n'
  )
  assert.strictEqual(imported("", "Effect", "effect"), 'import { Effect } from "effect"\n')
})

it("what is imported as a whole, or from elsewhere, is left alone", () => {
  const program = 'import * as E from "effect"\nimport x from "./x.ts"'
  assert.strictEqual(
    imported(program, "Effect", "effect"),
    'import * as E from "effect"\nimport x from "./x.ts"\nimport { Effect } from "effect"\n'
  )
})
