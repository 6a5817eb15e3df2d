import {blockedAt, may, octal} from '../../facts/files/access.ts'
import {findUser} from '../../facts/files/identity.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import {hasSaid} from '../../facts/journal/told.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import {type Code, found} from './server.findings.ts'

/** What a process reads itself to find an address (nsswitch.conf(5), hosts(5), resolv.conf(5)). */
const files = ['/etc/nsswitch.conf', '/etc/hosts', '/etc/resolv.conf']

/** The directory of a socket, and addresses of IPv4 and IPv6. */
const isAddress = /^\/|^[\d.]+$|:/

/**
 * A name that root resolves and the service said that it does not, because it may not read what
 * names are looked up in. Null where that is not so.
 */
export async function namesClosed(
  host: Host,
  target: Target,
  {host: name}: DatabaseTarget,
): Promise<Finding<'critical', Code> | null> {
  const {unit, user} = target
  if (user === null || isAddress.test(name)) return null
  // Who runs has found it; a page that fails for it names another machine.
  if (name === 'localhost' && unit.get('ActiveState') === 'active') return null
  const quoted = name.replaceAll(/[.\\[\]()*+?^$|{}]/g, '\\$&')
  const said = `(?:could not translate host name|failed to resolve host) ["']${quoted}["']`
  if (!(await hasSaid(host, unit, new RegExp(said)))) return null
  const account = await ifSeen(findUser(host, user))
  if (!account) return null
  for (const file of files) {
    const resolved = await ifSeen(resolvePath(host, file))
    if (!resolved?.stat) continue
    const opener = {name: user, uid: account.uid, groups: account.groups}
    const wall = blockedAt(opener, resolved.components)
    const closed =
      wall ?? (may(opener, 'read', resolved.stat) ? null : {path: file, stat: resolved.stat})
    if (!closed) continue
    const mode = octal(closed.stat.mode)
    const cure = remedy('Let everybody read it, then restart the service', 'manual', [
      run('chmod', wall ? 'a+x' : 'a+r', closed.path),
      restart(target),
    ])
    return finding(found['name-closed'](user, closed.path, mode, name), cure, {
      evidence: [`${mode} ${closed.path}`],
    })
  }
  return null
}
