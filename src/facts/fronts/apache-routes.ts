import {type Forward, type IsHere, known, type PathMatch, placeOf, type Route} from './front.ts'
import type {Directive} from './nginx-syntax.ts'

/** What counts for the directives of a block. */
export interface Around {
  /** The whole configuration, for the members of balancers. */
  readonly all: readonly Directive[]
  /** The path of the <Location> that they are in; empty outside of one. */
  readonly path: string
  readonly preserve: Directive | null
  readonly isHere: IsHere
}

/** In Apache's own order: the first ProxyPass that fits counts. */
export function routesOf(block: readonly Directive[], around: Around): readonly Route[] {
  return block.flatMap(directive => routesBy(directive, around))
}

function routesBy(directive: Directive, around: Around): readonly Route[] {
  const {name, args, file, line, block} = directive
  const at = {file, line}
  const [first = '', second = ''] = args
  // In a <Location> the path is not said again.
  const [path, to] = around.path === '' ? [first, second] : [around.path, first]
  const forward = (target: string, from: string | null = null): Forward | null =>
    target === '!' ? null : forwardOf(directive, target, from, around)
  switch (name) {
    case 'location':
    case 'locationmatch': {
      const inner = {
        path: name === 'location' ? first : '',
        preserve: preserveIn(block ?? []) ?? around.preserve,
      }
      return routesOf(block ?? [], {...around, ...inner})
    }
    case 'proxypass':
      return [{path, match: prefix(path), at, directory: null, forward: forward(to, path)}]
    case 'proxypassmatch':
      return [{path: '', match: pattern(first), at, directory: null, forward: forward(second)}]
    case 'rewriterule':
      return /(?:^|[[,])P(?:[,\]]|$)/i.test(args[2] ?? '')
        ? [{path: '', match: pattern(first), at, directory: null, forward: forward(second)}]
        : []
    case 'alias':
      return [{path, match: prefix(path), at, directory: known(to), forward: null}]
    case 'documentroot':
      return [{path: '/', match: prefix('/'), at, directory: known(first), forward: null}]
    default:
      return []
  }
}

/** The ProxyPreserveHost that counts of a block. */
export function preserveIn(block: readonly Directive[]): Directive | null {
  return block.findLast(({name}) => name === 'proxypreservehost') ?? null
}

function prefix(text: string): PathMatch {
  return {how: 'prefix', text}
}

function pattern(text: string): PathMatch {
  return {how: 'regexp', text}
}

function forwardOf(
  {name}: Directive,
  target: string,
  from: string | null,
  {all, preserve, isHere}: Around,
): Forward {
  const {written, scheme, authority} = destinationOf(target)
  const members =
    scheme === 'balancer'
      ? all
          .filter(
            each =>
              each.name === 'proxy' && each.args[0]?.replace(/\/$/, '') === `balancer://${written}`,
          )
          .flatMap(({block}) => block ?? [])
          .filter(each => each.name === 'balancermember')
          .map(({args: [member = '']}) => destinationOf(member))
      : [{written, scheme, authority}]
  const found = members.map(member => placeOf(member.written, member.scheme === 'https' ? 443 : 80))
  const places = found.length > 0 && found.every(place => place !== null) ? found : null
  const kinds = new Set(members.map(member => member.scheme))
  const protocol = kinds.has('uwsgi')
    ? 'uwsgi'
    : kinds.has('http') || kinds.has('https')
      ? 'http'
      : 'other'
  const isKept = preserve !== null && /^on$/i.test(preserve.args[0] ?? '')
  return {
    how: {proxypass: 'ProxyPass', proxypassmatch: 'ProxyPassMatch'}[name] ?? 'RewriteRule',
    written,
    places,
    protocol,
    leadsHere: places?.some(isHere) === true,
    replaces: from === null ? null : replacedBy(from, target),
    headers: new Map(),
    hosts: [{value: isKept || protocol === 'uwsgi' ? null : authority, at: preserve}],
  }
}

/** `ProxyPass /a/ http://b/c/` puts "/c/" in the place of "/a/" (mod_proxy). */
function replacedBy(from: string, target: string): Forward['replaces'] {
  const url = /^(?:unix:[^|]+\|)?\w+:\/\/[^/]*(.*)$/s.exec(target)
  const to = url?.[1] ?? ''
  // uWSGI takes the rest of the URL for SCRIPT_NAME.
  return url === null || from === to || /\buwsgi:/.test(target) ? null : {from, to}
}

/**
 * `http://127.0.0.1:8000/$1`, `unix:/run/x.sock|http://localhost/`, `uwsgi://127.0.0.1:3031/`,
 * `balancer://harbour/`.
 */
export function destinationOf(target: string): {
  written: string
  scheme: string
  authority: string
} {
  const [, socket, url = ''] = /^(?:(unix:[^|]+)\|)?(.*)$/s.exec(target) ?? []
  const [, scheme = '', authority = ''] = /^(\w+):\/\/([^/$]*)/.exec(url) ?? []
  return {written: socket ?? authority, scheme: scheme.toLowerCase(), authority}
}
