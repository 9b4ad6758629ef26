import { assert, describe, it } from "vitest"
import {
  decode,
  encode,
  LinkError,
  maxLength,
  type Shared
} from "../../../playground/share/Link.ts"
import { runtime } from "../../../playground/share/runtime.ts"
import repository from "../../../package.json" with { type: "json" }

const text = `import { Effect } from "effect"
import { Flow, Task } from "signalbox"

const greet = Task.make("greet", { run: () => Effect.succeed("Grüße, 世界 🚦") })

export const flow = Flow.make("greetings", function* () {
  return yield* greet()
})
`

const shared: Shared = {
  plan: {
    files: [{ name: "flow.ts", text }, { name: "words.ts", text: "export const word = 1\n" }],
    seed: 42,
    faults: [{ kind: "Fail", task: "greet", attempt: 1 }]
  },
  cursor: 3,
  runtime: "0.1.0"
}

/** Made by the first version there was. It is never to be made anew: it has to go on working. */
const ofVersion1 =
  "1.VZAxTsNAEEWvMvqVHa2sBKhWMh3hAnTZFMYeRyvbu9HuWgmyfANaKGjScQYKulwFiZYjoLURiHJG" +
  "T__9mQG1btlDbjaoW3vIgoeA7vbWBRropq65DDRS7WxHCjzNCsr8IuvWHgTdFb75w7zemaK9t8dIKlNa4wPtHHOgfEKzrmg4" +
  "UZh2CoIGcr2RlKSUX_9YM9-XJXOVKNy68_v5xII-3p4_nx7p6_TyqpDSmMZ4Pk5VZks8gvKp1T-JNjsfRXVvyqCtWUTXoAyR" +
  "49A7Qw-a22oxt0xSZWI2tmKDg3WVn__yzxT3lNMqYlsBz1xBXl0I1EXfhvjSAY02FSTWhW4hEArfQM59IFCEwN0-QK7GrUDZ" +
  "O28d5KWA603QHUNima2yJcZv"

const refusalOf = async (fragment: string): Promise<string> => {
  try {
    await decode(fragment)
  } catch (error) {
    assert.instanceOf(error, LinkError)
    return error.message
  }
  return assert.fail("it was opened")
}

/** A link of any content, as someone else could make it. */
const linkOf = async (bytes: Uint8Array<ArrayBuffer> | string): Promise<string> => {
  const deflated = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"))
  const packed = new Uint8Array(await new Response(deflated).arrayBuffer())
  const binary = Array.from(packed, (byte) => String.fromCharCode(byte)).join("")
  return `1.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`
}

describe("a program", () => {
  it("comes back from its link with its files, seed, faults, moment and version", async () => {
    assert.deepStrictEqual(await decode(await encode(shared)), shared)
  })

  it("at the end of its run is at the end again", async () => {
    const atEnd = { ...shared, cursor: Infinity }
    assert.deepStrictEqual(await decode(await encode(atEnd)), atEnd)
  })

  it("has a link of characters that no messenger changes", async () => {
    assert.match(await encode(shared), /^1\.[\w-]+$/)
  })

  it("of version 1 opens for ever", async () => {
    assert.deepStrictEqual(await decode(ofVersion1), shared)
  })
})

describe("an example as it came", () => {
  const example: Shared = {
    plan: { files: [], seed: 0, faults: [] },
    cursor: Infinity,
    runtime,
    example: "replace-a-state"
  }

  it("is its name", async () => {
    assert.strictEqual(await encode(example), "replace-a-state")
    assert.deepStrictEqual(await decode("replace-a-state"), example)
  })

  it("with another seed, faults and moment has them behind its name, and no text", async () => {
    const changed = { ...example, ...shared, example: "replace-a-state" }
    const link = await encode(changed)
    assert.match(link, /^replace-a-state\?seed=42&faults=.*&at=3&runtime=0\.1\.0$/)
    assert.deepStrictEqual(await decode(link), {
      ...changed,
      plan: { ...shared.plan, files: [] }
    })
  })

  it("with something that is no seed, moment or plan is refused", async () => {
    const damaged = /^Cannot open the link: it is damaged/
    assert.match(await refusalOf("replace-a-state?seed=x"), damaged)
    assert.match(await refusalOf("replace-a-state?seed="), damaged)
    assert.match(await refusalOf("replace-a-state?at=-1"), damaged)
    assert.match(await refusalOf("replace-a-state?faults=%5B1%5D"), damaged)
    assert.match(await refusalOf("%E0%A4%A"), damaged)
  })
})

