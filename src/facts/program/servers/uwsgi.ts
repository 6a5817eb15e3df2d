import {posix} from 'node:path'
import type {Host} from '../../../host/host.ts'
import {ifSeen} from '../../../host/if-seen.ts'
import type {Bind} from '../../target/bind.ts'
import {resolved} from '../locate.ts'
import {assignment} from '../options.ts'
import type {Program} from '../program.ts'
import {type Start, untold} from '../shell/start.ts'
import {bindOf} from './addresses.ts'
import {silent, type Told} from './told.ts'
import type {Setting} from './uwsgi-ini.ts'
import {readSettings} from './uwsgi-settings.ts'

export interface UwsgiTold extends Told {
  /** `home =`, `virtualenv =`: where its Python lies. */
  readonly home: string | null
  /** False where a file or an option may say more than was read. */
  readonly isWhole: boolean
}

/**
 * What uwsgi is told, by its words and by the ini files that they name, as uwsgi's own parser reads
 * them (core/ini.c, core/config.c): sections, `%` magic, placeholders, `$(VARIABLE)`. Other formats
 * are not read.
 */
export async function uwsgiTold(host: Host, start: Start): Promise<UwsgiTold> {
  const {settings, files, isWhole} = await readSettings(host, start)
  const last: Last = (...names) => settings.findLast(([name]) => names.includes(name))?.[1]
  const all: All = (...names) =>
    settings.flatMap(([name, value]) => (names.includes(name) ? [value] : []))
  const changed = last('chdir')
  const own = changed === undefined ? start.directory : resolved(start.directory, changed)
  const protocol = last('protocol', 'socket-protocol') ?? 'uwsgi'
  const binds = settings.flatMap(setting => bindsOfSetting(setting, own, protocol))
  const isKnown = isWhole && !binds.includes(null)
  const pidFile = last('pidfile', 'pidfile2', 'safe-pidfile', 'safe-pidfile2')
  const home = last('home', 'virtualenv', 'venv', 'pyhome')
  return {
    ...silent,
    entry: entryOf(last, all, own),
    directory: changed === undefined ? null : own,
    pythonPath: all('pythonpath', 'python-path', 'pp', 'early-pythonpath').map(path =>
      resolved(own, path),
    ),
    environment: new Map(all('env', 'ienv').flatMap(assignment)),
    binds: isKnown ? binds.filter(bind => bind !== null) : null,
    bindsFrom: binds.length > 0 || !isKnown ? (files[0] ?? 'arguments') : null,
    config: files[0] ?? null,
    inherited: binds.length === 0 ? 'all' : null,
    user: last('uid') ?? null,
    group: last('gid') ?? null,
    background: last('daemonize', 'daemonize2') === undefined ? null : 'daemonize',
    pidFile: pidFile === undefined || pidFile.includes(untold) ? null : resolved(own, pidFile),
    isWhole,
    home: home === undefined || home.includes(untold) ? null : resolved(start.directory, home),
  }
}

type Last = (...names: readonly string[]) => string | undefined
type All = (...names: readonly string[]) => readonly string[]

const sockets: Readonly<Record<string, string>> = {
  'uwsgi-socket': 'uwsgi',
  http: 'http',
  httprouter: 'http',
  'http-socket': 'http',
  'http11-socket': 'http',
  https: 'http',
  'https-socket': 'http',
}

/** Null is an address that is not understood; what speaks neither HTTP nor uwsgi is left out. */
function bindsOfSetting(
  [name, value]: Setting,
  directory: string,
  protocol: string,
): readonly (Bind | null)[] {
  const spoken = name === 'socket' ? protocol : sockets[name]
  if (spoken === undefined || value.startsWith('fd://')) return []
  const [address = ''] = name.startsWith('https') ? value.split(',') : [value]
  const isPort = /:\d+$/.test(address)
  const bind = /^=\d+$/.test(address)
    ? null
    : bindOf(isPort || address.startsWith('@') ? address : `unix:${address}`, directory)
  const found = address.startsWith('@') ? {socketPath: address} : bind
  if (found === null) return [null]
  return spoken === 'uwsgi' ? [{...found, protocol: 'uwsgi'}] : /^http/.test(spoken) ? [found] : []
}

function entryOf(last: Last, all: All, directory: string): Told['entry'] {
  const mounts = all('mount').map(mount => mount.slice(mount.indexOf('=') + 1))
  const module = last('module', 'wsgi')
  const file = last('wsgi-file', 'file')
  const said = module ?? file ?? (mounts.length === 1 ? mounts[0] : undefined)
  if (said === undefined || said.includes(untold)) return null
  const isFile =
    module === undefined &&
    (file !== undefined || /\.(?:py|wsgi)$/.test(said) || said.startsWith('/'))
  if (isFile) {
    const path = resolved(directory, said)
    return path.includes(untold) ? null : {file: path}
  }
  return {module: said.includes(':') ? said : `${said}:${last('callable') ?? 'application'}`}
}

/** uwsgi has Python within: its virtual environment's, the one beside it, else Debian's own. */
export async function uwsgiPython(
  host: Host,
  {argv, interpreter}: Program,
  home: string | null,
): Promise<string | null> {
  const [program = ''] = argv
  const places = home ? [`${home}/bin`] : program.startsWith('/') ? [posix.dirname(program)] : []
  for (const place of places) {
    for (const name of ['python3', 'python']) {
      if ((await ifSeen(host.stat(`${place}/${name}`))) !== null) return `${place}/${name}`
    }
  }
  // A virtual environment that is told of and is not there: nobody else's Python would do.
  return home?.startsWith('/') && !home.includes(untold) ? `${home}/bin/python3` : interpreter
}
