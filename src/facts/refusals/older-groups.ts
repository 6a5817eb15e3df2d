import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {groupName} from '../files/identity.ts'
import type {Target} from '../target/target.ts'
import {lookAsUnit, type Named} from './look.ts'

/**
 * Groups by which a new process of the unit may open what the running one was refused, and which
 * that one does not have: it was started before (proc_pid_status(5)). Empty where it has all.
 */
export async function olderGroups(
  host: Host,
  target: Target,
  {path}: Named,
): Promise<readonly string[]> {
  const pid = Number(target.unit.get('MainPID'))
  if (!(pid > 0)) return []
  const [status, look] = await Promise.all([
    ifSeen(host.readFile(`/proc/${pid}/status`)),
    lookAsUnit(host, target, [path]),
  ])
  if (status?.kind !== 'file' || look === null) return []
  const numbers = (field: string): readonly number[] =>
    new RegExp(`^${field}:(.*)$`, 'm').exec(status.text)?.[1]?.trim().split(/\s+/).map(Number) ?? []
  const has = [...numbers('Groups'), ...numbers('Gid')]
  const at = look.paths.find(each => each.path === path)?.at
  const lacks = look.groups.filter(gid => !has.includes(gid))
  // The group of what was refused, or of a directory above it: no other one tells.
  const deciding = lacks.filter(gid => gid === at?.gid)
  return Promise.all(deciding.map(gid => groupName(host, gid)))
}
