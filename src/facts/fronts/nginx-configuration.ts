import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {showUnit} from '../unit/systemd.ts'
import {filesOf, maxFiles, type Reading, textOf} from './configuration-files.ts'
import {type Directive, type Place, parseNginx} from './nginx-syntax.ts'

/** A directive that names somebody else who answers. */
export interface NginxForward extends Place {
  readonly how: 'proxy_pass' | 'uwsgi_pass' | 'fastcgi_pass' | 'grpc_pass' | 'scgi_pass'
  /** As written, with what `set` says of its variables in their place. */
  readonly to: string
}

export interface NginxLocation extends Place {
  /** As in `location /static/ { … }`, without the modifier. */
  readonly path: string
  /** "=", "^~", "~", "~*", or "". */
  readonly modifier: string
  readonly alias: string | null
  /** Its own, or what it inherits. */
  readonly root: string | null
  readonly forward: NginxForward | null
  /** `proxy_set_header Host …`, its own or what it inherits, in order. */
  readonly hostHeaders: readonly (Place & {readonly value: string})[]
  /** The words of try_files. */
  readonly tryFiles: readonly string[]
}

export interface NginxServer extends Place {
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
  /** What nginx says of its own configuration while it takes it (`[warn] conflicting server name …`), a line each. */
  readonly complaints: readonly string[]
}

const defaultFile = '/etc/nginx/nginx.conf'

/**
 * nginx's configuration as nginx.service would load it: as nginx itself prints it (`nginx -T`) where that changes nothing,
 * else from its files; null where no nginx.service is loaded.
 */
export async function findNginx(host: Host): Promise<Nginx | null> {
  const unit = await showUnit(host, 'nginx.service')
  if (unit.get('LoadState') !== 'loaded') return null
  const argv = execCommands(unit, 'ExecStart')[0]?.argv ?? []
  const named = argv.includes('-c') ? (argv[argv.indexOf('-c') + 1] ?? '').replace(/^['"]|['"]$/g, '') : ''
  const start = named.startsWith('/') ? named : defaultFile
  const reading: Reading = {host, directory: directoryOf(start), texts: null, left: maxFiles, unread: []}
  const read = await readConfiguration(reading, start)
  // What could not be read may name something that nginx would make.
  const isRead = reading.unread.length === 0
  const printed = isRead ? await printedBy(host, unit, named.startsWith('/') ? named : null, read) : null
  const texts = printed?.exitCode === 0 ? printedTexts(printed.stdout) : new Map<string, string>()
  const file = [...texts.keys()][0] ?? start
  const own: Reading = {host, directory: directoryOf(file), texts, left: maxFiles, unread: []}
  const [all, {unread}] = texts.size > 0 ? [await readConfiguration(own, file), own] : [read, reading]
  const http = all.filter(({name}) => name === 'http').flatMap(({block}) => block ?? [])
  const upstreams = http.filter(({name}) => name === 'upstream')
  return {
    unit,
    active: unit.get('ActiveState') === 'active',
    file,
    user: all.find(({name}) => name === 'user')?.args ?? [],
    servers: http.filter(({name}) => name === 'server').map(server => serverOf(server, http)),
    upstreams: new Map(upstreams.map(({args, block}) => [args[0] ?? '', firstArguments(block ?? [], 'server')])),
    words: new Set(flattened(all).flatMap(({name, args}) => [name, ...args])),
    unread,
    complaints: (printed?.exitCode === 0 ? printed.stderr : '')
      .split('\n')
      .filter(line => /\[(?:warn|emerg|alert|crit|error)\]/.test(line)),
  }
}

function directoryOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}

/**
 * `nginx -T`, null where it is not asked. It opens what it would write to and makes what is missing of that, gives its
 * temporary directories to its user, takes its ports for a moment, and writes nothing (ngx_init_cycle): it is asked only
 * while it runs, as root where its unit starts it so, and when all that the configuration names is there. As another user
 * it could not take its ports.
 */
async function printedBy(
  host: Host,
  unit: Unit,
  file: string | null,
  read: readonly Directive[],
): Promise<ExecAnswer | null> {
  const program = execCommands(unit, 'ExecStart')[0]?.path ?? ''
  const asRoot = host.uid === 0 && /^(?:root)?$/.test(unit.get('User'))
  if (!asRoot || unit.get('ActiveState') !== 'active' || !/\/nginx$/.test(program)) return null
  const written = flattened(read)
    .filter(({name}) => /^(?:pid|lock_file|error_log|access_log|\w+_temp_path|\w+_cache_path)$/.test(name))
    .flatMap(({args: [path = '']}) => (/^(?:off|stderr|syslog:.*|memory:.*)$/.test(path) ? [] : [path]))
  if (written.some(path => !path.startsWith('/'))) return null
  const there = await Promise.all(
    // A variable in a log's name: it is opened when somebody asks, not before.
    [...new Set(written)].map(path => path.includes('$') || ifSeen(host.stat(path)).then(stat => stat !== null)),
  )
  if (there.includes(false)) return null
  return ifSeen(host.exec([program, ...(file === null ? [] : ['-c', file]), '-T']))
}

/** `# configuration file /etc/nginx/nginx.conf:`, the file's text, an empty line. */
export function printedTexts(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^# configuration file (\/.*):\n/m)
  return new Map(parts.flatMap((file, index) => (index % 2 === 1 ? [[file, parts[index + 1] ?? ''] as const] : [])))
}

/** Blocks, and what stands in them. */
function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap(directive => [directive, ...flattened(directive.block ?? [])])
}

