import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isBelow, resolvePath} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {madeBySystemd} from './sandbox-paths.ts'

/**
 * What keeps the server from making its socket, where it says so in a log of its own alone; null
 * for nothing.
 */
export async function socketObstacle(host: Host, {binds, unit}: Target): Promise<string | null> {
  // What systemd makes for a start is gone when that has ended.
  const given = [...madeBySystemd(unit), '/tmp', '/var/tmp']
  for (const bind of binds) {
    if (!('socketPath' in bind) || !bind.socketPath.startsWith('/')) continue
    const {socketPath: path} = bind
    if (given.some(each => isBelow(path, each))) continue
    const why = await whyNotMade(host, path)
    if (why) return `its socket ${path} cannot be made: ${why}`
  }
  return null
}

async function whyNotMade(host: Host, path: string): Promise<string | null> {
  const found = await ifSeen(resolvePath(host, path))
  const directory = path.slice(0, path.lastIndexOf('/')) || '/'
  if (found?.missing && isBelow(directory, found.missing)) return `there is no ${found.missing}`
  if (found?.stat && found.stat.type !== 'socket')
    return `there is a ${found.stat.type} in its place`
  return null
}
