import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {type Directive, parseNginx} from './nginx-syntax.ts'
import {execCommands, showUnit, type Unit} from './systemd.ts'

export interface NginxLocation {
  /** As in `location /static/ { … }`, without the modifier. */
  readonly path: string
  /** "=", "^~", "~", "~*", or "". */
  readonly modifier: string
  readonly alias: string | null
  /** Its own, or what it inherits. */
  readonly root: string | null
  readonly proxyPass: string | null
  /** The words of try_files. */
  readonly tryFiles: readonly string[]
}

export interface NginxServer {
  readonly names: readonly string[]
  /** "0.0.0.0:80", "443 ssl". */
  readonly listen: readonly string[]
  readonly locations: readonly NginxLocation[]
  /** The names of all directives in it, at any depth, and of those that it inherits. */
  readonly directives: ReadonlySet<string>
  /** The first words of its `return` directives, at any depth. */
  readonly returns: readonly string[]
}

/** What nginx of this machine is told to do. */
export interface Nginx {
  readonly unit: Unit
  readonly active: boolean
  /** The file that it starts from. */
  readonly file: string
  /** The words of the `user` directive, which only a master that is root heeds. */
  readonly user: readonly string[]
  readonly servers: readonly NginxServer[]
  /** `upstream` blocks: their servers by name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>
  /** Every word of the configuration, for one that nginx itself cannot make sense of. */
  readonly words: ReadonlySet<string>
  /** Files of the configuration that could not be read: nothing may be called absent then. */
  readonly unread: readonly string[]
}

const defaultFile = '/etc/nginx/nginx.conf'

/**
 * nginx's configuration as nginx.service would load it, read from its files (`nginx -T` opens logs and resolves names);
 * null where no nginx.service is loaded.
 */
