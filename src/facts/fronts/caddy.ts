import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {type Caddy, type CaddyHandler, type CaddyRoute, readCaddy} from './caddy-configuration.ts'
import {placeIn, routesOf} from './caddy-routes.ts'
import {type Front, type IsHere, placeOf, type Site} from './front.ts'
import {ownNames} from './names.ts'

/** Caddy, by what it makes of its own file (`caddy adapt`). */
export async function caddyFront(
  host: Host,
  {hosts}: Target,
  unit: Unit,
  isHere: IsHere,
): Promise<Front> {
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
      return (
        ownNames(hosts).includes(word.replace(/^\w+:\/\//, '')) || (place !== null && isHere(place))
      )
    }),
    user: null,
  }
}

/** Routes with the same host matchers are a site; those with none are for all other names. */
function sitesOf(caddy: Caddy, server: Caddy['servers'][number], isHere: IsHere): readonly Site[] {
  const groups = Map.groupBy(server.routes, ({match}) =>
    (match ?? []).flatMap(({host}) => host ?? []).join(' '),
  )
  return [...groups].map(([joined, routes]) =>
    siteOf(caddy, server, joined.split(' ').filter(Boolean), routes, isHere),
  )
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
    // "abort" is what nginx calls 444.
    .map(({status_code, abort}) => (abort === true ? '444' : String(status_code)))
  const asksWho = handlers.some(({handler}) => handler === 'authentication')
  return {
    names,
    listens: listens.map(listen => ({
      ...listen,
      tls: listen.tls && !plain,
      isDefault: names.length === 0,
    })),
    at: placeIn(caddy, line => names.some(name => line.includes(name)) && !/^\s*#/.test(line)),
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions: new Map(asksWho ? [[401, 'basic_auth'] as const] : []),
    maintenance: status.includes('503'),
    answers: new Set([...status.map(Number), ...(asksWho ? [401] : [])]),
    alters: handlers.some(({handler}) =>
      /^(?:cache|templates|replace_response)$/.test(handler ?? ''),
    ),
  }
}

function withoutHosts(match: CaddyRoute['match']): CaddyRoute['match'] {
  return match?.map(({host: _, ...others}) => others)
}

function handlersOf({handle = []}: CaddyRoute): readonly CaddyHandler[] {
  return handle.flatMap(handler => [handler, ...(handler.routes ?? []).flatMap(handlersOf)])
}
