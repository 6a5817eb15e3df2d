import type {Caddy, CaddyHandler, CaddyRoute} from './caddy-configuration.ts'
import {type Forward, type IsHere, joined, known, placeOf, type Route} from './front.ts'
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
  const strips = routes.some(({handle = []}) =>
    handle.some(({strip_path_prefix}) => strip_path_prefix !== undefined),
  )
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
          at: null,
          directory: known(directoryOf(path)),
          forward: null,
        }))
      }
      if (handler.handler !== 'reverse_proxy') return []
      const forward = forwardOf(caddy, handler, isHere)
      return under.map(path => ({path, at: forward.at, directory: null, forward: forward.forward}))
    })
  })
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
