import type {Caddy, CaddyHandler, CaddyRoute} from './caddy-configuration.ts'
import {
  type Forward,
  type IsHere,
  joined,
  known,
  type PathMatch,
  placeOf,
  type Route,
} from './front.ts'
import type {Place} from './nginx-syntax.ts'

/** Nested routes stand beside each other; a root that is set counts for what follows. */
export function routesOf(
  caddy: Caddy,
  routes: readonly CaddyRoute[],
  around: string,
  isHere: IsHere,
): readonly Route[] {
  let root: string | null = null
  // handle_path, or uri strip_prefix.
  const [stripped = null] = routes.flatMap(({handle = []}) =>
    handle.flatMap(({strip_path_prefix}) => strip_path_prefix ?? []),
  )
  const strips = stripped !== null
  return routes.flatMap(({match, handle = []}) => {
    const paths = (match ?? []).flatMap(({path}) => path ?? [])
    const under = paths.length > 0 ? paths.map(path => path.replace(/\*$/, '')) : [around]
    return handle.flatMap((handler): readonly Route[] => {
      if (handler.handler === 'vars' && typeof handler.root === 'string') root = handler.root
      if (handler.handler === 'subroute' && handler.routes)
        return under.flatMap(path => routesOf(caddy, handler.routes ?? [], path, isHere))
      if (handler.handler === 'file_server') {
        const from = handler.root ?? root
        const directoryOf = (path: string): string | null =>
          from === null || strips ? from : joined(from, path)
        return under.map(path => ({
          path,
          match: matchOf(path, paths),
          at: null,
          directory: known(directoryOf(path)),
          forward: null,
        }))
      }
      if (handler.handler !== 'reverse_proxy') return []
      const {at, forward} = forwardOf(caddy, handler, isHere)
      return under.map(path => ({
        path,
        match: matchOf(path, paths),
        at,
        directory: null,
        forward: {...forward, replaces: stripped === null ? null : {from: stripped, to: ''}},
      }))
    })
  })
}

/** `/static/*`, `/about`, `*.php`; without a matcher it takes what is around it. */
function matchOf(path: string, written: readonly string[]): PathMatch {
  const isExact = written.some(each => each === path && !each.includes('*'))
  if (isExact) return {how: 'exact', text: path}
  return path.includes('*')
    ? {how: 'regexp', text: `^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}`}
    : {how: 'prefix', text: path}
}

function forwardOf(
  caddy: Caddy,
  handler: CaddyHandler,
  isHere: IsHere,
): {forward: Forward; at: Place | null} {
  const dials = (handler.upstreams ?? []).map(({dial = ''}) => dial)
  const found = dials.map(dial => placeOf(dial))
  const places = found.length > 0 && found.every(place => place !== null) ? found : null
  const [host] = handler.headers?.request?.set?.Host ?? []
  const at = placeIn(
    caddy,
    line => /\breverse_proxy\b|^\s*to\s/.test(line) && dials.some(dial => line.includes(dial)),
  )
  const protocol =
    handler.transport?.protocol === undefined || handler.transport.protocol === 'http'
      ? 'http'
      : 'other'
  return {
    at,
    forward: {
      how: 'reverse_proxy',
      written: dials.join(', '),
      places,
      protocol,
      leadsHere: places?.some(isHere) === true,
      replaces: null,
      headers: new Map(),
      hosts: [
        {
          value:
            host === undefined || /^\{http\.request\.host(?:port)?\}$/.test(host)
              ? null
              : hostValue(host, dials),
          at:
            host === undefined ? null : placeIn(caddy, line => /\bheader_up\s+Host\b/i.test(line)),
        },
      ],
    },
  }
}

function hostValue(host: string, [dial = '']: readonly string[]): string {
  return /^\{http\.reverse_proxy\.upstream\.(?:hostport|host)\}$/.test(host) ? dial : host
}

/** Caddy does not say where it read something: the first line that has it. */
export function placeIn({text, file}: Caddy, has: (line: string) => boolean): Place | null {
  const index = (text ?? '').split('\n').findIndex(has)
  return index < 0 || file === null ? null : {file, line: index + 1}
}
