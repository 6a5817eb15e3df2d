import type {Host, HttpRequest} from '../host/host.ts'
import type {Bind, Target} from '../target.ts'
import {allowedHost, isValidHost} from './http.ts'
import {findNginx, type Nginx, type NginxLocation, type NginxServer} from './nginx.ts'

/** A name under which nginx shows the application, and how to ask for it. */
export interface Site {
  readonly name: string
  /** Where nginx listens for it, as seen from this machine. */
  readonly address: {readonly host: string; readonly port: number}
  readonly tls: boolean
  /** Where its locations forward to, as written without the scheme. */
  readonly upstream: string
  /** What that comes to: the servers of an upstream block, or itself. */
  readonly binds: readonly string[]
  /** Where the application is shown below the name, as FORCE_SCRIPT_NAME has it: "/prism"; mostly empty. */
  readonly prefix: string
  readonly server: NginxServer
}

export interface Sites {
  readonly nginx: Nginx
  readonly sites: readonly Site[]
  /** Whether the configuration has the application's address or one of its names in it, wherever that stands. */
  readonly concerned: boolean
}

/**
 * The names of nginx that belong to the application: those that forward to it, and those that it admits and that
 * forward somewhere. Null where there is no nginx.
 */
export async function findSites(host: Host, target: Target): Promise<Sites | null> {
  const nginx = await findNginx(host)
  if (!nginx) return null
  const sites = nginx.servers.flatMap(server => {
    const ways = forwardingWays(nginx, server, target)
    const way = ways.find(({ours}) => ours) ?? ways[0]
    if (!way) return []
    const {ours, ...rest} = way
    const names = askableNames(nginx, server, target)
    const admitted = names.filter(name => admits(target.hosts, name))
    return (ours ? names : admitted).flatMap(name => {
      const at = listenerOf(server)
      return at ? [{name, ...at, ...rest, server}] : []
    })
  })
  const words = [...nginx.words]
  const concerned =
    words.some(word => target.hosts.includes(word)) ||
    words.some(
      word => /^http:\/\//.test(word) && isSame(word.replace(/^http:\/\//, '').replace(/\/$/, ''), target.bind),
    )
  return {nginx, sites, concerned}
}

/** Where the locations of a server forward to, the whole of the site first. */
function forwardingWays({upstreams}: Nginx, {locations}: NginxServer, {bind}: Target) {
  const ways = locations.flatMap(location => {
    const upstream = location.proxyPass?.replace(/^https?:\/\//, '').replace(/(?<=^[^/]+)\/.*$/, '')
    if (upstream === undefined) return []
    const binds = upstreams.get(upstream) ?? [unixPath(location) ?? upstream]
    const prefix = /^(?:\^~)?$/.test(location.modifier) ? location.path.replace(/\/$/, '') : ''
    return [{upstream, binds, prefix, ours: bind !== null && binds.some(each => isSame(each, bind))}]
  })
  return ways.sort((a, b) => a.prefix.length - b.prefix.length)
}

/** Its names; where it has none and is the server for all others, one that the application admits and nobody else has. */
function askableNames({servers}: Nginx, server: NginxServer, {hosts}: Target): readonly string[] {
  const names = server.names.filter(name => isValidHost(name) && /[a-z]/i.test(name))
  if (names.length > 0) return names
  const other = allowedHost(hosts.filter(host => /[a-z]/i.test(host)))
  const first = servers.find(({listen}) => listen.some(at => /\bdefault_server\b/.test(at))) ?? servers[0]
  return other !== null && server === first && !servers.some(each => each.names.includes(other)) ? [other] : []
}

/** Whether nginx itself answers so because it is told to, as for maintenance. */
export function isMaintenance({server}: Site, status: number): boolean {
  return status === 503 && server.returns.includes('503')
}

/**
 * Why nginx, as it is configured, may itself turn away who asks from this machine; null where it has no such reason. A
 * visitor may fare better, and there is nothing to mend.
 */
export function restrictionOf({server: {directives}}: Site, status: number): string | null {
  const restrictions: Readonly<Record<number, readonly string[]>> = {
    401: ['auth_basic', 'auth_request', 'auth_jwt'],
    403: ['deny', 'auth_request', 'ssl_verify_client'],
    429: ['limit_req', 'limit_conn'],
    503: ['limit_req', 'limit_conn'],
  }
  return restrictions[status]?.find(name => directives.has(name)) ?? null
}

/** One page as a visitor of this site asks for it. */
export function askSite(
  host: Host,
  {name, address, tls}: Site,
  path: string,
  headers = {},
): ReturnType<Host['request']> {
  const question: HttpRequest = {address, path, headers: {host: name, ...headers}, ...(tls && {tls: name})}
  return host.request(question)
}

/** Django's ALLOWED_HOSTS: the name itself, ".example.org" for all below, "*" for any. */
export function admits(hosts: readonly string[], name: string): boolean {
  return hosts.some(
    host =>
      host === '*' ||
      host.toLowerCase() === name.toLowerCase() ||
      (host.startsWith('.') && `.${name}`.toLowerCase().endsWith(host.toLowerCase())),
  )
}

function unixPath({proxyPass}: NginxLocation): string | null {
  const path = /^http:\/\/unix:([^:]+)/.exec(proxyPass ?? '')?.[1]
  return path === undefined ? null : `unix:${path}`
}

/** `127.0.0.1:8000`, `localhost:8000`, `unix:/run/prism.sock`. */
export function isSame(written: string, bind: Bind | null): boolean {
  if (bind === null) return false
  if ('socketPath' in bind)
    return (
      written.replace(/^unix:/, '').replace(/^\/run\//, '/var/run/') ===
      bind.socketPath.replace(/^\/run\//, '/var/run/')
    )
  const match = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(written)
  if (!match || Number(match[2] ?? 80) !== bind.port) return false
  const own = (host: string): boolean => /^(?:localhost|127\.|::1$|0\.0\.0\.0$|::$)/.test(host)
  return match[1] === bind.host || (own(match[1] ?? '') && own(bind.host))
}

/** Plain HTTP before TLS, an address of this machine for every address. */
function listenerOf({listen}: NginxServer): Pick<Site, 'address' | 'tls'> | null {
  const found = (listen.length > 0 ? listen : ['80']).flatMap(text => {
    const [at = '', ...words] = text.split(/\s+/)
    if (at.startsWith('unix:') || words.includes('quic')) return []
    const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(at) ?? /^(\[[^\]]+\]|[^:]+)$/.exec(at)
    if (!match) return []
    const host = (match[1] ?? '').replace(/^\[|\]$/g, '')
    const everywhere = host === '' || host === '*' || host === '0.0.0.0'
    const address = everywhere ? '127.0.0.1' : /^[:0]+$/.test(host) ? '::1' : host
    return [{address: {host: address, port: Number(match[2] ?? 80)}, tls: words.includes('ssl')}]
  })
  return found.find(({tls}) => !tls) ?? found[0] ?? null
}
