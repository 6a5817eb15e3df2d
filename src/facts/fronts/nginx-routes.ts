import {type Forward, type IsHere, joined, known, placeOf, type Route} from './front.ts'
import type {Nginx} from './nginx-configuration.ts'
import type {NginxForward, NginxLocation} from './nginx-servers.ts'

export function routeOf(nginx: Nginx, location: NginxLocation, isHere: IsHere): Route {
  const {path, modifier, alias, root, forward, tryFiles, file, line} = location
  const isPrefix = /^(?:\^~)?$/.test(modifier) && path.startsWith('/')
  // With a named location as the last word of try_files somebody else answers what it cannot read.
  const sends = forward === null && !tryFiles.at(-1)?.startsWith('@')
  const below = root === null || !isPrefix ? null : joined(root, path)
  return {
    path: isPrefix ? path : '',
    at: forward === null ? {file, line} : {file: forward.file, line: forward.line},
    directory: sends ? known(alias ?? below) : null,
    forward: forward && forwardOf(nginx, forward, location, isHere),
  }
}

function forwardOf(
  {upstreams}: Nginx,
  forward: NginxForward,
  {hostHeaders}: NginxLocation,
  isHere: IsHere,
): Forward {
  const {how, to} = forward
  const written = withoutUri(to)
  const servers = (upstreams.get(written) ?? [written]).map(server =>
    placeOf(server, to.startsWith('https:') ? 443 : 80),
  )
  const places = servers.every(place => place !== null) ? servers : null
  const protocol = how === 'proxy_pass' ? 'http' : how === 'uwsgi_pass' ? 'uwsgi' : 'other'
  // uWSGI gets the visitor's own headers; proxy_pass sends $proxy_host if nothing else is said.
  const byItself =
    protocol === 'http'
      ? [{value: written.startsWith('unix:') ? 'localhost' : written, at: null}]
      : [{value: null, at: null}]
  const stated = hostHeaders.map(({value, file, line}) => ({
    value: /^\$\{?(?:host|http_host)\}?(?::\$\{?server_port\}?)?$/.test(value)
      ? null
      : hostValue(value, written),
    at: {file, line},
  }))
  return {
    how,
    written,
    places,
    protocol,
    leadsHere: places?.some(isHere) === true,
    hosts: protocol === 'http' && stated.length > 0 ? stated : byItself,
  }
}

function hostValue(value: string, proxyHost: string): string {
  return value === '$proxy_host' ? proxyHost : value
}

/** `http://app/path` as `app`, `http://unix:/run/x.sock:/path` as `unix:/run/x.sock`. */
export function withoutUri(to: string): string {
  const bare = to.replace(/^(?:https?|uwsgi|suwsgi|grpcs?):\/\//, '')
  return bare.startsWith('unix:')
    ? bare.replace(/(?<=^unix:[^:]*):.*$/, '')
    : bare.replace(/\/.*$/, '')
}
