/** Named checks that are counted, for scripts that look at many things. */

export interface Check {
  readonly name: string
  /** Fails when what it looks at does not hold. */
  readonly run: () => unknown
}

/**
 * Runs all of them, two at a time, says of each how it went, and ends with the line
 * `N passed, N failed`.
 */
export const runChecks = async (checks: ReadonlyArray<Check>): Promise<void> => {
  const waiting = [...checks]
  let failed = 0
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await holds(check))) failed += 1
    }
  }
  await Promise.all([worker(), worker()])

  process.exitCode = failed === 0 && checks.length > 0 ? 0 : 1
  console.log(`\n${checks.length - failed} passed, ${failed} failed`)
}

const holds = async ({ name, run }: Check): Promise<boolean> => {
  const start = performance.now()
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`
  try {
    await run()
    console.log(`ok     ${name} (${seconds()})`)
    return true
  } catch (error) {
    console.log(`FAILED ${name} (${seconds()})`)
    console.log(error instanceof Error ? error.message : error)
    return false
  }
}
