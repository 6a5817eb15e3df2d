import type {Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {
  type Forward,
  type Front,
  type IsHere,
  joined,
  known,
  type Listen,
  ownNames,
  placeOf,
  type Route,
  type Site,
} from './front.ts'
import {findNginx, type Nginx} from './nginx-configuration.ts'
import type {NginxForward, NginxLocation, NginxServer} from './nginx-server.ts'

/** nginx, by its own word where it can be asked; null where no nginx.service is loaded. */
export async function findNginxFront(host: Host, {hosts}: Target, isHere: IsHere): Promise<Front | null> {
  const nginx = await findNginx(host)
  if (!nginx) return null
  const names = ownNames(hosts)
  const words = [...nginx.words]
  const [unread] = nginx.unread
  return {
    kind: 'nginx',
    unit: nginx.unit,
    active: nginx.active,
    file: nginx.file,
    sites: nginx.servers.map(server => siteOf(nginx, server, isHere)),
    unknown: unread === undefined ? null : `${unread} of nginx's configuration may not be read`,
    complaints: nginx.complaints,
    note: null,
    mentions: words.some(word => {
      if (names.includes(word)) return true
      const place = /^(?:http:\/\/|uwsgi:\/\/)/.test(word) ? placeOf(withoutUri(word)) : null
      return place !== null && isHere(place)
    }),
    user: nginx.user[0] ?? null,
  }
}

function siteOf(nginx: Nginx, server: NginxServer, isHere: IsHere): Site {
  const {names, listen, locations, directives, returns, file, line} = server
  const routes = locations.map(location => routeOf(nginx, location, isHere))
  return {
    names: names.filter(name => name !== '_' && name !== ''),
    listens: (listen.length > 0 ? listen : ['80']).flatMap(text => listenOf(text, directives)),
    at: {file, line},
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions: restrictionsOf(directives),
    maintenance: returns.includes('503'),
  }
}

/**
 * Why nginx, as it is configured, may itself turn away who asks from this machine. A visitor may fare better, and there is
 * nothing to mend.
 */
function restrictionsOf(directives: ReadonlySet<string>): ReadonlyMap<number, string> {
  const known = [
    [401, ['auth_basic', 'auth_request', 'auth_jwt']],
    [403, ['deny', 'auth_request', 'ssl_verify_client']],
    [429, ['limit_req', 'limit_conn']],
    [503, ['limit_req', 'limit_conn']],
  ] as const
  return new Map(
    known.flatMap(([status, names]) => {
      const name = names.find(each => directives.has(each))
      return name === undefined ? [] : [[status, name] as const]
    }),
  )
}

function routeOf(nginx: Nginx, location: NginxLocation, isHere: IsHere): Route {
  const {path, modifier, alias, root, forward, tryFiles, file, line} = location
  const isPrefix = /^(?:\^~)?$/.test(modifier) && path.startsWith('/')
  // With a named location as the last word of try_files somebody else answers what it cannot read.
  const sends = forward === null && !tryFiles.at(-1)?.startsWith('@')
  const below = root === null || !isPrefix ? null : joined(root, path)
  return {
    path: isPrefix ? path : '',
    at: forward === null ? {file, line} : {file: forward.file, line: forward.line},
    directory: sends ? known(alias ?? below) : null,
    forward: forward && forwardOf(nginx, forward, location, isHere),
  }
}

function forwardOf({upstreams}: Nginx, forward: NginxForward, {hostHeaders}: NginxLocation, isHere: IsHere): Forward {
  const {how, to} = forward
  const written = withoutUri(to)
  const servers = (upstreams.get(written) ?? [written]).map(server =>
    placeOf(server, to.startsWith('https:') ? 443 : 80),
  )
  const places = servers.every(place => place !== null) ? servers : null
  const protocol = how === 'proxy_pass' ? 'http' : how === 'uwsgi_pass' ? 'uwsgi' : 'other'
  // A uWSGI server gets the visitor's own headers; a proxy sends $proxy_host where nothing else is said.
  const byItself =
    protocol === 'http'
      ? [{value: written.startsWith('unix:') ? 'localhost' : written, at: null}]
      : [{value: null, at: null}]
  const stated = hostHeaders.map(({value, file, line}) => ({
    value: /^\$\{?(?:host|http_host)\}?(?::\$\{?server_port\}?)?$/.test(value) ? null : hostValue(value, written),
    at: {file, line},
  }))
  return {
    how,
    written,
    places,
    protocol,
    leadsHere: places?.some(isHere) === true,
    hosts: protocol === 'http' && stated.length > 0 ? stated : byItself,
  }
}

function hostValue(value: string, proxyHost: string): string {
  return value === '$proxy_host' ? proxyHost : value
}

/** `http://app/path` as `app`, `http://unix:/run/x.sock:/path` as `unix:/run/x.sock`. */
function withoutUri(to: string): string {
  const bare = to.replace(/^(?:https?|uwsgi|suwsgi|grpcs?):\/\//, '')
  return bare.startsWith('unix:') ? bare.replace(/(?<=^unix:[^:]*):.*$/, '') : bare.replace(/\/.*$/, '')
}

/** `80`, `*:80 default_server`, `[::]:443 ssl`, `localhost:8080`; none for a socket and for QUIC. */
function listenOf(text: string, directives: ReadonlySet<string>): readonly Listen[] {
  const [at = '', ...words] = text.split(/\s+/)
  if (at.startsWith('unix:') || words.includes('quic')) return []
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(at) ?? /^(\[[^\]]+\]|[^:]+)$/.exec(at)
  if (!match) return []
  const written = (match[1] ?? '').replace(/^\[|\]$/g, '')
  const host = written === '*' || written === '0.0.0.0' ? '' : /^[:0]+$/.test(written) ? '::' : written
  const port = Number(match[2] ?? 80)
  // "ssl on", before nginx 1.25.
  const tls = words.includes('ssl') || (port === 443 && directives.has('ssl'))
  return [{host, port, tls, isDefault: words.includes('default_server') || words.includes('default')}]
}
