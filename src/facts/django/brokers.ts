import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import type {Bind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {showUnits} from '../unit/systemd.ts'
import {isPlaceheld, settingsKnown} from './django.ts'

/** Where a cache or a queue is, and who says so. */
export interface Broker {
  /** `CACHES["default"]`, or the variable that holds the address: what somebody has to change. */
  readonly name: string
  readonly at: Bind
}

/** The places of the caches and queues, each once. */
export function brokersOf(target: Target): readonly Broker[] {
  const brokers = stated(target).flatMap(([name, url]) => {
    const at = parseBroker(url)
    return at ? [{name, at}] : []
  })
  const keys = brokers.map(({at}) => JSON.stringify(at))
  return brokers.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

type Stated = readonly [name: string, url: string]

/** By Django, and by what variables of usual names say. */
function stated({django, environment}: Target): readonly Stated[] {
  const variables = ['REDIS_URL', 'CELERY_BROKER_URL'].map(
    (name): Stated => [name, environment.get(name) ?? ''],
  )
  const {answer} = django
  if (!answer || !settingsKnown(django)) return variables
  const caches = Object.entries(answer.caches).flatMap(([alias, {location}]) =>
    [location].flat().map(each => [`CACHES["${alias}"]`, each] as const),
  )
  const layers = Object.entries(answer.channelLayers).flatMap(([alias, hosts]) =>
    hosts.map(each => [`CHANNEL_LAYERS["${alias}"]`, each] as const),
  )
  const queues = ['CELERY_BROKER_URL', 'BROKER_URL'].map(
    name => [name, answer.settings[name]] as const,
  )
  const settings = [...caches, ...layers, ...queues].flatMap(([name, url]): readonly Stated[] => {
    if (typeof url !== 'string' || isPlaceheld(answer, url)) return []
    return [[variables.find(each => each[1] === url)?.[0] ?? name, url]]
  })
  return [...settings, ...variables]
}

/** `unix:///run/redis/redis.sock?db=1`, `redis+socket:///…`, `redis://localhost:6379/0`. */
function parseBroker(url: string): Bind | null {
  const socket = /^(?:unix|redis\+socket|rediss?\+unix):\/\/(?:[^/@]*@)?(\/[^?]+)/.exec(url)?.[1]
  if (socket) return {socketPath: socket}
  const match = /^rediss?:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^:/?]+)(?::(\d+))?/.exec(url)
  return match?.[1]
    ? {host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? 6379)}
    : null
}

/** The unit of Redis on this machine, where there is one. */
export async function redisUnit(host: Host): Promise<Unit | null> {
  const names = ['redis-server.service', 'redis.service', 'valkey-server.service', 'valkey.service']
  const units = (await ifSeen(showUnits(host, names))) ?? []
  return units.find(unit => unit.get('LoadState') === 'loaded') ?? null
}
