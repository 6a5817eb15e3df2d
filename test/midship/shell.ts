import {run} from '../container/container.ts'

/** Runs a script for bash inside; throws when it fails. */
export async function shell(instance: number, script: string): Promise<string> {
  const {exitCode, stdout, stderr} = await run(instance, ['bash', '-euc', script], {timeout: 300})
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${script}\n${stdout}${stderr}`)
  return stdout
}