describe("a link that cannot be opened says why", () => {
  it("nothing is no link", async () => {
    assert.isUndefined(await decode(""))
  })

  it("of a later version", async () => {
    assert.strictEqual(
      await refusalOf(ofVersion1.replace(/^1/, "2")),
      "Cannot open the link: it is of version 2, and this page knows 1; " +
        "perhaps a newer page can open it"
    )
  })

  it("too long", async () => {
    assert.strictEqual(
      await refusalOf(`1.${"A".repeat(maxLength)}`),
      "Cannot open the link: it has 200,002 characters, and 200,000 is the most"
    )
  })

  // Where only the mark of the end is missing, a runtime may be content with what it has: all of it.
  it("cut off anywhere", async () => {
    const damaged = "Cannot open the link: it is damaged, perhaps cut off"
    for (let length = 2; length < ofVersion1.length; length++) {
      const opened = await decode(ofVersion1.slice(0, length)).catch((error: LinkError) => error)
      if (opened instanceof LinkError) assert.include(opened.message, damaged)
      else assert.deepStrictEqual([ofVersion1.length - length < 4, opened], [true, shared])
    }
  })

  it("with characters that no link has", async () => {
    assert.match(await refusalOf("1.VZ+x"), /\(it has characters that no link has\)/)
    assert.match(await refusalOf("1.VZ%20"), /\(it has characters that no link has\)/)
  })

  it("of what is no deflated text", async () => {
    assert.match(await refusalOf("1.AAAA"), /: it is damaged/)
    assert.match(await refusalOf(await linkOf("not JSON")), /\(it holds no JSON\)/)
  })

  it("that unfolds to more than two megabytes, without unfolding all of it", async () => {
    const bomb = await linkOf(new Uint8Array(64 * 1024 * 1024))
    assert.isBelow(bomb.length, maxLength)
    assert.strictEqual(
      await refusalOf(bomb),
      "Cannot open the link: it unfolds to more than 2,000,000 bytes"
    )
  })

  it.each([
    ["null", "it holds no plan"],
    ["[]", "it holds no plan"],
    ["{}", "it names no version"],
    ['{"runtime":"1"}', "its files are no list"],
    ['{"runtime":"1","files":[]}', "it holds no file"],
    ['{"runtime":"1","files":["flow.ts"]}', "a file is none"],
    ['{"runtime":"1","files":[["../flow.ts","x"]]}', "a file has no proper name"],
    ['{"runtime":"1","files":[["a.ts","x"],["a.ts","y"]]}', "two files have the same name"],
    ['{"runtime":"1","files":[["a.ts","x"]],"seed":"7"}', "its seed is no whole number"],
    ['{"runtime":"1","files":[["a.ts","x"]],"seed":-1}', "its seed is no whole number"],
    ['{"runtime":"1","files":[["a.ts","x"]],"seed":1.5}', "its seed is no whole number"],
    ['{"runtime":"1","files":[["a.ts","x"]],"seed":4294967296}', "its seed is no whole number"],
    ['{"runtime":"1","files":[["a.ts","x"]],"cursor":1.5}', "its place in time is no count"],
    ['{"runtime":"1","files":[["a.ts","x"]],"faults":[{}]}', "a fault is none"]
  ])("of %s", async (json, reason) => {
    assert.include(await refusalOf(await linkOf(json)), `(${reason})`)
  })

  it("is not made of a program that is too long for one", async () => {
    let noise = ""
    for (let n = 1; noise.length < 400_000; n = (n * 48_271) % 2_147_483_647) {
      noise += n.toString(36)
    }
    const plan = { ...shared.plan, files: [{ name: "flow.ts", text: noise }] }
    const error: unknown = await encode({ ...shared, plan }).catch((error: unknown) => error)
    assert.instanceOf(error, LinkError)
    assert.match(error.message, /^Cannot make a link: it would have \d\d\d,\d\d\d characters/)
  })
})

it("links name the version that the package has", () => {
  assert.strictEqual(runtime, repository.version)
})
