import type {Host} from '../../host/host.ts'
import {mountOf} from '../../host/mountinfo.ts'
import type {Unit} from '../../host/unit.ts'
import {unitOpener} from '../unit/openers.ts'
import {madeBySystemd, sandboxPaths, writeBarrier} from '../unit/sandbox-paths.ts'
import {may, octal, stillClosed} from './access.ts'
import {machineMounts} from './mounts.ts'
import {isBelow, type Resolved} from './paths.ts'

/** What keeps a unit from writing to a path outside its state directory; null if nothing does. */
export async function writeObstacle(
  host: Host,
  unit: Unit,
  path: string,
  resolved: Resolved | null,
): Promise<string | null> {
  const barrier = writeBarrier(unit, path, ...(resolved?.path ? [resolved.path] : []))
  if (barrier !== null) return barrier
  // What systemd makes or mounts there when it starts the unit is not what lies there now.
  const bound = sandboxPaths(unit).filter(({setting}) => setting.startsWith('Bind'))
  const given = [...madeBySystemd(unit), ...bound.map(({destination}) => destination)]
  if (given.some(each => isBelow(path, each))) return null
  const [machine, opener] = await Promise.all([machineMounts(host), unitOpener(host, unit)])
  const mount = mountOf(machine, resolved?.path ?? path)
  if (mount?.readOnly) return `${mount.point} is mounted read-only`
  const nearest = resolved?.components.findLast(({stat}) => stat.type !== 'symlink')
  if (!opener || !nearest || may(opener, 'write', nearest.stat)) return null
  const closed = await stillClosed(host, opener, [nearest], each => ({
    path: each.path,
    needs: ['write', 'pass'],
  }))
  if (closed.length === 0) return null
  return `${opener.name} may not write to ${nearest.path} (mode ${octal(nearest.stat.mode)})`
}
