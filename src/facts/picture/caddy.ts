import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Fact, type Seen, whole} from '../../report/fact.ts'
import {readCaddy} from '../fronts/caddy-configuration.ts'
import type {Front} from '../fronts/front.ts'
import {mostDirectives} from './blocks.ts'
import {contentFacts} from './content.ts'
import {discreetFact, factOf, fileChangedAt} from './facts.ts'
import {discretionOf} from './fronts-discretion.ts'

/** Objects within objects; what lies deeper is told as it is written. */
const deepest = 12

type Json = null | boolean | number | string | readonly Json[] | {readonly [name: string]: Json}

/** What a configuration says in one place, in the order in which it says it. */
type Said = Map<string, string[]>

/**
 * Caddy's configuration, as Caddy adapts its own file: what that imports is in it, and directives
 * stand in Caddy's order, whatever theirs is in the file.
 */
export async function caddyFacts(host: Host, {unit, sites}: Front): Promise<readonly Seen[]> {
  const caddy = await ifTold(readCaddy(host, unit))
  if (!caddy || caddy.unknown !== null || caddy.file === null) return []
  const {file} = caddy
  const configuration = caddy.configuration as Json
  const said: Said = new Map()
  const {servers, rest} = withoutServers(configuration)
  for (const server of servers) saidByServer(said, server)
  for (const {names, listens} of sites) {
    const ports = listens.map(
      ({host: address, port, tls}) => `${address}:${port}${tls ? ' tls' : ''}`,
    )
    say(said, `${names.toSorted().join(' ') || 'any'}/listens`, ports.join(' '))
  }
  sayAll(said, 'options', rest)
  if (said.size > mostDirectives) return []
  const at = await fileChangedAt(host, file)
  const facts = [...said].map(([name, values]): Fact => {
    const value = values.join('; ')
    const tell = isSecret(name, value) ? discreetFact : factOf
    return tell(`front/caddy/${name}`, file, value, at)
  })
  const certificates = [...JSON.stringify(configuration).matchAll(/"certificate":"(\/[^"\\]+)"/g)]
  const paths = certificates.map(([, path = '']) => path)
  return [whole('front/caddy/'), ...facts, ...(await contentFacts(host, 'certificate/', paths))]
}

/** What lets somebody in, and what a provider of names or certificates is shown. */
function isSecret(name: string, value: string): boolean {
  const [, side, header = ''] =
    /\/headers\/(request|response)\/(?:set|add|replace)\/([^/]+)$/.exec(name) ?? []
  const directive = side === 'request' ? 'proxy_set_header' : 'add_header'
  if (side && discretionOf({name: directive, args: [header, value]}).isSecret) return true
  const last = name.slice(name.lastIndexOf('/') + 1)
  return (
    last === asked ||
    /authorization|token|secret|passw|api-?_?key|credential|private|mac_key/i.test(
      `${last} ${value}`,
    )
  )
}

/** The last part of the name of what a request has to bring, which may be known to few. */
const asked = 'asked for'

interface Server {
  /** `:443` */
  readonly listen: string
  readonly routes: readonly Json[]
  readonly settings: Json
}

/** They are numbered, and the next site may give each another number. */
function withoutServers(configuration: Json): {servers: readonly Server[]; rest: Json} {
  const whole = objectOf(configuration)
  const apps = objectOf(whole.apps ?? {})
  const {http: ofHttp = {}, ...others} = apps
  const {servers = {}, ...http} = objectOf(ofHttp)
  return {
    servers: Object.values(objectOf(servers)).map(server => {
      // Which sites have no TLS, and where each listens, is told of the sites.
      const {routes = [], listen = [], automatic_https: automatic = {}, ...more} = objectOf(server)
      const {skip: _, ...https} = objectOf(automatic)
      const settings = Object.keys(https).length > 0 ? {...more, automatic_https: https} : more
      return {listen: listOf(listen).join(' '), routes: listOf(routes), settings}
    }),
    rest: {...whole, apps: Object.keys(http).length > 0 ? {...apps, http} : others},
  }
}

function saidByServer(said: Said, {listen, routes, settings}: Server): void {
  for (const [hosts, own] of Map.groupBy(routes, hostsOf)) {
    const site = freeName(said, hosts || 'any')
    say(said, site, 'there')
    for (const route of own) saidByRoute(said, site, route)
  }
  sayAll(said, `server ${listen}`, settings)
}

