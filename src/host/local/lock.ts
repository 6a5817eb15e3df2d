import {spawnSync} from 'node:child_process'
import {closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs'
import {UsageError} from '../../report/usage-error.ts'
import {findProgram} from './exec.ts'
import {assertOwn, ownDirectory} from './own-directory.ts'

/**
 * One who changes the machine at a time. flock(2) locks what we have opened, and whatever ends us
 * ends the lock: none is ever left behind. Node cannot ask for it, so flock(1) does, on our own
 * descriptor.
 */
export interface Lock {
  /**
   * Writes down who holds it, for whoever is refused.
   * @throws an errno where nothing can be written.
   */
  sign(): void
  release(): void
}

/**
 * @returns what gives it back.
 * @throws UsageError while another run holds it, and where others could write there; an errno where
 *   nothing can be written.
 */
export function takeLock(directory: string): () => void {
  const lock = locked(`${ownDirectory(directory)}/lock`, constants.O_CREAT)
  try {
    lock.sign()
  } catch (error) {
    lock.release()
    throw error
  }
  return lock.release
}

/**
 * The lock where there is one already: nothing is written, so that a run which finds nothing to do
 * leaves no trace.
 * @returns null where no run has changed anything on this machine yet.
 * @throws as takeLock.
 */
export function findLock(directory: string): Lock | null {
  try {
    assertOwn(directory)
    return locked(`${directory}/lock`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Does something that no other run may do meanwhile, and waits for it, a few seconds at most.
 * @returns whether it was done: another run may hold the lock for longer.
 * @throws an errno where nothing can be written.
 */
export function whileLocked(file: string, act: () => void): boolean {
  const descriptor = openLock(file, constants.O_CREAT)
  try {
    if (flock(descriptor, ['--timeout', '3']) !== 0) return false
    act()
    return true
  } finally {
    closeSync(descriptor)
  }
}

function openLock(file: string, flags: number): number {
  return openSync(file, constants.O_RDWR | constants.O_NOFOLLOW | flags, 0o600)
}

/** @returns 0 where it is ours now, 75 where another has it, or why flock(1) could not be asked. */
function flock(descriptor: number, wait: readonly string[]): number | null {
  const argv = [...wait, '--conflict-exit-code', '75', '3']
  return spawnSync(findProgram('flock'), argv, {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
    env: {},
  }).status
}

function locked(file: string, flags = 0): Lock {
  const descriptor = openLock(file, flags)
  const status = flock(descriptor, ['--nonblock'])
  if (status === 0) return held(descriptor)
  closeSync(descriptor)
  if (status !== 75) throw new UsageError(`${file} cannot be locked; install flock (util-linux)`)
  const pid = readFileSync(file, 'utf8').trim()
  throw new UsageError(
    `another --fix or undo is at work (pid ${pid || 'unknown'}); wait until it has ended`,
  )
}

function held(descriptor: number): Lock {
  let isSigned = false
  return {
    sign() {
      isSigned = true
      ftruncateSync(descriptor)
      writeSync(descriptor, `${process.pid}\n`, 0)
    },
    release() {
      try {
        // The next one may hold it unsigned.
        if (isSigned) ftruncateSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
    },
  }
}
