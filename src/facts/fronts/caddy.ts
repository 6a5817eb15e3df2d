import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {type Caddy, type CaddyHandler, type CaddyRoute, readCaddy} from './caddy-configuration.ts'
import {
  type Forward,
  type Front,
  type IsHere,
  joined,
  known,
  ownNames,
  placeOf,
  type Route,
  type Site,
} from './front.ts'
import type {Place} from './nginx-syntax.ts'

/** Caddy, by what it makes of its own file (`caddy adapt`). */
export async function caddyFront(host: Host, {hosts}: Target, unit: Unit, isHere: IsHere): Promise<Front> {
  const caddy = await readCaddy(host, unit)
  const sites = caddy.servers.flatMap(server => sitesOf(caddy, server, isHere))
  return {
    kind: 'caddy',
    unit,
    active: unit.get('ActiveState') === 'active',
    file: caddy.file,
    sites,
    unknown: caddy.unknown,
    complaints: caddy.complaints,
    note: null,
    // What it refuses is not adapted, and may be about the application all the same.
    mentions: (caddy.text ?? '').split(/[\s,{}"]+/).some(word => {
      const place = /[:/]/.test(word) ? placeOf(word.replace(/^\w+:\/\//, '')) : null
      return ownNames(hosts).includes(word.replace(/^\w+:\/\//, '')) || (place !== null && isHere(place))
    }),
    user: null,
  }
}

/** Routes with the same host matchers are a site; those without one are the site for all other names. */
function sitesOf(caddy: Caddy, server: Caddy['servers'][number], isHere: IsHere): readonly Site[] {
  const groups = Map.groupBy(server.routes, ({match}) => (match ?? []).flatMap(({host}) => host ?? []).join(' '))
  return [...groups].map(([joined, routes]) => siteOf(caddy, server, joined.split(' ').filter(Boolean), routes, isHere))
}

function siteOf(
  caddy: Caddy,
  {listens, skipped}: Caddy['servers'][number],
  names: readonly string[],
  group: readonly CaddyRoute[],
  isHere: IsHere,
): Site {
  const routes = routesOf(
    caddy,
    group.map(route => ({...route, match: withoutHosts(route.match)})),
    '',
    isHere,
  )
  const plain = names.length > 0 && names.every(name => skipped.includes(name))
  const handlers = group.flatMap(handlersOf)
  const status = handlers
    .filter(({handler}) => handler === 'static_response')
    .map(({status_code}) => String(status_code))
  const asksWho = handlers.some(({handler}) => handler === 'authentication')
  return {
    names,
    listens: listens.map(listen => ({...listen, tls: listen.tls && !plain, isDefault: names.length === 0})),
    at: placeIn(caddy, line => names.some(name => line.includes(name)) && !/^\s*#/.test(line)),
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions: new Map(asksWho ? [[401, 'basic_auth'] as const] : []),
    maintenance: status.includes('503'),
  }
}

function withoutHosts(match: CaddyRoute['match']): CaddyRoute['match'] {
  return match?.map(({host: _, ...others}) => others)
}

function handlersOf({handle = []}: CaddyRoute): readonly CaddyHandler[] {
  return handle.flatMap(handler => [handler, ...(handler.routes ?? []).flatMap(handlersOf)])
}

/** Nested routes stand beside each other; a root that is set counts for what follows. */
function routesOf(caddy: Caddy, routes: readonly CaddyRoute[], around: string, isHere: IsHere): readonly Route[] {
  let root: string | null = null
  // handle_path, or uri strip_prefix.
  const strips = routes.some(({handle = []}) => handle.some(({strip_path_prefix}) => strip_path_prefix !== undefined))
  return routes.flatMap(({match, handle = []}) => {
    const paths = (match ?? []).flatMap(({path}) => path ?? [])
    const under = paths.length > 0 ? paths.map(path => path.replace(/\*$/, '')) : [around]
    return handle.flatMap((handler): readonly Route[] => {
      if (handler.handler === 'vars' && typeof handler.root === 'string') root = handler.root
      if (handler.handler === 'subroute' && handler.routes)
        return under.flatMap(path => routesOf(caddy, handler.routes ?? [], path, isHere))
      if (handler.handler === 'file_server') {
        const from = handler.root ?? root
        const directoryOf = (path: string): string | null => (from === null || strips ? from : joined(from, path))
        return under.map(path => ({path, at: null, directory: known(directoryOf(path)), forward: null}))
      }
      if (handler.handler !== 'reverse_proxy') return []
      const forward = forwardOf(caddy, handler, isHere)
      return under.map(path => ({path, at: forward.at, directory: null, forward: forward.forward}))
    })
  })
}

function forwardOf(caddy: Caddy, handler: CaddyHandler, isHere: IsHere): {forward: Forward; at: Place | null} {
  const dials = (handler.upstreams ?? []).map(({dial = ''}) => dial)
  const found = dials.map(dial => placeOf(dial))
  const places = found.length > 0 && found.every(place => place !== null) ? found : null
  const [host] = handler.headers?.request?.set?.Host ?? []
  const at = placeIn(caddy, line => /\breverse_proxy\b|^\s*to\s/.test(line) && dials.some(dial => line.includes(dial)))
  const protocol = handler.transport?.protocol === undefined || handler.transport.protocol === 'http' ? 'http' : 'other'
  return {
    at,
    forward: {
      how: 'reverse_proxy',
      written: dials.join(', '),
      places,
      protocol,
      leadsHere: places?.some(isHere) === true,
      hosts: [
        {
          value: host === undefined || /^\{http\.request\.host(?:port)?\}$/.test(host) ? null : hostValue(host, dials),
          at: host === undefined ? null : placeIn(caddy, line => /\bheader_up\s+Host\b/i.test(line)),
        },
      ],
    },
  }
}

function hostValue(host: string, [dial = '']: readonly string[]): string {
  return /^\{http\.reverse_proxy\.upstream\.(?:hostport|host)\}$/.test(host) ? dial : host
}

/** Caddy does not say where it read something: the first line that has it. */
function placeIn({text, file}: Caddy, has: (line: string) => boolean): Place | null {
  const index = (text ?? '').split('\n').findIndex(has)
  return index < 0 || file === null ? null : {file, line: index + 1}
}
