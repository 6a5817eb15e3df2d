import {
  type Forward,
  type IsHere,
  joined,
  known,
  type PathMatch,
  placeOf,
  type Route,
} from './front.ts'
import {answersOf} from './nginx-answers.ts'
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
    match: matchOf(location),
    answers: answersOf(location.level),
    at: forward === null ? {file, line} : {file: forward.file, line: forward.line},
    directory: sends ? known(alias ?? below) : null,
    forward: forward && forwardOf(nginx, forward, location, isHere),
  }
}

function forwardOf(
  {upstreams}: Nginx,
  forward: NginxForward,
  location: NginxLocation,
  isHere: IsHere,
): Forward {
  const {how, to} = forward
  const {headers} = location
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
  const named = headers.filter(({name}) => name === 'host')
  const stated = named.map(({value, file, line}) => ({
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
    replaces: how === 'proxy_pass' ? replacedBy(to, location) : null,
    hosts: protocol === 'http' && stated.length > 0 ? stated : byItself,
    headers: Map.groupBy(
      headers
        .filter(({name}) => protocol === 'http' && name !== 'host')
        .map(({name, value, file, line}) => ({name, value, at: {file, line}})),
      ({name}) => name,
    ),
  }
}

function matchOf({path, modifier, within}: NginxLocation): PathMatch {
  const known = {'=': 'exact', '^~': 'final', '~': 'regexp', '~*': 'regexp'} as const
  const how = path.startsWith('@') ? 'never' : (known[modifier as keyof typeof known] ?? 'prefix')
  return {
    how,
    text: path,
    ...(modifier === '~*' && {ignoresCase: true}),
    ...(within !== null && {within}),
  }
}

/** The path in proxy_pass stands for that of the location (ngx_http_proxy_module). */
function replacedBy(to: string, {path, modifier}: NginxLocation): Forward['replaces'] {
  const bare = to.replace(/^\w+:\/\//, '')
  const uri = bare.startsWith('unix:')
    ? bare.split(':').slice(2).join(':')
    : bare.replace(/^[^/]*/, '')
  const isPlain = /^(?:=|\^~)?$/.test(modifier) && path.startsWith('/') && !to.includes('$')
  return uri === '' || uri === path || !isPlain ? null : {from: path, to: uri}
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
