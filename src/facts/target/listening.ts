import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {type Django, listSetting} from '../django/django.ts'
import type {Server} from '../program/server.ts'
import {findOwnListeners} from '../unit/listeners.ts'
import {type Bind, parseBind} from './bind.ts'
import type {Environments} from './environment.ts'
import type {TargetSettings} from './target.ts'

export function findHosts(
  django: Django,
  {environment, running}: Environments,
  settings: TargetSettings,
): readonly string[] {
  if (settings.hosts) return settings.hosts
  const variable =
    django.answer?.read.find(name => /(?:^|_)ALLOWED_HOSTS$/.test(name)) ?? 'ALLOWED_HOSTS'
  const [now, then] = [environment.get(variable), running?.get(variable)]
  // The running process decides by what it was started with.
  const isRead = django.answer === null || django.answer.read.includes(variable)
  if (then !== undefined && then !== now && isRead) return hostsOf(then)
  const said = listSetting(django, 'ALLOWED_HOSTS')
  return said ? said.map(name => name.trim()) : hostsOf(then ?? now)
}

/**
 * Where it is told to listen: the configuration, its socket unit, gunicorn's own word, its
 * arguments; else where it does.
 */
export async function findBinds(
  host: Host,
  unit: Unit,
  server: Server,
  {answer}: Django,
  settings: TargetSettings,
): Promise<readonly Bind[]> {
  const configured = settings.bind ? parseBind(settings.bind) : null
  if (configured) return [configured]
  const activated = server.bindsFrom?.endsWith('.socket') === true
  if (!activated && answer?.server) {
    const told = answer.server.binds.map(
      (bind): Bind =>
        'path' in bind ? {socketPath: bind.path} : {host: bind.host, port: bind.port},
    )
    if (told.length > 0) return told
  }
  if (server.binds && server.binds.length > 0) return server.binds
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  return own.map(bind => ('host' in bind && bind.host === '*' ? {...bind, host: '0.0.0.0'} : bind))
}

export function hostsOf(allowed: string | undefined): readonly string[] {
  return (allowed ?? '').split(/[\s,]+/).filter(name => name !== '')
}
