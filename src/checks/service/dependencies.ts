import {isPlaceheld, settingsKnown} from '../../facts/django/django.ts'
import {blockedAt, may, octal} from '../../facts/files/access.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import {findJournal} from '../../facts/journal/journal.ts'
import {findSetupError, isPostgresUnit, setupUnitName} from '../../facts/postgres/postgres-unit.ts'
import type {Target} from '../../facts/target/target.ts'
import {findListeners, reaches} from '../../facts/unit/listeners.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {requiredUnits, showUnits} from '../../facts/unit/systemd.ts'
import {type Reason, reasonFromJournal} from '../../findings/service-reason.ts'
import {hostPort, isLoopback} from '../../host/address.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {hasDoneItsWork, isUp, timestampOf, type Unit} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {start} from '../../remedies/service.ts'
import {critical, ok, type Verdict} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from './unit.ts'

export const serviceDependencies: Check = {
  id: 'service/dependencies',
  title: 'What the service requires runs and admits it',
  fix: 'starts what the service requires, then the service',
  explanation: {
    why: `systemd does not start a unit while one that it requires fails, and stops it along with one that stops. A Redis whose
socket does not admit the service's user lets it start, and every page that needs the cache or a queue fails.`,
    asks: `The services, sockets and mounts of Requires=, Requisite= and BindsTo= are asked about, those behind postgresql.target too, PostgreSQL itself aside (database/server). Of
CACHES, CHANNEL_LAYERS and CELERY_BROKER_URL, as Django has them, the socket's mode, owner and group, and those of the directories above it, are held against the
user and every group of the service; for an address of this machine, whether anything listens there.`,
    findings: {
      missing: {
        means: 'A unit that is required does not exist, or cannot be loaded.',
        remedy: 'Define it, or require it no more, and restart the service.',
      },
      inactive: {
        means: 'A unit that is required does not run.',
        remedy: 'Start it, then the service; where it fails, its own journal says why.',
      },
      'no-socket': {
        means: 'There is no socket, or nothing listens, where the service is told to find Redis.',
        remedy: 'Start Redis, or correct the address.',
      },
      'socket-denied': {
        means: "The socket's mode admits neither the user nor any group of the service.",
        remedy: 'Put the user into the group of the socket (SupplementaryGroups=), and restart the service.',
      },
    },
    mistakenFor: `Targets and slices are never the reason here, and a mount only where it failed and the service does not run. A group that the user got since the service was started
counts only after a restart; what the unit and the group database say is what counts then. A broker on another machine
is not asked.`,
  },
  needs: [serviceUnit],
  explainedBy: ['state/space'],
  async run({host, target}) {
    const [units, sockets] = await Promise.all([judgeUnits(host, target), judgeBrokers(host, target)])
    const found = [...units, ...sockets]
    return found.length > 0 ? found : ok('every unit that it requires runs')
  },
}

async function judgeUnits(host: Host, target: Target): Promise<readonly Verdict[]> {
  const required = await requiredUnits(host, target.unit)
  const down = required.filter(unit => !isPostgresUnit(unit.name) && !isUp(unit) && !hasDoneItsWork(unit))
  return Promise.all(
    down.map(async unit => {
      const error = unit.name === setupUnitName ? await findSetupError(host) : null
      return unitDown(target, unit, error, error === null ? await reasonOf(host, unit) : null)
    }),
  )
}

/** Why it failed: a migration that it makes meets the same database and the same settings as the service. */
async function reasonOf(host: Host, unit: Unit): Promise<Reason | null> {
  if (unit.get('ActiveState') !== 'failed') return null
  const journal = await ifSeen(findJournal(host, unit))
  return journal && reasonFromJournal(unit, journal)
}

function unitDown(target: Target, required: Unit, error: string | null, reason: Reason | null): Verdict {
  const load = required.get('LoadState')
  const {name} = required
  if (load !== 'loaded') {
    return critical(
      'missing',
      `${target.unit.name} requires ${name}, which ${load === 'not-found' ? 'does not exist' : `is ${load}`}`,
      mend('Define the unit that is required, or require it no more', target.platform.unitChange(target.unit.name)),
      {because: []},
    )
  }
  const state = required.get('ActiveState')
  const result = required.get('Result')
  const failed = state === 'failed' && result !== '' && result !== 'success'
  const said = error ?? reason?.text
  return critical(
    'inactive',
    `${target.unit.name} requires ${name}, which is ${state}${failed ? ` (${result})` : ''}${said ? `: ${said}` : ''}`,
    failed
      ? remedy('See why it fails, then start it and the service', 'manual', [
          hand(`journalctl -u ${name} -n 50 --no-pager`),
          run('systemctl', 'start', name),
          start(target),
        ])
      : remedy('Start what it requires, then the service itself', 'disruptive', [
          run('systemctl', 'start', name),
          start(target),
        ]),
    {
      since: timestampOf(required, 'InactiveEnterTimestamp'),
      evidence: reason?.quotes ?? [],
      because: failed ? ['state/space', ...(reason ? [...(reason.because ?? []), 'app/settings' as const] : [])] : [],
    },
  )
}

