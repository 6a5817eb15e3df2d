import {type Forward, type IsHere, known, placeOf, type Route} from './front.ts'
import type {Directive} from './nginx-syntax.ts'

/** The ProxyPreserveHost that counts for a site. */
export function preserves(own: readonly Directive[], general: readonly Directive[]): Directive | null {
  const find = (from: readonly Directive[]): Directive | undefined =>
    from.findLast(({name}) => name === 'proxypreservehost')
  return find(own) ?? find(general) ?? null
}

/** What stands around a directive. */
export interface Surroundings {
  /** The whole configuration, which has the balancers. */
  readonly all: readonly Directive[]
  /** Of the <Location> that it stands in; empty outside of one. */
  readonly path: string
  /** The ProxyPreserveHost that counts. */
  readonly preserve: Directive | null
  readonly isHere: IsHere
}

/** In Apache's own order: the first ProxyPass that fits counts. */
export function routesOf(block: readonly Directive[], around: Surroundings): readonly Route[] {
  return block.flatMap(directive => {
    const {name, args, block: inner} = directive
    if (inner === null) return routeOf(directive, around)
    if (name !== 'location' && name !== 'locationmatch') return routeOf(directive, around)
    const path = name === 'location' ? (args[0] ?? '') : ''
    return routesOf(inner, {...around, path, preserve: preserves(inner, []) ?? around.preserve})
  })
}

function routeOf(directive: Directive, around: Surroundings): readonly Route[] {
  const {name, args, file, line} = directive
  const {path} = around
  const [first = '', second = ''] = args
  // Within a <Location> the path is left out.
  const [own, target] = path === '' ? [first, second] : [path, first]
  const at = {file, line}
  const forward = (to: string): Forward | null => (to === '!' ? null : forwardOf(directive, to, around))
  switch (name) {
    case 'proxypass':
      return [{path: own, at, directory: null, forward: forward(target)}]
    case 'proxypassmatch':
      return [{path: '', at, directory: null, forward: forward(second)}]
    case 'rewriterule':
      return /(?:^|[[,])P(?:[,\]]|$)/i.test(args[2] ?? '')
        ? [{path: '', at, directory: null, forward: forwardOf(directive, second, around)}]
        : []
    case 'alias':
      return [{path: own, at, directory: known(target), forward: null}]
    case 'documentroot':
      return [{path: '/', at, directory: known(first), forward: null}]
    default:
      return []
  }
}

function forwardOf({name}: Directive, target: string, {all, preserve, isHere}: Surroundings): Forward {
  const {written, scheme, authority} = destinationOf(target)
  const members =
    scheme === 'balancer'
      ? all
          .filter(each => each.name === 'proxy' && each.args[0]?.replace(/\/$/, '') === `balancer://${written}`)
          .flatMap(({block}) => block ?? [])
          .filter(each => each.name === 'balancermember')
          .map(({args: [member = '']}) => destinationOf(member))
      : [{written, scheme, authority}]
  const found = members.map(member => placeOf(member.written, member.scheme === 'https' ? 443 : 80))
  const places = found.length > 0 && found.every(place => place !== null) ? found : null
  const kinds = new Set(members.map(member => member.scheme))
  const protocol = kinds.has('uwsgi') ? 'uwsgi' : kinds.has('http') || kinds.has('https') ? 'http' : 'other'
  const isKept = preserve !== null && /^on$/i.test(preserve.args[0] ?? '')
  return {
    how: {proxypass: 'ProxyPass', proxypassmatch: 'ProxyPassMatch'}[name] ?? 'RewriteRule',
    written,
    places,
    protocol,
    leadsHere: places?.some(isHere) === true,
    hosts: [{value: isKept || protocol === 'uwsgi' ? null : authority, at: preserve}],
  }
}

/** `http://127.0.0.1:8000/$1`, `unix:/run/x.sock|http://localhost/`, `uwsgi://127.0.0.1:3031/`, `balancer://harbour/`. */
export function destinationOf(target: string): {written: string; scheme: string; authority: string} {
  const [, socket, url = ''] = /^(?:(unix:[^|]+)\|)?(.*)$/s.exec(target) ?? []
  const [, scheme = '', authority = ''] = /^(\w+):\/\/([^/$]*)/.exec(url) ?? []
  return {written: socket ?? authority, scheme: scheme.toLowerCase(), authority}
}
