import {spawnSync} from 'node:child_process'
import {closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs'
import {UsageError} from '../../report/usage-error.ts'
import {findProgram} from './exec.ts'
import {ownDirectory} from './own-directory.ts'

/**
 * One who changes the machine at a time. flock(2) locks what we have opened, and whatever ends us
 * ends the lock: none is ever left behind. Node cannot ask for it, so flock(1) does, on our own
 * descriptor.
 * @returns what gives it back.
 * @throws UsageError while another run holds it, and where others could write there; an errno where
 *   nothing can be written.
 */
export function takeLock(directory: string): () => void {
  const file = `${ownDirectory(directory)}/lock`
  const descriptor = openSync(
    file,
    constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
    0o600,
  )
  const {status} = spawnSync(
    findProgram('flock'),
    ['--nonblock', '--conflict-exit-code', '75', '3'],
    {
      stdio: ['ignore', 'ignore', 'ignore', descriptor],
      env: {},
    },
  )
  if (status === 0) {
    try {
      ftruncateSync(descriptor)
      writeSync(descriptor, `${process.pid}\n`, 0)
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
    return () => closeSync(descriptor)
  }
  closeSync(descriptor)
  if (status !== 75) throw new UsageError(`${file} cannot be locked; install flock (util-linux)`)
  const pid = readFileSync(file, 'utf8').trim()
  throw new UsageError(
    `another --fix or undo is at work (pid ${pid || 'unknown'}); wait until it has ended`,
  )
}
