import {type Forward, type IsHere, known, placeOf, type Route} from './front.ts'
import type {Directive} from './nginx-syntax.ts'

/** The ProxyPreserveHost that counts for a site. */
export function preserves(own: readonly Directive[], general: readonly Directive[]): Directive | null {
  const find = (from: readonly Directive[]): Directive | undefined =>
    from.findLast(({name}) => name === 'proxypreservehost')
  return find(own) ?? find(general) ?? null
}

/** In Apache's own order: the first ProxyPass that fits counts. */
export function routesOf(
  block: readonly Directive[],
  all: readonly Directive[],
  path: string,
  preserve: Directive | null,
  isHere: IsHere,
): readonly Route[] {
  return block.flatMap((directive): readonly Route[] => {
    const {name, args, file, line} = directive
    const at = {file, line}
    const [first = '', second = ''] = args
    const forward = (target: string): Forward => forwardOf(directive, target, all, preserve, isHere)
    if (name === 'location' && directive.block !== null)
      return routesOf(directive.block, all, first, preserves(directive.block, []) ?? preserve, isHere)
    if (name === 'locationmatch' && directive.block !== null)
      return routesOf(directive.block, all, '', preserves(directive.block, []) ?? preserve, isHere)
    if (name === 'proxypass') {
      const target = path === '' ? second : first
      const own = path === '' ? first : path
      return [{path: own, at, directory: null, forward: target === '!' ? null : forward(target)}]
    }
    if (name === 'proxypassmatch')
      return [{path: '', at, directory: null, forward: second === '!' ? null : forward(second)}]
    if (name === 'rewriterule' && /(?:^|[[,])P(?:[,\]]|$)/i.test(args[2] ?? ''))
      return [{path: '', at, directory: null, forward: forward(second)}]
    if (name === 'alias')
      return [{path: path === '' ? first : path, at, directory: known(path === '' ? second : first), forward: null}]
    if (name === 'documentroot') return [{path: '/', at, directory: known(first), forward: null}]
    return []
  })
}

function forwardOf(
  {name}: Directive,
  target: string,
  all: readonly Directive[],
  preserve: Directive | null,
  isHere: IsHere,
): Forward {
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
