import {dirname, resolve} from 'node:path'
import {ifSeen} from '../host/if-seen.ts'
import {exec} from '../host/local/exec.ts'
import {hangingAt, ownMounts} from '../host/local/hanging-at.ts'
import {isRemote} from '../host/mountinfo.ts'
import {inSeconds} from '../host/time-left.ts'
import {UsageError} from '../report/usage-error.ts'

/** Milliseconds that a file system is given, at most. */
const patience = 2000

/**
 * Tries the files of a command line where a child can be ended: this process could not be, once it
 * waits for a file system whose server is gone. Nothing is tried on a machine that has no such
 * mount.
 * @param paths as they are given; one may be a file that is yet to be made.
 * @param seconds for the whole run, where they are known: half of them are waited for at most.
 * @throws UsageError for the first that does not answer.
 */
export async function assertAnswering(
  paths: readonly (string | undefined)[],
  seconds = Number.POSITIVE_INFINITY,
): Promise<void> {
  if (!hasRemoteMount()) return
  const timeout = Math.min(patience, (seconds * 1000) / 2)
  for (const path of paths) {
    if (path === undefined) continue
    // A link may lead there: its end is looked at, too.
    const look = exec(['stat', '-L', '--', dirname(resolve(path)), resolve(path)], {timeout})
    if ((await ifSeen(look)) !== null) continue
    const {said} = hangingAt(resolve(path))
    throw new UsageError(
      `${path} cannot be used: ${said} does not answer within ${inSeconds(timeout)}; choose another path`,
    )
  }
}

/** The kernel's own and those of sessions hold no file that anybody names. */
function hasRemoteMount(): boolean {
  return ownMounts().some(
    mount => isRemote(mount) && !/^\/(?:proc|sys|dev|run)\//.test(mount.point),
  )
}
