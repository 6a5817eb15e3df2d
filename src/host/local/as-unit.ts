import {type ChildProcess, spawn} from 'node:child_process'
import {type AsUnitOptions, CannotLook, type ExecAnswer} from '../host.ts'
import {inSeconds, within} from '../time-left.ts'
import {refuse} from './accepted.ts'
import {assertOpen, closing} from './closing.ts'
import {environment, findProgram} from './exec.ts'
import {stopUnit} from './running-units.ts'
import {createPrepare} from './transient.ts'
import {endOf} from './unit-end.ts'

/** Bytes. */
const defaultLimit = 4 * 1024 * 1024
const stderrLimit = 1024 * 1024

/**
 * Host.asUnit, and as the hands use it: `unbounded` leaves the program the memory and the processes
 * of the unit.
 */
export type AsUnit = (
  unit: string,
  argv: readonly string[],
  options?: AsUnitOptions & {readonly unbounded?: boolean},
) => Promise<ExecAnswer>

/**
 * Runs programs as units would run them, by transient units: `systemd-run --pipe --wait`. What the
 * unit is given in Environment= goes through a file of root's, never through an argv.
 */
export function createAsUnit(): AsUnit {
  const prepare = createPrepare()
  return async (unit, argv, options = {}) => {
    const {limit = defaultLimit, unbounded = false, input, fence} = options
    const [what = ''] = argv
    for (;;) {
      if (options.timeout !== undefined && options.timeout <= 0)
        throw new CannotLook(`no time was left to run ${what}`)
      const timeout = within(options.timeout ?? 10_000)
      const transient = await prepare(unit, argv, options, {timeout, unbounded})
      let stopping: Promise<void> = Promise.resolve()
      const stop = (): void => {
        stopping = stopUnit(transient.name)
      }
      try {
        const args = transient.command('--pipe')
        const ended = await run(args, {input, timeout, limit, what, stop})
        if (ended.exitCode === 0) return fenced(ended, fence)
        const end = await endOf(transient.name)
        if (end.kind === 'exited') return fenced({...ended, exitCode: end.status}, fence)
        if (end.kind === 'killed') return fenced({...ended, exitCode: null}, fence)
        if (end.kind === 'timeout')
          throw new CannotLook(`${what} did not end within ${inSeconds(timeout)}`)
        if (end.kind === 'not-started')
          return {exitCode: end.status || null, stdout: '', stderr: end.said, notStarted: end.step}
        // Before systemd 256 systemd-run itself looks for the program.
        if (/Failed to find executable/.test(ended.stderr))
          return {exitCode: 203, stdout: '', stderr: ended.stderr, notStarted: '203/EXEC'}
        // It says which setting it does not take: once more, in other words or without.
        refuse(ended.stderr, args)
      } finally {
        // Who asked does not wait for that; what is not stopped by the end is stopped then.
        stopping.then(transient.release, () => undefined)
      }
    }
  }
}

/** The line behind the last fence; nothing where there is none. */
function fenced(answer: ExecAnswer, fence: string | undefined): ExecAnswer {
  if (fence === undefined) return answer
  const at = answer.stdout.lastIndexOf(fence)
  const behind = at < 0 ? '' : answer.stdout.slice(at + fence.length)
  return {...answer, stdout: behind.split('\n', 1)[0] ?? ''}
}

interface RunOptions {
  readonly input: string | undefined
  /** Milliseconds. */
  readonly timeout: number
  readonly limit: number
  /** What is run, for a sentence. */
  readonly what: string
  /** Stops the unit. */
  readonly stop: () => void
}

/**
 * Runs systemd-run, and stops the unit when it takes too long, says too much, or nobody waits any
 * more.
 */
async function run(args: readonly string[], options: RunOptions): Promise<ExecAnswer> {
  const {input, timeout, limit, what, stop} = options
  assertOpen()
  const child = spawn(findProgram('systemd-run'), args, {
    cwd: '/',
    env: environment,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // A program need not read what it is given.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  let isGivenUp = false
  let giveUp = (_why: string): void => undefined
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = why => {
      if (isGivenUp) return
      isGivenUp = true
      child.kill('SIGKILL')
      stop()
      reject(new CannotLook(why))
    }
  })
  const out = collect(child.stdout, limit, () => giveUp(`${what} printed more than ${limit} bytes`))
  const err = collect(child.stderr, stderrLimit, () => undefined)
  const late = (): void => giveUp(`${what} did not end within ${inSeconds(timeout)}`)
  const timer = setTimeout(late, timeout)
  const close = (): void => giveUp(`nobody waits for ${what} any more`)
  closing.addEventListener('abort', close)
  try {
    const exitCode = await Promise.race([exitOf(child, 'close'), givenUp])
    return {exitCode, stdout: out(), stderr: err()}
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', close)
  }
}

/**
 * The exit code of systemd-run; null where a signal ended it.
 * @param ends `close` waits for what it printed, too.
 */
export function exitOf(child: ChildProcess, ends: 'close' | 'exit'): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', ({code}: NodeJS.ErrnoException) =>
      reject(new CannotLook(`systemd-run could not be run: ${code ?? 'unknown error'}`)),
    )
    child.on(ends, resolve)
  })
}

/** Keeps the first bytes of a stream, and reads on, so that whoever writes can end. */
function collect(
  stream: NodeJS.ReadableStream | null,
  limit: number,
  onMore: () => void,
): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    if (size < limit) chunks.push(chunk.subarray(0, limit - size))
    size += chunk.length
    if (size > limit) onMore()
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