async function readConfiguration(reading: Reading, file: string): Promise<readonly Directive[]> {
  const text = await textOf(reading, file)
  return text === null ? [] : expanded(reading, parseNginx(text, file))
}

/** The same directives, with what `include` names in its place. */
async function expanded(reading: Reading, directives: readonly Directive[]): Promise<readonly Directive[]> {
  const parts: (readonly Directive[])[] = []
  for (const directive of directives) {
    const {name, args, block} = directive
    if (block) parts.push([{...directive, block: await expanded(reading, block)}])
    else if (name !== 'include') parts.push([directive])
    else for (const file of await includedBy(reading, args[0] ?? '')) parts.push(await readConfiguration(reading, file))
  }
  return parts.flat()
}

async function includedBy(reading: Reading, pattern: string): Promise<readonly string[]> {
  // Media types and FastCGI parameters say nothing of servers.
  return pattern === '' || /mime\.types$|(?:fastcgi|uwsgi|scgi)[^/]*$/.test(pattern) ? [] : filesOf(reading, pattern)
}

function firstArguments(block: readonly Directive[], wanted: string): readonly string[] {
  return block.filter(({name}) => name === wanted).flatMap(({args}) => args.slice(0, 1))
}

function firstArgument(block: readonly Directive[], wanted: string): string | null {
  return firstArguments(block, wanted)[0] ?? null
}

function serverOf({block, file, line}: Directive, http: readonly Directive[]): NginxServer {
  const inner = block ?? []
  const own = flattened(inner)
  const variables = new Map(own.filter(({name}) => name === 'set').map(({args: [name = '', to = '']}) => [name, to]))
  const inherited = {
    root: firstArgument(inner, 'root') ?? firstArgument(http, 'root'),
    headers: ownHeaders(inner) ?? ownHeaders(http) ?? [],
  }
  return {
    file,
    line,
    names: inner.filter(({name}) => name === 'server_name').flatMap(({args}) => args),
    listen: inner.filter(({name}) => name === 'listen').map(({args}) => args.join(' ')),
    locations: locationsOf(inner, inherited, variables),
    directives: new Set([...http.filter(each => each.block === null), ...own].map(({name}) => name)),
    returns: firstArguments(own, 'return'),
  }
}

interface Inherited {
  readonly root: string | null
  readonly headers: readonly Directive[]
}

/** proxy_set_header of one level; null where it has none and inherits what stands around it (ngx_http_proxy_module). */
function ownHeaders(block: readonly Directive[]): readonly Directive[] | null {
  const own = block.filter(({name}) => name === 'proxy_set_header')
  return own.length > 0 ? own : null
}

const forwards = ['proxy_pass', 'uwsgi_pass', 'fastcgi_pass', 'grpc_pass', 'scgi_pass'] as const

/** Nested locations stand beside those that hold them. */
function locationsOf(
  block: readonly Directive[],
  inherited: Inherited,
  variables: ReadonlyMap<string, string>,
): readonly NginxLocation[] {
  return block
    .filter(({name}) => name === 'location')
    .flatMap(({args, block: inner, file, line}) => {
      const own = inner ?? []
      // What stands in an "if" counts as well; a nested location speaks for itself.
      const all = flattened(own.filter(({name}) => name !== 'location'))
      const root = firstArgument(own, 'root') ?? inherited.root
      const headers = ownHeaders(own) ?? inherited.headers
      const [forward] = all.flatMap(({name, args: [to = ''], file, line}) => {
        const how = forwards.find(each => each === name)
        return how ? [{how, to: to.replace(/\$\{?\w+\}?/g, word => variableIn(variables, word)), file, line}] : []
      })
      const location = {
        file,
        line,
        path: args.at(-1) ?? '',
        modifier: args.length > 1 ? (args[0] ?? '') : '',
        alias: firstArgument(own, 'alias'),
        root,
        forward: forward ?? null,
        hostHeaders: headers
          .filter(({args: [name]}) => name?.toLowerCase() === 'host')
          .map(({args, file, line}) => ({value: args[1] ?? '', file, line})),
        tryFiles: own.find(({name}) => name === 'try_files')?.args ?? [],
      }
      return [location, ...locationsOf(own, {root, headers}, variables)]
    })
}

function variableIn(variables: ReadonlyMap<string, string>, word: string): string {
  return variables.get(word.replace(/[{}]/g, '')) ?? word
}
