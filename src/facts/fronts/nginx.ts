import type {Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {type Front, type IsHere, type Listen, placeOf, type Site} from './front.ts'
import {ownNames} from './names.ts'
import {answersOf, restrictionsOf} from './nginx-answers.ts'
import {findNginx, type Nginx} from './nginx-configuration.ts'
import {routeOf, withoutUri} from './nginx-routes.ts'
import type {NginxServer} from './nginx-servers.ts'

/** nginx, by its own word where it can be asked; null where no nginx.service is loaded. */
export async function findNginxFront(
  host: Host,
  {hosts}: Target,
  isHere: IsHere,
): Promise<Front | null> {
  const nginx = await findNginx(host)
  if (!nginx) return null
  const names = ownNames(hosts)
  const words = [...nginx.words]
  const [unread] = nginx.unread
  return {
    kind: 'nginx',
    unit: nginx.unit,
    active: nginx.active,
    file: nginx.file,
    sites: nginx.servers.map(server => siteOf(nginx, server, isHere)),
    unknown: unread === undefined ? null : `${unread} of nginx's configuration may not be read`,
    complaints: nginx.complaints,
    note: null,
    mentions: words.some(word => {
      if (names.includes(word)) return true
      const place = /^(?:http:\/\/|uwsgi:\/\/)/.test(word) ? placeOf(withoutUri(word)) : null
      return place !== null && isHere(place)
    }),
    user: nginx.user[0] ?? null,
  }
}

function siteOf(nginx: Nginx, server: NginxServer, isHere: IsHere): Site {
  const {names, listen, locations, directives, returns, file, line} = server
  const routes = locations.map(location => routeOf(nginx, location, isHere))
  return {
    names: names.filter(name => name !== '_' && name !== ''),
    listens: (listen.length > 0 ? listen : ['80']).flatMap(text => listenOf(text, directives)),
    at: {file, line},
    routes,
    leadsHere: routes.some(({forward}) => forward?.leadsHere),
    restrictions: restrictionsOf(directives),
    maintenance: returns.includes('503'),
    answers: answersOf(server.level),
    alters: [...directives].some(each => altering.test(each)),
  }
}

/** A cache, parts that are put in, and scripts. */
const altering =
  /^(?:proxy_cache|uwsgi_cache|sub_filter|ssi|add_(?:before|after)_body|pagespeed|image_filter|xslt_stylesheet|js_\w+|perl\w*|mirror)$|_by_lua/

/**
 * `80`, `*:80 default_server`, `[::]:443 ssl`, `localhost:8080`; none for a socket and for QUIC.
 */
function listenOf(text: string, directives: ReadonlySet<string>): readonly Listen[] {
  const [at = '', ...words] = text.split(/\s+/)
  if (at.startsWith('unix:') || words.includes('quic')) return []
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(at) ?? /^(\[[^\]]+\]|[^:]+)$/.exec(at)
  if (!match) return []
  const written = (match[1] ?? '').replace(/^\[|\]$/g, '')
  const host =
    written === '*' || written === '0.0.0.0' ? '' : /^[:0]+$/.test(written) ? '::' : written
  const port = Number(match[2] ?? 80)
  // "ssl on", before nginx 1.25.
  const tls = words.includes('ssl') || (port === 443 && directives.has('ssl'))
  return [
    {host, port, tls, isDefault: words.includes('default_server') || words.includes('default')},
  ]
}
