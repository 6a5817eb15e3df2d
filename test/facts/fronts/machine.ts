import {readFileSync} from 'node:fs'
import {findFronts} from '../../../src/facts/fronts/find.ts'
import type {Front, Route, Site} from '../../../src/facts/fronts/front.ts'
import {shownPlace} from '../../../src/facts/fronts/nginx-syntax.ts'
import {type Bind, shownBind} from '../../../src/facts/target/bind.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {type LiveMachine, liveHost, runningUnit} from '../../live-host.ts'

/** What a real server printed, or a file that it read. */
export function real(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

/** A unit as systemd prints it while it runs. */
export function running(
  command: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [path = ''] = command.split(' ')
  return {
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    ExecStart: `{ path=${path} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=9 ; code=(null) ; status=0/0 }`,
    ...more,
  }
}

/** A machine with Debian's programs and directories. */
export function liveTarget(machine: LiveMachine, bind: string, hosts: readonly string[]) {
  const units = {'prism-django.service': runningUnit, ...machine.units}
  const files = {'/etc/os-release': 'ID=debian\n', ...machine.files}
  const host = liveHost({...machine, units, files})
  const target = findTarget(host, {unit: 'prism-django.service', bind, hosts})
  return {host, target}
}

export async function frontOf(
  machine: LiveMachine,
  bind: string,
  hosts: readonly string[] = [],
): Promise<Front> {
  const {host, target} = liveTarget(machine, bind, hosts)
  const fronts = await findFronts(host, await target)
  host.close()
  const [front, ...others] = fronts
  if (!front || others.length > 0) throw new Error(`${fronts.length} fronts were found`)
  return front
}

/** `a.example b.example :80 :443(tls) /etc/x:1 HERE`, then a line for each route. */
export function shown({sites}: Front): readonly string[] {
  return sites.flatMap(site => [shownSite(site), ...site.routes.map(shownRoute)])
}

function shownSite({names, listens, at, leadsHere}: Site): string {
  const where = listens.map(
    ({host, port, tls, isDefault}) =>
      `${host}:${port}${tls ? '(tls)' : ''}${isDefault ? '(default)' : ''}`,
  )
  return [
    ...names,
    ...where,
    at === null ? '-' : shownPlace(at),
    ...(leadsHere ? ['HERE'] : []),
  ].join(' ')
}

function shownRoute({path, at, directory, forward}: Route): string {
  const to =
    forward &&
    `${forward.how} ${forward.places?.map(shownAt).join(' ') ?? '?'} (${forward.protocol})`
  const sent = forward?.hosts.map(({value}) => value ?? 'visitor').join(',')
  const what = to === null ? (directory ?? 'nothing') : `${to} Host: ${sent}`
  return `  ${path || '*'} ${what} ${at === null ? '-' : shownPlace(at).replace(/^.*:/, ':')}`
}

function shownAt(bind: Bind): string {
  return shownBind(bind)
}