export async function findNginx(host: Host): Promise<Nginx | null> {
  const unit = await showUnit(host, 'nginx.service')
  if (unit.get('LoadState') !== 'loaded') return null
  const argv = execCommands(unit, 'ExecStart')[0]?.argv ?? []
  const named = argv.includes('-c') ? (argv[argv.indexOf('-c') + 1] ?? '').replace(/^['"]|['"]$/g, '') : ''
  const file = named.startsWith('/') ? named : defaultFile
  const reading: Reading = {host, directory: file.slice(0, file.lastIndexOf('/')), left: maxFiles, unread: []}
  const all = await readConfiguration(reading, file)
  const http = all.filter(({name}) => name === 'http').flatMap(({block}) => block ?? [])
  const upstreams = http.filter(({name}) => name === 'upstream')
  return {
    unit,
    active: unit.get('ActiveState') === 'active',
    file,
    user: all.find(({name}) => name === 'user')?.args ?? [],
    servers: http.filter(({name}) => name === 'server').map(({block}) => serverOf(block ?? [], http)),
    upstreams: new Map(upstreams.map(({args, block}) => [args[0] ?? '', firstArguments(block ?? [], 'server')])),
    words: new Set(flattened(all).flatMap(({name, args}) => [name, ...args])),
    unread: reading.unread,
  }
}

/** Blocks, and what stands in them. */
function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap(directive => [directive, ...flattened(directive.block ?? [])])
}

/** More files than this are not read: a file that includes itself ends here. */
const maxFiles = 300

interface Reading {
  readonly host: Host
  /** Where relative includes start: the directory of the first file. */
  readonly directory: string
  left: number
  readonly unread: string[]
}

async function readConfiguration(reading: Reading, file: string): Promise<readonly Directive[]> {
  reading.left -= 1
  const answer = reading.left < 0 ? null : await ifSeen(reading.host.readFile(file))
  if (answer?.kind === 'file') return expanded(reading, parseNginx(answer.text))
  reading.unread.push(file)
  return []
}

/** The same directives, with what `include` names in its place. */
async function expanded(reading: Reading, directives: readonly Directive[]): Promise<readonly Directive[]> {
  const parts: (readonly Directive[])[] = []
  for (const directive of directives) {
    const {name, args, block} = directive
    if (block) parts.push([{...directive, block: await expanded(reading, block)}])
    else if (name !== 'include') parts.push([directive])
    else for (const file of await filesOf(reading, args[0] ?? '')) parts.push(await readConfiguration(reading, file))
  }
  return parts.flat()
}

/** nginx's include takes glob(3) patterns; here "*" and "?" in the last component, as every distribution uses them. */
async function filesOf({host, directory, unread}: Reading, pattern: string): Promise<readonly string[]> {
  // Media types and FastCGI parameters say nothing of servers.
  if (pattern === '' || /mime\.types$|(?:fastcgi|uwsgi|scgi)[^/]*$/.test(pattern)) return []
  const path = pattern.startsWith('/') ? pattern : `${directory}/${pattern}`
  if (!/[*?[]/.test(path)) return [path]
  const parent = path.slice(0, path.lastIndexOf('/'))
  const literal = path.slice(parent.length + 1).replace(/[.+^${}()|\\]/g, '\\$&')
  const names = /[*?[]/.test(parent) || literal.includes('[') ? undefined : await ifSeen(host.list(parent))
  // A pattern that matches nothing is no error, nor is one whose directory is not there.
  if (!names) unread.push(...(names === null && (await ifSeen(host.stat(parent))) === null ? [] : [path]))
  const matching = new RegExp(`^${literal.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`)
  return (names ?? []).filter(name => matching.test(name) && !name.startsWith('.')).map(name => `${parent}/${name}`)
}

function firstArguments(block: readonly Directive[], wanted: string): readonly string[] {
  return block.filter(({name}) => name === wanted).flatMap(({args}) => args.slice(0, 1))
}

function firstArgument(block: readonly Directive[], wanted: string): string | null {
  return firstArguments(block, wanted)[0] ?? null
}

function serverOf(block: readonly Directive[], http: readonly Directive[]): NginxServer {
  const own = flattened(block)
  return {
    names: block.filter(({name}) => name === 'server_name').flatMap(({args}) => args),
    listen: block.filter(({name}) => name === 'listen').map(({args}) => args.join(' ')),
    locations: locationsOf(block, firstArgument(block, 'root') ?? firstArgument(http, 'root')),
    directives: new Set([...http.filter(each => each.block === null), ...own].map(({name}) => name)),
    returns: firstArguments(own, 'return'),
  }
}

/** Nested locations stand beside those that hold them. */
function locationsOf(block: readonly Directive[], inherited: string | null): readonly NginxLocation[] {
  return block
    .filter(({name}) => name === 'location')
    .flatMap(({args, block: inner}) => {
      const own = inner ?? []
      const root = firstArgument(own, 'root') ?? inherited
      const location = {
        path: args.at(-1) ?? '',
        modifier: args.length > 1 ? (args[0] ?? '') : '',
        alias: firstArgument(own, 'alias'),
        root,
        proxyPass: firstArgument(own, 'proxy_pass'),
        tryFiles: own.find(({name}) => name === 'try_files')?.args ?? [],
      }
      return [location, ...locationsOf(own, root)]
    })
}

/** A directory whose files nginx sends, and the location that says so. */
export interface ServedDirectory {
  readonly directory: string
  readonly location: string
}

/**
 * The directories that nginx alone serves. With a named location as the last word of try_files somebody else answers
 * what it cannot read, and with a variable or a pattern in the path nobody can tell from here.
 */
export function servedDirectories({servers}: Nginx): readonly ServedDirectory[] {
  const served = servers.flatMap(({locations}) =>
    locations.flatMap(({path, modifier, alias, root, proxyPass, tryFiles}) => {
      if (proxyPass !== null || modifier.startsWith('~') || tryFiles.at(-1)?.startsWith('@')) return []
      const directory = alias ?? (root === null || !path.startsWith('/') ? '' : `${root.replace(/\/+$/, '')}${path}`)
      if (!directory.startsWith('/') || directory.includes('$')) return []
      return [{directory: directory.replace(/(?<=.)\/+$/, ''), location: path}]
    }),
  )
  return served.filter(({directory}, at) => served.findIndex(other => other.directory === directory) === at)
}
