import type {Host} from '../../host/host.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {oncePerHost} from '../once-per-host.ts'
import {showUnit} from '../unit/systemd.ts'
import {filesOf, maxFiles, maxPrinted, type Reading, textOf} from './configuration-files.ts'
import {printedBy, printedTexts} from './nginx-printed.ts'
import {firstArguments, type NginxServer, serverOf} from './nginx-servers.ts'
import {type Directive, flattened, parseNginx} from './nginx-syntax.ts'

/** What nginx of this machine is told to do. */
export interface Nginx {
  readonly unit: Unit
  readonly active: boolean
  /** The file that it starts from. */
  readonly file: string
  /** The words of the `user` directive, which only a master that is root heeds. */
  readonly user: readonly string[]
  readonly servers: readonly NginxServer[]
  /** All of it, with what `include` names in its place. */
  readonly directives: readonly Directive[]
  /** `upstream` blocks: their servers by name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>
  /** Every word of the configuration, for one that nginx itself cannot make sense of. */
  readonly words: ReadonlySet<string>
  /** Files of the configuration that could not be read: nothing may be called absent then. */
  readonly unread: readonly string[]
  /** What nginx says about its configuration (`[warn] conflicting server name …`), by line. */
  readonly complaints: readonly string[]
  /** Whether nginx takes its configuration as it is now; null where it was not asked. */
  readonly accepted: boolean | null
}

const defaultFile = '/etc/nginx/nginx.conf'

/**
 * nginx's configuration as nginx.service would load it: as nginx itself prints it (`nginx -T`)
 * where that changes nothing, else from its files; null where no nginx.service is loaded.
 */
export const findNginx = oncePerHost(async (host: Host): Promise<Nginx | null> => {
  const unit = await showUnit(host, 'nginx.service')
  if (unit.get('LoadState') !== 'loaded') return null
  const {file, directives, unread, complaints, accepted} = await readNginx(host, unit)
  const http = directives.filter(({name}) => name === 'http').flatMap(({block}) => block ?? [])
  const upstreams = http.filter(({name}) => name === 'upstream')
  return {
    unit,
    active: unit.get('ActiveState') === 'active',
    file,
    user: directives.find(({name}) => name === 'user')?.args ?? [],
    servers: http.filter(({name}) => name === 'server').map(server => serverOf(server, http)),
    directives,
    upstreams: new Map(
      upstreams.map(({args, block}) => [args[0] ?? '', firstArguments(block ?? [], 'server')]),
    ),
    words: new Set(flattened(directives).flatMap(({name, args}) => [name, ...args])),
    unread,
    complaints,
    accepted,
  }
})

interface Read extends Pick<Nginx, 'file' | 'unread' | 'complaints' | 'accepted'> {
  readonly directives: readonly Directive[]
}

async function readNginx(host: Host, unit: Unit): Promise<Read> {
  const argv = execCommands(unit, 'ExecStart')[0]?.argv ?? []
  const option = argv.includes('-c') ? (argv[argv.indexOf('-c') + 1] ?? '') : ''
  const unquoted = option.replace(/^['"]|['"]$/g, '')
  const named = unquoted.startsWith('/') ? unquoted : null
  const start = named ?? defaultFile
  const reading = readingFrom(host, start, null)
  const directives = await readConfiguration(reading, start)
  const {unread} = reading
  // What could not be read may name something that nginx would make.
  const printed = unread.length === 0 ? await printedBy(host, unit, named, directives) : null
  const texts = printed?.exitCode === 0 ? printedTexts(printed.stdout) : new Map<string, string>()
  const [file] = texts.keys()
  // Of another file or prefix than its own nginx says nothing about what runs.
  const isItsOwn = !argv.includes('-p') && (named !== null || !argv.includes('-c'))
  const accepted = printed && isItsOwn ? printed.exitCode === 0 : null
  const complaints = host.secrets
    .conceal(printed?.stderr ?? '')
    .split('\n')
    .filter(line => /\[(?:warn|emerg|alert|crit|error)\]/.test(line))
  if (file === undefined) return {file: start, directives, unread, complaints, accepted}
  const own = readingFrom(host, file, texts)
  const all = await readConfiguration(own, file)
  return {file, directives: all, unread: own.unread, complaints, accepted}
}

function readingFrom(host: Host, file: string, texts: Reading['texts']): Reading {
  const left = texts ? maxPrinted : maxFiles
  return {host, directory: directoryOf(file), texts, left, unread: []}
}

function directoryOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'))
}

async function readConfiguration(reading: Reading, file: string): Promise<readonly Directive[]> {
  const text = await textOf(reading, file)
  return text === null ? [] : expanded(reading, parseNginx(text, file))
}

/** The same directives, with what `include` names in its place. */
async function expanded(
  reading: Reading,
  directives: readonly Directive[],
): Promise<readonly Directive[]> {
  const parts: (readonly Directive[])[] = []
  for (const directive of directives) {
    const {name, args, block} = directive
    if (block) parts.push([{...directive, block: await expanded(reading, block)}])
    // Media types and FastCGI parameters say nothing of servers: that they are included is enough.
    else if (name !== 'include' || isParameters(args[0] ?? '')) parts.push([directive])
    else
      for (const file of await includedBy(reading, args[0] ?? ''))
        parts.push(await readConfiguration(reading, file))
  }
  return parts.flat()
}

async function includedBy(reading: Reading, pattern: string): Promise<readonly string[]> {
  return pattern === '' ? [] : filesOf(reading, pattern)
}

function isParameters(pattern: string): boolean {
  return /mime\.types$|(?:fastcgi|uwsgi|scgi)[^/]*$/.test(pattern)
}
