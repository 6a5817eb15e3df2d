import {type Broker, redisUnit} from '../../facts/django/brokers.ts'
import {blockedAt, may, octal} from '../../facts/files/access.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findListeners, reaches} from '../../facts/unit/listeners.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {isLoopback} from '../../host/address.ts'
import type {Host} from '../../host/host.ts'
import {isUp} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand, hand, run} from '../../report/step.ts'
import {type Code, found} from './dependencies.findings.ts'

/** Null where the service reaches it, or nobody can tell. */
export function judgeBroker(
  host: Host,
  target: Target,
  {name, at}: Broker,
): Promise<Verdict<Code> | null> {
  return 'socketPath' in at
    ? judgeSocket(host, target, name, at.socketPath)
    : judgeAddress(host, name, at)
}

const look = hand(`systemctl status 'redis*'`)

/** Another machine is not asked. */
async function judgeAddress(
  host: Host,
  name: string,
  at: {readonly host: string; readonly port: number},
): Promise<Verdict<Code> | null> {
  if (!isLoopback(at.host)) return null
  const listeners = await findListeners(host)
  if (!listeners || listeners.some(listener => reaches(listener, at))) return null
  const redis = await redisUnit(host)
  const isDown = redis !== null && !isUp(redis)
  const state = isDown
    ? `; ${redis.name} is ${redis.get('ActiveState')} (${redis.get('SubState')})`
    : ''
  return finding(
    found['no-socket'](name, shownBind(at), `where nothing listens${state}`),
    remedy('Start Redis, or correct the address', 'manual', [
      isDown ? run('systemctl', 'start', redis.name) : look,
    ]),
  )
}

async function judgeSocket(
  host: Host,
  target: Target,
  name: string,
  path: string,
): Promise<Verdict<Code> | null> {
  const [{components, stat}, opener] = await Promise.all([
    resolvePath(host, path),
    unitOpener(host, target.served),
  ])
  if (stat?.type !== 'socket') {
    const why = stat ? `which is a ${stat.type} and not a socket` : 'which does not exist'
    return finding(
      found['no-socket'](name, path, why),
      remedy('Start Redis, or correct the path', 'manual', [look]),
    )
  }
  if (!opener) return null
  const wall = blockedAt(opener, components) ?? (may(opener, 'write', stat) ? null : {path, stat})
  if (!wall) return null
  const modes = `${wall.path} (mode ${octal(wall.stat.mode)}, group ${wall.stat.gid})`
  const means = target.platform.unitSetting(target.unit.name, {SupplementaryGroups: ['redis-…']})
  return finding(
    found['socket-denied'](
      opener.name,
      `${wall.path === path ? 'open' : 'enter'} ${modes}`,
      name,
      path,
    ),
    mend('Put the service into the group of the socket', means, {
      first: [byHand('ls', '-ld', wall.path)],
    }),
  )
}
