import {spawn} from 'node:child_process'
import {CannotLook} from '../host.ts'
import {closing} from './closing.ts'
import {environment, findProgram} from './exec.ts'

interface StreamOptions {
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
export function execStream(
  [program = '', ...args]: readonly string[],
  {timeout, descriptor}: StreamOptions,
  onChunk: (bytes: Buffer) => void,
): Promise<StreamEnd> {
  const child = spawn(findProgram(program), args, {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: [descriptor ?? 'ignore', 'pipe', 'pipe'],
  })
  const errors: Buffer[] = []
  let size = 0
  const keep = (bytes: Buffer): void => {
    size += bytes.length
    if (size > maxErrors) throw new CannotLook(`${program} complained of too much`)
    errors.push(bytes)
  }
  const ended = new Promise<StreamEnd>((resolve, reject) => {
    const fail = (error: unknown): void => {
      child.kill('SIGKILL')
      // One that sleeps on a dead mount is not waited for.
      for (const stream of [child.stdout, child.stderr]) stream?.destroy()
      child.unref()
      reject(error)
    }
    const attempt =
      (take: (bytes: Buffer) => void) =>
      (bytes: Buffer): void => {
        try {
          take(bytes)
        } catch (error) {
          fail(error)
        }
      }
    const giveUp = (why: string) => () => fail(new CannotLook(`${program} ${why}`))
    const close = giveUp('was ended: nobody waits for it any more')
    const timer = setTimeout(giveUp(`did not end within ${timeout / 1000} s`), timeout)
    closing.addEventListener('abort', close)
    child.stdout?.on('data', attempt(onChunk))
    child.stderr?.on('data', attempt(keep))
    child.on('error', ({message}) => fail(new CannotLook(`${program} failed: ${message}`)))
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer)
      closing.removeEventListener('abort', close)
      if (exitCode === null) fail(new CannotLook(`${program} was ended by ${signal}`))
      else resolve({exitCode, stderr: Buffer.concat(errors).toString('utf8')})
    })
  })
  return ended
}
