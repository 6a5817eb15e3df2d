import type {Host} from '../../../host/host.ts'
import {ifSeen} from '../../../host/if-seen.ts'
import {ownDirectories} from '../../files/closed-to-fronts.ts'
import {isBelow} from '../../files/paths.ts'
import {allowedHost, askPage} from '../../http.ts'
import type {Target} from '../../target/target.ts'
import {type Front, isSamePlace, placeOf, type Site} from '../front.ts'
import {isHarmless} from '../harmless.ts'
import {fits} from '../names.ts'
import {withoutUri} from '../nginx-routes.ts'
import {apacheEvent} from './apache-events.ts'
import {caddyEvent} from './caddy-events.ts'
import type {FrontEvent} from './event.ts'
import type {FrontLog, LogLine} from './front-log.ts'
import {nginxEvent} from './nginx-events.ts'

const readers: Readonly<Record<Front['kind'], (line: LogLine) => FrontEvent | null>> = {
  nginx: nginxEvent,
  apache: apacheEvent,
  caddy: caddyEvent,
}

/**
 * What a front said since its start that concerns the application: its names, its address, its
 * files.
 */
export function eventsOf(
  front: Front,
  target: Target,
  {lines, since}: FrontLog,
): readonly FrontEvent[] {
  const read = readers[front.kind]
  return lines.flatMap(line => {
    if (line.at < since) return []
    const event = read(line)
    return event && concerns(front, target, event, line.site) ? [event] : []
  })
}

/** What keeps the whole front from its work concerns everyone behind it. */
const general: readonly FrontEvent['kind'][] = [
  'connections',
  'open-files',
  'no-space',
  'refused',
  'worker-killed',
]

function concerns(
  front: Front,
  target: Target,
  event: FrontEvent,
  written: LogLine['site'],
): boolean {
  const own = front.sites.filter(({leadsHere}) => leadsHere)
  if (own.length === 0) return false
  if (general.includes(event.kind)) return true
  if (event.file !== undefined && directoriesOf(own, target).some(each => below(event, each)))
    return true
  if (event.upstream !== null) return isUpstream(own, event.upstream)
  if (event.server !== null) return own.some(site => isSite(site, event.server ?? ''))
  // Apache does not say which site it was, but for the log that it is in.
  return written === null
    ? front.kind === 'apache' && front.sites.length === own.length
    : own.some(({at}) => at?.file === written.file && at.line === written.line)
}

function below({file = ''}: FrontEvent, directory: string): boolean {
  return isBelow(file, directory)
}

/** Where the application's files lie that a front sends. */
function directoriesOf(sites: readonly Site[], target: Target): readonly string[] {
  const sent = sites.flatMap(({routes}) => routes.flatMap(({directory}) => directory ?? []))
  return [...ownDirectories(target), ...sent]
}

function isUpstream(sites: readonly Site[], upstream: string): boolean {
  // Of several servers nginx names their group where it asked none of them.
  const written = withoutUri(upstream)
  const place = placeOf(written)
  const own = sites
    .flatMap(({routes}) => routes.flatMap(({forward}) => forward ?? []))
    .filter(({leadsHere}) => leadsHere)
  return own.some(
    forward =>
      forward.written === written ||
      (place !== null && forward.places?.some(each => isSamePlace(each, place))),
  )
}

function isSite({names}: Site, server: string): boolean {
  return server === '' || server === '_'
    ? names.length === 0
    : names.some(name => name === server || fits(name, server))
}

/** So many pages are asked for. */
const mostAsked = 5

/**
 * Those of the events that somebody met who used the application: they came from one of its pages,
 * or asked for a page that it has. Scanners send anything anywhere.
 */
export async function ofVisitors(
  host: Host,
  target: Target,
  events: readonly FrontEvent[],
): Promise<readonly FrontEvent[]> {
  const isOwnPage = ({referrer, server, host: asked}: FrontEvent): boolean =>
    referrer !== null && [server, asked].includes(hostIn(referrer))
  const asked = events.filter(event => !isOwnPage(event)).flatMap(({path}) => path ?? [])
  const known = new Set<string>()
  for (const path of [...new Set(asked)].filter(mayBeAsked).slice(0, mostAsked))
    if (await hasPage(host, target, path)) known.add(path)
  return events.filter(event => isOwnPage(event) || event.path === null || known.has(event.path))
}

function hostIn(url: string): string | null {
  return /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? null
}

/**
 * Anybody may have asked for it, so that only what does nothing is asked for again, and never what
 * is a key for something, as in a link of a mail. A page that takes uploads shows its form.
 */
function mayBeAsked(path: string): boolean {
  return isPlain(path) && isHarmless(path.replace(/\buploads?\b/gi, 'form'))
}

/** Whether nothing in a path may be a key, or somebody's name for one. */
export function isPlain(path: string): boolean {
  return shownPath(path) === path
}

async function hasPage(host: Host, target: Target, path: string): Promise<boolean> {
  const {bind, hosts} = target
  const name = allowedHost(hosts)
  if (bind === null || name === null) return false
  const answer = await ifSeen(askPage(host, target, bind, name, path))
  return answer?.kind === 'response' && ![400, 404, 410].includes(answer.status)
}

/** A path for a message: what may be a key or somebody's name for one is left out. */
export function shownPath(path: string): string {
  if (path.length > 200 || !/^\/[\w./~%@+-]*$/.test(path)) return 'a page'
  const parts = path.split('/').map(part => {
    const isKey = part.length > 24 || (part.length > 5 && /\d/.test(part) && /[a-z]/i.test(part))
    return isKey ? '…' : part
  })
  return parts.join('/')
}
