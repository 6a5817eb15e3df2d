import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {type Apache, readApache} from './apache-configuration.ts'
import {
  type Forward,
  type Front,
  type IsHere,
  known,
  type Listen,
  ownNames,
  placeOf,
  type Route,
  type Site,
} from './front.ts'
import type {Directive} from './nginx-syntax.ts'

/** Apache's httpd, by its files; it is asked itself for who runs it and what it complains of. */
export async function apacheFront(host: Host, target: Target, unit: Unit, isHere: IsHere): Promise<Front> {
  const apache = await readApache(host, unit)
  const names = ownNames(target.hosts)
  const all = flattened(apache.directives)
  const sites = sitesOf(apache.directives, isHere)
  const wsgi = all.some(({name}) => name === 'wsgiscriptalias' || name === 'wsgiscriptaliasmatch')
  const user = all.findLast(({name}) => name === 'user')?.args[0]
  return {
    kind: 'apache',
    unit,
    active: unit.get('ActiveState') === 'active',
    file: apache.file,
    sites,
    unknown: unknownOf(apache, sites),
    complaints: apache.complaints,
    note: wsgi ? 'apache runs an application itself by mod_wsgi, which is not looked at' : null,
    mentions: all.some(({args}) =>
      args.some(word => {
        const place = placeOf(destinationOf(word).written)
        return names.includes(word) || (/^\w+:\/\/|^unix:/.test(word) && place !== null && isHere(place))
      }),
    ),
    // Debian's file has ${APACHE_RUN_USER}, which its envvars set.
    user: apache.said?.user ?? (user === undefined || user.includes('$') ? 'www-data' : user),
  }
}

function unknownOf({unread: [unread], said}: Apache, sites: readonly Site[]): string | null {
  if (unread !== undefined) return `${unread} of Apache's configuration may not be read`
  const hidden = said?.hosts.find(({file, line}) => !sites.some(({at}) => at?.file === file && at.line === line))
  // A macro makes sites that no file shows.
  return hidden ? `what Apache does for ${hidden.name} (${hidden.file}:${hidden.line}) could not be read` : null
}

function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap(directive => [directive, ...flattened(directive.block ?? [])])
}

function sitesOf(all: Apache['directives'], isHere: IsHere): readonly Site[] {
  const general = all.filter(({name}) => name !== 'virtualhost')
  const listened = general
    .filter(({name}) => name === 'listen')
    .flatMap(({args: [at = '', scheme]}) => {
      const listen = listenOf(at, [], scheme === 'https')
      return listen
    })
  const sites: Site[] = []
  for (const {block, args, file, line} of all.filter(({name}) => name === 'virtualhost')) {
    const own = block ?? []
    const tls = own.some(({name, args: [on]}) => name === 'sslengine' && /^on$/i.test(on ?? ''))
    const listens = args
      .flatMap(at => listenOf(at, listened, tls))
      .map(listen => ({
        ...listen,
        // The first at its address takes what no other names.
        isDefault: !sites.some(({listens}) => listens.some(other => isSameListen(other, listen))),
      }))
    sites.push({...siteOf(own, general, all, isHere), listens, at: {file, line}})
  }
  const left = listened.filter(at => !sites.some(({listens}) => listens.some(({port}) => port === at.port)))
  const main = {...siteOf(general, [], all, isHere), listens: left.map(at => ({...at, isDefault: true})), at: null}
  return left.length > 0 ? [...sites, main] : sites
}

function isSameListen(a: Listen, b: Listen): boolean {
  return a.port === b.port && a.host === b.host
}

/** `80`, `*:80`, `_default_:443`, `127.0.0.1:8080`, `[::1]:80`, `*`: without a port, or with "*", each that is listened on. */
function listenOf(at: string, listened: readonly Listen[], tls: boolean): readonly Listen[] {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+|\*)$/.exec(at) ?? /^(\[[^\]]+\]|[^:]+)$/.exec(at)
  if (!match) return []
  const written = (match[1] ?? '').replace(/^\[|\]$/g, '')
  const host = ['*', '_default_', '0.0.0.0'].includes(written) ? '' : written
  const ports = /^\d+$/.test(match[2] ?? '') ? [Number(match[2])] : listened.map(({port}) => port)
  return [...new Set(ports)].map(port => ({host, port, tls, isDefault: false}))
}

type Inner = Omit<Site, 'listens' | 'at'>

function siteOf(
  own: readonly Directive[],
  general: readonly Directive[],
  all: readonly Directive[],
  isHere: IsHere,
): Inner {
  const named = own.filter(({name}) => name === 'servername' || name === 'serveralias').flatMap(({args}) => args)
  // A rule of mod_rewrite is not handed on to virtual hosts (RewriteOptions Inherit), what mod_proxy and mod_alias say is.
  const inherited = general.filter(({name}) => /^(?:proxypass|proxypassmatch|alias|documentroot|location)$/.test(name))
  const root = own.some(({name}) => name === 'documentroot') ? 'documentroot' : ''
  const routes = routesOf(
    [...own, ...inherited.filter(({name}) => name !== root)],
    all,
    '',
    preserves(own, general),
    isHere,
  )
  const within = flattened(own)
  const restrictions = new Map<number, string>()
  if (within.some(({name}) => name === 'authtype')) restrictions.set(401, 'AuthType')
  const isClosed = ({name, args}: Directive): boolean =>
    (name === 'require' && !/^all granted$/i.test(args.join(' '))) || name === 'deny'
  if (own !== general && general.length > 0 && within.some(isClosed)) restrictions.set(403, 'Require')
  return {
    names: named.map(name => name.replace(/^\w+:\/\//, '').replace(/:\d+$/, '')),
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions,
    maintenance: within.some(({name, args}) =>
      name === 'rewriterule' ? /\bR=503\b/i.test(args.at(-1) ?? '') : name === 'redirect' && args.includes('503'),
    ),
  }
}

function preserves(own: readonly Directive[], general: readonly Directive[]): Directive | null {
  const find = (from: readonly Directive[]): Directive | undefined =>
    from.findLast(({name}) => name === 'proxypreservehost')
  return find(own) ?? find(general) ?? null
}

/** In Apache's own order: the first ProxyPass that fits counts. */
function routesOf(
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
function destinationOf(target: string): {written: string; scheme: string; authority: string} {
  const [, socket, url = ''] = /^(?:(unix:[^|]+)\|)?(.*)$/s.exec(target) ?? []
  const [, scheme = '', authority = ''] = /^(\w+):\/\/([^/$]*)/.exec(url) ?? []
  return {written: socket ?? authority, scheme: scheme.toLowerCase(), authority}
}
