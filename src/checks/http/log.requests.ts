import {sizeOf} from '../../facts/fronts/log/decides.ts'
import type {FrontEvent} from '../../facts/fronts/log/event.ts'
import {flattened} from '../../facts/fronts/nginx-syntax.ts'
import {correct} from '../../remedies/front.ts'
import {mend, or, remedy} from '../../remedies/remedy.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand, hand, readJournal} from '../../report/step.ts'
import {type Asked, decided, isChangedSince, raise} from './log.asked.ts'
import {type Code, found, limit, type Told} from './log.findings.ts'

function lastOf({events}: Told): FrontEvent {
  return events.at(-1) ?? events[0]
}

export async function bodyTooLarge(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const {target, front} = asked
  const directive = 'client_max_body_size'
  const [first, ...others] = told.events.filter(event => {
    const allowed = sizeOf(decided(asked, event, directive).value ?? '1m')
    return allowed !== null && allowed !== 0 && (event.bytes ?? 0) > allowed
  })
  // The limit was raised since, for all of them.
  if (first === undefined) return null
  const still: Told = {...told, events: [first, ...others]}
  const largest = Math.max(...still.events.map(({bytes}) => bytes ?? 0))
  const last = lastOf(still)
  const why = decided(asked, last, directive)
  const enough = sizes.find(size => size * 2 ** 20 >= largest) ?? Math.ceil(largest / 2 ** 20)
  const cure = raise(target, front, {
    summary: `Raise ${directive} to what the application takes`,
    text: `${directive} ${enough}m;`,
    why,
    server: last.server,
  })
  const said = found['body-too-large'](still, largest, limit(directive, why, '1m'))
  return finding(said, cure, since(still))
}

