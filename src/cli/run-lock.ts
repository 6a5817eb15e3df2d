import {existsSync} from 'node:fs'
import {findLock, takeLock} from '../host/local/lock.ts'
import {UsageError} from '../report/usage-error.ts'

/** The lock of a run. */
interface RunLock {
  readonly claim: () => boolean
  /** Why it could not be written, so that nothing will be changed: a full disk. */
  unwritable(): Error | null
  release(): void
}

/**
 * Held from the start where an earlier run has made the lock, so that nobody changes what is being
 * looked at; it is made and written to only when there is something to do.
 * @param acts False: nobody is kept from anything.
 */
export function runLock(directory: string, acts: boolean): RunLock {
  let unwritable: Error | null = null
  const attempt = <T>(take: () => T): T | null => {
    try {
      return take()
    } catch (error) {
      if (!(error instanceof Error) || error instanceof UsageError || !('code' in error))
        throw error
      unwritable = error
      return null
    }
  }
  const found = acts ? attempt(() => findLock(directory)) : null
  let release = (): void => found?.release()
  return {
    claim() {
      if (!acts) return false
      if (found) {
        attempt(found.sign)
        return false
      }
      // Another first run may have made it, and have ended since.
      const isThere = existsSync(`${directory}/lock`)
      release = attempt(() => takeLock(directory)) ?? release
      return isThere
    },
    unwritable: () => unwritable,
    release: () => release(),
  }
}