/** The same names on two ports are two sites. */
function freeName(said: Said, name: string, count = 1): string {
  const tried = count > 1 ? `${name} (${count})` : name
  return said.has(tried) ? freeName(said, name, count + 1) : tried
}

function hostsOf(route: Json): string {
  const hosts = listOf(objectOf(route).match ?? []).flatMap(each =>
    listOf(objectOf(each).host ?? []),
  )
  return [...new Set(hosts.map(String))].sort().join(' ')
}

/** `at /static/…/file_server/root`: by what a request must be like, and by what is done then. */
function saidByRoute(said: Said, around: string, route: Json): void {
  const {match = [], handle = []} = objectOf(route)
  const matchers = listOf(match).map(each => {
    const {host: _, ...others} = objectOf(each)
    return others
  })
  const wanted = matchers.map(wantedBy).filter(each => each !== '')
  const place = wanted.length > 0 ? `${around}/at ${wanted.join(' or ')}` : around
  if (!said.has(place)) say(said, place, 'there')
  const more = matchers.filter(each => Object.keys(each).some(kind => kind !== 'path'))
  if (more.length > 0) say(said, `${place}/${asked}`, canonical(more))
  for (const each of listOf(handle)) {
    const {handler, routes, ...settings} = objectOf(each)
    if (handler === 'subroute') {
      for (const inner of listOf(routes ?? [])) saidByRoute(said, place, inner)
      continue
    }
    const name = `${place}/${String(handler)}`
    if (!said.has(name)) say(said, name, 'there')
    sayAll(said, name, routes === undefined ? withoutPlain(settings) : {...settings, routes})
  }
}

/** `/static/*`, and by what else a request is known: "header X-Gate", without what it has to say. */
function wantedBy({path, ...others}: {readonly [name: string]: Json}): string {
  const more = Object.entries(others).map(([kind, each]) =>
    [kind, ...Object.keys(objectOf(each)).sort()].join(' '),
  )
  return [...(path ? [shown(path)] : []), ...more].join(' and ')
}

/** Encodings that are only named: `prefer` has them in their order. */
function withoutPlain(settings: {readonly [name: string]: Json}): Json {
  const {encodings, ...others} = settings
  if (encodings === undefined || others.prefer === undefined) return settings
  const set = Object.entries(objectOf(encodings)).filter(([, own]) => canonical(own) !== '{}')
  return set.length > 0 ? {...others, encodings: Object.fromEntries(set)} : others
}

/** Each setting by its own name, however deep it lies. */
function sayAll(said: Said, name: string, value: Json, depth = 0): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const entries = isObject ? Object.entries(value) : []
  const isSet = Array.isArray(value) && unordered.has(name.slice(name.lastIndexOf('/') + 1))
  if (!isObject || depth === deepest) say(said, name, shown(isSet ? value.toSorted() : value))
  else if (entries.length === 0 && depth > 0) say(said, name, 'there')
  for (const [key, each] of depth === deepest ? [] : entries)
    sayAll(said, `${name}/${key}`, each, depth + 1)
}

function say(said: Said, name: string, value: string): void {
  said.set(name, [...(said.get(name) ?? []), value])
}

/** Words of a list; of `{"dial": "127.0.0.1:8000"}` what alone is said. */
function shown(value: Json, depth = 0): string {
  if (Array.isArray(value) && depth < 2) return value.map(each => shown(each, depth + 1)).join(' ')
  if (typeof value !== 'object' || value === null) return String(value)
  const [only, ...others] = Object.values(value)
  const isPlain = others.length === 0 && only !== undefined && typeof only !== 'object'
  return isPlain ? String(only) : canonical(value)
}

/** Lists whose order means nothing; Caddy itself writes some of them in another one each time. */
const unordered = new Set('any_tag hide host path skip sni skip_certificates subjects'.split(' '))

/** JSON with its names in one order, and without the groups, which Caddy numbers. */
function canonical(value: Json): string {
  return JSON.stringify(value, (name, each: Json) => {
    if (name === 'group') return undefined
    if (Array.isArray(each) && unordered.has(name)) return each.toSorted()
    return typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each
  })
}

function objectOf(value: Json): {readonly [name: string]: Json} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as {readonly [name: string]: Json})
    : {}
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : []
}
