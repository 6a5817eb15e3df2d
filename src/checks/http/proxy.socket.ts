import {octal} from '../../facts/files/access.ts'
import type {Front} from '../../facts/fronts/front.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {socketWall, type Wall} from '../../facts/fronts/socket-wall.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {together} from '../../platform/platform.ts'
import {mend} from '../../remedies/remedy.ts'
import {type Finding, finding, type Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './proxy.findings.ts'

/** A socket of the application that the front's processes may not open; null where they may. */
export async function socketDenied(
  host: Host,
  target: Target,
  {front, name, route}: Question,
  status: number,
): Promise<Finding<'critical', Code> | null> {
  const [first] = route.forward?.places ?? []
  const wall =
    first && 'socketPath' in first ? await socketWall(host, front, first.socketPath) : null
  if (!wall) return null
  const {path, stat} = wall.at
  const denied = `${stat.type === 'socket' ? 'open' : 'pass'} ${path} (mode ${octal(stat.mode)})`
  return finding(
    found['socket-denied'](wall.opener.name, denied, name, status),
    letIn(target, front, wall),
    {
      evidence: [`${octal(stat.mode)} ${stat.uid}:${stat.gid} ${path}`],
    },
  )
}

/**
 * Gives the socket, or the directory above it, to its group, and puts the front's user into that.
 */
function letIn(target: Target, front: Front, {opener, at: {path, stat}}: Wall): Remedy {
  const {unit, platform} = target
  const isSocket = stat.type === 'socket'
  const group = target.group ?? target.user ?? 'prism'
  const first = [byHand('ls', '-ld', path)]
  const joins = platform.frontGroup(front, opener.name, group)
  const isOpen = (stat.mode & (isSocket ? 0o020 : 0o010)) !== 0
  if (isOpen)
    return mend(`Put ${front.kind} into the group of the application's socket`, joins, {first})
  const opens = platform.unitSetting(
    unit.name,
    isSocket ? {UMask: '0007'} : {RuntimeDirectoryMode: '0750'},
  )
  const summary = "Open the application's socket to its group"
  return opener.groups.includes(stat.gid)
    ? mend(summary, opens, {first})
    : mend(`${summary} and put ${front.kind} into it`, together(opens, joins), {first})
}
