import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {type Apache, readApache} from './apache-configuration.ts'
import {destinationOf, preserveIn, routesOf} from './apache-routes.ts'
import {type Front, type IsHere, type Listen, placeOf, type Site} from './front.ts'
import {ownNames} from './names.ts'
import {type Directive, flattened} from './nginx-syntax.ts'

/** Apache's httpd, by its files; it says itself who runs it and what it complains about. */
export async function apacheFront(
  host: Host,
  target: Target,
  unit: Unit,
  isHere: IsHere,
): Promise<Front> {
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
        return (
          names.includes(word) || (/^\w+:\/\/|^unix:/.test(word) && place !== null && isHere(place))
        )
      }),
    ),
    // A file may have ${APACHE_RUN_USER} instead, which only the environment of Apache sets.
    user:
      apache.said?.user ??
      (user === undefined || user.includes('$') ? target.platform.apacheUser : user),
  }
}

function unknownOf({unread: [unread], said}: Apache, sites: readonly Site[]): string | null {
  if (unread !== undefined) return `${unread} of Apache's configuration may not be read`
  const hidden = said?.hosts.find(
    ({file, line}) => !sites.some(({at}) => at?.file === file && at.line === line),
  )
  // A macro makes sites that no file shows.
  return hidden
    ? `what Apache does for ${hidden.name} (${hidden.file}:${hidden.line}) could not be read`
    : null
}

function sitesOf(all: Apache['directives'], isHere: IsHere): readonly Site[] {
  const general = all.filter(({name}) => name !== 'virtualhost')
  const listened = general
    .filter(({name}) => name === 'listen')
    .flatMap(({args: [at = '', scheme]}) => listenOf(at, [], scheme === 'https'))
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
  const left = listened.filter(
    at => !sites.some(({listens}) => listens.some(({port}) => port === at.port)),
  )
  const main = {
    ...siteOf(general, [], all, isHere),
    listens: left.map(at => ({...at, isDefault: true})),
    at: null,
  }
  return left.length > 0 ? [...sites, main] : sites
}

function isSameListen(a: Listen, b: Listen): boolean {
  return a.port === b.port && a.host === b.host
}

/** `80`, `*:80`, `_default_:443`, `[::1]:80`, `*`: no port, or "*", is every one of Listen. */
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
  const named = own
    .filter(({name}) => name === 'servername' || name === 'serveralias')
    .flatMap(({args}) => args)
  // Virtual hosts inherit from mod_proxy and mod_alias, not from mod_rewrite (RewriteOptions).
  const inherited = general.filter(({name}) =>
    /^(?:proxypass|proxypassmatch|alias|documentroot|location)$/.test(name),
  )
  const root = own.some(({name}) => name === 'documentroot') ? 'documentroot' : ''
  const routes = routesOf([...own, ...inherited.filter(({name}) => name !== root)], {
    all,
    path: '',
    preserve: preserveIn(own) ?? preserveIn(general),
    isHere,
  })
  const within = flattened(own)
  const restrictions = new Map<number, string>()
  if (within.some(({name}) => name === 'authtype')) restrictions.set(401, 'AuthType')
  const isClosed = ({name, args}: Directive): boolean =>
    (name === 'require' && !/^all granted$/i.test(args.join(' '))) || name === 'deny'
  if (own !== general && general.length > 0 && within.some(isClosed))
    restrictions.set(403, 'Require')
  const told = within
    .filter(({name}) => name === 'redirect' || name === 'redirectmatch' || name === 'rewriterule')
    .flatMap(({args}) => args.join(' ').match(/\b[345]\d\d\b/g) ?? [])
  const gone = within.some(({name, args}) => name === 'redirect' && /^gone$/i.test(args[0] ?? ''))
  const forbids = within.some(
    ({name, args}) => name === 'rewriterule' && /[[,](?:F|G)[\],]/i.test(args.at(-1) ?? ''),
  )
  const guards = within.some(({name}) => /^sec(?:rule|ruleengine)/.test(name))
  return {
    answers: new Set([
      ...restrictions.keys(),
      ...told.map(Number),
      ...(gone ? [410] : []),
      ...(forbids ? [403, 410] : []),
      ...(guards ? [403, 406] : []),
    ]),
    alters: [...all, ...own].some(({name}) =>
      /^(?:cacheenable|substitute|addoutputfilter\w*|lua\w+)$/.test(name),
    ),
    names: named.map(name => name.replace(/^\w+:\/\//, '').replace(/:\d+$/, '')),
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions,
    maintenance: within.some(({name, args}) =>
      name === 'rewriterule'
        ? /\bR=503\b/i.test(args.at(-1) ?? '')
        : name === 'redirect' && args.includes('503'),
    ),
  }
}
