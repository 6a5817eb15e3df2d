import {type ChildProcess, spawn} from 'node:child_process'
import {CannotLook} from '../host.ts'
import {type Share, within} from '../time-left.ts'
import {assertOpen} from './closing.ts'
import {ended, environment, findProgram} from './exec.ts'
import {signalGroup} from './process-group.ts'

interface StreamOptions extends Share {
  /** Milliseconds. */
  readonly timeout: number
  /** One of ours that the program has as its standard input: a directory, to start from. */
  readonly descriptor?: number
}

export interface StreamEnd {
  readonly exitCode: number
  readonly stderr: string
}

/** Bytes of stderr that are kept. */
const maxErrors = 1024 * 1024

/**
 * Runs a program as `exec` does, and hands on what it prints while it prints it: nothing of that is
 * kept, so there is no limit.
 * @throws CannotLook where it did not come to its own end, and what `onChunk` throws.
 */
export async function execStream(
  [program = '', ...args]: readonly string[],
  {timeout, descriptor, ...share}: StreamOptions,
  onChunk: (bytes: Buffer) => void,
): Promise<StreamEnd> {
  const file = findProgram(program)
  assertOpen()
  const child = spawn(file, args, {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: [descriptor ?? 'ignore', 'pipe', 'pipe'],
  })
  const limit = within(timeout, share)
  const outcome = await ended(streamed(child, program, onChunk), child, {program, limit})
  return outcome()
}

/** @returns how it ended, or throws that. */
function streamed(
  child: ChildProcess,
  program: string,
  onChunk: (bytes: Buffer) => void,
): Promise<() => StreamEnd> {
  const errors: Buffer[] = []
  let size = 0
  const keep = (bytes: Buffer): void => {
    size += bytes.length
    if (size > maxErrors) throw new CannotLook(`${program} complained of too much`)
    errors.push(bytes)
  }
  return new Promise(resolve => {
    const fail = (error: unknown): void =>
      resolve(() => {
        throw error
      })
    const attempt =
      (take: (bytes: Buffer) => void) =>
      (bytes: Buffer): void => {
        try {
          take(bytes)
        } catch (error) {
          signalGroup(child, 'SIGKILL')
          fail(error)
        }
      }
    child.stdout?.on('data', attempt(onChunk))
    child.stderr?.on('data', attempt(keep))
    child.on('error', ({message}) => fail(new CannotLook(`${program} could not run: ${message}`)))
    // Both streams have ended by then.
    child.on('close', (exitCode, signal) => {
      if (exitCode === null) fail(new CannotLook(`${program} was ended by ${signal}`))
      else resolve(() => ({exitCode, stderr: Buffer.concat(errors).toString('utf8')}))
    })
  })
}