/** Where caches and queues are: by Django, and by what variables of usual names state. */
function addresses({django, environment}: Target): readonly (readonly [string, string])[] {
  const {answer} = django
  const variables = ['REDIS_URL', 'CELERY_BROKER_URL'].map(name => [name, environment.get(name) ?? ''] as const)
  if (!answer || !settingsKnown(django)) return variables
  const stated = [
    ...Object.entries(answer.caches).flatMap(([alias, {location}]) =>
      [location].flat().map(each => [`CACHES["${alias}"]`, each] as const),
    ),
    ...Object.entries(answer.channelLayers).flatMap(([alias, hosts]) =>
      hosts.map(each => [`CHANNEL_LAYERS["${alias}"]`, each] as const),
    ),
    ...['CELERY_BROKER_URL', 'BROKER_URL'].map(name => [name, answer.settings[name]] as const),
  ].flatMap(([name, url]) => (typeof url === 'string' && !isPlaceheld(answer, url) ? [[name, url] as const] : []))
  // The variable that holds it is what somebody has to change.
  return [
    ...stated.map(([name, url]) => [variables.find(each => each[1] === url)?.[0] ?? name, url] as const),
    ...variables,
  ]
}

async function judgeBrokers(host: Host, target: Target): Promise<readonly Verdict[]> {
  const places = addresses(target).flatMap(([name, url]) => {
    const place = placeOf(url)
    return place ? [{name, place}] : []
  })
  const distinct = places.filter(
    ({place}, at) => places.findIndex(other => JSON.stringify(other.place) === JSON.stringify(place)) === at,
  )
  const judged = await Promise.all(distinct.map(({name, place}) => judgeBroker(host, target, name, place)))
  return judged.filter(verdict => verdict !== null)
}

type Place = {readonly socketPath: string} | {readonly host: string; readonly port: number}

/** `unix:///run/redis/redis.sock?db=1`, `redis+socket:///…`, `redis://localhost:6379/0`. */
function placeOf(url: string): Place | null {
  const socket = /^(?:unix|redis\+socket|rediss?\+unix):\/\/(?:[^/@]*@)?(\/[^?]+)/.exec(url)?.[1]
  if (socket) return {socketPath: socket}
  const match = /^rediss?:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^:/?]+)(?::(\d+))?/.exec(url)
  return match?.[1] ? {host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? 6379)} : null
}

/** The unit of Redis on this machine, where there is one. */
async function redisUnit(host: Host): Promise<Unit | null> {
  const names = ['redis-server.service', 'redis.service', 'valkey-server.service', 'valkey.service']
  const units = (await ifSeen(showUnits(host, names))) ?? []
  return units.find(unit => unit.get('LoadState') === 'loaded') ?? null
}

async function judgeBroker(host: Host, target: Target, name: string, place: Place): Promise<Verdict | null> {
  const restart = hand(`systemctl status 'redis*'`)
  if (!('socketPath' in place)) {
    if (!isLoopback(place.host)) return null
    const listeners = await findListeners(host)
    if (!listeners || listeners.some(listener => reaches(listener, place))) return null
    const redis = await redisUnit(host)
    const down = redis && !isUp(redis)
    return critical(
      'no-socket',
      `${name} names ${hostPort(place)}, where nothing listens${down ? `; ${redis.name} is ${redis.get('ActiveState')} (${redis.get('SubState')})` : ''}`,
      remedy('Start Redis, or correct the address', 'manual', [down ? run('systemctl', 'start', redis.name) : restart]),
    )
  }
  const {socketPath} = place
  const [{components, stat}, opener] = await Promise.all([
    resolvePath(host, socketPath),
    unitOpener(host, target.served),
  ])
  if (stat?.type !== 'socket') {
    const what = stat ? `is no socket but a ${stat.type}` : 'does not exist'
    return critical(
      'no-socket',
      `${name} names ${socketPath}, which ${what}`,
      remedy('Start Redis, or correct the path', 'manual', [restart]),
    )
  }
  if (!opener) return null
  const wall = blockedAt(opener, components) ?? (may(opener, 'write', stat) ? null : {path: socketPath, stat})
  if (!wall) return null
  return critical(
    'socket-denied',
    `${opener.name} may not ${wall.path === socketPath ? 'open' : 'pass'} ${wall.path} (mode ${octal(wall.stat.mode)}, group ${wall.stat.gid}): ${name} leads to ${socketPath}`,
    mend(
      'Put the service into the group of the socket',
      target.platform.unitSetting(target.unit.name, {SupplementaryGroups: ['redis-…']}),
      {first: [hand(`ls -ld ${wall.path}`)]},
    ),
    {because: []},
  )
}
