import {readFileSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {CannotLook} from '../host/host.ts'
import {exec} from '../host/local/exec.ts'
import {hangingAt} from '../host/local/hanging-at.ts'
import {isRemote, parseMountinfo} from '../host/mountinfo.ts'
import {UsageError} from '../report/usage-error.ts'

/** Milliseconds that a file system is given. */
const patience = 2000

/**
 * Tries the files of a command line where a child can be ended: this process could not be, once it
 * waits for a file system whose server is gone. Nothing is tried on a machine that has no such
 * mount.
 * @param paths as they are given; one may be a file that is yet to be made.
 * @throws UsageError for the first that does not answer.
 */
export async function assertAnswering(paths: readonly (string | undefined)[]): Promise<void> {
  if (!hasRemoteMount()) return
  for (const path of paths) {
    if (path === undefined) continue
    try {
      // A link may lead there: its end is looked at, too.
      await exec(['stat', '-L', '--', dirname(resolve(path)), resolve(path)], {timeout: patience})
    } catch (error) {
      if (!(error instanceof CannotLook)) throw error
      const {said} = hangingAt(resolve(path))
      throw new UsageError(`${path} cannot be used: ${said} does not answer; choose another path`)
    }
  }
}

/** The kernel's own and those of sessions hold no file that anybody names. */
function hasRemoteMount(): boolean {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
      .filter(({point}) => !/^\/(?:proc|sys|dev|run)\//.test(point))
      .some(isRemote)
  } catch {
    return false
  }
}
