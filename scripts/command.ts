/** Running other programs. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** What a program prints to its output. Fails, with all it has printed, unless it ends well. */
export const outputOf = async (
  folder: string,
  command: string,
  ...args: ReadonlyArray<string>
): Promise<string> => {
  try {
    const { stdout } = await execute(command, args, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 64 * 1024 * 1024,
      timeout: 240_000
    })
    return stdout
  } catch (error) {
    const { message, stdout = "" } = error as Error & { readonly stdout?: string }
    throw new Error(`${stdout}\n${message}`.trim(), { cause: error })
  }
}
