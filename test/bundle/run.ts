import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the program as it ships, without a terminal, in an environment of its own.
 * @param output A descriptor for its stdout, of which nothing is read then.
 */
export function prismDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  output: number | 'pipe' = 'pipe',
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: {PATH: process.env.PATH, LANG: 'C.UTF-8', TZ: 'UTC', ...env},
      stdio: ['ignore', output, 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      stdout += chunk
    })
    child.stderr?.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', code => resolve({code, stdout, stderr}))
  })
}