/** Megabytes, as people choose them. */
const sizes = [2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Since when, by the first line. */
function since({events: [first]}: Told): {since: string} {
  return {since: new Date(first.at).toISOString()}
}

/** `proxy_…` of proxy_pass, `uwsgi_…` of uwsgi_pass. */
function prefixOf({upstream}: FrontEvent): string {
  return upstream?.startsWith('uwsgi:') ? 'uwsgi' : 'proxy'
}

export async function headerTooBig(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const last = lastOf(told)
  const directive = `${prefixOf(last)}_buffer_size`
  const why = decided(asked, last, directive)
  if (why.value !== null && (await isChangedSince(asked.host, why, last))) return null
  const summary = `Raise ${directive}`
  const text = `${directive} 16k; ${prefixOf(last)}_buffers 8 16k;`
  const cure = raise(asked.target, asked.front, {summary, text, why, server: last.server})
  return finding(
    found['header-too-big'](told, limit(directive, why, '4k or 8k')),
    cure,
    since(told),
  )
}

export async function timedOut(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const {target, front} = asked
  const last = lastOf(told)
  const phase = last.words?.startsWith('connecting') ? 'connect' : 'read'
  const directive = front.kind === 'nginx' ? `${prefixOf(last)}_${phase}_timeout` : 'ProxyTimeout'
  const why = decided(asked, last, directive)
  const look = remedy('See why the page takes so long', 'manual', [readJournal(target.unit.name)])
  const longer = raise(target, front, {
    summary: 'Or let it take longer',
    text: front.kind === 'nginx' ? `${directive} 300s;` : `${directive} 300`,
    why,
    server: last.server,
  })
  const said = front.kind === 'caddy' ? 'its own limit' : limit(directive, why, '60s')
  const cure = front.kind === 'caddy' ? look : or(look, longer)
  return finding(found['upstream-timeout'](told, said), cure, since(told))
}

export async function closed({target}: Asked, told: Told): Promise<Verdict<Code>> {
  const at = new Date(lastOf(told).at).toISOString().slice(0, 19).replace('T', ' ')
  const look = remedy('Read what the service said then', 'manual', [
    byHand('journalctl', '-u', target.unit.name, '--until', `${at} UTC`, '-n', '50', '--no-pager'),
  ])
  return finding(found['upstream-closed'](told), look, since(told))
}

export async function backlog({target}: Asked, told: Told): Promise<Verdict<Code>> {
  const means = target.platform.unitChange(target.unit.name)
  const cure = mend("Give the server more workers, or raise its socket's queue (backlog)", means, {
    first: [byHand('cat', '/proc/sys/net/core/somaxconn')],
  })
  return finding(found['backlog-full'](told), cure, since(told))
}

export async function noLive({target}: Asked, told: Told): Promise<Verdict<Code>> {
  const look = remedy('See why the application failed before', 'manual', [
    readJournal(target.unit.name),
  ])
  return finding(found['no-live-upstreams'](told), look, since(told))
}

export async function tls({target, front}: Asked, told: Told): Promise<Verdict<Code>> {
  const [route] = front.sites.flatMap(({routes}) =>
    routes.filter(({forward}) => forward?.leadsHere),
  )
  const cure = correct(target, front, {
    summary: 'Forward to http:// where the application speaks plain HTTP',
    at: route?.at ?? null,
  })
  return finding(found['upstream-tls'](told, lastOf(told).words ?? ''), cure, since(told))
}

export async function connections(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const {host, target, front, directives} = asked
  const isNginx = front.kind === 'nginx'
  const directive = isNginx ? 'worker_connections' : 'MaxRequestWorkers'
  const set = flattened(directives).find(({name}) => name === directive.toLowerCase())
  const events = directives.find(({name}) => name === 'events')
  const at = set ?? events ?? null
  const why = {value: set?.args[0] ?? null, at: at && {file: at.file, line: at.line}}
  const last = lastOf(told)
  // The line says how many there were then.
  const isRaised = isNginx && last.bytes !== undefined && Number(why.value ?? 512) > last.bytes
  if (isRaised || (set && (await isChangedSince(host, why, last)))) return null
  const text = isNginx ? `${directive} 4096;` : `${directive} 400`
  const cure = correct(target, front, {
    summary: `Raise ${directive}`,
    at: why.at,
    first: target.platform.writesFronts ? [] : [hand(text)],
    setting: {kind: 'directive', in: 'events', text},
  })
  return finding(found.connections(told, limit(directive, why, isNginx ? '512' : '256')), cure, {
    ...since(told),
    because: ['http/proxy'],
  })
}

export async function openFiles(
  {target, front, directives}: Asked,
  told: Told,
): Promise<Verdict<Code>> {
  const set = directives.find(({name}) => name === 'worker_rlimit_nofile')
  const soft = front.unit.get('LimitNOFILESoft')
  const why = set
    ? `worker_rlimit_nofile ${set.args[0] ?? ''} (${set.file}:${set.line})`
    : `LimitNOFILE=${soft || 'is not set'} of ${front.unit.name}`
  const cure = mend(
    `Let ${front.kind} open more files`,
    target.platform.unitSetting(front.unit.name, {LimitNOFILE: '65536'}),
  )
  return finding(found['open-files'](told, why), cure, {...since(told), because: ['http/proxy']})
}

export async function killed(_: Asked, told: Told): Promise<Verdict<Code>> {
  const look = remedy('See whether memory ran out', 'manual', [
    byHand('journalctl', '-k', '-n', '50', '--no-pager'),
  ])
  return finding(found['worker-killed'](told, lastOf(told).words ?? ''), look, since(told))
}

export async function cycle(asked: Asked, told: Told): Promise<Verdict<Code> | null> {
  const {host, target, front} = asked
  const last = lastOf(told)
  const why = decided(asked, last, 'try_files')
  if (await isChangedSince(host, why, last)) return null
  const cure = correct(target, front, {summary: 'Correct try_files or rewrite', at: why.at})
  return finding(found.cycle(told), cure, since(told))
}
