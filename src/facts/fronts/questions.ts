import type {Host, HttpAnswer} from '../../host/host.ts'
import {type Bind, shownBind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {findListeners, holderOf, type Listener} from '../unit/listeners.ts'
import {admits, type Front, isConcrete, isLocal, type Listen, ownNames, type Route, type Site} from './front.ts'

/** How a visitor asks for the application: a name, and where a front listens for it, as seen from this machine. */
export interface Question {
  readonly name: string
  readonly address: {readonly host: string; readonly port: number}
  readonly tls: boolean
  readonly front: Front
  readonly site: Site
  /** Where its pages come from: a route that leads to the application, else one that leads elsewhere. */
  readonly route: Route
  /** Where the application is shown below the name, as FORCE_SCRIPT_NAME has it: "/prism"; mostly empty. */
  readonly prefix: string
}

/** Every way that leads to the application by the configuration of a front that runs. */
export function questionsOf(fronts: readonly Front[], {hosts}: Target): readonly Question[] {
  const all = fronts.flatMap(front =>
    front.sites.flatMap(site => {
      const route = site.leadsHere && front.active ? mainRoute(site, ({forward}) => forward?.leadsHere === true) : null
      return route === null ? [] : namesOf(front, site, hosts).flatMap(name => questions(front, site, route, name))
    }),
  )
  return all.filter(
    (one, at) => all.findIndex(other => other.name === one.name && placeAsked(other) === placeAsked(one)) === at,
  )
}

function placeAsked({address, tls}: Question): string {
  return `${tls} ${shownBind(address)}`
}

/** How to ask a site by a name: over plain HTTP, and over TLS, where it listens so. */
export function questions(front: Front, site: Site, route: Route, name: string): readonly Question[] {
  const listens = [site.listens.find(({tls}) => !tls), site.listens.find(({tls}) => tls)].filter(at => at !== undefined)
  return listens.map(({host, port, tls}) => ({
    name,
    address: {host: host === '' ? '127.0.0.1' : host === '::' ? '::1' : host, port},
    tls,
    front,
    site,
    route,
    prefix: route.path.replace(/\/$/, ''),
  }))
}

/** The route for most of a site, of those that are wanted. */
export function mainRoute({routes}: Site, isWanted: (route: Route) => boolean): Route | null {
  const [main] = routes.filter(isWanted).sort((a, b) => a.path.length - b.path.length)
  return main ?? null
}

/**
 * Names to ask a site for: its own, and for patterns and for the site of all other names those that the application
 * admits and no other site has.
 */
export function namesOf(front: Front, site: Site, hosts: readonly string[]): readonly string[] {
  const own = site.names.map(name => name.replace(/^\./, '')).filter(name => isConcrete(name))
  // By an address, or from the machine itself, visitors mostly do not ask.
  const named = own.filter(name => (!isLocal(name) && !/^[\d.]+$|:/.test(name)) || admits(hosts, name))
  const concrete = hosts.filter(host => isConcrete(host))
  const matching = concrete.filter(host => site.names.some(name => isPattern(name) && fits(name, host)))
  const found = [...new Set([...named, ...matching])]
  if (found.length > 0 || !isDefault(front, site)) return found
  const free = concrete.filter(host => !front.sites.some(({names}) => names.some(name => fits(name, host))))
  const known = free.filter(host => !isLocal(host))
  if (known.length > 0) return known.slice(0, 1)
  if (concrete.some(host => !isLocal(host))) return []
  // No name is known: any will do for the site of all others, and "localhost" is admitted by most.
  return front.sites.some(({names}) => names.includes('localhost')) && !site.names.includes('localhost')
    ? ['127.0.0.1']
    : ['localhost']
}

function isPattern(name: string): boolean {
  return /^[.*~]|\*/.test(name)
}

/** As nginx and Apache take names: exactly, `*.example`, `.example`, `www.*`, `~^www\d+\.`. */
export function fits(written: string, name: string): boolean {
  const [pattern, asked] = [written.toLowerCase(), name.toLowerCase()]
  if (pattern.startsWith('~')) return regexpFits(written.slice(1), name)
  if (pattern.startsWith('.')) return `.${asked}`.endsWith(pattern)
  if (!pattern.includes('*')) return pattern === asked
  const parts = pattern.split('*').map(part => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`).test(asked)
}

function regexpFits(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(name)
  } catch {
    // PCRE knows more than we do.
    return false
  }
}

function isDefault(front: Front, site: Site): boolean {
  return site.listens.some(listen => defaultAt(front, listen) === site)
}

function defaultAt({sites}: Front, {host, port}: Listen): Site | null {
  const there = sites.filter(({listens}) => listens.some(at => at.port === port && at.host === host))
  const named = there.find(({listens}) => listens.some(at => at.port === port && at.host === host && at.isDefault))
  return named ?? there[0] ?? null
}

/** The site that a front chooses for a question: by address first, then by name, else the one for all others. */
export function chosenSite({front, address, name}: Pick<Question, 'front' | 'address' | 'name'>): Site | null {
  const every = address.host.includes(':') ? '::' : ''
  const at = (wanted: string): readonly Site[] =>
    front.sites.filter(({listens}) => listens.some(({host, port}) => port === address.port && host === wanted))
  const [special, general] = [at(address.host), at(every)]
  const [there, wanted] = special.length > 0 ? [special, address.host] : [general, every]
  const exact = there.find(({names}) => names.some(each => each.toLowerCase() === name.toLowerCase()))
  const fitting = exact ?? there.find(({names}) => names.some(each => fits(each, name)))
  return fitting ?? defaultAt(front, {host: wanted, port: address.port, tls: false, isDefault: false})
}

/** One page as a visitor asks for it. */
export function askFront(
  host: Host,
  {name, address, tls}: Pick<Question, 'name' | 'address' | 'tls'>,
  path: string,
  headers = {},
): Promise<HttpAnswer> {
  return host.request({address, path, headers: {host: name, ...headers}, ...(tls && {tls: name})})
}

/** Somebody who listens where visitors ask, and whose configuration is not known. */
export interface Stranger {
  readonly name: string
  readonly address: {readonly host: string; readonly port: number}
  readonly tls: boolean
  /** `haproxy (pid 71)`; null when it is not known. */
  readonly holder: string | null
  /** Whether the application is known to have that name. */
  readonly isNamed: boolean
}

/** More names than these say the same. */
const maxNames = 5

/**
 * How to ask 127.0.0.1:80 and :443 for the application's names where somebody listens of whom nothing is known: a front
 * of another kind, or one whose configuration may not be read.
 */
export async function strangersOf(
  host: Host,
  fronts: readonly Front[],
  {hosts, bind}: Target,
): Promise<readonly Stranger[]> {
  const listeners = await findListeners(host)
  if (listeners === null) return []
  const names = ownNames(hosts).slice(0, maxNames)
  return [80, 443].flatMap(port => {
    const listener = listeners.find(({at}) => isAskable(at, port))
    const known = fronts.filter(({active, unknown}) => active && unknown === null)
    const isKnown = known.some(
      ({kind, sites}) =>
        sites.some(({listens}) => listens.some(at => at.port === port)) ||
        listener?.processes.some(({name}) => processNames[kind].test(name)),
    )
    if (!listener || isKnown || (bind !== null && 'port' in bind && bind.port === port)) return []
    const stranger = {address: {host: '127.0.0.1', port}, tls: port === 443, holder: holderOf(listener)}
    const isNamed = names.length > 0
    return (isNamed ? names : ['localhost']).map(name => ({...stranger, name, isNamed}))
  })
}

/** What listens for a front besides its sites is its own as well, as where Caddy sends visitors on to https. */
const processNames = {nginx: /nginx/, apache: /^(?:apache2|httpd)$/, caddy: /^caddy$/} as const

function isAskable(at: Listener['at'], port: number): boolean {
  return 'port' in at && at.port === port && ['0.0.0.0', '*', '::', '127.0.0.1'].includes(at.host)
}

/** Who listens at a place: null where nobody does, undefined where nobody can tell. */
export async function listenerAt(host: Host, place: Bind): Promise<Listener | null | undefined> {
  const listeners = await findListeners(host)
  if (listeners === null) return undefined
  const own = 'port' in place && isLocal(place.host) ? {...place, host: '127.0.0.1'} : place
  return (
    listeners.find(({at}) =>
      'socketPath' in at || 'socketPath' in own
        ? 'socketPath' in at && 'socketPath' in own && at.socketPath === own.socketPath
        : at.port === own.port && (at.host === own.host || /^(?:\*|0\.0\.0\.0|::)$/.test(at.host)),
    ) ?? null
  )
}
