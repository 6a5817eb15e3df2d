import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isBelow, resolvePath} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {madeBySystemd} from './sandbox-paths.ts'

/** What keeps the server from making the socket that it is told to listen on, where it says so in a log of its own. */
export async function socketObstacle(host: Host, {binds, unit}: Target): Promise<string | null> {
  // What systemd makes for a start is gone when that has ended.
  const given = [...madeBySystemd(unit), '/tmp', '/var/tmp']
  for (const bind of binds) {
    if (!('socketPath' in bind) || !bind.socketPath.startsWith('/')) continue
    const {socketPath: path} = bind
    if (given.some(each => isBelow(path, each))) continue
    const found = await ifSeen(resolvePath(host, path))
    const directory = path.slice(0, path.lastIndexOf('/')) || '/'
    const isGone = found?.missing && isBelow(directory, found.missing)
    const why = isGone
      ? `there is no ${found.missing}`
      : found?.stat && found.stat.type !== 'socket'
        ? `a ${found.stat.type} stands there`
        : null
    if (why) return `its socket ${path} cannot be made: ${why}`
  }
  return null
}
