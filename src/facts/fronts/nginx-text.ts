import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {filesOf, maxFiles, type Reading, textOf} from './configuration-files.ts'
import {type Directive, flattened, parseNginx} from './nginx-syntax.ts'

/** nginx's configuration, with what `include` names in its place. */
export interface NginxText {
  /** The file that it starts from. */
  readonly file: string
  readonly directives: readonly Directive[]
  /** Files that could not be read. */
  readonly unread: readonly string[]
  /** What nginx says of it while it takes it, a line each; empty where it was not asked. */
  readonly complaints: readonly string[]
}

const defaultFile = '/etc/nginx/nginx.conf'

/** As nginx itself prints it (`nginx -T`) where that changes nothing, else from its files. */
export async function readNginx(host: Host, unit: Unit): Promise<NginxText> {
  const argv = execCommands(unit, 'ExecStart')[0]?.argv ?? []
  const named = argv.includes('-c') ? (argv[argv.indexOf('-c') + 1] ?? '').replace(/^['"]|['"]$/g, '') : ''
  const start = named.startsWith('/') ? named : defaultFile
  const reading = readingFrom(host, start, null)
  const directives = await readConfiguration(reading, start)
  const {unread} = reading
  // What could not be read may name something that nginx would make.
  const printed =
    unread.length === 0 ? await printedBy(host, unit, named.startsWith('/') ? named : null, directives) : null
  if (printed?.exitCode !== 0) return {file: start, directives, unread, complaints: []}
  const complaints = printed.stderr.split('\n').filter(line => /\[(?:warn|emerg|alert|crit|error)\]/.test(line))
  const texts = printedTexts(printed.stdout)
  const [file] = texts.keys()
  if (file === undefined) return {file: start, directives, unread, complaints}
  const own = readingFrom(host, file, texts)
  return {file, directives: await readConfiguration(own, file), unread: own.unread, complaints}
}

function readingFrom(host: Host, file: string, texts: Reading['texts']): Reading {
  return {host, directory: file.slice(0, file.lastIndexOf('/')), texts, left: maxFiles, unread: []}
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
